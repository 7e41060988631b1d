package ticket

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"hotline/call"
	"hotline/number"
)

// The longest texts, in characters.
const (
	subjectMost = 200
	noteMost    = 10_000
	wordMost    = 100 // topic, team, region and the like
)

// Config says which calls make tickets and where they go.
type Config struct {
	OnAnswer    bool // an agent was connected: theirs, 处理中
	OnAbandon   bool // the caller gave up in a queue or while a phone rang: 待处理
	OnVoicemail bool // 待处理
	SkipShort   bool // none for a short abandon
	LowRating   int  // a score up to it makes the call's ticket urgent, or a new one; 0: never
	Rules       Rules
	Zone        *time.Location   // of the day in the number; nil is time.Local
	Now         func() time.Time // nil is time.Now
	Logger      *slog.Logger     // nil is slog.Default
}

// CallFacts is where the desk reads a call's facts again; cdr.FactStore has it.
type CallFacts interface {
	FactsOf(ctx context.Context, id call.ID) ([]call.Fact, error)
}

// Desk makes and changes tickets. All methods may be called from any goroutine.
type Desk struct {
	config atomic.Pointer[Config]
	store  Store
	facts  CallFacts
}

// NewDesk makes a desk. facts may be nil for one that listens to no calls.
func NewDesk(config Config, store Store, facts CallFacts) *Desk {
	d := &Desk{store: store, facts: facts}
	d.Configure(config)
	return d
}

// Configure replaces the configuration; what is under way ends with the old one.
func (d *Desk) Configure(config Config) {
	if config.Zone == nil {
		config.Zone = time.Local
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	d.config.Store(&config)
}

// Create opens a ticket by hand and gives it ID, number, team and urgency where t has none. Of t it takes Caller, Region,
// Topic, Urgency, Assignee, Team, Subject, Calls, Recordings, the texts of Notes and the state Pending or Working (empty:
// Working with an assignee, else Pending). If the first of Calls has a ticket already the answer is a Conflict.
func (d *Desk) Create(ctx context.Context, by Actor, t Ticket) (Ticket, error) {
	if err := checkNew(t); err != nil {
		return Ticket{}, err
	}
	t.Origin = ByHand
	kept, fresh, err := d.insert(ctx, by, t)
	if err != nil {
		return Ticket{}, err
	}
	if !fresh {
		return Ticket{}, &Error{Conflict, "This call has ticket " + kept.Number + " already."}
	}
	return kept, nil
}

func checkNew(t Ticket) error {
	if strings.TrimSpace(t.Subject) == "" && t.Topic == "" && t.Caller == "" && len(t.Notes) == 0 {
		return invalid("A ticket needs a subject, a topic, a caller or a note.")
	}
	if t.Urgency != "" && !t.Urgency.Valid() {
		return invalid("There is no urgency " + string(t.Urgency) + ": use low, normal, high or urgent.")
	}
	if t.State != "" && t.State != Pending && t.State != Working {
		return invalid("A new ticket is pending or working.")
	}
	for _, n := range t.Notes {
		if err := checkText("note", n.Text, noteMost); err != nil {
			return err
		}
	}
	return checkWords(t.Subject, t.Topic, t.Team, t.Assignee, t.Region, t.Caller)
}

func checkWords(subject string, words ...string) error {
	if err := checkText("subject", subject, subjectMost); err != nil {
		return err
	}
	for _, w := range words {
		if err := checkText("field", w, wordMost); err != nil {
			return err
		}
	}
	return nil
}

func checkText(what, text string, most int) error {
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return invalid("The " + what + " is no readable text.")
	}
	if utf8.RuneCountInString(text) > most {
		return invalid(fmt.Sprintf("The %s is longer than %d characters.", what, most))
	}
	return nil
}

