package storetest

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/call"
	"hotline/ticket"
)

var ticketBehaviours = []behaviour{
	{"tickets/are numbered by day", ticketsNumbered},
	{"tickets/come back whole by id, number and call", ticketsWhole},
	{"tickets/there is one for a call, however often it is made", ticketsOnce},
	{"tickets/of many makers at once one gets through", ticketsRace},
	{"tickets/a change of an old revision conflicts", ticketsConflict},
	{"tickets/are found by every field", ticketsFound},
	{"tickets/come in pages, the newest first", ticketsPaged},
	{"tickets/are sorted either way by number, change or urgency, in pages that miss none", ticketsSorted},
	{"tickets/of one caller that are not closed are found by the whole number", ticketsOfCaller},
}

func newTicket(n int, change func(*ticket.Ticket)) ticket.Ticket {
	t := ticket.Ticket{
		ID: ticket.ID(fmt.Sprintf("id-%03d", n)), State: ticket.Pending, Urgency: ticket.Normal, Origin: ticket.ByHand,
		CreatedAt: noon, UpdatedAt: noon, Revision: 1,
	}
	if change != nil {
		change(&t)
	}
	return t
}

func insert(t *testing.T, s Store, tk ticket.Ticket) ticket.Ticket {
	t.Helper()
	kept, fresh, err := s.InsertTicket(t.Context(), tk, "20261122")
	if err != nil || !fresh {
		t.Fatalf("insert %s: fresh %v, %v", tk.ID, fresh, err)
	}
	return kept
}

func ticketsOfCaller(t *testing.T, s Store) {
	of := func(n int, caller string, state ticket.State) {
		insert(t, s, newTicket(n, func(tk *ticket.Ticket) { tk.Caller, tk.State = caller, state }))
	}
	of(1, "+8613800138000", ticket.Pending)
	of(2, "+8613800138000", ticket.Closed)
	of(3, "+86138001380001", ticket.Pending)
	of(4, "+8613800138000", ticket.Solved)
	of(5, "", ticket.Pending)
	for _, c := range []struct {
		caller string
		limit  int
		want   string
	}{{"+8613800138000", 9, "id-004id-001"}, {"+8613800138000", 1, "id-004"}, {"+861380013800", 9, ""}, {"", 9, ""}, {odd, 9, ""}} {
		tickets, err := s.OpenTicketsOf(t.Context(), c.caller, c.limit)
		got := ""
		for _, tk := range tickets {
			got += string(tk.ID)
		}
		if got != c.want || err != nil {
			t.Errorf("%q: got %q, %v, want %q", c.caller, got, err, c.want)
		}
	}
}

func ticketsNumbered(t *testing.T, s Store) {
	for i, c := range []struct{ day, want string }{{"20261122", "20261122-0001"}, {"20261122", "20261122-0002"}, {"20261123", "20261123-0001"},
		{"20261122", "20261122-0003"}} {
		kept, fresh, err := s.InsertTicket(t.Context(), newTicket(i, nil), c.day)
		if err != nil || !fresh || kept.Number != c.want {
			t.Errorf("got %q, fresh %v, %v, want %q", kept.Number, fresh, err, c.want)
		}
	}
}

func ticketsWhole(t *testing.T, s Store) {
	ctx := t.Context()
	want := insert(t, s, newTicket(1, func(tk *ticket.Ticket) {
		tk.Caller, tk.CallerDisplay, tk.Region, tk.Topic, tk.Urgency = "+8613800138000", "138 0013 8000", "广东/广州", "refund", ticket.High
		tk.State, tk.Assignee, tk.Team, tk.Subject, tk.Origin = ticket.Working, "a1", "t1", odd, ticket.ByAnswer
		tk.Notes = []ticket.Note{{By: "a1", At: noon, Text: odd}}
		tk.Calls, tk.Recordings = []call.ID{"c1", "c2"}, []string{"r1"}
		tk.History = []ticket.Entry{{At: noon, By: "a1", What: "created", To: "working"}}
	}))
	for _, key := range []string{string(want.ID), want.Number} {
		if got := value(s.Ticket(ctx, key))(t); !reflect.DeepEqual(got, want) {
			t.Errorf("by %s: got %+v, want %+v", key, got, want)
		}
	}
	for _, id := range want.Calls {
		if got := value(s.TicketOfCall(ctx, id))(t); got.ID != want.ID {
			t.Errorf("by call %s: got %+v", id, got)
		}
	}
	_, err := s.Ticket(ctx, "nobody")
	wantErr(t, "unknown id", err, ticket.ErrNotFound)
	_, err = s.TicketOfCall(ctx, "nobody")
	wantErr(t, "unknown call", err, ticket.ErrNotFound)
}

