package ticket

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/call"
	"hotline/cdr"
)

var (
	noon  = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	amy   = Actor{ID: "a1", Name: "Amy"}
	bob   = Actor{ID: "a2", Name: "Bob"}
	chief = Actor{ID: "s1", Name: "Chief", Supervisor: true}
)

func desk(t testing.TB, change func(*Config)) (*Desk, *memory) {
	t.Helper()
	m := &memory{facts: map[call.ID][]call.Fact{}}
	c := Config{
		OnAnswer: true, OnAbandon: true, OnVoicemail: true, Zone: time.FixedZone("CST", 8*3600), Now: func() time.Time { return noon },
		Logger: slog.New(slog.DiscardHandler),
		Rules:  Rules{{Topic: "fault", Region: "广东", Team: "gd-fault", Urgency: High}, {Topic: "fault", Team: "fault"}, {Region: "北京", Urgency: Urgent}},
	}
	if change != nil {
		change(&c)
	}
	return NewDesk(c, m, m), m
}

func create(t testing.TB, d *Desk, tk Ticket) Ticket {
	t.Helper()
	kept, err := d.Create(t.Context(), amy, tk)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func wantKind(t testing.TB, what string, err error, want Kind) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Kind != want || e.Sentence == "" {
		t.Errorf("%s: got %v, want kind %s", what, err, want)
	}
}

func to[T any](v T) *T { return &v }

func TestCreate(t *testing.T) {
	d, _ := desk(t, nil)
	got := create(t, d, Ticket{Caller: "+8613800138000", Topic: "fault", Region: "广东/广州", Subject: "宽带故障", Notes: []Note{{Text: "no light"}}})
	if got.Number != "20261122-0001" || got.State != Pending || got.Team != "gd-fault" || got.Urgency != High || got.Revision != 1 || got.Origin != ByHand {
		t.Errorf("got %+v", got)
	}
	if got.Notes[0].By != "Amy" || !got.Notes[0].At.Equal(noon) || got.History[0].What != "created" || got.CallerDisplay == "" {
		t.Errorf("got %+v", got)
	}
	if mine := create(t, d, Ticket{Subject: "x", Assignee: "a1"}); mine.State != Working {
		t.Errorf("with an assignee: got %s, want %s", mine.State, Working)
	}
	masked := got.Masked()
	if strings.Contains(masked.Caller+masked.CallerDisplay, "13800138000") || got.Caller != "+8613800138000" {
		t.Errorf("masked: got %q %q", masked.Caller, masked.CallerDisplay)
	}
}

func TestCreateRefuses(t *testing.T) {
	d, _ := desk(t, nil)
	for name, tk := range map[string]Ticket{
		"nothing": {}, "urgency": {Subject: "x", Urgency: "now"}, "state": {Subject: "x", State: Closed},
		"long subject": {Subject: strings.Repeat("长", subjectMost+1)},
		"long note":    {Notes: []Note{{Text: strings.Repeat("x", noteMost+1)}}}, "no text": {Subject: "\xff"}, "a zero": {Subject: "a\x00b"},
		"long topic": {Topic: strings.Repeat("x", 101)},
	} {
		_, err := d.Create(t.Context(), amy, tk)
		wantKind(t, name, err, Invalid)
	}
	create(t, d, Ticket{Subject: "x", Calls: []call.ID{"c1"}})
	_, err := d.Create(t.Context(), bob, Ticket{Subject: "y", Calls: []call.ID{"c1"}})
	wantKind(t, "a call twice", err, Conflict)
}

func TestDayIsThatOfTheZone(t *testing.T) {
	d, _ := desk(t, func(c *Config) { c.Now = func() time.Time { return noon.Add(5 * time.Hour) } })
	if got, want := create(t, d, Ticket{Subject: "x"}).Number, "20261123-0001"; got != want {
		t.Errorf("got %s, want %s: it is past midnight in China", got, want)
	}
}

