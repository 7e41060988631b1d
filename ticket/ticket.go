// Package ticket is the small desk behind the calls: one ticket for each call that needs one, who has it, what state it
// is in and everything that was done to it. It sends nothing, times nothing and knows no SQL.
package ticket

import (
	"slices"
	"time"

	"hotline/call"
	"hotline/number"
)

// ID names a ticket for ever (a UUIDv7).
type ID string

// State is where a ticket stands.
type State string

// The states of a ticket and their names on screen.
const (
	Pending   State = "pending"   // 待处理
	Working   State = "working"   // 处理中
	Solved    State = "solved"    // 已解决待确认
	Escalated State = "escalated" // 无法解决需升级
	Closed    State = "closed"    // 已关闭
)

// next lists the states that may follow each state. A closed ticket is opened again by a supervisor only; see Desk.Change.
var next = map[State][]State{
	Pending:   {Working, Solved, Escalated, Closed},
	Working:   {Pending, Solved, Escalated},
	Solved:    {Working, Closed},
	Escalated: {Working, Solved, Closed},
	Closed:    {Working},
}

// Next lists the states a ticket may go to from s; nil for a state that does not exist.
func (s State) Next() []State { return append([]State(nil), next[s]...) }

// Valid reports whether s is one of the five states.
func (s State) Valid() bool { _, ok := next[s]; return ok }

// Urgency is how soon somebody must care.
type Urgency string

// The urgencies, from the calmest.
const (
	Low    Urgency = "low"
	Normal Urgency = "normal"
	High   Urgency = "high"
	Urgent Urgency = "urgent"
)

// Valid reports whether u is one of the four urgencies.
func (u Urgency) Valid() bool { return u == Low || u == Normal || u == High || u == Urgent }

// The reasons a ticket is made for; see Ticket.Origin.
const (
	ByHand      = "manual"
	ByAnswer    = "answered"  // an agent took the call
	ByAbandon   = "abandoned" // the caller gave up in a queue or while a phone rang
	ByVoicemail = "voicemail"
	ByRating    = "low-rating" // the caller gave a low score
)

// Ticket is one matter of one caller. Revision grows by one with every change and guards against two people's changes
// overwriting each other.
type Ticket struct {
	ID            ID        `json:"id"`
	Number        string    `json:"number" doc:"readable, such as 20261122-0001"`
	Caller        string    `json:"caller,omitempty" doc:"E.164, or as received"`
	CallerDisplay string    `json:"callerDisplay,omitempty" doc:"for people; masked by role at the edge"`
	Region        string    `json:"region,omitempty"`
	Topic         string    `json:"topic,omitempty" doc:"the category"`
	Urgency       Urgency   `json:"urgency"`
	State         State     `json:"state"`
	Assignee      string    `json:"assignee,omitempty" doc:"agent id; empty when nobody has it"`
	Team          string    `json:"team,omitempty"`
	Subject       string    `json:"subject,omitempty"`
	Origin        string    `json:"origin" doc:"manual, answered, abandoned, voicemail or low-rating"`
	Notes         []Note    `json:"notes,omitempty"`
	Calls         []call.ID `json:"calls,omitempty" doc:"the first is the call the ticket was made for"`
	Recordings    []string  `json:"recordings,omitempty"`
	History       []Entry   `json:"history,omitempty"`
	CreatedAt     time.Time `json:"createdAt"`
	UpdatedAt     time.Time `json:"updatedAt"`
	Revision      int64     `json:"revision"`
}

// Note is what a person wrote down.
type Note struct {
	By   string    `json:"by"`
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// Entry is one line of a ticket's history: who changed what, from what, to what.
type Entry struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	What string    `json:"what" doc:"created, state, assignee, team, urgency, topic, subject, call, recording or note"`
	From string    `json:"from,omitempty"`
	To   string    `json:"to,omitempty"`
}

// Masked is the ticket for somebody who may not see whole numbers: those that people wrote into texts are hidden too.
func (t Ticket) Masked() Ticket {
	t.Caller, t.CallerDisplay, t.Subject = mask(t.Caller), mask(t.CallerDisplay), mask(t.Subject)
	t.Notes, t.History = slices.Clone(t.Notes), slices.Clone(t.History)
	for i := range t.Notes {
		t.Notes[i].Text = mask(t.Notes[i].Text)
	}
	for i := range t.History {
		if h := &t.History[i]; h.What == "subject" {
			h.From, h.To = mask(h.From), mask(h.To)
		}
	}
	return t
}

func mask(s string) string {
	if s == "" {
		return ""
	}
	return number.Mask(s)
}

// Actor is who asks for something. Name goes into the history.
type Actor struct {
	ID         string // agent or person id
	Name       string
	Supervisor bool // may open closed tickets again and take tickets from others
}

// System is the actor of what happens by itself.
var System = Actor{ID: "system", Name: "system", Supervisor: true} //nolint:gochecknoglobals // a constant; Go has none of this kind

// Patch is a change: nil fields stay as they are.
type Patch struct {
	State    *State   `json:"state,omitempty"`
	Assignee *string  `json:"assignee,omitempty"`
	Team     *string  `json:"team,omitempty"`
	Topic    *string  `json:"topic,omitempty"`
	Urgency  *Urgency `json:"urgency,omitempty"`
	Subject  *string  `json:"subject,omitempty"`
}
