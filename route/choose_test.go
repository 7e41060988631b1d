package route

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/hours"
	"hotline/number"
)

// The regions of the tests.
var (
	guangzhou = number.Region{Country: "CN", Province: "广东", City: "广州"}
	shenzhen  = number.Region{Country: "CN", Province: "广东", City: "深圳"}
	guangdong = number.Region{Country: "CN", Province: "广东"}
	beijing   = number.Region{Country: "CN", Province: "北京", City: "北京"}
	america   = number.Region{Country: "US"}
	nowhere   = number.Region{}
)

// Wednesday 2026-03-11 in Shanghai: ten o'clock and eight in the evening.
var (
	day   = time.Date(2026, 3, 11, 2, 0, 0, 0, time.UTC)
	night = time.Date(2026, 3, 11, 12, 0, 0, 0, time.UTC)
)

// to is the steps to one queue.
func to(queue string) []Step { return []Step{{Queue: queue}} }

// calendars are one that is open from nine to six every day.
func calendars() map[string]*hours.Calendar {
	c := &hours.Calendar{}
	for d := time.Sunday; d <= time.Saturday; d++ {
		c.Weekly = append(c.Weekly, hours.Span{Day: d, From: 9 * 60, To: 18 * 60})
	}
	return map[string]*hours.Calendar{"work": c}
}

// matrix has one rule of each specificity, the widest first, so that order never helps.
func matrix() *Table {
	return &Table{Calendars: calendars(), Rules: []Rule{
		{ID: "any", Steps: to("general")},
		{ID: "night", Hours: "work", Outside: true, Steps: to("night")},
		{ID: "sales", Topics: []string{"sales", "offers"}, Steps: to("sales")},
		{ID: "sales-day", Topics: []string{"sales"}, Hours: "work", Steps: to("sales-day")},
		{ID: "gd", Regions: []string{"广东"}, Steps: to("gd")},
		{ID: "gd-sales", Regions: []string{"广东"}, Topics: []string{"sales"}, Steps: to("gd-sales")},
		{ID: "gz", Regions: []string{"广东/广州", "广东/佛山"}, Steps: to("gz"), Priority: 7, Language: "yue"},
		{ID: "abroad", Regions: []string{"US", "香港"}, Steps: to("english"), Language: "en"},
		{ID: "did", DIDs: []string{"+861066551234", "brand-b"}, Steps: to("did")},
		{ID: "did-gz-sales", DIDs: []string{"01066551234"}, Regions: []string{"广东/广州"}, Topics: []string{"sales"}, Hours: "work", Steps: to("all")},
	}}
}

func TestChoose(t *testing.T) {
	tests := []struct {
		name   string
		did    string
		region number.Region
		topic  string
		at     time.Time
		want   string
		reason string
	}{
		{"nothing known", "4001", nowhere, "", day, "any", "no rule names this call more closely"},
		{"hours alone", "4001", nowhere, "", night, "night", "calendar work is closed"},
		{"unknown topic falls through", "4001", nowhere, "gardening", day, "any", ""},
		{"topic", "4001", nowhere, "offers", day, "sales", "topic is offers"},
		{"topic and hours beat topic", "4001", nowhere, "sales", day, "sales-day", "calendar work is open"},
		{"topic beats hours", "4001", nowhere, "sales", night, "sales", ""},
		{"province", "4001", shenzhen, "", day, "gd", "from 广东"},
		{"province beats hours", "4001", shenzhen, "", night, "gd", ""},
		{"province without city", "4001", guangdong, "", day, "gd", ""},
		{"province and topic", "4001", shenzhen, "sales", day, "gd-sales", ""},
		{"city beats province", "4001", guangzhou, "", day, "gz", "the city 广东/广州"},
		{"city beats province and topic", "4001", guangzhou, "sales", day, "gz", ""},
		{"other province", "4001", beijing, "", day, "any", ""},
		{"country", "4001", america, "", day, "abroad", "from US"},
		{"Hong Kong", "4001", number.Region{Country: "HK", Province: "香港"}, "", day, "abroad", "from 香港"},
		{"DID beats all else", "+861066551234", shenzhen, "sales", night, "did", "the number is +861066551234"},
		{"DID in another form", "861066551234", nowhere, "", day, "did", ""},
		{"DID by name", "brand-b", nowhere, "", day, "did", ""},
		{"DID and the rest", "010-6655 1234", guangzhou, "sales", day, "did-gz-sales", "calendar work"},
		{"DID and the rest, closed", "01066551234", guangzhou, "sales", night, "did", ""},
		{"country of China is no rule's", "4001", number.Region{Country: "CN"}, "", day, "any", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := matrix().Choose(Query{DID: tt.did, Region: tt.region, Topic: tt.topic, At: tt.at})
			if !ok || got.Rule != tt.want || !strings.Contains(got.Reason, tt.reason) {
				t.Fatalf("got %+v %v, want rule %q because of %q", got, ok, tt.want, tt.reason)
			}
			if !strings.HasPrefix(got.Reason, "Rule "+tt.want+": ") || !strings.HasSuffix(got.Reason, ".") || got.ReasonZH == "" {
				t.Errorf("reason: %q, %q", got.Reason, got.ReasonZH)
			}
		})
	}
}

