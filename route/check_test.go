package route

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCheckLikesAGoodTable(t *testing.T) {
	table := matrix()
	table.Numbers = []Number{
		{Pattern: "4001", Flow: "a"}, {Pattern: "40XX", Flow: "b"}, {Pattern: "4001", Origin: "phone", Flow: "c"},
		{Pattern: "4001", Trunk: "t1", Flow: "d"}, {Pattern: ".", Flow: "e"},
	}
	if errs := table.Check(); len(errs) != 0 {
		t.Errorf("got %v", errs)
	}
	if errs := (&Table{}).Check(); len(errs) != 0 {
		t.Errorf("an empty table: got %v", errs)
	}
}

func TestCheckNumbers(t *testing.T) {
	tests := map[string]struct {
		numbers []Number
		want    string
		is      error
	}{
		"pattern":     {[]Number{{Pattern: "40x", Flow: "a"}}, "number 1 (40x): pattern", nil},
		"origin":      {[]Number{{Pattern: "1", Origin: "fax", Flow: "a"}}, "origin \"fax\"", nil},
		"no flow":     {[]Number{{Pattern: "1"}}, "names no flow", nil},
		"phone trunk": {[]Number{{Pattern: "1", Origin: "phone", Trunk: "t1", Flow: "a"}}, "through no trunk", ErrUnreachable},
		"twice":       {[]Number{{Pattern: "1X", Flow: "a"}, {Pattern: "1X", Flow: "b"}}, "number 1 is the same", ErrUnreachable},
		"ambiguous":   {[]Number{{Pattern: "1X2", Flow: "a"}, {Pattern: "12X", Flow: "b"}}, "numbers 1 (1X2) and 2 (12X)", ErrAmbiguous},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			errs := (&Table{Numbers: tt.numbers}).Check()
			if len(errs) != 1 || !strings.Contains(errs[0].Error(), tt.want) || tt.is != nil && !errors.Is(errs[0], tt.is) {
				t.Errorf("got %v, want one about %q", errs, tt.want)
			}
		})
	}
}

func TestCheckRules(t *testing.T) {
	s := to("q")
	tests := map[string]struct {
		rules []Rule
		want  string
		is    error
	}{
		"no id":            {[]Rule{{Steps: s}}, "rule 1 (): needs an id", nil},
		"id twice":         {[]Rule{{ID: "a", Steps: s}, {ID: "a", Topics: []string{"x"}, Steps: s}}, "rule 2 (a): needs an id", nil},
		"no steps":         {[]Rule{{ID: "a", Steps: s}, {ID: "b", Topics: []string{"x"}}}, "rule 2 (b)", ErrNoSteps},
		"calendar":         {[]Rule{{ID: "a", Steps: s}, {ID: "b", Hours: "gone", Steps: s}}, "\"gone\"", ErrCalendar},
		"outside nothing":  {[]Rule{{ID: "a", Steps: s}, {ID: "b", Outside: true, Steps: s}}, "outside of which hours", ErrUnreachable},
		"province":         {[]Rule{{ID: "a", Steps: s}, {ID: "b", Regions: []string{"广洲"}, Steps: s}}, "\"广洲\"", nil},
		"long writing":     {[]Rule{{ID: "a", Steps: s}, {ID: "b", Regions: []string{"广东省/广州市"}, Steps: s}}, "written like", nil},
		"empty topic":      {[]Rule{{ID: "a", Steps: s}, {ID: "b", Topics: []string{""}, Steps: s}}, "leave the list empty", nil},
		"no first queue":   {[]Rule{{ID: "a", Steps: []Step{{Skills: []Need{{"x", 1}}}}}}, "first step needs a queue", nil},
		"late first":       {[]Rule{{ID: "a", Steps: []Step{{After: time.Second, Queue: "q"}}}}, "begins at once", nil},
		"steps backwards":  {[]Rule{{ID: "a", Steps: []Step{{Queue: "q"}, {Queue: "r"}}}}, "step 2 begins no later", nil},
		"need":             {[]Rule{{ID: "a", Steps: []Step{{Queue: "q", Skills: []Need{{"", 1}}}}}}, "step 1 asks for skill", nil},
		"no catch-all":     {[]Rule{{ID: "a", Topics: []string{"x"}, Steps: s}}, "", ErrNoCatchAll},
		"half a catch-all": {[]Rule{{ID: "a", Hours: "work", Steps: s}}, "", ErrNoCatchAll},
		"ambiguous": {[]Rule{{ID: "a", Steps: s}, {ID: "b", Topics: []string{"x", "y"}, Steps: s}, {ID: "c", Topics: []string{"y", "z"}, Steps: s}},
			"rules b and c", ErrAmbiguous},
		"ambiguous hours": {[]Rule{{ID: "a", Steps: s}, {ID: "b", Hours: "work", Steps: s}, {ID: "c", Hours: "late", Steps: s}},
			"rules b and c", ErrAmbiguous},
		"ambiguous DID": {[]Rule{{ID: "a", Steps: s}, {ID: "b", DIDs: []string{"+861066551234", "1"}, Steps: s},
			{ID: "c", DIDs: []string{"010-66551234", "2"}, Steps: s}}, "rules b and c", ErrAmbiguous},
		"hidden": {[]Rule{{ID: "a", Steps: s}, {ID: "b", Topics: []string{"x", "y"}, Steps: s},
			{ID: "c", Topics: []string{"y"}, Steps: s}}, "rule b takes all", ErrUnreachable},
		"second": {[]Rule{{ID: "a", Steps: s}, {ID: "b", Steps: s}}, "rule a takes all", ErrUnreachable},
		"day and night leave nothing": {[]Rule{{ID: "a", Steps: s}, {ID: "b", Hours: "work", Steps: s}, {ID: "c", Hours: "work", Outside: true, Steps: s}},
			"rule 1 (a): can never apply: rule b takes all", ErrUnreachable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			table := &Table{Rules: tt.rules, Calendars: calendars()}
			table.Calendars["late"] = table.Calendars["work"]
			errs := table.Check()
			if len(errs) != 1 || !strings.Contains(errs[0].Error(), tt.want) || tt.is != nil && !errors.Is(errs[0], tt.is) {
				t.Errorf("got %v, want one about %q", errs, tt.want)
			}
		})
	}
}

func TestDayAndNightAreACatchAll(t *testing.T) {
	table := &Table{Calendars: calendars(), Rules: []Rule{
		{ID: "day", Hours: "work", Steps: to("a")}, {ID: "night", Hours: "work", Outside: true, Steps: to("b")},
	}}
	if errs := table.Check(); len(errs) != 0 {
		t.Errorf("got %v", errs)
	}
}

// What Check calls unreachable is never chosen, and without its complaint about a catch-all every call is taken.
func TestCheckTellsTheTruth(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		table := randomTable(r)
		var dead []string
		catches := len(table.Rules) > 0
		for _, err := range table.Check() {
			catches = catches && !errors.Is(err, ErrNoCatchAll)
			if _, rest, found := strings.Cut(err.Error(), "("); found && (errors.Is(err, ErrUnreachable) || errors.Is(err, ErrNoSteps)) {
				id, _, _ := strings.Cut(rest, ")")
				dead = append(dead, id)
			}
		}
		for range 60 {
			q := randomQuery(r)
			choice, ok := table.Choose(q)
			if ok && slices.Contains(dead, choice.Rule) || catches && !ok {
				t.Fatalf("seed %d: %v\n%+v\n%+v %v", seed, table.Check(), q, choice, ok)
			}
		}
	}
}
