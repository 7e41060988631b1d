package form

// Names of targets that are no nodes: every way may lead there.
const (
	ToHangup = "hangup" // ends the call normally
	ToReturn = "return" // goes back to the flow that called this one; ends the call when there is none
)

// Way is one way out of a node.
type Way struct {
	Name string // "next", "key 1", "timeout"
	To   string // a node, ToHangup or ToReturn; "": none given
	Line int
	Need bool // without it the call is cut off here
}

// Way is a way out under a key, noted with its node.
func (s *Section) Way(key string) Way { return s.way(key, false) }

// Must is a way without which callers are cut off; package lint says so when it is missing.
func (s *Section) Must(key string) Way { return s.way(key, true) }

func (s *Section) way(key string, need bool) Way {
	k := s.ask(key)
	k.As, k.Need = AsWay, need
	to, line := s.Text(key)
	return s.Note(Way{Name: key, To: to, Line: line, Need: need})
}

// Note keeps a way with the node that it leaves.
func (s *Section) Note(w Way) Way {
	if w.To != "" || w.Need {
		s.src.ways = append(s.src.ways, w)
	}
	return w
}

// Nodes reads each key as the name of a node and gives its mapping. What is noted and what is wrong until the next is that node's.
func (s *Section) Nodes(each func(name string, line int, node *Section)) {
	for _, f := range s.fields {
		s.src.node, s.src.ways, s.src.prompts = f.key, nil, nil
		if !IsID(f.key) || f.key == ToHangup || f.key == ToReturn {
			s.Bad(f.line, "%q cannot name a node: use small letters, digits and -, and neither hangup nor return", f.key)
		}
		if node := s.src.mapping(f.value, "node "+f.key); node != nil {
			each(f.key, f.line, node)
		}
		s.src.node = ""
	}
}

// Node is the name of the node that the section is part of.
func (s *Section) Node() string { return s.src.node }

// Noted are the ways out of the node that is read and the prompts that it may play, as far as they were read.
func (s *Section) Noted() ([]Way, []Prompt) { return s.src.ways, s.src.prompts }

// KeyWays reads which key leads where; nil for none.
func (s *Section) KeyWays() map[byte]Way {
	ways := map[byte]Way{}
	s.Sub("keys").All(AsKeyWays, func(key, to string, line int) {
		if len(key) != 1 || !IsKey(key[0]) || to == "" {
			s.Bad(line, "%s has the key %q: name a key of a telephone, 0 to 9, * or #, and where it leads", s.What, key)
			return
		}
		ways[key[0]] = s.Note(Way{Name: "key " + key, To: to, Line: line})
	})
	return ways
}

// IsKey says whether a telephone has such a key.
func IsKey(c byte) bool { return '0' <= c && c <= '9' || c == '*' || c == '#' || 'A' <= c && c <= 'D' }

// IsID says whether a text can name a flow, a node, a calendar or a prompt file.
func IsID(s string) bool {
	for _, c := range []byte(s) {
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}
