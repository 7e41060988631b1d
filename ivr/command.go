package ivr

import (
	"strings"
	"time"
)

// Command is something a Run wants done, in the order given. The set is closed.
type Command interface{ command() }

// Answer answers the caller's leg. It comes at most once.
type Answer struct{}

// Ring lets the caller hear ringing (SIP 180) before an answer.
type Ring struct{}

// Early opens sound to the caller before an answer (SIP 183 with a session description).
type Early struct{}

// Play sends prompts to the caller, one after another, replacing what plays. Played{Play} is due at the end, unless Loop.
// Each prompt has either a File or, for a Speaker, a Text: what had to be said as a number is spelt out in files already.
type Play struct {
	Play     int
	Prompts  []Prompt
	Language string // "zh", "en"
	Loop     bool
}

// Stop silences what a Play of this run plays.
type Stop struct{}

// SetTimer asks for Timer{ID} after a time. A run needs at most its newest timer; older ones may be dropped or delivered.
type SetTimer struct {
	ID    int
	After time.Duration
}

// Ask asks a URL; LookedUp is due. The run gives up by itself after Lookup.Timeout.
type Ask struct{ Lookup Lookup }

// Queue puts the caller into a queue. QueueLeft is due when the queue gives up, TalkEnded when the agent hung up.
type Queue struct {
	Queue    string // empty: ask the routing matrix by Topic
	Topic    string
	Music    string        // prompt file while waiting; empty takes the queue's own
	MaxWait  time.Duration // 0 takes the queue's own
	Position bool          // tell the caller the place in the queue
	Wait     bool          // tell how long it will be, when that is known
	Comfort  []string      // prompt files to play in turn at each announcement, after place and time
	Every    time.Duration // between two announcements; 0 takes the caller's own choice of interval
	Priority int           // added to the priority of the plan
	// NeedAgents asks to be told "no-agents" when nobody is at work: the flow has a way for that. Otherwise the caller waits.
	// NeedReady is the same for "on-break", when all who are at work have a break.
	NeedAgents, NeedReady bool
	Keys                  string // that lead out of the queue while nobody is rung; "" none
}

// CallBack asks that a number be called back when it is the caller's turn.
type CallBack struct {
	Number string // E.164
	Queue  string // empty: the queue waited in before, else the routing matrix by Topic
	Topic  string
}

// Dial rings all targets together; the first to answer is bridged. DialEnded is due when none answered, TalkEnded when the
// one who answered hung up. A call that is not answered stays so until a target answers.
type Dial struct {
	Targets []Target
	For     time.Duration
	From    string // caller id to show; empty keeps the caller's own
	Record  bool
	Music   string // prompt file instead of ringing; empty plays the far side's progress
}

// Voicemail records the caller for the queue. Recorded is due.
type Voicemail struct {
	Queue string // empty: no queue, the message belongs to the topic
	Max   time.Duration
}

// SurveyAsked says that the caller is asked how it was.
type SurveyAsked struct{}

// Rated is the caller's answer. It comes again with a reason where one is given.
type Rated struct {
	Score  int    // 1 to 5, 5 is the best
	Reason string // one of the node's words; empty: none given
}

// Echo sends the caller its own sound until the next command that needs the stream.
type Echo struct{}

// Record starts a recording of the call from here on.
type Record struct{}

// Entered says which node the run is at, once for each visit, before the node's own commands.
type Entered struct {
	Flow    string
	Version int
	Node    string
	Type    string
}

// Topic says what the call is about from now on.
type Topic struct{ Topic string }

// Digits reports what a menu or a collect took: the key of a menu, and stars for each digit of a masked collect.
type Digits struct{ Masked string }

// Hangup ends the call, or refuses it when it is not answered. It is the last command of a run.
type Hangup struct {
	Cause string // a word of call.Cause
	SIP   int    // status to refuse with; 0 takes the cause's
}

func (Answer) command()      {}
func (Ring) command()        {}
func (Early) command()       {}
func (Play) command()        {}
func (Stop) command()        {}
func (SetTimer) command()    {}
func (Ask) command()         {}
func (Queue) command()       {}
func (CallBack) command()    {}
func (SurveyAsked) command() {}
func (Rated) command()       {}
func (Dial) command()        {}
func (Voicemail) command()   {}
func (Echo) command()        {}
func (Record) command()      {}
func (Entered) command()     {}
func (Topic) command()       {}
func (Digits) command()      {}
func (Hangup) command()      {}

// Prompt is one piece of what a caller hears.
type Prompt struct {
	File string // name in the prompt set, without folder and extension; empty: Text is spoken
	Text string // spoken by a Speaker when File is empty, or the value that Say is about
	Say  string // "number", "digits", "phone", "position", "seconds" or "time": Text is said so, see Speak
}

// TargetKind says how a Target is reached.
type TargetKind string

// The kinds of targets.
const (
	ToPhone  TargetKind = "phone"  // the phones registered for a user
	ToNumber TargetKind = "number" // a telephone number, through a trunk
	ToURI    TargetKind = "uri"    // a SIP URI
)

// Target is one party to dial.
type Target struct {
	Kind  TargetKind
	Value string
	Trunk string // for ToNumber, ids separated by commas, the first is tried first; empty: any trunk
}

// Lookup is an HTTP question. The answer is a JSON object or form; its values come back as texts in LookedUp.Values.
type Lookup struct {
	URL     string
	Method  string // "GET" or "POST"
	Body    string
	Header  map[string]string // nil: none
	Timeout time.Duration
}

// Trunks are the ids in Trunk; nil for any.
func (t Target) Trunks() []string {
	var ids []string
	for id := range strings.SplitSeq(t.Trunk, ",") {
		if id = strings.TrimSpace(id); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}