// rotate turns the rules so that another one comes first.
func rotate(rules []Rule, by int) []Rule {
	return append(rules[by:len(rules):len(rules)], rules[:by]...)
}

func TestChooseDoesNotDependOnOrder(t *testing.T) {
	for shift := range matrix().Rules {
		table := matrix()
		table.Rules = rotate(table.Rules, shift)
		for _, region := range []number.Region{nowhere, guangzhou, shenzhen, america} {
			for _, topic := range []string{"", "sales", "offers"} {
				q := Query{DID: "01066551234", Region: region, Topic: topic, At: day}
				want, _ := matrix().Choose(q)
				if got, _ := table.Choose(q); got.Rule != want.Rule {
					t.Errorf("%+v turned by %d: got %s, want %s", q, shift, got.Rule, want.Rule)
				}
			}
		}
	}
}

func TestTiesGoToTheEarlierRule(t *testing.T) {
	table := &Table{Rules: []Rule{{ID: "a", Topics: []string{"x"}, Steps: to("a")}, {ID: "b", Topics: []string{"x", "y"}, Steps: to("b")}}}
	for topic, want := range map[string]string{"x": "a", "y": "b"} {
		if got, _ := table.Choose(Query{Topic: topic}); got.Rule != want {
			t.Errorf("%s: got %s, want %s", topic, got.Rule, want)
		}
	}
}

func TestChooseCarriesTheRule(t *testing.T) {
	table := &Table{Rules: []Rule{{ID: "gz", Regions: []string{"广东/广州"}, Priority: 7, Language: "yue", Steps: []Step{
		{Queue: "gz", Skills: []Need{{Skill: "repair", Level: 3}, {Skill: "yue", Level: 1}}},
		{After: 30 * time.Second, Skills: []Need{{Skill: "repair", Level: 1}}},
		{After: 90 * time.Second, Queue: "gd"},
		{After: time.Hour, Queue: "all"},
	}}}}
	got, ok := table.Choose(Query{Region: guangzhou})
	if !ok || got.Priority != 7 || got.Language != "yue" || len(got.Steps) != 4 {
		t.Fatalf("got %+v %v", got, ok)
	}
	want := "Rule gz: the caller is from the city 广东/广州; it goes to queue gz (repair ≥ 3, yue ≥ 1), after 30 s to the same queue (repair ≥ 1)," +
		" after 1 min 30 s to queue gd, after 1 h to queue all."
	if got.Reason != want {
		t.Errorf("got  %s\nwant %s", got.Reason, want)
	}
	wantZH := "规则 gz：来电归属地为 广东/广州，进入队列 gz (repair ≥ 3, yue ≥ 1)，30 秒后进入原队列 (repair ≥ 1)，1 分 30 秒后进入队列 gd，1 小时后进入队列 all。"
	if got.ReasonZH != wantZH {
		t.Errorf("got  %s\nwant %s", got.ReasonZH, wantZH)
	}
	got.Steps[0].Skills[0].Level = 99
	if table.Rules[0].Steps[0].Skills[0].Level != 3 {
		t.Error("a choice shares its steps with the table")
	}
}

// A calendar that is not there, or is empty, must not lose a call.
func TestBrokenRulesDropNoCall(t *testing.T) {
	table := &Table{Rules: []Rule{
		{ID: "gone", Hours: "gone", Steps: to("a")},
		{ID: "outside of nothing", Outside: true, Topics: []string{"x"}, Steps: to("b")},
		{ID: "no steps", DIDs: []string{"4001"}},
	}}
	if got, ok := table.Choose(Query{DID: "4001", Topic: "x"}); !ok || got.Rule != "gone" {
		t.Errorf("got %+v %v", got, ok)
	}
	if _, ok := (&Table{}).Choose(Query{}); ok {
		t.Error("an empty table chose something")
	}
}

