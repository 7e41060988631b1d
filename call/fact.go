package call

import (
	"time"

	"hotline/route"
)

// ID names a call for ever (a UUIDv7).
type ID string

// LegID names a leg within its call: "caller", then "leg2", "leg3"...
type LegID string

// CallerLeg is the leg a call begins with.
const CallerLeg LegID = "caller"

// TimerID names a timer of a call. A timer of an older epoch (an earlier phase) is ignored.
type TimerID struct {
	Epoch int
	Name  string
}

// Kind says what a fact states.
type Kind string

// The kinds of facts. Records, tickets and reports are folds over them.
const (
	Started          Kind = "started"           // From To DID Trunk Region Confidence Flow FlowVersion Reason ReasonZH, Agent whose phone calls; of a callback Other and Reason "callback"
	Answered         Kind = "answered"          // the caller's leg was answered by us
	Entered          Kind = "entered"           // Node Flow FlowVersion, Reason: the type of the node
	Chosen           Kind = "chosen"            // Topic
	Routed           Kind = "routed"            // Topic Queue Rule Reason ReasonZH
	Queued           Kind = "queued"            // Queue Priority
	Widened          Kind = "widened"           // Queue
	Estimated        Kind = "estimated"         // Queue, For: how long the wait will be, as said first
	Offer            Kind = "offered"           // Agent Queue Leg
	Refused          Kind = "refused"           // Agent Queue Leg Reason
	Dialled          Kind = "dialled"           // Leg To
	Connected        Kind = "connected"         // Leg, Agent if one
	Held             Kind = "held"              // Leg
	Resumed          Kind = "resumed"           // Leg
	Transferred      Kind = "transferred"       // Leg and Agent hand the other party over: To, Reason "blind", "consult", "attended" (Other) or "replaced"; by a supervisor "move" or "take-over"
	Consulted        Kind = "consulted"         // Leg, Agent if one: they talk to an agent who may hand somebody over to them
	Parked           Kind = "parked"            // Leg and Agent leave the other party in the slot To; From: their phone
	Unparked         Kind = "unparked"          // To: the slot, which is free again
	Returned         Kind = "returned"          // Agent, or the phone To, is rung for whom they gave away: Reason "park" or "transfer"
	Muted            Kind = "muted"             // Leg, Agent if one: nobody hears them
	Unmuted          Kind = "unmuted"           // Leg, Agent if one
	Unreached        Kind = "unreached"         // Leg and Agent wanted somebody: Reason (a Verb), To, Cause
	Joined           Kind = "joined"            // Leg came from, or left for, the call Other: Reason "came" or "left"
	Asked            Kind = "asked"             // Leg Agent: Reason (a Verb) is done, or begins, for them at somebody's wish, To
	Supervised       Kind = "supervised"        // Leg Agent (the supervisor): Reason (a Verb, or "left"), To: the agent it is about
	LeftQueue        Kind = "left-queue"        // Queue Reason
	RecordingStarted Kind = "recording-started" // Recording
	RecordingStopped Kind = "recording-stopped" // Recording
	RecordingLost    Kind = "recording-lost"    // Recording Reason
	Voicemail        Kind = "voicemail"         // Recording Queue
	CallbackAsked    Kind = "callback-asked"    // To Queue Steps Topic DID Region Priority, For: the time waited so far
	SurveyAsked      Kind = "survey-asked"      // Agent Queue: of the talk it is about
	Rated            Kind = "rated"             // Score Reason Agent Queue; again where a reason comes after the score
	LegGone          Kind = "leg-ended"         // Leg Agent Trunk Cause SIP Q850 Side Quality; Reason "goes-on": the caller's, and others talk on
	Ended            Kind = "ended"             // Cause SIP Q850 Side
)

// Fact is one thing that is true of a call from now on. Which fields are set depends on Kind; the rest are zero.
// Call and Seq (from 1, without gaps) identify it for ever.
type Fact struct {
	Call ID        `json:"call"`
	Seq  int       `json:"seq"`
	At   time.Time `json:"at"`
	Kind Kind      `json:"kind"`

	Leg         LegID    `json:"leg,omitempty"`
	From        string   `json:"from,omitempty"`    // as number.E164 where it is one, else as received
	FromRaw     string   `json:"fromRaw,omitempty"` // as it stood on the wire
	To          string   `json:"to,omitempty"`
	DID         string   `json:"did,omitempty"`
	Trunk       string   `json:"trunk,omitempty"`
	Direction   string   `json:"direction,omitempty"` // "in", "out", "internal"
	Region      string   `json:"region,omitempty"`    // "广东/广州"
	Confidence  int      `json:"confidence,omitempty"`
	Flow        string   `json:"flow,omitempty"`
	FlowVersion int      `json:"flowVersion,omitempty"`
	Node        string   `json:"node,omitempty"`
	Topic       string   `json:"topic,omitempty"`
	Queue       string   `json:"queue,omitempty"`
	Priority    int      `json:"priority,omitempty"`
	Rule        string   `json:"rule,omitempty"`
	Reason      string   `json:"reason,omitempty"`
	ReasonZH    string   `json:"reasonZH,omitempty"` // Reason in Chinese, where it is a sentence and no code
	Agent       string   `json:"agent,omitempty"`
	Other       ID       `json:"other,omitempty"` // the call that this one was joined with
	Recording   string   `json:"recording,omitempty"`
	Side        string   `json:"side,omitempty"` // who hung up: "caller", "agent", "system"
	Cause       Cause    `json:"cause,omitempty"`
	SIP         int      `json:"sip,omitempty"`
	Q850        int      `json:"q850,omitempty"`
	Quality     *Quality `json:"quality,omitempty"`
	Dialogs     []string `json:"dialogs,omitempty"` // SIP Call-IDs, to find the ladder and to ask a carrier

	For time.Duration `json:"forNs,omitempty"`

	Score int          `json:"score,omitempty"` // 1 to 5
	Steps []route.Step `json:"steps,omitempty"` // the queues of a callback's place
}

// Quality is what a leg's sound was like (RFC 3550 reports; MOS by the E-model of ITU-T G.107).
type Quality struct {
	Codec    string        `json:"codec"`
	SRTP     string        `json:"srtp,omitempty"` // the suite; "": plain RTP
	Received uint64        `json:"received"`       // packets
	Sent     uint64        `json:"sent"`
	Lost     uint64        `json:"lost"`
	LossPct  float64       `json:"lossPct"`
	Jitter   time.Duration `json:"jitterNs"`
	RTT      time.Duration `json:"rttNs"` // 0: never measured
	MOS      float64       `json:"mos"`   // 1 to 4.5; 0: no sound received
}
