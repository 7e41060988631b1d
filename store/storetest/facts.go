package storetest

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"hotline/call"
	"hotline/cdr"
)

var factBehaviours = []behaviour{
	{"facts/are numbered in the order given", factsNumbered},
	{"facts/appended twice stay once with their first number", factsTwice},
	{"facts/come back whole", factsWhole},
	{"facts/are appended from many goroutines without loss", factsConcurrent},
	{"facts/since reads on in pages", factsSince},
	{"facts/an odd text is kept as it is", factsOdd},
	{"calls/are open until the record covers all facts", openCalls},
	{"calls/many that end at once are all kept, and those of whom a fact is missing stay open", manyCalls},
	{"cursors/begin at zero and are replaced", cursors},
}

func fact(id call.ID, seq int, kind call.Kind) call.Fact {
	return call.Fact{Call: id, Seq: seq, Kind: kind, At: noon.Add(time.Duration(seq) * time.Second)}
}

func append1(t *testing.T, s Store, facts ...call.Fact) []cdr.Numbered {
	t.Helper()
	return value(s.AppendFacts(t.Context(), facts))(t)
}

func factsNumbered(t *testing.T, s Store) {
	got := append1(t, s, fact("b", 1, call.Started), fact("a", 1, call.Started), fact("b", 2, call.Ended))
	got = append(got, append1(t, s, fact("a", 2, call.Ended))...)
	for i, n := range got {
		if n.Number <= 0 || i > 0 && n.Number <= got[i-1].Number {
			t.Errorf("numbers do not grow: %+v", got)
		}
	}
	since := value(s.FactsSince(t.Context(), 0, 100))(t)
	if !reflect.DeepEqual(since, got) {
		t.Errorf("got %+v, want %+v", since, got)
	}
	if none := append1(t, s); len(none) != 0 {
		t.Errorf("no facts: got %+v", none)
	}
}

func factsTwice(t *testing.T, s Store) {
	first := append1(t, s, fact("a", 1, call.Started), fact("a", 2, call.Answered))
	again := append1(t, s, fact("a", 2, call.Answered), fact("a", 3, call.Ended), fact("a", 1, call.Started))
	if again[0].Number != first[1].Number || again[2].Number != first[0].Number {
		t.Errorf("got %+v, want the numbers of %+v", again, first)
	}
	if got := value(s.FactsOf(t.Context(), "a"))(t); len(got) != 3 || got[0].Seq != 1 || got[2].Seq != 3 {
		t.Errorf("got %+v, want three facts by seq", got)
	}
}

func factsWhole(t *testing.T, s Store) {
	f := fact("a", 1, call.LegGone)
	f.Leg, f.From, f.FromRaw, f.To, f.DID, f.Trunk, f.Direction = "leg2", "+8613800138000", "013800138000", "4001", "4001", "t1", "in"
	f.Region, f.Confidence, f.Flow, f.FlowVersion, f.Node, f.Topic = "广东/广州", 95, "main", 7, "menu", "refund"
	f.Queue, f.Priority, f.Rule, f.Reason, f.Agent, f.Recording = "q", 3, "r1", "because", "a1", "a-1"
	f.Side, f.Cause, f.SIP, f.Q850 = "caller", call.Normal, 200, 16
	f.Quality = &call.Quality{Codec: "PCMA", Received: math.MaxUint32, Sent: 2, Lost: 3, LossPct: 0.5, Jitter: time.Millisecond, RTT: time.Second, MOS: 4.3}
	append1(t, s, f)
	if got := value(s.FactsOf(t.Context(), "a"))(t); len(got) != 1 || !reflect.DeepEqual(got[0], f) {
		t.Errorf("got %+v, want %+v", got, f)
	}
	if got := value(s.FactsOf(t.Context(), "nobody"))(t); len(got) != 0 {
		t.Errorf("unknown call: got %+v", got)
	}
}