// insert completes a new ticket and keeps it.
func (d *Desk) insert(ctx context.Context, by Actor, t Ticket) (kept Ticket, fresh bool, err error) {
	c := d.config.Load()
	id, err := uuid.NewV7()
	if err != nil {
		return Ticket{}, false, fmt.Errorf("make a ticket's id: %w", err)
	}
	now := c.Now().UTC()
	t.ID, t.Number, t.CreatedAt, t.UpdatedAt, t.Revision = ID(id.String()), "", now, now, 1
	team, urgency := c.Rules.Pick(t.Topic, t.Region)
	if t.Team == "" {
		t.Team = team
	}
	if t.Urgency == "" {
		t.Urgency = urgency
	}
	switch {
	case t.State == "" && t.Assignee != "":
		t.State = Working
	case t.State == "":
		t.State = Pending
	}
	if t.CallerDisplay == "" && t.Caller != "" {
		t.CallerDisplay = number.Parse(t.Caller).Print()
	}
	t.Notes = slices.Clone(t.Notes)
	for i := range t.Notes {
		t.Notes[i].By, t.Notes[i].At = by.Name, now
	}
	t.History = []Entry{{At: now, By: by.Name, What: "created", To: string(t.State)}}
	kept, fresh, err = d.store.InsertTicket(ctx, t, now.In(c.Zone).Format("20060102"))
	if err != nil {
		return Ticket{}, false, fmt.Errorf("keep a new ticket: %w", err)
	}
	return kept, fresh, nil
}

// Get finds a ticket by ID or by its whole number; ErrNotFound.
func (d *Desk) Get(ctx context.Context, idOrNumber string) (Ticket, error) {
	t, err := d.store.Ticket(ctx, strings.TrimSpace(idOrNumber))
	if err != nil {
		return Ticket{}, fmt.Errorf("find ticket %q: %w", idOrNumber, err)
	}
	return t, nil
}

// Search finds tickets, the newest first.
func (d *Desk) Search(ctx context.Context, q Query) (Page, error) {
	for _, s := range q.States {
		if !s.Valid() {
			return Page{}, invalid("There is no state " + string(s) + ".")
		}
	}
	if err := checkText("search text", q.Text+q.Number+q.Caller, subjectMost); err != nil {
		return Page{}, err
	}
	page, err := d.store.Tickets(ctx, q)
	if err != nil {
		return Page{}, fmt.Errorf("search tickets: %w", err)
	}
	return page, nil
}

// Note adds what somebody wrote. It never conflicts with a change made at the same time.
func (d *Desk) Note(ctx context.Context, by Actor, id ID, text string) (Ticket, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Ticket{}, invalid("A note needs some text.")
	}
	if err := checkText("note", text, noteMost); err != nil {
		return Ticket{}, err
	}
	return d.amend(ctx, string(id), func(t *Ticket, now time.Time) error {
		t.Notes = append(t.Notes, Note{By: by.Name, At: now, Text: text})
		t.History = append(t.History, Entry{At: now, By: by.Name, What: "note"})
		return nil
	})
}

// amend changes a ticket whatever its revision is, trying again when somebody else was faster. A change that leaves the
// ticket's history alone is not written.
func (d *Desk) amend(ctx context.Context, id string, change func(t *Ticket, now time.Time) error) (Ticket, error) {
	for range 20 {
		t, err := d.Get(ctx, id)
		if err != nil {
			return Ticket{}, err
		}
		t, err = d.write(ctx, t, change)
		if !errors.Is(err, ErrConflict) {
			return t, err
		}
	}
	return Ticket{}, ErrConflict
}

func (d *Desk) write(ctx context.Context, t Ticket, change func(t *Ticket, now time.Time) error) (Ticket, error) {
	now := d.config.Load().Now().UTC()
	before := len(t.History)
	if err := change(&t, now); err != nil {
		return Ticket{}, err
	}
	if len(t.History) == before {
		return t, nil
	}
	t.UpdatedAt, t.Revision = now, t.Revision+1
	if err := d.store.UpdateTicket(ctx, t); err != nil {
		return Ticket{}, fmt.Errorf("keep ticket %s: %w", t.Number, err)
	}
	return t, nil
}
