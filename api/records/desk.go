package records

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
	"hotline/cdr"
	"hotline/route"
	"hotline/ticket"
)

const (
	contactsShown = 20 // calls of the caller before this one
	ticketsShown  = 10
)

type contact struct {
	Call    string    `json:"call"`
	Started time.Time `json:"started"`
	Out     bool      `json:"out,omitempty"`
	Topic   string    `json:"topic,omitempty"`
	Queue   string    `json:"queue,omitempty" doc:"the last one"`
	Agent   string    `json:"agent,omitempty" doc:"who talked last"`
	Result  string    `json:"result" doc:"as the filter of /calls has it"`
	TalkMS  int64     `json:"talkMs"`
	Words   []string  `json:"dispositions,omitempty"`
	Opens   bool      `json:"opens" doc:"the asker may see that call"`
}

type deskOut struct {
	Body struct {
		Contacts     []contact       `json:"contacts" doc:"the caller's calls before this one, the newest first, at most 20"`
		Tickets      []ticket.Ticket `json:"tickets" doc:"the caller's tickets that are not closed, the newest first, at most 10"`
		Dispositions []string        `json:"dispositions" doc:"what the agent may choose from; empty: anything"`
		Script       string          `json:"script,omitempty" doc:"what the agent is to say, as the queue has it"`
		Said         string          `json:"disposition,omitempty" doc:"what the agent chose last"`
		Held         bool            `json:"held" doc:"the agent holds now"`
		Recording    bool            `json:"recording" doc:"the talk is being recorded now"`
		Consults     *consultation   `json:"consults,omitempty" doc:"whom the agent consults; held says whether they talk to them or to the caller"`
	}
}

type consultation struct {
	To       string `json:"to" doc:"as it was asked for"`
	Answered bool   `json:"answered" doc:"false: it rings"`
}

type dialable struct {
	Number string `json:"number"`
	Flow   string `json:"flow" doc:"the flow behind it"`
	Topic  string `json:"topic,omitempty"`
}

type directoryOut struct{ Body []dialable }

func (s *Routes) desks() {
	gate.Add(s.Gate, account.Agent, huma.Operation{
		Method: "GET", Path: "/calls/{id}/desk", Summary: "What an agent's screen shows beside a call: the caller's calls and tickets before it", Tags: []string{"calls"},
	}, s.beside)
	gate.Add(s.Gate, account.Agent, huma.Operation{
		Method: "GET", Path: "/directory", Summary: "The centre's own numbers that a phone may dial, and transfer to", Tags: []string{"queues"},
	}, func(context.Context, gate.Identity, *gate.Nothing) (*directoryOut, error) {
		return &directoryOut{Body: directory(s.Table())}, nil
	})
}

// directory leaves out patterns, which are no numbers, and what only carriers may dial.
func directory(t *route.Table) []dialable {
	all := []dialable{}
	for _, n := range t.Numbers {
		if n.Origin != string(route.FromTrunk) && n.Trunk == "" && !strings.ContainsAny(n.Pattern, "X.") {
			all = append(all, dialable{Number: n.Pattern, Flow: n.Flow, Topic: n.Topic})
		}
	}
	return all
}

func (s *Routes) beside(ctx context.Context, who gate.Identity, in *gate.ByID) (*deskOut, error) {
	r, err := Find(ctx, s.Calls, who, in.ID)
	if err != nil {
		return nil, err
	}
	out := &deskOut{}
	b := &out.Body
	b.Contacts, b.Tickets, b.Dispositions = []contact{}, []ticket.Ticket{}, []string{}
	me, _ := r.Member(who.Agent)
	b.Held, b.Recording = me.Holds, r.Recorded
	if c := me.Consults; c != nil {
		b.Consults = &consultation{To: c.To, Answered: c.Leg != ""}
	}
	if i := lastPart(r, who.Agent); i >= 0 {
		b.Dispositions, b.Script = gate.List(s.Dispositions(r.Agents[i].Queue)), s.Script(r.Agents[i].Queue)
	}
	for _, w := range r.Disposed {
		if w.Agent == who.Agent {
			b.Said = w.Code
		}
	}
	return out, s.lookBack(ctx, who, r, out)
}

// lookBack finds what the caller did before.
func (s *Routes) lookBack(ctx context.Context, who gate.Identity, r cdr.Record, out *deskOut) error {
	if !telling(r.Caller) {
		return nil
	}
	past, err := s.Calls.ContactsOf(ctx, r.Caller, contactsShown+1)
	if err != nil {
		return err
	}
	for _, p := range past {
		if p.Call != r.Call && len(out.Body.Contacts) < contactsShown {
			out.Body.Contacts = append(out.Body.Contacts, contactOf(who, p))
		}
	}
	tickets, err := s.OpenOf(ctx, r.Caller.Best(), ticketsShown)
	for _, t := range tickets {
		if who.Masks() {
			t = t.Masked()
		}
		out.Body.Tickets = append(out.Body.Tickets, t)
	}
	return err
}

// telling is false for callers whom no number tells from each other.
func telling(p cdr.Party) bool {
	return p.E164 != "" || strings.ContainsAny(p.Raw, "0123456789")
}

func contactOf(who gate.Identity, r cdr.Record) contact {
	c := contact{
		Call: string(r.Call), Started: r.Started, Out: r.Direction == "out", Topic: r.Topic, Result: r.Result(), TalkMS: r.TalkMS,
		Opens: !who.Masks() || Took(r, who.Agent),
	}
	for _, q := range r.Queues {
		c.Queue = q.Queue
	}
	for _, p := range r.Agents {
		if !p.Connected.IsZero() {
			c.Agent = p.Agent
		}
	}
	for _, w := range r.Disposed {
		c.Words = append(c.Words, w.Code)
	}
	return c
}

func lastPart(r cdr.Record, agent string) int {
	for i, p := range slices.Backward(r.Agents) {
		if p.Agent == agent && agent != "" {
			return i
		}
	}
	return -1
}
