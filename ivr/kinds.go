package ivr

import "strings"

// kinds are the types of nodes: how each is read.
var kinds = map[string]func(f *Flow, s *section) body{
	"answer":    readAnswer,
	"ring":      readRing,
	"early":     readEarly,
	"play":      readPlay,
	"menu":      readMenu,
	"collect":   readCollect,
	"hours":     readHours,
	"caller":    readCaller,
	"region":    readRegion,
	"branch":    readBranch,
	"set":       readSet,
	"lookup":    readLookup,
	"topic":     readTopic,
	"queue":     readQueue,
	"callback":  readCallback,
	"survey":    readSurvey,
	"voicemail": readVoicemail,
	"dial":      readDial,
	"echo":      readEcho,
	"record":    readRecord,
	"flow":      readSubflow,
	"hangup":    readHangup,
}

func kindNames() string { return strings.Join(sortedKeys(kinds), ", ") }

// How a key of a node is written, as Key.As says it.
const (
	asText     = "text"      // may hold variables where the node takes them
	asFlag     = "flag"      // true or false
	asWord     = "word"      // one of Words
	asCount    = "count"     // a whole number from Low to High
	asTime     = "time"      // such as 5s, from Low to High
	asPrompts  = "prompts"   // a list: the name of a file, or a mapping with text and say
	asFile     = "file"      // the name of a prompt file
	asFiles    = "files"     // a list of them
	asWay      = "way"       // a way out: the name of a node, hangup or return
	asWays     = "ways"      // a mapping from a region to a way out
	asKeyWays  = "key-ways"  // a mapping from a key of the telephone to a way out
	asTexts    = "texts"     // a mapping from a name to a text
	asKeyTexts = "key-texts" // a mapping from a key of the telephone to a text
	asTrunks   = "trunks"    // one id of a trunk, or a list of them
	asGroup    = "group"     // a mapping with Keys
	asRows     = "rows"      // a list of mappings with Keys
	asCalendar = "calendar"  // an id of such an item
	asQueue    = "queue"
	asFlow     = "flow"
)

// Kind is a type of nodes, for who edits flows.
type Kind struct {
	Name string
	Keys []Key // in the order in which they are read
}

// Key is one key of a node, or of a part of it.
type Key struct {
	Name      string
	As        string   // "text", "flag", "word", "count", "time", "prompts", "way" and so on
	Need      bool     // the node is wrong without it
	Otherwise string   // what holds when it is left out; "": nothing
	Words     []string // of a word
	Low, High string   // of a count or a time
	Keys      []Key    // of a group, and of each row

	in *section // a group that was read
}

// Kinds are all types of nodes by name. They come from the very code that reads flows: each reads a node that says nothing, and
// what it asks for are its keys.
func Kinds() []Kind {
	all := make([]Kind, 0, len(kinds))
	for _, name := range sortedKeys(kinds) {
		s := &section{src: &source{node: &node{name: name, kind: name}}}
		kinds[name](&Flow{}, s)
		all = append(all, Kind{Name: name, Keys: told(s)})
	}
	return all
}

// told are the keys that a section was asked for, with those within them.
func told(s *section) []Key {
	var keys []Key
	for _, k := range s.keys {
		one := *k
		if one.in != nil && one.As != asTexts && one.As != asWays && one.As != asKeyWays && one.As != asKeyTexts {
			one.Keys, one.in = told(one.in), nil
		}
		if one.As == asText && (one.Name == asCalendar || one.Name == asQueue || one.Name == asFlow) {
			one.As = one.Name
		}
		keys = append(keys, one)
	}
	return keys
}

// rows notes that a key holds a list of mappings, which read reads one by one.
func (s *section) rows(key string, read func(*section)) {
	k := s.ask(key)
	k.As, k.in = asRows, &section{src: &source{}}
	read(k.in)
}
