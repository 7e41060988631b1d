package ticket

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hotline/call"
	"hotline/cdr"
)

// Name is the desk's name as a listener: its place among the facts is kept over a restart.
func (d *Desk) Name() string { return "ticket" }

// Facts is Take for a journal that cannot ask again: what fails is logged and left.
func (d *Desk) Facts(facts []cdr.Numbered) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := d.Take(ctx, facts); err != nil {
		d.config.Load().Logger.Error("no ticket made", "error", err)
	}
}

// Take makes tickets of what happened, and gives those of ended calls their recordings. Seeing facts again changes
// nothing. An error means that the store failed: bring the same facts again.
func (d *Desk) Take(ctx context.Context, facts []cdr.Numbered) error {
	for _, f := range facts {
		if !d.concerns(f.Fact) {
			continue
		}
		err := d.take(ctx, f.Fact)
		var refused *Error
		switch {
		case errors.As(err, &refused): // would be refused again
			d.config.Load().Logger.Error("no ticket made", "call", f.Call, "error", err)
		case err != nil:
			return fmt.Errorf("make the ticket of call %s: %w", f.Call, err)
		}
	}
	return nil
}

// concerns reports whether a fact can make or change a ticket.
func (d *Desk) concerns(f call.Fact) bool {
	c := d.config.Load()
	switch f.Kind {
	case call.Connected:
		return c.OnAnswer && f.Agent != ""
	case call.Voicemail:
		return c.OnVoicemail
	case call.Rated:
		return f.Score > 0 && f.Score <= c.LowRating
	case call.Ended:
		return c.OnAnswer || c.OnAbandon || c.OnVoicemail
	default:
		return false
	}
}

func (d *Desk) take(ctx context.Context, f call.Fact) error {
	facts, err := d.facts.FactsOf(ctx, f.Call)
	if err != nil {
		return fmt.Errorf("read its facts: %w", err)
	}
	r := cdr.Fold(facts)
	t, found, err := d.ticketOf(ctx, f.Call)
	if err != nil {
		return err
	}
	if !found {
		if t, found = d.fromCall(f, r); !found {
			return nil
		}
		if t, _, err = d.insert(ctx, System, t); err != nil {
			return err
		}
	}
	switch f.Kind {
	case call.Ended:
		return d.attach(ctx, t, r)
	case call.Rated:
		return d.complain(ctx, t, f)
	default:
		return nil
	}
}

// complain makes a ticket one that somebody must look at, because the caller was not satisfied.
func (d *Desk) complain(ctx context.Context, t Ticket, f call.Fact) error {
	text := fmt.Sprintf("评分 %d / 5", f.Score)
	if f.Reason != "" {
		text += " (" + f.Reason + ")"
	}
	_, err := d.amend(ctx, string(t.ID), func(t *Ticket, now time.Time) error {
		if slices.ContainsFunc(t.Notes, func(n Note) bool { return n.By == System.Name && n.Text == text }) {
			return nil // seen before
		}
		t.Notes = append(t.Notes, Note{By: System.Name, At: now, Text: text})
		t.History = append(t.History, Entry{At: now, By: System.Name, What: "note"})
		if t.Urgency == Low || t.Urgency == Normal {
			t.History = append(t.History, Entry{At: now, By: System.Name, What: "urgency", From: string(t.Urgency), To: string(High)})
			t.Urgency = High
		}
		if t.State == Closed || t.State == Solved {
			t.History = append(t.History, Entry{At: now, By: System.Name, What: "state", From: string(t.State), To: string(Working)})
			t.State = Working
		}
		return nil
	})
	return err
}

func (d *Desk) ticketOf(ctx context.Context, id call.ID) (Ticket, bool, error) {
	t, err := d.store.TicketOfCall(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return Ticket{}, false, nil
	case err != nil:
		return Ticket{}, false, fmt.Errorf("look for its ticket: %w", err)
	}
	return t, true, nil
}

// fromCall is the ticket a call makes at this fact; false for none.
func (d *Desk) fromCall(f call.Fact, r cdr.Record) (Ticket, bool) {
	c := d.config.Load()
	t := Ticket{
		Caller: cut(r.Caller.Best()), Region: cut(r.Region), Topic: cut(r.Topic), Calls: []call.ID{r.Call},
		Recordings: slices.Clone(r.Recordings), State: Pending,
	}
	abandoned := r.AbandonedIn == cdr.InQueue || r.AbandonedIn == cdr.InRing && len(r.Queues) > 0
	switch {
	case f.Kind == call.Connected:
		t.Origin, t.State, t.Assignee = ByAnswer, Working, f.Agent
	case f.Kind == call.Voicemail:
		t.Origin = ByVoicemail
	case f.Kind == call.Rated:
		t.Origin, t.Urgency = ByRating, High
	case c.OnAbandon && abandoned && !(c.SkipShort && r.ShortAbandon):
		t.Origin = ByAbandon
	default:
		return Ticket{}, false
	}
	return t, true
}

// cut shortens what a caller's side sent to what a ticket may hold.
func cut(s string) string {
	if runes := []rune(s); len(runes) > wordMost {
		return string(runes[:wordMost])
	}
	return s
}

// attach gives a ticket the recordings it lacks.
func (d *Desk) attach(ctx context.Context, t Ticket, r cdr.Record) error {
	_, err := d.amend(ctx, string(t.ID), func(t *Ticket, now time.Time) error {
		for _, id := range r.Recordings {
			if !slices.Contains(t.Recordings, id) {
				t.Recordings = append(t.Recordings, id)
				t.History = append(t.History, Entry{At: now, By: System.Name, What: "recording", To: id})
			}
		}
		return nil
	})
	return err
}