func factsConcurrent(t *testing.T, s Store) {
	const writers, each = 8, 50
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			for i := range each {
				if _, err := s.AppendFacts(t.Context(), []call.Fact{fact(call.ID(fmt.Sprintf("c%d", w)), i+1, call.Entered)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	seen := map[call.ID]int{}
	last := int64(0)
	for _, n := range value(s.FactsSince(t.Context(), 0, writers*each*2))(t) {
		if n.Seq != seen[n.Call]+1 || n.Number <= last {
			t.Fatalf("out of order: %+v after seq %d, number %d", n, seen[n.Call], last)
		}
		seen[n.Call], last = n.Seq, n.Number
	}
	for w := range writers {
		if got := seen[call.ID(fmt.Sprintf("c%d", w))]; got != each {
			t.Errorf("writer %d: got %d facts, want %d", w, got, each)
		}
	}
}

func factsSince(t *testing.T, s Store) {
	var want []int
	for i := range 25 {
		append1(t, s, fact("a", i+1, call.Entered))
		want = append(want, i+1)
	}
	var got []int
	place := int64(0)
	for {
		page := value(s.FactsSince(t.Context(), place, 10))(t)
		for _, n := range page {
			got = append(got, n.Seq)
			place = n.Number
		}
		if len(page) < 10 {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// odd is what a caller's side may put into any text.
const odd = `'; DROP TABLE facts; -- " \ % _ * ? 中文 🙂` + "\u0001"

func factsOdd(t *testing.T, s Store) {
	f := fact(odd, 1, call.Started)
	f.FromRaw, f.Topic, f.Reason = odd, odd, odd
	append1(t, s, f)
	if got := value(s.FactsOf(t.Context(), odd))(t); len(got) != 1 || !reflect.DeepEqual(got[0], f) {
		t.Errorf("got %+v, want %+v", got, f)
	}
}

func openCalls(t *testing.T, s Store) {
	ctx := t.Context()
	facts := []call.Fact{fact("a", 1, call.Started), fact("a", 2, call.Ended)}
	append1(t, s, append(facts, fact("b", 1, call.Started))...)
	want := func(what string, ids ...call.ID) {
		t.Helper()
		if got := value(s.OpenCalls(ctx))(t); !slices.Equal(got, ids) {
			t.Errorf("%s: got %v, want %v", what, got, ids)
		}
	}
	want("without records", "a", "b")
	must(t, s.SaveRecords(ctx, []cdr.Record{cdr.Fold(facts), cdr.Fold([]call.Fact{fact("b", 1, call.Started)})}))
	want("the record of a running call closes nothing", "b")
	late := cdr.Late(fact("a", 3, cdr.Wrapped))
	append1(t, s, late)
	want("a late fact opens it again", "a", "b")
	must(t, s.SaveRecords(ctx, []cdr.Record{cdr.Fold(facts)}))
	want("a record that lacks a fact closes nothing", "a", "b")
	must(t, s.SaveRecords(ctx, []cdr.Record{cdr.Fold(append(facts, late))}))
	want("the whole record closes it", "b")
	append1(t, s, facts...)
	want("facts appended twice open nothing", "b")
	if n := value(cdr.EndOrphans(ctx, s))(t); n != 1 {
		t.Errorf("orphans: got %d, want 1", n)
	}
	want("after the orphans ended")
	if r, ok, err := s.Record(ctx, "b"); !ok || err != nil || r.Cause != call.Crashed || r.Open() {
		t.Errorf("the orphan's record: got %+v, %v, %v", r, ok, err)
	}
}

func manyCalls(t *testing.T, s Store) {
	var facts []call.Fact
	var records []cdr.Record
	var ids, open []call.ID
	for i := range 39 { // statements take 16, 4 and 1
		id := call.ID(fmt.Sprintf("c%02d", i))
		ids = append(ids, id)
		facts = append(facts, fact(id, 1, call.Started), fact(id, 2, call.Ended))
		r := sample(id, noon.Add(time.Duration(i)*time.Second))
		if r.Facts = 2; i%7 == 3 {
			r.Facts = 1
			open = append(open, id)
		}
		records = append(records, r)
	}
	numbered := value(s.AppendFacts(t.Context(), facts, records...))(t)
	for i, n := range numbered {
		if n.Fact.Call != facts[i].Call || n.Fact.Seq != facts[i].Seq || n.Number != numbered[0].Number+int64(i) {
			t.Errorf("fact %d: got %+v", i, n)
		}
	}
	for i, id := range ids {
		if got, found, err := s.Record(t.Context(), id); err != nil || !found || !reflect.DeepEqual(got, records[i]) {
			t.Errorf("got %+v, %v, %v, want %+v", got, found, err, records[i])
		}
	}
	if got := value(s.OpenCalls(t.Context()))(t); !slices.Equal(got, open) {
		t.Errorf("open: got %v, want %v", got, open)
	}
	q := cdr.Query{Agent: records[0].Agents[0].Agent, Queue: records[0].Queues[0].Queue, Limit: 100}
	if found, _, err := s.Records(t.Context(), q); err != nil || len(found) != len(records) {
		t.Errorf("by agent and queue: got %d records, %v, want %d", len(found), err, len(records))
	}
}

func cursors(t *testing.T, s Store) {
	ctx := t.Context()
	for _, n := range []int64{0, 7, math.MaxInt64, 3} {
		if n != 0 {
			must(t, s.SaveCursor(ctx, "a", n))
		}
		if got := value(s.Cursor(ctx, "a"))(t); got != n {
			t.Errorf("got %d, want %d", got, n)
		}
	}
	if got := value(s.Cursor(ctx, "b"))(t); got != 0 {
		t.Errorf("another name: got %d", got)
	}
}

var recordBehaviours = []behaviour{
	{"records/come back whole and are replaced", recordsWhole},
	{"records/are found by every field", recordsFound},
	{"records/come in pages, the newest first, none twice", recordsPaged},
	{"records/are sorted either way by start, wait or talk, in pages that miss none", recordsSorted},
	{"records/of one caller are found by the whole number alone", recordsOfCaller},
	{"records/a cursor that is none is refused", recordsBadCursor},
	{"agents/states are kept in order and the latest is known", agentStates},
}

// sample makes the record of a call that reached an agent.
func sample(id call.ID, at time.Time) cdr.Record {
	seq := 0
	next := func(after time.Duration, kind call.Kind) call.Fact {
		seq++
		return call.Fact{Call: id, Seq: seq, At: at.Add(after), Kind: kind}
	}
	started, queued, offered, connected, ended := next(0, call.Started), next(time.Second, call.Queued), next(2*time.Second, call.Offer),
		next(4*time.Second, call.Connected), next(64*time.Second, call.Ended)
	started.From, started.FromRaw, started.To, started.DID, started.Trunk = "+8613800138000", "013800138000", "4001", "4001", "t1"
	started.Direction, started.Region, started.Topic = "in", "广东/广州", "refund"
	queued.Queue, offered.Queue, offered.Agent, connected.Agent, connected.Leg = "gz", "gz", "a1", "a1", "leg2"
	ended.Cause, ended.Side = call.Normal, "caller"
	return cdr.Fold([]call.Fact{started, queued, offered, connected, ended})
}

func recordsWhole(t *testing.T, s Store) {
	ctx := t.Context()
	r := sample("a", noon)
	if _, ok, err := s.Record(ctx, "a"); ok || err != nil {
		t.Errorf("before: got %v, %v", ok, err)
	}
	must(t, s.SaveRecords(ctx, []cdr.Record{{Call: "a"}}))
	must(t, s.SaveRecords(ctx, []cdr.Record{r, sample("b", noon)}))
	if got, ok, err := s.Record(ctx, "a"); !ok || err != nil || !reflect.DeepEqual(got, r) {
		t.Errorf("got %+v, %v, %v\nwant %+v", got, ok, err, r)
	}
}

func recordsFound(t *testing.T, s Store) {
	ctx := t.Context()
	other := cdr.Record{Call: "z", Started: noon, Direction: "out", Caller: cdr.Party{Raw: "1001"}, Called: cdr.Party{Raw: "139-0013-9000"},
		Region: "广西/南宁", Ended: noon.Add(time.Second)}
	must(t, s.SaveRecords(ctx, []cdr.Record{sample("a", noon), other}))
	for _, c := range []struct {
		name string
		q    cdr.Query
		want string
	}{
		{"all", cdr.Query{}, "z a"}, {"direction", cdr.Query{Direction: "in"}, "a"}, {"number", cdr.Query{Number: "800138"}, "a"},
		{"number with signs", cdr.Query{Number: "139 0013"}, "z"}, {"raw number", cdr.Query{Number: "01380"}, "a"},
		{"number that is none", cdr.Query{Number: odd}, ""},
		{"did", cdr.Query{DID: "4001"}, "a"}, {"trunk", cdr.Query{Trunk: "t1"}, "a"}, {"region", cdr.Query{Region: "广东/广州"}, "a"},
		{"province", cdr.Query{Region: "广东"}, "a"},
		{"half a province", cdr.Query{Region: "广"}, ""}, {"topic", cdr.Query{Topic: "refund"}, "a"}, {"queue", cdr.Query{Queue: "gz"}, "a"},
		{"agent", cdr.Query{Agent: "a1"}, "a"},
		{"result", cdr.Query{Result: "answered"}, "a"}, {"other result", cdr.Query{Result: "not-connected"}, "z"}, {"from", cdr.Query{From: noon}, "z a"},
		{"from later", cdr.Query{From: noon.Add(time.Microsecond)}, ""}, {"to", cdr.Query{To: noon}, ""}, {"injection", cdr.Query{Topic: "' OR 1=1 --"}, ""},
		{"wildcard", cdr.Query{Queue: "%"}, ""}, {"two at once", cdr.Query{Agent: "a1", Direction: "out"}, ""},
	} {
		records, next, err := s.Records(ctx, c.q)
		got := ""
		for i, r := range records {
			if i > 0 {
				got += " "
			}
			got += string(r.Call)
		}
		if got != c.want || next != "" || err != nil {
			t.Errorf("%s: got %q, next %q, %v, want %q", c.name, got, next, err, c.want)
		}
	}
}

func recordsOfCaller(t *testing.T, s Store) {
	other := sample("b", noon.Add(time.Second))
	other.Caller = cdr.Party{Raw: "013800138", E164: "+86138001380"} // the beginning of the number looked for
	phone := sample("c", noon.Add(2*time.Second))
	phone.Caller = cdr.Party{Raw: "1001"}
	must(t, s.SaveRecords(t.Context(), []cdr.Record{sample("a", noon), other, phone, sample("d", noon.Add(3*time.Second))}))
	for _, c := range []struct {
		name   string
		caller cdr.Party
		limit  int
		want   string
	}{
		{"by number", sample("a", noon).Caller, 9, "da"}, {"the newest alone", sample("a", noon).Caller, 1, "d"}, {"a shorter number", other.Caller, 9, "b"},
		{"a phone", phone.Caller, 9, "c"}, {"the beginning of a phone", cdr.Party{Raw: "100"}, 9, ""}, {"nobody", cdr.Party{}, 9, ""}, {"a stranger", cdr.Party{Raw: odd}, 9, ""},
	} {
		records, err := s.ContactsOf(t.Context(), c.caller, c.limit)
		got := ""
		for _, r := range records {
			got += string(r.Call)
		}
		if got != c.want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", c.name, got, err, c.want)
		}
	}
}

func recordsPaged(t *testing.T, s Store) {
	ctx := t.Context()
	var all []cdr.Record
	for i := range 25 {
		all = append(all, sample(call.ID(fmt.Sprintf("c%02d", i)), noon.Add(time.Duration(i/3)*time.Minute))) // several at one moment
	}
	must(t, s.SaveRecords(ctx, all))
	var got []call.ID
	for q := (cdr.Query{Limit: 7}); ; {
		page, next, err := s.Records(ctx, q)
		must(t, err)
		for _, r := range page {
			got = append(got, r.Call)
		}
		if q.Before = next; next == "" {
			break
		}
	}
	var want []call.ID
	for i := range 25 {
		want = append(want, call.ID(fmt.Sprintf("c%02d", 24-i)))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func recordsSorted(t *testing.T, s Store) {
	ctx := t.Context()
	var all []cdr.Record
	for i := range 25 {
		r := sample(call.ID(fmt.Sprintf("c%02d", i)), noon.Add(time.Duration(i/3)*(time.Minute+time.Microsecond)))
		r.WaitMS, r.TalkMS = int64(i%4)*900, int64(i*7%5)*100_000
		all = append(all, r)
	}
	must(t, s.SaveRecords(ctx, all))
	by := map[string]func(r cdr.Record) int64{
		"started": func(r cdr.Record) int64 { return r.Started.UnixMicro() },
		"wait":    func(r cdr.Record) int64 { return r.WaitMS },
		"talk":    func(r cdr.Record) int64 { return r.TalkMS },
	}
	for sort, key := range by {
		want := slices.SortedFunc(slices.Values(all), func(a, b cdr.Record) int {
			return cmp.Or(cmp.Compare(key(a), key(b)), a.Started.Compare(b.Started), cmp.Compare(a.Call, b.Call))
		})
		for _, way := range []string{"", "-"} {
			var got []cdr.Record
			for q := (cdr.Query{Sort: way + sort, Limit: 7, From: noon}); ; {
				page, next, err := s.Records(ctx, q)
				must(t, err)
				got = append(got, page...)
				if q.Before = next; next == "" {
					break
				}
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("by %s: got %v", way+sort, got)
			}
			slices.Reverse(want)
		}
	}
}

func recordsBadCursor(t *testing.T, s Store) {
	for _, cursor := range []string{"x", "1", "1;DROP", "1.a", "1.2", "a.1.c", "1.b.c", odd} {
		if _, _, err := s.Records(t.Context(), cdr.Query{Before: cursor}); err == nil {
			t.Errorf("cursor %q was taken", cursor)
		}
	}
}

func agentStates(t *testing.T, s Store) {
	ctx := t.Context()
	changes := []cdr.AgentChange{
		{Agent: "a1", To: "ready", Source: "phone", At: noon, Next: "not-ready", NextReason: "lunch"},
		{Agent: "a2", To: "ready", At: noon.Add(time.Second)},
		{Agent: "a1", From: "ready", To: "not-ready", Reason: "小休", Source: "browser", At: noon.Add(2 * time.Second)},
	}
	must(t, s.AppendAgentChanges(ctx, changes[:2]))
	must(t, s.AppendAgentChanges(ctx, changes[2:]))
	if got, want := value(s.AgentStates(ctx, time.Time{}))(t), []cdr.AgentChange{changes[2], changes[1]}; !slices.Equal(got, want) {
		t.Errorf("states: got %+v, want %+v", got, want)
	}
	if got, want := value(s.AgentStates(ctx, noon.Add(2*time.Second)))(t), []cdr.AgentChange{changes[0], changes[1]}; !slices.Equal(got, want) {
		t.Errorf("states before the last change: got %+v, want %+v", got, want)
	}
	if got := value(s.AgentStates(ctx, noon))(t); len(got) != 0 {
		t.Errorf("states before the first change: got %+v", got)
	}
	if got := value(s.AgentChanges(ctx, "", noon, noon.Add(time.Hour)))(t); !slices.Equal(got, changes) {
		t.Errorf("all: got %+v, want %+v", got, changes)
	}
	if got := value(s.AgentChanges(ctx, "a1", noon.Add(time.Second), noon.Add(3*time.Second)))(t); !slices.Equal(got, changes[2:]) {
		t.Errorf("one agent: got %+v, want %+v", got, changes[2:])
	}
}
