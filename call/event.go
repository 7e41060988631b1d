package call

import "time"

// Event is something that happened to a call. The set is closed: only this package adds to it.
type Event interface{ event() }

// Arrived starts a call: its caller's leg is ringing at us.
type Arrived struct{}

// LegRinging says a dialled leg rings (180).
type LegRinging struct{ Leg LegID }

// LegEarly says a dialled leg sends sound before it answers (183 with SDP).
type LegEarly struct{ Leg LegID }

// LegAnswered says a dialled leg answered, or that the caller's side acknowledged ours.
type LegAnswered struct{ Leg LegID }

// LegHeld says the party put us on hold (or, with On false, took us back).
type LegHeld struct {
	Leg LegID
	On  bool
}

// TransferAsked says the party wants the other one to talk to somebody else instead (blind transfer, RFC 5589), or to wait in a slot. How it went
// is told by TellTransfer, once.
type TransferAsked struct {
	Leg LegID
	To  string // as a phone would dial it; the code for parking, or a slot
	By  string // Referred-By (RFC 3892) as received, "" for none
}

// AttendedAsked says the party wants the other one to talk to whom it talks to in another call (attended transfer, RFC 5589 section 7).
type AttendedAsked struct {
	Leg  LegID
	Call ID    // the other call
	With LegID // the same phone's leg there
}

// JoinAsked comes from a call that wants to end and give its party in the place of Leg. See AskJoin.
type JoinAsked struct {
	Leg   LegID
	Call  ID    // who asks
	With  LegID // who hands over, there
	Phone string
}

// LegWanted comes from a call that wants the party that Leg talks to, in the place of its leg With. See AskLeg.
type LegWanted struct {
	Leg   LegID
	Call  ID // who asks
	With  LegID
	Phone string
}

// Replaced brings a leg that takes the place of Leg: from another call, or by an INVITE with Replaces (RFC 3891) or a feature code. It is taken by
// TakeLeg or refused by TurnAway.
type Replaced struct {
	Leg   LegID
	Slot  string // the leg takes who is parked there; Leg is "" then
	Call  ID     // where it comes from; "" for an INVITE
	From  string // number of who sent the INVITE
	Guest Guest
}

// ParkAsked says that the phone of Leg dialled the code for parking on another line, which is the guest: it hears the slot, and is taken or refused
// as one of Replaced.
type ParkAsked struct {
	Leg   LegID
	Guest Guest
}

// JoinRefused says that nothing comes of joining two calls.
type JoinRefused struct {
	Leg LegID // who asked for it
	SIP int
}

// Commanded is what a person or a program wants of a live call through the API, for the agent on one of its legs.
type Commanded struct {
	Agent string
	What  Verb
	Leg   LegID  // of Mute, Unmute and Remove: whom; "" the agent's own
	To    string // of Transfer, Consult and Add: as a phone would dial it, or agent:ID, queue:NAME, flow:NAME
	By    string // who wants it
}

// Verb is a command.
type Verb string

// The commands. One that makes no sense at the moment does nothing, and Call.Refused says why.
const (
	HoldCall   Verb = "hold"     // the other party hears music, and nobody the other
	ResumeCall Verb = "resume"   // after hold
	Transfer   Verb = "transfer" // blind: to a phone, a flow or queue, or outside; the talk goes on where nobody answers
	Consult    Verb = "consult"  // rings somebody for the agent alone, while the other party hears music
	Swap       Verb = "swap"     // between the other party and whom the agent consults
	Complete   Verb = "complete" // the other party talks on with whom the agent consults
	Merge      Verb = "merge"    // the other party, the agent and whom they consult all hear each other
	Cancel     Verb = "cancel"   // ends a consultation, a transfer that still rings, or what the agent's invitations ring: back to the other party
	Add        Verb = "add"      // rings one more for a conference
	Remove     Verb = "remove"   // ends another one's part in a conference
	Park       Verb = "park"     // the other party waits in a slot, the agent is free
	Move       Verb = "move"     // of a supervisor: who waits in a queue or flow goes into another one and keeps the time waited; who talks to an agent is transferred
	PickUp     Verb = "pick-up"  // an agent who is not on the call wants who is parked there
	Mute       Verb = "mute"     // nobody hears the leg, nor does the recording
	Unmute     Verb = "unmute"   // after mute
	Survey     Verb = "survey"   // as hangup, and the flow's survey node asks the caller even where it waits for an invitation
	EndAgent   Verb = "hangup"   // the agent's leg alone: a caller goes on in the flow
)

