// Package cdr keeps what happened: a journal that writes every fact of every call before anybody else sees it, and the
// fold that makes one call record out of a call's facts. It decides nothing about calls and knows no SQL: what it needs
// kept it asks of its Store.
package cdr

import (
	"time"

	"hotline/call"
)

// The places a caller can give up in; see Record.AbandonedIn.
const (
	InIVR   = "ivr"   // before the first queue, or after leaving the last one
	InQueue = "queue" // while waiting and no phone rang for them
	InRing  = "ring"  // while an agent's or a dialled phone rang
)

// ShortAbandonWithin is the wait up to which a caller who gives up in a queue counts as a short abandon.
const ShortAbandonWithin = 5 * time.Second

// Record is one call as it is shown and counted: a pure fold over its facts, so it can be made again at any time.
// Times are zero for what never happened; durations are milliseconds and never negative.
type Record struct {
	Call      call.ID `json:"call"`
	Direction string  `json:"direction,omitempty" doc:"in, out or internal"`
	Caller    Party   `json:"caller"`
	Called    Party   `json:"called"`
	By        string  `json:"by,omitempty" doc:"the agent whose phone began the call"`
	DID       string  `json:"did,omitempty"`
	Trunk     string  `json:"trunk,omitempty"`

	Region     string `json:"region,omitempty" doc:"the caller's region, such as 广东/广州"`
	Confidence int    `json:"confidence,omitempty" doc:"how sure the region is, 0 to 100"`
	Topic      string `json:"topic,omitempty" doc:"the last topic chosen"`

	Flow        string     `json:"flow,omitempty"`
	FlowVersion int        `json:"flowVersion,omitempty"`
	Path        []Visit    `json:"path,omitempty" doc:"the nodes of the flow in the order they were entered"`
	Rule        string     `json:"rule,omitempty" doc:"the routing rule that chose the last queue"`
	Reason      string     `json:"reason,omitempty" doc:"why this queue"`
	ReasonZH    string     `json:"reasonZH,omitempty" doc:"the same in Chinese; absent of calls of long ago"`
	Queues      []Stay     `json:"queues,omitempty"`
	Agents      []Part     `json:"agents,omitempty"`
	Transfers   []Transfer `json:"transfers,omitempty"`
	Joined      []call.ID  `json:"joined,omitempty" doc:"calls whose parties came here, or where ours went on, by attended transfer"`
	Members     []Member   `json:"members,omitempty" doc:"who is on the call now; only while it lasts"`
	Parked      *Parking   `json:"parked,omitempty" doc:"the caller waits in a slot for an agent to fetch them; absent: not"`
	Recordings  []string   `json:"recordings,omitempty"`
	Recorded    bool       `json:"recorded,omitempty" doc:"a recording runs now; only while the call lasts"`
	Disposed    []Word     `json:"dispositions,omitempty" doc:"what agents said the call was about; the later word of one agent replaces the earlier"`
	Lost        []string   `json:"recordingsLost,omitempty" doc:"recordings that miss sound"`
	Legs        []Leg      `json:"legs,omitempty"`
	Dialogs     []string   `json:"dialogs,omitempty" doc:"SIP Call-IDs of all legs, to find the ladder and to ask a carrier"`

	Started   time.Time `json:"started,omitempty,omitzero"`
	Answered  time.Time `json:"answered,omitempty,omitzero" doc:"when our side answered the caller"`
	Queued    time.Time `json:"queued,omitempty,omitzero" doc:"when the first queue was joined"`
	Connected time.Time `json:"connected,omitempty,omitzero" doc:"when the first person was reached"`
	Ended     time.Time `json:"ended,omitempty,omitzero"`

	DurationMS int64 `json:"durationMs" doc:"started to ended"`
	WaitMS     int64 `json:"waitMs" doc:"in queues, ringing included"`
	RingMS     int64 `json:"ringMs" doc:"phones of agents or dialled numbers rang"`
	TalkMS     int64 `json:"talkMs" doc:"somebody was connected, hold left out"`
	HoldMS     int64 `json:"holdMs"`
	WrapMS     int64 `json:"wrapMs" doc:"after-call work of all agents"`

	Talked       bool       `json:"talked" doc:"a person was reached"`
	AbandonedIn  string     `json:"abandonedIn,omitempty" doc:"ivr, queue or ring"`
	ShortAbandon bool       `json:"shortAbandon,omitempty"`
	Voicemail    bool       `json:"voicemail,omitempty"`
	Callback     bool       `json:"callback,omitempty" doc:"the caller chose to be called back"`
	CallbackOf   call.ID    `json:"callbackOf,omitempty" doc:"this is a callback: the call that asked for it"`
	CalledBack   bool       `json:"calledBack,omitempty" doc:"this is a callback that we began"`
	Surveyed     bool       `json:"surveyed,omitempty" doc:"the caller was asked how it was"`
	Ratings      []Rating   `json:"ratings,omitempty" doc:"what the caller answered, one for each talk asked about"`
	HungUp       string     `json:"hungUp,omitempty" doc:"caller, agent or system"`
	Cause        call.Cause `json:"cause,omitempty"`
	SIP          int        `json:"sip,omitempty"`
	Q850         int        `json:"q850,omitempty"`

	Facts int `json:"facts" doc:"how many facts this record was folded from"`
}

// Party is one side of a call. E164 is empty for what is no public number: an extension, an anonymous caller.
type Party struct {
	Raw  string `json:"raw,omitempty" doc:"as it stood on the wire"`
	E164 string `json:"e164,omitempty"`
}

// Best is the E.164 form, or the raw one where there is none.
func (p Party) Best() string {
	if p.E164 != "" {
		return p.E164
	}
	return p.Raw
}