func ofCall(id call.ID) func(*ticket.Ticket) {
	return func(tk *ticket.Ticket) { tk.Calls = []call.ID{id} }
}

func ticketsOnce(t *testing.T, s Store) {
	first := insert(t, s, newTicket(1, ofCall("c1")))
	kept, fresh, err := s.InsertTicket(t.Context(), newTicket(2, ofCall("c1")), "20261123")
	if err != nil || fresh || kept.ID != first.ID || kept.Number != first.Number {
		t.Errorf("again: got %+v, fresh %v, %v", kept, fresh, err)
	}
	if next := insert(t, s, newTicket(3, ofCall("c2"))); next.Number != "20261122-0002" {
		t.Errorf("the next number: got %s, a refused ticket must use up none", next.Number)
	}
}

func ticketsRace(t *testing.T, s Store) {
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
		made int
	)
	for i := range 8 {
		wait.Go(func() {
			_, fresh, err := s.InsertTicket(t.Context(), newTicket(i, ofCall("c1")), "20261122")
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if fresh {
				made++
			}
		})
	}
	wait.Wait()
	if made != 1 {
		t.Errorf("got %d tickets of one call, want 1", made)
	}
}

func ticketsConflict(t *testing.T, s Store) {
	ctx := t.Context()
	kept := insert(t, s, newTicket(1, nil))
	change := kept
	change.State, change.Revision, change.Number, change.Origin = ticket.Working, 2, "forged", "forged"
	must(t, s.UpdateTicket(ctx, change))
	got := value(s.Ticket(ctx, string(kept.ID)))(t)
	if got.State != ticket.Working || got.Revision != 2 || got.Number != kept.Number || got.Origin != kept.Origin {
		t.Errorf("got %+v", got)
	}
	wantErr(t, "the same revision again", s.UpdateTicket(ctx, change), ticket.ErrConflict)
	change.ID = "nobody"
	wantErr(t, "an unknown ticket", s.UpdateTicket(ctx, change), ticket.ErrNotFound)
}