// TestTransitions tries every state after every state, as agent and as supervisor.
func TestTransitions(t *testing.T) {
	states := []State{Pending, Working, Solved, Escalated, Closed}
	allowed := map[State][]State{
		Pending: {Working, Solved, Escalated, Closed}, Working: {Pending, Solved, Escalated}, Solved: {Working, Closed},
		Escalated: {Working, Solved, Closed}, Closed: {Working},
	}
	for _, from := range states {
		for _, state := range states {
			for _, by := range []Actor{amy, chief} {
				d, m := desk(t, nil)
				tk := create(t, d, Ticket{Subject: "x"})
				m.tickets[0].State = from
				got, err := d.Change(t.Context(), by, tk.ID, Patch{State: &state}, 1)
				switch {
				case from == state:
					if err != nil || got.Revision != 1 {
						t.Errorf("%s again: got revision %d, %v", from, got.Revision, err)
					}
				case !slices.Contains(allowed[from], state):
					wantKind(t, string(from+" to "+state), err, Invalid)
				case from == Closed && !by.Supervisor:
					wantKind(t, "an agent opens again", err, Forbidden)
				case err != nil || got.State != state || got.Revision != 2:
					t.Errorf("%s to %s by %s: got %+v, %v", from, state, by.Name, got, err)
				}
			}
		}
		if got := from.Next(); !slices.Equal(got, allowed[from]) {
			t.Errorf("after %s: got %v, want %v", from, got, allowed[from])
		}
	}
}

func TestChange(t *testing.T) {
	d, _ := desk(t, nil)
	tk := create(t, d, Ticket{Subject: "x"})
	got, err := d.Change(t.Context(), amy, tk.ID, Patch{
		State: to(Working), Assignee: to("a1"), Team: to("t"), Topic: to("refund"), Urgency: to(Low), Subject: to("y"),
	}, 1)
	if err != nil || got.State != Working || got.Assignee != "a1" || got.Team != "t" || got.Topic != "refund" || got.Urgency != Low || got.Subject != "y" {
		t.Fatalf("got %+v, %v", got, err)
	}
	var lines []string
	for _, e := range got.History {
		lines = append(lines, e.By+" "+e.What+" "+e.From+">"+e.To)
	}
	want := []string{"Amy created >pending", "Amy state pending>working", "Amy assignee >a1", "Amy team >t", "Amy topic >refund",
		"Amy urgency normal>low", "Amy subject x>y"}
	if !slices.Equal(lines, want) {
		t.Errorf("history: got %q, want %q", lines, want)
	}
	_, err = d.Change(t.Context(), bob, tk.ID, Patch{Subject: to("z")}, 1)
	wantKind(t, "an old revision", err, Conflict)
	_, err = d.Change(t.Context(), bob, tk.ID, Patch{Assignee: to("a2")}, 2)
	wantKind(t, "take it from somebody", err, Forbidden)
	_, err = d.Change(t.Context(), bob, tk.ID, Patch{Urgency: to(Urgency("now"))}, 2)
	wantKind(t, "urgency", err, Invalid)
	_, err = d.Change(t.Context(), bob, tk.ID, Patch{State: to(State("gone"))}, 2)
	wantKind(t, "state", err, Invalid)
	_, err = d.Change(t.Context(), bob, "nobody", Patch{}, 1)
	wantKind(t, "unknown", err, NotFound)
	if got, err = d.Change(t.Context(), chief, tk.ID, Patch{Assignee: to("a2")}, 2); err != nil || got.Assignee != "a2" {
		t.Errorf("a supervisor gives it to another: got %+v, %v", got, err)
	}
	if got, err = d.Change(t.Context(), bob, tk.ID, Patch{Assignee: to("")}, 3); err != nil || got.Assignee != "" {
		t.Errorf("giving it back: got %+v, %v", got, err)
	}
}

func TestNote(t *testing.T) {
	d, m := desk(t, nil)
	tk := create(t, d, Ticket{Subject: "x"})
	m.between = func() {
		if _, err := d.Note(t.Context(), bob, tk.ID, "at the same time"); err != nil {
			t.Error(err)
		}
	}
	got, err := d.Note(t.Context(), amy, tk.ID, " called back ")
	if err != nil || len(got.Notes) != 2 || got.Notes[1].Text != "called back" || got.Revision != 3 {
		t.Errorf("two notes at once: got %+v, %v", got, err)
	}
	_, err = d.Note(t.Context(), amy, tk.ID, "  ")
	wantKind(t, "an empty note", err, Invalid)
	_, err = d.Note(t.Context(), amy, "nobody", "x")
	wantKind(t, "unknown", err, NotFound)
}