// SuperviseAsked is what a supervisor wants of a live call. It begins with Listen, which rings their own phone; the others change what
// that one does or end it. One supervisor at a time; what makes no sense at the moment does nothing, and Call.Refused
// says why.
type SuperviseAsked struct {
	Agent string // the supervisor's id as an agent
	Phone string // and phone
	What  Verb   // Listen, WhisperTo, Barge, TakeOver, Leave
	Of    string // the agent whose talk it is; "" of Listen: whoever talks
	By    string // the supervisor's name
}

// What a supervisor may want.
const (
	Listen    Verb = "listen"    // hears both, heard by nobody
	WhisperTo Verb = "whisper"   // heard by the agent alone
	Barge     Verb = "barge"     // heard by both
	TakeOver  Verb = "take-over" // talks in the place of the agent, who is free
	Leave     Verb = "leave"     // ends the supervisor's leg; the talk goes on
)

// LegSilent says a leg has sent no sound for the time that the node allows.
type LegSilent struct{ Leg LegID }

// LegEnded says a leg is gone for good. Quality is nil when no sound ever flowed.
type LegEnded struct {
	Leg     LegID
	Cause   Cause
	SIP     int // the status or 0 after a BYE
	ByPeer  bool
	Quality *Quality
	Trunk   string   // that a dialled leg went out by: of several that were tried, the last; "" none
	Dialogs []string // Call-IDs of the leg's SIP dialogs
	// Redirect is whom a phone that was rung forwards to (302): numbers as it would dial them, the most wanted first.
	Redirect []string
	Phone    string // whose leg it was; the rules fill it in
}

// Digit is one key pressed, from RFC 4733 or INFO, once each.
type Digit struct {
	Leg  LegID
	Key  byte // '0'..'9', '*', '#', 'A'..'D'
	Info bool // came by SIP INFO: the media plane has not passed it on
}

// PromptDone says a Play ran to its end (not sent for one that was stopped or replaced).
type PromptDone struct {
	Leg  LegID
	Play int
}

// SlotGiven answers TakeSlot: the slot is this call's until FreeSlot; "" where none is free.
type SlotGiven struct{ Slot string }

// TimerFired answers SetTimer.
type TimerFired struct{ Timer TimerID }

// LookedUp answers Lookup. Err is empty on success.
type LookedUp struct {
	Lookup int
	Values map[string]string
	Err    string
}

// Offered brings an agent who is reserved for this call until the offer is answered or refused.
type Offered struct {
	Offer, Agent, Queue string
	Phone               string // the address of record to ring
	RingFor             time.Duration
}

// OfferWithdrawn takes an offer back: the agent went away or the time is up.
type OfferWithdrawn struct{ Offer, Why string }

// QueueTold brings the caller's place: 1 is next. Estimate is how long they will wait from now; 0 when nobody can say.
type QueueTold struct {
	Position, Waiting int
	Estimate          time.Duration
}

// QueueWidened says the search grew by one step of the plan.
type QueueWidened struct {
	Queue string
	Step  int
}

// QueueLeft says the queue gave the caller up: "full", "timeout", "no-agents", "on-break", "closed". Closing is set where somebody closed
// it out of turn.
type QueueLeft struct {
	Why     string
	Closing *Closing
}

// RecordingFailed says frames are being lost; the call goes on. Recording "" is whichever runs.
type RecordingFailed struct{ Recording, Why string }

// HangupAsked is a command from a person or the API.
type HangupAsked struct{ By string }

// Shutdown ends the call now: the drain time is over.
type Shutdown struct{}

func (Arrived) event()         {}
func (LegRinging) event()      {}
func (LegEarly) event()        {}
func (LegAnswered) event()     {}
func (LegHeld) event()         {}
func (TransferAsked) event()   {}
func (AttendedAsked) event()   {}
func (JoinAsked) event()       {}
func (LegWanted) event()       {}
func (Replaced) event()        {}
func (ParkAsked) event()       {}
func (JoinRefused) event()     {}
func (Commanded) event()       {}
func (SuperviseAsked) event()  {}
func (LegSilent) event()       {}
func (LegEnded) event()        {}
func (Digit) event()           {}
func (PromptDone) event()      {}
func (SlotGiven) event()       {}
func (TimerFired) event()      {}
func (LookedUp) event()        {}
func (Offered) event()         {}
func (OfferWithdrawn) event()  {}
func (QueueTold) event()       {}
func (QueueWidened) event()    {}
func (QueueLeft) event()       {}
func (RecordingFailed) event() {}
func (HangupAsked) event()     {}
func (Shutdown) event()        {}
