package ticket

import (
	"context"
	"time"
)

// Change applies a patch if the ticket's revision is still the one the actor saw. Errors: ErrNotFound, ErrConflict, Invalid
// for a state that cannot follow or a word that does not exist, Forbidden for what only supervisors may do: open a closed
// ticket again, and take a ticket away from somebody else.
func (d *Desk) Change(ctx context.Context, by Actor, id ID, patch Patch, revision int64) (Ticket, error) {
	t, err := d.Get(ctx, string(id))
	if err != nil {
		return Ticket{}, err
	}
	if t.Revision != revision {
		return Ticket{}, ErrConflict
	}
	return d.write(ctx, t, func(t *Ticket, now time.Time) error {
		if err := patch.check(by, *t); err != nil {
			return err
		}
		patch.apply(t, by, now)
		return nil
	})
}

func (p Patch) check(by Actor, t Ticket) error {
	if err := p.checkState(by, t); err != nil {
		return err
	}
	if p.Urgency != nil && !p.Urgency.Valid() {
		return invalid("There is no urgency " + string(*p.Urgency) + ": use low, normal, high or urgent.")
	}
	if p.Assignee != nil && *p.Assignee != t.Assignee && t.Assignee != "" && t.Assignee != by.ID && !by.Supervisor {
		return forbidden("This ticket is somebody else's: only a supervisor may give it to another.")
	}
	words := []string{}
	for _, w := range []*string{p.Assignee, p.Team, p.Topic} {
		if w != nil {
			words = append(words, *w)
		}
	}
	subject := ""
	if p.Subject != nil {
		subject = *p.Subject
	}
	return checkWords(subject, words...)
}

func (p Patch) checkState(by Actor, t Ticket) error {
	if p.State == nil || *p.State == t.State {
		return nil
	}
	if !p.State.Valid() {
		return invalid("There is no state " + string(*p.State) + ".")
	}
	for _, s := range next[t.State] {
		if s != *p.State {
			continue
		}
		if t.State == Closed && !by.Supervisor {
			return forbidden("Only a supervisor may open a closed ticket again.")
		}
		return nil
	}
	return invalid("A ticket that is " + string(t.State) + " cannot become " + string(*p.State) + ".")
}

// apply writes the patch into the ticket, with a line of history for each field that really changes.
func (p Patch) apply(t *Ticket, by Actor, now time.Time) {
	set := func(what string, field *string, to *string) {
		if to == nil || *to == *field {
			return
		}
		t.History = append(t.History, Entry{At: now, By: by.Name, What: what, From: *field, To: *to})
		*field = *to
	}
	set("state", (*string)(&t.State), (*string)(p.State))
	set("assignee", &t.Assignee, p.Assignee)
	set("team", &t.Team, p.Team)
	set("topic", &t.Topic, p.Topic)
	set("urgency", (*string)(&t.Urgency), (*string)(p.Urgency))
	set("subject", &t.Subject, p.Subject)
}