func TestSearchRefuses(t *testing.T) {
	d, _ := desk(t, nil)
	_, err := d.Search(t.Context(), Query{States: []State{"gone"}})
	wantKind(t, "state", err, Invalid)
	_, err = d.Search(t.Context(), Query{Text: strings.Repeat("x", 500)})
	wantKind(t, "long text", err, Invalid)
}

func TestRules(t *testing.T) {
	rules := Rules{{Topic: "fault", Region: "广东", Team: "gd", Urgency: High}, {Topic: "fault", Team: "fault"}, {Region: "北京", Urgency: Urgent}}
	for _, c := range []struct {
		topic, region, team string
		urgency             Urgency
	}{
		{"fault", "广东/广州", "gd", High}, {"fault", "广东", "gd", High}, {"fault", "广东省外", "fault", Normal}, {"fault", "北京", "fault", Urgent},
		{"refund", "北京/北京", "", Urgent}, {"", "", "", Normal},
	} {
		if team, urgency := rules.Pick(c.topic, c.region); team != c.team || urgency != c.urgency {
			t.Errorf("%s %s: got %q %s, want %q %s", c.topic, c.region, team, urgency, c.team, c.urgency)
		}
	}
	if rules.Check() != nil || (Rules{{Urgency: "now"}}).Check() == nil {
		t.Errorf("check is wrong")
	}
}

// happened gives a call its facts, numbered as the journal would.
func happened(m *memory, id call.ID, facts ...call.Fact) []cdr.Numbered {
	var out []cdr.Numbered
	for i, f := range facts {
		f.Call, f.Seq, f.At = id, i+1, noon.Add(time.Duration(i)*10*time.Second)
		m.facts[id] = append(m.facts[id], f)
		out = append(out, cdr.Numbered{Number: int64(i + 1), Fact: f})
	}
	return out
}

var (
	started   = call.Fact{Kind: call.Started, From: "+8613800138000", FromRaw: "013800138000", Region: "广东/广州", Topic: "fault", Direction: "in"}
	queued    = call.Fact{Kind: call.Queued, Queue: "q"}
	offered   = call.Fact{Kind: call.Offer, Agent: "a1", Queue: "q"}
	connected = call.Fact{Kind: call.Connected, Agent: "a1", Leg: "leg2", Queue: "q"}
	recorded  = call.Fact{Kind: call.RecordingStarted, Recording: "r1"}
	left      = call.Fact{Kind: call.LegGone, Leg: call.CallerLeg, Side: "caller", Cause: call.Normal}
	ended     = call.Fact{Kind: call.Ended, Side: "caller", Cause: call.Normal}
)

func TestTicketsOfCalls(t *testing.T) {
	message := call.Fact{Kind: call.Voicemail, Recording: "r2", Queue: "q"}
	for _, c := range []struct {
		name   string
		facts  []call.Fact
		change func(*Config)
		want   string // origin state assignee recordings
	}{
		{"answered", []call.Fact{started, queued, offered, connected, recorded, left, ended}, nil, "answered working a1 r1"},
		{"abandoned in queue", []call.Fact{started, queued, left, ended}, nil, "abandoned pending  "},
		{"abandoned while a phone rang", []call.Fact{started, queued, offered, left, ended}, nil, "abandoned pending  "},
		{"voicemail", []call.Fact{started, queued, {Kind: call.LeftQueue, Reason: "timeout"}, {Kind: call.RecordingStarted, Recording: "r2"},
			message, left, ended}, nil, "voicemail pending  r2"},
		{"abandoned in the flow", []call.Fact{started, left, ended}, nil, ""},
		{"answers are not wanted", []call.Fact{started, queued, connected, left, ended}, func(c *Config) { c.OnAnswer = false }, ""},
		{"abandoned ones are not wanted", []call.Fact{started, queued, left, ended}, func(c *Config) { c.OnAbandon = false }, ""},
		{"messages are not wanted", []call.Fact{started, message, left, ended}, func(c *Config) { c.OnVoicemail = false }, ""},
		{"talked to a number, not an agent", []call.Fact{started, {Kind: call.Connected, Leg: "leg2"}, left, ended}, nil, ""},
	} {
		d, m := desk(t, c.change)
		facts := happened(m, "c1", c.facts...)
		for range 3 { // the journal may show facts again
			if err := d.Take(t.Context(), facts); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
		}
		d.Facts(facts)
		got := ""
		if len(m.tickets) > 0 {
			tk := m.tickets[0]
			got = strings.Join([]string{tk.Origin, string(tk.State), tk.Assignee, strings.Join(tk.Recordings, ",")}, " ")
			if tk.Team != "gd-fault" || tk.Caller != "+8613800138000" || !slices.Equal(tk.Calls, []call.ID{"c1"}) || tk.History[0].By != "system" {
				t.Errorf("%s: got %+v", c.name, tk)
			}
		}
		if got != c.want || len(m.tickets) > 1 {
			t.Errorf("%s: got %q and %d tickets, want %q", c.name, got, len(m.tickets), c.want)
		}
	}
}

