package call

import (
	"time"

	"hotline/ivr"
	"hotline/route"
)

// Action is something a call wants done. The switchboard does it and never makes the call wait. The set is closed.
type Action interface{ action() }

// RingLeg sends 180 to the caller.
type RingLeg struct{ Leg LegID }

// EarlyLeg opens sound to the caller before an answer (183 with SDP).
type EarlyLeg struct{ Leg LegID }

// AnswerLeg answers the caller's leg (200).
type AnswerLeg struct{ Leg LegID }

// EndLeg hangs up, cancels or refuses a leg, whichever its state asks for.
type EndLeg struct {
	Leg   LegID
	Cause Cause
	SIP   int // the status to refuse with; 0 takes the cause's
}

// TellTransfer tells who asked for a transfer how it went.
type TellTransfer struct {
	Leg LegID
	SIP int // 180 while it rings, then a final status
}

// AskJoin asks another call to take our party in the place of its leg: this call is the one to end. JoinRefused or LegWanted follows.
type AskJoin struct {
	Call  ID
	Leg   LegID // there
	From  ID    // this call
	With  LegID // who hands over, here
	Phone string
}

// AskLeg asks another call for the party that its leg talks to, to take the place of With here. Replaced or JoinRefused follows.
type AskLeg struct {
	Call  ID
	Leg   LegID // who hands over, there
	From  ID    // this call
	With  LegID // who hands over, here
	Phone string
}

// GiveLeg gives a leg to another call, where it takes the place of With (Replaced). It is hung up where that call is over.
type GiveLeg struct {
	Leg   LegID
	Call  ID
	With  LegID
	From  ID // this call
	Guest Guest
}

// TakeLeg makes a guest a leg of this call, and answers it where it waits for that.
type TakeLeg struct {
	Leg  LegID
	Line string
}

// TurnAway refuses or ends a guest that has no place here.
type TurnAway struct {
	Line string
	SIP  int
	Why  string // in words for who dialled a feature code; "" where none was
}

// RefuseJoin tells another call that nothing comes of joining (JoinRefused).
type RefuseJoin struct {
	Call ID
	Leg  LegID // there
	SIP  int
}

// Dial opens a new leg.
type Dial struct {
	Leg      LegID
	Target   ivr.Target
	From     string // caller id to show; empty keeps the caller's own
	Display  string
	Diverted string // the phone that forwards; "" none
	By       string // the phone whose doing this is, for the limits on calls out; "": the caller's
	Listens  bool   // it is a supervisor's, to listen: a line of theirs that is up for that need not ring
}

// Play sends prompts to a leg, replacing what plays there. PromptDone carries Play back, unless Loop.
type Play struct {
	Leg      LegID
	Play     int
	Prompts  []ivr.Prompt
	Language string
	Loop     bool // for ever, without PromptDone
}

// StopPlay silences a leg's prompt.
type StopPlay struct{ Leg LegID }

// Bridge lets two legs hear each other, ending what played to them.
type Bridge struct{ A, B LegID }

// Unbridge parts them.
type Unbridge struct{ A, B LegID }

// Meet lets the legs named hear each other in one room instead of a bridge, each without itself; who sat there and is not named leaves.
// Without seats the room is over. Recordings go on hearing each leg alone, but for Record.With.
type Meet struct {
	Seats []Seat
	Tone  string // a prompt that all who sit hear beside the voices; "" none
}

// Seat is a leg's place in a room: the zero one speaks to everybody, as in a conference or when a supervisor barges in.
type Seat struct {
	Leg     LegID
	To      []LegID // who alone may hear it: the agent, when a supervisor whispers; none: everybody
	Listens bool    // nobody hears it
}

// Echo sends a leg its own sound.
type Echo struct{ Leg LegID }

// SendDigit plays a key to a leg by RFC 4733.
type SendDigit struct {
	Leg LegID
	Key byte
}

// Record starts or changes a recording: who is in which channel. Either may be empty.
type Record struct {
	Recording   string
	Kind        string // "call" or "voicemail"
	Left, Right LegID
	With        []LegID // who are in the right channel together, as they are heard in the room; nil: Right alone
}

// StopRecord ends and seals a recording.
type StopRecord struct{ Recording string }

// JoinQueue puts the caller into a queue, widening by steps.
type JoinQueue struct {
	Steps    []route.Step
	Priority int
	Since    time.Time     // when the caller began to wait for an agent, over all queues
	MaxWait  time.Duration // 0 takes the queue's own
	// NeedAgents gives up with "no-agents" when nobody is at work, NeedReady with "on-break" when all who are have a break.
	NeedAgents, NeedReady bool

	Familiar   string // the agent this caller talked to last; "" nobody known
	FamiliarAt time.Time

	Absent, Turns bool // a callback; see queue.Request
}

// LeaveQueue takes the caller out of the queue.
type LeaveQueue struct{ Why string }

// AcceptOffer tells the queue that the agent answered.
type AcceptOffer struct{ Offer string }

// RefuseOffer gives the agent back: "no-answer" (RONA), "declined", "unreachable", "caller-left".
type RefuseOffer struct{ Offer, Why string }

// FreeAgent says the talk is over: wrap-up begins.
type FreeAgent struct{ Agent, Offer string }

// PhoneBusy says that a phone talks, or no longer does, outside the queues: its agent is not offered callers meanwhile.
type PhoneBusy struct {
	Phone   string
	On      bool
	Listens bool // to the talk of others, as a supervisor
}

// TakeSlot asks for a slot to park somebody in, any or a certain one; SlotGiven follows.
type TakeSlot struct{ Slot string }

// FreeSlot gives a slot back.
type FreeSlot struct{ Slot string }

// SetTimer asks for TimerFired after a time.
type SetTimer struct {
	Timer TimerID
	After time.Duration
}

// Lookup asks a URL of the flow.
type Lookup struct {
	Lookup int
	Ask    ivr.Lookup
}

// Note states a fact: journalled before any listener sees it.
type Note struct{ Fact Fact }

// Done says the call is over and every leg gone: its owner may forget it.
type Done struct{}

func (RingLeg) action()      {}
func (EarlyLeg) action()     {}
func (AnswerLeg) action()    {}
func (EndLeg) action()       {}
func (TellTransfer) action() {}
func (AskJoin) action()      {}
func (AskLeg) action()       {}
func (GiveLeg) action()      {}
func (TakeLeg) action()      {}
func (TurnAway) action()     {}
func (RefuseJoin) action()   {}
func (Dial) action()         {}
func (Play) action()         {}
func (StopPlay) action()     {}
func (Bridge) action()       {}
func (Unbridge) action()     {}
func (Meet) action()         {}
func (Echo) action()         {}
func (SendDigit) action()    {}
func (Record) action()       {}
func (StopRecord) action()   {}
func (JoinQueue) action()    {}
func (LeaveQueue) action()   {}
func (AcceptOffer) action()  {}
func (RefuseOffer) action()  {}
func (FreeAgent) action()    {}
func (PhoneBusy) action()    {}
func (TakeSlot) action()     {}
func (FreeSlot) action()     {}
func (SetTimer) action()     {}
func (Lookup) action()       {}
func (Note) action()         {}
func (Done) action()         {}
