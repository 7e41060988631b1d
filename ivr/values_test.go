package ivr

import (
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"hotline/ivr/variable"
	"hotline/number"
)

// filled is what a text with variables becomes in a run.
func filled(t *testing.T, c Context, text string) string {
	t.Helper()
	r, _ := begin(t, flows(t, head+"  a: {type: play, prompts: [{text: '"+text+"'}], next: hangup}"), c)
	parsed, err := variable.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Fill(r.value, nil)
}

func TestFactsInTexts(t *testing.T) {
	c := Context{
		Caller: number.Parse("13800138000"), Region: number.Region{Province: "广东", City: "广州"}, Dialled: "4001", DID: "+861066551234",
		Topic: "sales", Language: "en", VIP: true, Vars: map[string]string{"order": "42"},
	}
	for text, want := range map[string]string{
		"${caller}": "+8613800138000", "${caller_kind}": string(number.Mobile), "${dialled}": "4001", "${did}": "+861066551234",
		"${topic}": "sales", "${language}": "en", "${region}": "广东/广州", "${province}": "广东", "${city}": "广州",
		"${vip}": "true", "${blocked}": "false", "${order}": "42", "${nothing}": "", "$5 ${order}$": "$5 42$", "a": "a",
	} {
		if got := filled(t, c, text); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
	for caller, want := range map[string]string{"1002": "1002", "anonymous": "anonymous", "95588": "95588"} {
		if got := filled(t, Context{Caller: number.Parse(caller)}, "${caller}"); got != want {
			t.Errorf("caller %s: got %q, want %q", caller, got, want)
		}
	}
}

// Every fact can be used in a text: a new one that is neither text nor yes and no would come out empty.
func TestEveryFactHasAText(t *testing.T) {
	r := newRun(&Library{}, &Flow{}, Context{
		Caller: number.Parse("13800138000"), Region: number.Region{Province: "a", City: "b"}, Dialled: "c", DID: "d", Topic: "e", Language: "f",
	})
	for name := range facts {
		if r.value(name) == "" {
			t.Errorf("the fact %q has no text", name)
		}
	}
}

// A variable that a loop makes longer and longer stays bounded, and stays text.
func TestVariablesStayBounded(t *testing.T) {
	l := flows(t, head+"  a: {type: play, prompts: [x], next: b}\n  b: {type: set, vars: {v: '${v}${v}电'}, next: a}")
	r, out := begin(t, l, Context{})
	for range 40 {
		out = r.Step(noon, Played{Play: last(out).(Play).Play})
	}
	if got := r.value("v"); len(got) > maxValue || len(got) < maxValue-3 || !utf8.ValidString(got) {
		t.Errorf("got %d bytes, valid %v, want %d at most", len(got), utf8.ValidString(got), maxValue)
	}
}

// plays are the prompts played by some commands.
func plays(out []Command) (names []string) {
	for _, c := range out {
		if p, ok := c.(Play); ok {
			names = append(names, p.Prompts[0].File)
		}
	}
	return names
}

// A key pressed while a prompt plays ends it and is the first of the answer to the next question, which is then not asked.
func TestKeyAheadOfTheQuestion(t *testing.T) {
	l := flows(t, head+"  a: {type: play, prompts: [x], next: b}\n"+
		"  b: {type: collect, prompts: [y], into: v, max: 3, on: {timeout: hangup}, next: c}\n"+
		"  c: {type: menu, prompts: [z], keys: {7: hangup}, on: {timeout: hangup}}")
	r, _ := begin(t, l, Context{})
	var heard []string
	var out []Command
	for _, key := range "123" {
		out = r.Step(noon, Digit{Key: byte(key)})
		heard = append(heard, plays(out)...)
	}
	if !slices.Equal(heard, []string{"z"}) || !slices.Contains(out, Command(Digits{Masked: "***"})) {
		t.Errorf("got the prompts %v and %v, want the menu's alone after the digits", heard, out)
	}
	if got := r.value("v"); got != "123" {
		t.Errorf("got %q collected, want 123", got)
	}
}

// Keys pressed during a prompt that must be heard answer nothing.
func TestKeysDuringWhatMustBeHeard(t *testing.T) {
	l := flows(t, head+"  a: {type: play, prompts: [x], interruptible: false, next: b}\n"+
		"  b: {type: collect, prompts: [y], into: v, max: 3, on: {timeout: hangup}, next: hangup}")
	r, _ := begin(t, l, Context{})
	for _, key := range "123" {
		if out := r.Step(noon, Digit{Key: byte(key)}); len(out) != 0 {
			t.Fatalf("key %c: got %v", key, out)
		}
	}
	if got := plays(r.Step(noon, Played{Play: 1})); !slices.Equal(got, []string{"y"}) || r.value("v") != "" {
		t.Errorf("got the prompts %v and %q collected, want the question asked", got, r.value("v"))
	}
}

// An answer that comes too late, or for another question, moves nothing.
func TestLookupEndsOnce(t *testing.T) {
	l := flows(t, head+"  a: {type: lookup, url: 'http://crm.example/', timeout: 2s, values: {who: name}, next: b, on: {fallback: c}}\n"+
		"  b: {type: topic, topic: '${who}', next: p}\n  c: {type: topic, topic: fallback, next: p}\n  p: {type: play, prompts: [x], next: hangup}")
	for _, row := range []struct {
		name   string
		inputs []Input
		want   string
	}{
		{"answered", []Input{LookedUp{Values: map[string]string{"name": "known"}}, Timer{ID: 1}}, "known"},
		{"answered without the value", []Input{LookedUp{}}, ""},
		{"failed", []Input{LookedUp{Err: "no route"}, LookedUp{Values: map[string]string{"name": "late"}}}, "fallback"},
		{"too late", []Input{Timer{ID: 1}, LookedUp{Values: map[string]string{"name": "late"}}}, "fallback"},
		{"another timer", []Input{Timer{ID: 9}, Digit{Key: '1'}, LookedUp{Values: map[string]string{"name": "known"}}}, "known"},
	} {
		r, out := begin(t, l, Context{})
		if ask := out[1].(Ask); ask.Lookup.Timeout != 2*time.Second {
			t.Errorf("%s: asked with %+v", row.name, ask)
		}
		var topics []string
		for _, in := range row.inputs {
			for _, c := range r.Step(noon, in) {
				if topic, ok := c.(Topic); ok {
					topics = append(topics, topic.Topic)
				}
			}
		}
		if len(topics) != 1 || topics[0] != row.want || r.Ended() {
			t.Errorf("%s: got the topics %q, ended %v, want %q", row.name, topics, r.Ended(), row.want)
		}
	}
}
