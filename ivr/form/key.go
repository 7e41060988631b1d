package form

// How a key of a node is written, as Key.As says it.
const (
	AsText     = "text"      // may hold variables where the node takes them
	AsFlag     = "flag"      // true or false
	AsWord     = "word"      // one of Words
	AsCount    = "count"     // a whole number from Low to High
	AsTime     = "time"      // such as 5s, from Low to High
	AsPrompts  = "prompts"   // a list: the name of a file, or a mapping with text and say
	AsFile     = "file"      // the name of a prompt file
	AsFiles    = "files"     // a list of them
	AsWay      = "way"       // a way out: the name of a node, hangup or return
	AsWays     = "ways"      // a mapping from a region to a way out
	AsKeyWays  = "key-ways"  // a mapping from a key of the telephone to a way out
	AsTexts    = "texts"     // a mapping from a name to a text
	AsKeyTexts = "key-texts" // a mapping from a key of the telephone to a text
	AsTrunks   = "trunks"    // one id of a trunk, or a list of them
	AsGroup    = "group"     // a mapping with Keys
	AsRows     = "rows"      // a list of mappings with Keys
	AsCalendar = "calendar"  // an id of such an item
	AsQueue    = "queue"
	AsFlow     = "flow"
)

// Key is one key of a node, or of a part of it.
type Key struct {
	Name      string
	As        string   // "text", "flag", "word", "count", "time", "prompts", "way" and so on
	Need      bool     // the node is wrong without it
	Otherwise string   // what holds when it is left out; "": nothing
	Words     []string // of a word
	Low, High string   // of a count or a time
	Keys      []Key    // of a group, and of each row

	in *Section // a group that was read
}

// Keys are the keys that a section was asked for, with those within them.
func (s *Section) Keys() []Key {
	var keys []Key
	for _, k := range s.keys {
		one := *k
		one.in = nil
		if k.in != nil && one.As != AsTexts && one.As != AsWays && one.As != AsKeyWays && one.As != AsKeyTexts {
			one.Keys = k.in.Keys()
		}
		if one.As == AsText && (one.Name == AsCalendar || one.Name == AsQueue || one.Name == AsFlow) {
			one.As = one.Name
		}
		keys = append(keys, one)
	}
	return keys
}