func ticketsFound(t *testing.T, s Store) {
	insert(t, s, newTicket(1, func(tk *ticket.Ticket) {
		tk.State, tk.Assignee, tk.Team, tk.Topic, tk.Caller = ticket.Working, "a1", "t1", "refund", "+8613800138000"
	}))
	insert(t, s, newTicket(2, nil))
	for _, c := range []struct {
		name string
		q    ticket.Query
		want string
	}{
		{"all", ticket.Query{}, "2 1"}, {"number", ticket.Query{Number: "20261122-0001"}, "1"}, {"part of a number", ticket.Query{Number: "2-0002"}, "2"},
		{"wildcard for a number", ticket.Query{Number: "%"}, ""}, {"state", ticket.Query{States: []ticket.State{ticket.Working}}, "1"},
		{"states", ticket.Query{States: []ticket.State{ticket.Working, ticket.Pending}}, "2 1"},
		{"half a state", ticket.Query{States: []ticket.State{"work"}}, ""},
		{"assignee", ticket.Query{Assignee: "a1"}, "1"}, {"nobody's", ticket.Query{Assignee: "none"}, "2"}, {"team", ticket.Query{Team: "t1"}, "1"},
		{"topic", ticket.Query{Topic: "refund"}, "1"}, {"caller", ticket.Query{Caller: "0138"}, "1"}, {"injection", ticket.Query{Team: "' OR ''='"}, ""},
		{"two at once", ticket.Query{Team: "t1", Assignee: "none"}, ""},
	} {
		if got := found(t, s, c.q); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// found is the numbers of the tickets a query finds: "2 1" for id-002 and id-001.
func found(t *testing.T, s Store, q ticket.Query) string {
	t.Helper()
	var ids []string
	for _, tk := range value(s.Tickets(t.Context(), q))(t).Tickets {
		ids = append(ids, strings.TrimLeft(strings.TrimPrefix(string(tk.ID), "id-"), "0"))
	}
	return strings.Join(ids, " ")
}

func ticketsPaged(t *testing.T, s Store) {
	var want, got []ticket.ID
	for i := range 12 {
		want = append(want, insert(t, s, newTicket(i, nil)).ID)
	}
	slices.Reverse(want)
	for q := (ticket.Query{Limit: 5}); ; {
		page := value(s.Tickets(t.Context(), q))(t)
		for _, tk := range page.Tickets {
			got = append(got, tk.ID)
		}
		if q.Before = page.Next; page.Next == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, err := s.Tickets(t.Context(), ticket.Query{Before: odd}); err == nil {
		t.Errorf("a cursor that is none was taken")
	}
}

func ticketsSorted(t *testing.T, s Store) {
	urgencies := []ticket.Urgency{ticket.Low, ticket.Normal, ticket.High, ticket.Urgent}
	var all []ticket.Ticket
	for i := range 23 {
		tk := newTicket(i, nil)
		tk.Urgency, tk.UpdatedAt = urgencies[i%4], noon.Add(time.Duration(i*5%7)*333*time.Millisecond)
		all = append(all, insert(t, s, tk))
	}
	by := map[string]func(tk ticket.Ticket) int64{
		"number":  func(ticket.Ticket) int64 { return 0 },
		"updated": func(tk ticket.Ticket) int64 { return tk.UpdatedAt.UnixMilli() },
		"urgency": func(tk ticket.Ticket) int64 { return int64(slices.Index(urgencies, tk.Urgency)) },
	}
	for sort, key := range by {
		want := slices.SortedStableFunc(slices.Values(all), func(a, b ticket.Ticket) int { return cmp.Compare(key(a), key(b)) })
		for _, way := range []string{"", "-"} {
			var got []ticket.Ticket
			for q := (ticket.Query{Sort: way + sort, Limit: 5}); ; {
				page := value(s.Tickets(t.Context(), q))(t)
				got = append(got, page.Tickets...)
				if q.Before = page.Next; page.Next == "" {
					break
				}
			}
			same := func(a, b ticket.Ticket) bool { return a.ID == b.ID }
			if !slices.EqualFunc(got, want, same) {
				t.Errorf("by %s: got %v", way+sort, got)
			}
			slices.Reverse(want)
		}
	}
}

var wordBehaviours = []behaviour{
	{"search/finds Chinese by any two characters, other words by their beginning", words},
	{"search/follows a change of the text", wordsFollow},
}

func words(t *testing.T, s Store) {
	insert(t, s, newTicket(1, func(tk *ticket.Ticket) {
		tk.Subject, tk.Region = "客户要求退款，订单丢失", "广东/广州"
		tk.Notes = []ticket.Note{{Text: "VIP客户 called about Router-X200; 100% \"broken\""}}
	}))
	insert(t, s, newTicket(2, func(tk *ticket.Ticket) { tk.Subject, tk.Topic = "宽带故障。款项已退", "ｆａｕｌｔ" }))
	for _, c := range []struct{ text, want string }{
		{"退款", "1"}, {"款退", ""}, {"客户", "1"}, {"户要", "1"}, {"丢失", "1"}, {"订单丢失", "1"}, {"订丢", ""}, {"故障", "2"}, {"款", "2 1"}, {"失", "1"}, {"障", "2"},
		{"猫", ""},
		{"要求退款 订单", "1"}, {"退款 故障", ""}, {"广州", "1"}, {"款，订", "1"}, {"款 订", "1"},
		{"vip", "1"}, {"VIP客户", "1"}, {"rout", "1"}, {"outer", ""}, {"router x200", "1"}, {"Router-X200", "1"}, {"fault", "2"}, {"ＦＡＵＬＴ", "2"},
		{"20261122", "2 1"}, {"0002", "2"}, {"100%", "1"}, {`"broken"`, "1"},
		{`"`, ""}, {"*", ""}, {"%", ""}, {"''", ""}, {"()", ""}, {" ", "2 1"}, {"", "2 1"},
		{"退款 OR 故障", ""}, {"退款 NOT 客户", ""}, {"NEAR(退款 故障)", ""}, {`退款" OR "故障`, ""}, {"words:退款", ""}, {"^退款", "1"}, {"-退款", "1"}, {"退款*", "1"},
		{"'; DROP TABLE tickets; --", ""}, {strings.Repeat("退款", 100), ""}, {"\x00", ""}, {"🙂", ""},
	} {
		if got := found(t, s, ticket.Query{Text: c.text}); got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
	if got := found(t, s, ticket.Query{Text: "款", States: []ticket.State{ticket.Closed}}); got != "" {
		t.Errorf("words and a state: got %q", got)
	}
}

func wordsFollow(t *testing.T, s Store) {
	kept := insert(t, s, newTicket(1, func(tk *ticket.Ticket) { tk.Subject = "退款" }))
	kept.Subject, kept.Revision = "投诉", 2
	must(t, s.UpdateTicket(t.Context(), kept))
	for text, want := range map[string]string{"退款": "", "投诉": "1"} {
		if got := found(t, s, ticket.Query{Text: text}); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
