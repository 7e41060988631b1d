package records

import (
	"cmp"
	"context"
	"errors"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
	"hotline/call"
	"hotline/ticket"
)

type ticketsIn struct {
	Number   string   `query:"number" doc:"ticket number or a part of it" maxLength:"30"`
	Caller   string   `query:"caller" doc:"part of the caller's number; not for agents" maxLength:"30"`
	State    []string `query:"state" enum:"pending,working,solved,escalated,closed" doc:"several with commas: 待处理 处理中 已解决待确认 无法解决需升级 已关闭"`
	Assignee string   `query:"assignee" doc:"agent id; none finds those nobody has" maxLength:"100"`
	Team     string   `query:"team" maxLength:"100"`
	Topic    string   `query:"topic" maxLength:"100"`
	Text     string   `query:"text" doc:"words; two Chinese characters suffice; agents cannot look for four or more digits" maxLength:"100"`
	Sort     string   `query:"sort" enum:"number,-number,updated,-updated,urgency,-urgency" default:"-number"`
	Before   string   `query:"before" doc:"cursor: the next of the page before, in the same order" maxLength:"200"`
	Limit    int      `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

type ticketsOut struct {
	Body struct {
		Tickets []ticket.Ticket `json:"tickets"`
		Next    string          `json:"next,omitempty"`
	}
}

type ticketOut struct{ Body ticket.Ticket }

type newTicketIn struct {
	Body struct {
		Caller   string         `json:"caller,omitempty" doc:"absent: that of the first of calls, with its region and topic"`
		Topic    string         `json:"topic,omitempty"`
		Urgency  ticket.Urgency `json:"urgency,omitempty" enum:"low,normal,high,urgent"`
		Assignee string         `json:"assignee,omitempty"`
		Team     string         `json:"team,omitempty"`
		Subject  string         `json:"subject,omitempty"`
		Note     string         `json:"note,omitempty"`
		Calls    []call.ID      `json:"calls,omitempty" maxItems:"20"`
	}
}

type patchIn struct {
	ID   string `path:"id"`
	Body struct {
		ticket.Patch
		Revision int64 `json:"revision" doc:"the revision that was looked at; another one is a conflict"`
	}
}

type noteIn struct {
	ID   string `path:"id"`
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"10000"`
	}
}

func (s *Routes) tickets() {
	tags := []string{"tickets"}
	gate.Add(s.Gate, account.Agent, huma.Operation{Method: "GET", Path: "/tickets", Summary: "Tickets", Tags: tags}, s.listTickets)
	gate.Add(s.Gate, account.Agent, huma.Operation{Method: "POST", Path: "/tickets", Summary: "Open a ticket", Tags: tags, DefaultStatus: 201}, s.openTicket)
	gate.Add(s.Gate, account.Agent, huma.Operation{Method: "GET", Path: "/tickets/{id}", Summary: "One ticket, by id or number", Tags: tags},
		func(ctx context.Context, who gate.Identity, in *gate.ByID) (*ticketOut, error) {
			t, err := s.Desk.Get(ctx, in.ID)
			return seen(who, t, err)
		})
	gate.Add(s.Gate, account.Agent, huma.Operation{Method: "PATCH", Path: "/tickets/{id}", Summary: "Change a ticket", Tags: tags},
		func(ctx context.Context, who gate.Identity, in *patchIn) (*ticketOut, error) {
			t, err := s.Desk.Change(ctx, actorOf(who), ticket.ID(in.ID), in.Body.Patch, in.Body.Revision)
			return seen(who, t, err)
		})
	gate.Add(s.Gate, account.Agent, huma.Operation{Method: "POST", Path: "/tickets/{id}/notes", Summary: "Add a note", Tags: tags, DefaultStatus: 201},
		func(ctx context.Context, who gate.Identity, in *noteIn) (*ticketOut, error) {
			t, err := s.Desk.Note(ctx, actorOf(who), ticket.ID(in.ID), in.Body.Text)
			return seen(who, t, err)
		})
}

// openTicket links the new ticket to calls that the asker may see only. What is not said of the caller is that of the first call.
func (s *Routes) openTicket(ctx context.Context, who gate.Identity, in *newTicketIn) (*ticketOut, error) {
	b := in.Body
	t := ticket.Ticket{Caller: b.Caller, Topic: b.Topic, Urgency: b.Urgency, Assignee: b.Assignee, Team: b.Team, Subject: b.Subject, Calls: b.Calls}
	for i, id := range b.Calls {
		r, err := Find(ctx, s.Calls, who, string(id))
		if errors.Is(err, errNoCall) {
			return nil, huma.Error422UnprocessableEntity("There is no such call to link the ticket to.")
		} else if err != nil {
			return nil, err
		}
		if i == 0 && t.Caller == "" {
			t.Caller, t.Region, t.Topic = r.Caller.Best(), r.Region, cmp.Or(t.Topic, r.Topic)
		}
	}
	if b.Note != "" {
		t.Notes = []ticket.Note{{Text: b.Note}}
	}
	made, err := s.Desk.Create(ctx, actorOf(who), t)
	return seen(who, made, err)
}

// seen is a ticket as the asker may see it.
func seen(who gate.Identity, t ticket.Ticket, err error) (*ticketOut, error) {
	if err != nil {
		return nil, err
	}
	if who.Masks() {
		t = t.Masked()
	}
	return &ticketOut{Body: t}, nil
}

// digitsSought is the number of digits in a row from which a search could find out a hidden telephone number: a word is found by
// its beginning, and what masking shows is three.
const digitsSought = 4

// seeks is true for a text with so many digits in a row that it may be a part of a telephone number.
func seeks(text string) bool {
	run := 0
	for _, r := range text {
		if run++; !unicode.IsDigit(r) {
			run = 0
		}
		if run >= digitsSought {
			return true
		}
	}
	return false
}

func (s *Routes) listTickets(ctx context.Context, who gate.Identity, in *ticketsIn) (*ticketsOut, error) {
	if who.Masks() && (in.Caller != "" || seeks(in.Text)) {
		return nil, huma.Error403Forbidden("Agents cannot look for numbers; a ticket's own number goes into number.")
	}
	q := ticket.Query{
		Number: in.Number, Caller: in.Caller, Assignee: in.Assignee, Team: in.Team, Topic: in.Topic, Text: in.Text,
		Sort: in.Sort, Before: in.Before, Limit: in.Limit,
	}
	for _, state := range in.State {
		q.States = append(q.States, ticket.State(state))
	}
	page, err := s.Desk.Search(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &ticketsOut{}
	out.Body.Tickets, out.Body.Next = make([]ticket.Ticket, 0, len(page.Tickets)), page.Next
	for _, t := range page.Tickets {
		if who.Masks() {
			t = t.Masked()
		}
		out.Body.Tickets = append(out.Body.Tickets, t)
	}
	return out, nil
}

// actorOf is who asks in a ticket's words.
func actorOf(who gate.Identity) ticket.Actor {
	return ticket.Actor{ID: cmp.Or(who.Agent, who.ID), Name: who.Name, Supervisor: !who.Masks()}
}