func TestDryRun(t *testing.T) {
	table := matrix()
	table.Rules = table.Rules[2:] // without a catch-all
	outcomes := table.DryRun([]Query{
		{DID: "4001", Topic: "offers", At: day}, {DID: "4001", At: day}, {DID: "4001", Region: guangzhou, At: night},
		{DID: "4001", Region: guangzhou, Topic: "sales", At: day},
	})
	var got []string
	for _, o := range outcomes {
		got = append(got, fmt.Sprint(o.OK, " ", o.Choice.Rule))
	}
	if want := "true sales, false , true gz, true gz"; strings.Join(got, ", ") != want {
		t.Fatalf("got %s\nwant %s", strings.Join(got, ", "), want)
	}
	if outcomes[0].Choice.Reason == "" || outcomes[2].Query.Region != guangzhou {
		t.Errorf("got %+v", outcomes)
	}
}

// pick takes some of the words, often none.
func pick(r *rand.Rand, words ...string) []string {
	var out []string
	for _, w := range words {
		if r.IntN(6) == 0 {
			out = append(out, w)
		}
	}
	return out
}

// randomTable has rules of every kind, broken ones too.
func randomTable(r *rand.Rand) *Table {
	table := &Table{Calendars: calendars()}
	for i := range r.IntN(12) {
		rule := Rule{ID: fmt.Sprint(i), DIDs: pick(r, "4001", "01066551234"), Regions: pick(r, "广东", "广东/广州", "北京", "US"), Topics: pick(r, "sales", "repair")}
		rule.Hours = []string{"", "", "work", "gone"}[r.IntN(4)]
		rule.Outside = r.IntN(4) == 0
		if r.IntN(5) > 0 {
			rule.Steps = to(rule.ID)
		}
		table.Rules = append(table.Rules, rule)
	}
	return table
}

// randomQuery is any call.
func randomQuery(r *rand.Rand) Query {
	return Query{
		DID:    []string{"4001", "+861066551234", "9", ""}[r.IntN(4)],
		Region: []number.Region{nowhere, guangzhou, shenzhen, guangdong, beijing, america}[r.IntN(6)],
		Topic:  []string{"", "sales", "repair", "else"}[r.IntN(4)],
		At:     []time.Time{day, night}[r.IntN(2)],
	}
}

// applies is the meaning of a rule, written a second time and without ranks.
func applies(table *Table, r Rule, q Query) bool {
	in := func(list []string, s ...string) bool {
		return len(list) == 0 || slices.ContainsFunc(s, func(x string) bool { return x != "" && slices.Contains(list, x) })
	}
	did := map[string]string{"+861066551234": "01066551234"}[q.DID]
	open := r.Hours == "" || table.Calendars[r.Hours] == nil || q.At.Equal(day)
	country := strings.ReplaceAll(q.Region.Country, "CN", "")
	return len(r.Steps) > 0 && in(r.DIDs, q.DID, did) && in(r.Topics, q.Topic) && open != r.Outside &&
		in(r.Regions, q.Region.Province, q.Region.Province+"/"+q.Region.City, country)
}

// checkChoice holds Choose against applies.
func checkChoice(t *testing.T, table *Table, q Query) {
	t.Helper()
	choice, ok := table.Choose(q)
	want := slices.ContainsFunc(table.Rules, func(r Rule) bool { return applies(table, r, q) })
	if ok != want {
		t.Fatalf("%+v\n%+v: got %v, want %v", table.Rules, q, ok, want)
	}
	if !ok {
		return
	}
	i := slices.IndexFunc(table.Rules, func(r Rule) bool { return r.ID == choice.Rule })
	if i < 0 || !applies(table, table.Rules[i], q) || len(choice.Steps) == 0 || choice.Reason == "" {
		t.Fatalf("%+v\n%+v: got %+v", table.Rules, q, choice)
	}
}

func FuzzChoose(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		table := randomTable(r)
		for range 20 {
			checkChoice(t, table, randomQuery(r))
		}
		at := r.IntN(len(table.Rules) + 1)
		table.Rules = slices.Insert(table.Rules, at, Rule{ID: "catch-all", Steps: to("general")})
		for range 20 {
			q := randomQuery(r)
			checkChoice(t, table, q)
			if _, ok := table.Choose(q); !ok {
				t.Fatalf("%+v\n%+v: the catch-all missed it", table.Rules, q)
			}
		}
	})
}

func BenchmarkChoose(b *testing.B) {
	table, q := matrix(), Query{DID: "01066551234", Region: guangzhou, Topic: "sales", At: day}
	for b.Loop() {
		table.Choose(q)
	}
}