// Other is the party of the call that is not the agent's own: whom they called, or who called; the zero Party for a stranger to the call.
func (r Record) Other(agent string) Party {
	switch {
	case agent == "":
		return Party{}
	case r.By == agent:
		return r.Called
	}
	for _, p := range r.Agents {
		if p.Agent == agent {
			return r.Caller
		}
	}
	return Party{}
}

// Visit is one node of a flow that the caller came through.
type Visit struct {
	Flow    string    `json:"flow,omitempty"`
	Version int       `json:"version,omitempty"`
	Node    string    `json:"node,omitempty"`
	At      time.Time `json:"at"`
}

// Stay is one wait in one queue. Left is zero while it lasts.
type Stay struct {
	Queue    string    `json:"queue"`
	Priority int       `json:"priority,omitempty"`
	Since    time.Time `json:"since"`
	Left     time.Time `json:"left,omitempty,omitzero"`
	WaitMS   int64     `json:"waitMs"`
	Foretold int64     `json:"estimateMs,omitempty" doc:"how long the whole stay would be, as estimated first"`
	Why      string    `json:"why,omitempty" doc:"connected, or the reason of leaving"`
	Widened  []string  `json:"widened,omitempty" doc:"queues the search grew to"`

	AbandonedIn string `json:"abandonedIn,omitempty" doc:"the caller gave up during it: queue or ring; also one whom an agent had handed over into it"`
}

// Part is what one agent did in a call, once for each leg of theirs that rang.
type Part struct {
	Agent     string     `json:"agent"`
	Queue     string     `json:"queue,omitempty"`
	Leg       call.LegID `json:"leg,omitempty"`
	Offered   time.Time  `json:"offered,omitempty,omitzero"`
	Connected time.Time  `json:"connected,omitempty,omitzero"`
	Left      time.Time  `json:"left,omitempty,omitzero"`
	RingMS    int64      `json:"ringMs"`
	TalkMS    int64      `json:"talkMs" doc:"this agent's own time with the caller, hold left out"`
	HoldMS    int64      `json:"holdMs"`
	ConsultMS int64      `json:"consultMs,omitempty" doc:"asked aside by another agent, before or without having the caller"`
	WrapMS    int64      `json:"wrapMs"`
	Refused   string     `json:"refused,omitempty" doc:"why it came to nothing: no-answer, declined, unreachable, caller-left"`
}

// Parking is where somebody waits whom an agent has parked.
type Parking struct {
	Slot  string    `json:"slot"`
	Since time.Time `json:"since"`
	By    string    `json:"by" doc:"the agent, who is rung when the time is up"`
}

// Word is an agent's disposition of a call.
type Word struct {
	Agent string    `json:"agent"`
	Code  string    `json:"code"`
	At    time.Time `json:"at"`
}

// Rating is a caller's answer to a survey.
type Rating struct {
	Score  int       `json:"score" doc:"1 to 5, 5 is the best"`
	Reason string    `json:"reason,omitempty"`
	Agent  string    `json:"agent,omitempty"`
	Queue  string    `json:"queue,omitempty"`
	At     time.Time `json:"at"`
}

// Transfer is one hand-over of the caller.
type Transfer struct {
	At   time.Time `json:"at"`
	From string    `json:"from,omitempty" doc:"the agent who had the caller"`
	To   string    `json:"to,omitempty" doc:"agent, queue or number"`
	How  string    `json:"how,omitempty" doc:"blind, consult, attended or replaced; by a supervisor: move or take-over"`
}

// BySupervisor reports whether a supervisor took the caller from the agent, who handed nobody over.
func (t Transfer) BySupervisor() bool {
	return t.How == string(call.Move) || t.How == string(call.TakeOver)
}

// Leg is how one leg ended and how it sounded. Quality is nil when no sound ever flowed.
type Leg struct {
	Leg     call.LegID    `json:"leg"`
	Agent   string        `json:"agent,omitempty"`
	Trunk   string        `json:"trunk,omitempty" doc:"that a dialled leg went out by; of several that were tried, the last"`
	Cause   call.Cause    `json:"cause,omitempty"`
	SIP     int           `json:"sip,omitempty"`
	Q850    int           `json:"q850,omitempty"`
	HungUp  string        `json:"hungUp,omitempty"`
	At      time.Time     `json:"at"`
	Quality *call.Quality `json:"quality,omitempty"`
}

// Open reports whether the call has no end yet.
func (r Record) Open() bool { return r.Ended.IsZero() }

// The results a call can have; see Record.Result.
const (
	ResultTalked       = "answered"
	ResultVoicemail    = "voicemail"
	ResultCallback     = "callback"     // the caller chose to be called back
	ResultSelfService  = "self-service" // served by the flow alone
	ResultNotConnected = "not-connected"
	ResultOpen         = "open"
	ResultCrashed      = "crashed"
)

// Result is the one word for how a call went: answered, voicemail, callback, abandoned-ivr, abandoned-queue, abandoned-ring,
// self-service, not-connected, crashed, or open while it lasts.
func (r Record) Result() string {
	switch {
	case r.Talked:
		return ResultTalked
	case r.Open():
		return ResultOpen
	case r.Voicemail:
		return ResultVoicemail
	case r.Callback:
		return ResultCallback
	case r.AbandonedIn != "":
		return "abandoned-" + r.AbandonedIn
	case r.Cause == call.Crashed:
		return ResultCrashed
	case !r.Answered.IsZero() && r.Cause == call.Normal && len(r.Queues) == 0:
		return ResultSelfService
	}
	return ResultNotConnected
}