func TestShortAbandonsCanBeSkipped(t *testing.T) {
	for skip, want := range map[bool]int{true: 0, false: 1} {
		d, m := desk(t, func(c *Config) { c.SkipShort = skip })
		facts := happened(m, "c1", started, queued, left, ended)
		for i := range m.facts["c1"] {
			m.facts["c1"][i].At = noon.Add(time.Duration(i) * time.Second)
		}
		if err := d.Take(t.Context(), facts); err != nil || len(m.tickets) != want {
			t.Errorf("skip %v: got %d tickets, %v, want %d", skip, len(m.tickets), err, want)
		}
	}
}

// TestStoreFails: the error comes out, so that the journal brings the facts again, and then there is one ticket.
func TestStoreFails(t *testing.T) {
	d, m := desk(t, nil)
	facts := happened(m, "c1", started, queued, left, ended)
	m.broken = true
	if err := d.Take(t.Context(), facts); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
	m.broken = false
	if err := d.Take(t.Context(), facts); err != nil || len(m.tickets) != 1 {
		t.Errorf("got %d tickets, %v", len(m.tickets), err)
	}
}

// TestAgentsWorkIsNotUndone: what people did to a ticket stays when the facts come again.
func TestAgentsWorkIsNotUndone(t *testing.T) {
	d, m := desk(t, nil)
	facts := happened(m, "c1", started, queued, offered, connected, recorded, left, ended)
	if err := d.Take(t.Context(), facts); err != nil {
		t.Fatal(err)
	}
	tk := m.tickets[0]
	if _, err := d.Change(t.Context(), amy, tk.ID, Patch{State: to(Solved)}, tk.Revision); err != nil {
		t.Fatal(err)
	}
	if err := d.Take(t.Context(), facts); err != nil || m.tickets[0].State != Solved || m.tickets[0].Revision != tk.Revision+1 {
		t.Errorf("got %+v, %v", m.tickets[0], err)
	}
}

// A low score makes the call's ticket urgent and opens it again, once; without one there is a new one. A good score changes nothing.
func TestLowRatings(t *testing.T) {
	d, m := desk(t, func(c *Config) { c.LowRating = 2 })
	bring := func(facts []cdr.Numbered) {
		t.Helper()
		if err := d.Take(t.Context(), facts); err != nil {
			t.Fatal(err)
		}
	}
	mine := create(t, d, Ticket{Subject: "x", Calls: []call.ID{"c1"}})
	if _, err := d.Change(t.Context(), chief, mine.ID, Patch{State: to(Closed)}, mine.Revision); err != nil {
		t.Fatal(err)
	}
	facts := happened(m, "c1", call.Fact{Kind: call.Started, From: "+8613800138000"}, call.Fact{Kind: call.Rated, Score: 1}, call.Fact{Kind: call.Rated, Score: 1, Reason: "manner"})
	bring(facts)
	bring(facts)
	got, _ := d.Get(t.Context(), string(mine.ID))
	if got.State != Working || got.Urgency != High || len(got.Notes) != 2 || got.Notes[1].Text != "评分 1 / 5 (manner)" {
		t.Errorf("got %+v", got)
	}
	bring(happened(m, "c2", call.Fact{Kind: call.Started, From: "+8613800138000"}, call.Fact{Kind: call.Rated, Score: 5}))
	bring(happened(m, "c3", call.Fact{Kind: call.Started, From: "+8613800138000"}, call.Fact{Kind: call.Rated, Score: 2}))
	if len(m.tickets) != 2 || m.tickets[1].Origin != ByRating || m.tickets[1].Urgency != High || m.tickets[1].State != Pending {
		t.Errorf("tickets %+v", m.tickets)
	}
}
