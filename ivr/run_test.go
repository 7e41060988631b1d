package ivr

import (
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"hotline/number"
)

// flows makes a library of flows written in a test.
func flows(t testing.TB, files ...string) *Library {
	t.Helper()
	l := &Library{Flows: map[string]*Flow{}}
	for _, src := range files {
		f, err := Read("f.yml", []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		l.Flows[f.ID] = f
	}
	return l
}

// begin starts flow f and returns the run and its first commands.
func begin(t testing.TB, l *Library, c Context) (*Run, []Command) {
	t.Helper()
	r, err := l.Start("f", c)
	if err != nil {
		t.Fatal(err)
	}
	return r, r.Step(noon, Begin{})
}

func last(out []Command) Command {
	if len(out) == 0 {
		return nil
	}
	return out[len(out)-1]
}

func TestFaultsOfAFlowEndTheCall(t *testing.T) {
	deep := []string{head + "  a: {type: flow, flow: f, next: hangup}"}
	for _, c := range []struct {
		name  string
		files []string
	}{
		{"spins", []string{head + "  a: {type: set, vars: {x: '${x}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa${x}'}, next: a}"}},
		{"unknown target", []string{head + "  a: {type: answer, next: x}"}},
		{"dead end", []string{head + "  a: {type: answer}"}},
		{"unknown start", []string{"flow: f\nstart: x\nnodes: {a: {type: echo}}"}},
		{"unknown calendar", []string{head + "  a: {type: hours, calendar: x, on: {open: a, closed: a}}"}},
		{"unknown sub-flow", []string{head + "  a: {type: flow, flow: x, next: a}"}},
		{"flows without end", deep},
	} {
		r, out := begin(t, flows(t, c.files...), Context{})
		if got, want := last(out), (Hangup{Cause: "internal"}); got != want || !r.Ended() {
			t.Errorf("%s: got %v, ended %v, want %v", c.name, got, r.Ended(), want)
		}
		if out := r.Step(noon, Begin{}); out != nil {
			t.Errorf("%s: after the hang-up got %v", c.name, out)
		}
	}
}

func TestBranches(t *testing.T) {
	for _, c := range []struct {
		condition string
		want      string
	}{
		{`level == "gold"`, "yes"},
		{`level == "gold" and int(age) > 17`, "yes"},
		{`vip and province == "广东"`, "yes"},
		{`caller startsWith "+86138"`, "yes"},
		{`nobody == "x"`, "no"},
		{`nobody == nil`, "yes"},
		{`int(level) > 1`, "no"}, // cannot be answered
		{`nobody.name == "x"`, "no"},
		{`len(repeat("x", 100000000)) > 1`, "no"}, // more than it may use
	} {
		l := flows(t, head+"  a: {type: branch, if: '"+c.condition+"', then: yes-, else: no-}\n"+
			"  yes-: {type: topic, topic: 'yes', next: hangup}\n  no-: {type: topic, topic: 'no', next: hangup}")
		r, err := l.Start("f", Context{
			VIP: true, Region: number.Region{Province: "广东"}, Caller: number.Parse("13800138000"),
			Vars: map[string]string{"level": "gold", "age": "18"},
		})
		if err != nil {
			t.Fatal(err)
		}
		out := r.Step(noon, Begin{})
		if !slices.Contains(out, Command(Topic{Topic: c.want})) {
			t.Errorf("%s: got %v, want %s", c.condition, out, c.want)
		}
	}
}

func TestCallers(t *testing.T) {
	l := flows(t, head+"  a: {type: caller, on: {vip: v, blocked: b, anonymous: n, else: e}}\n"+
		"  v: {type: topic, topic: vip, next: hangup}\n  b: {type: topic, topic: blocked, next: hangup}\n"+
		"  n: {type: topic, topic: anonymous, next: hangup}\n  e: {type: topic, topic: else, next: hangup}")
	for _, c := range []struct {
		context Context
		want    string
	}{
		{Context{}, "else"},
		{Context{VIP: true}, "vip"},
		{Context{VIP: true, Blocked: true}, "blocked"},
		{Context{Caller: number.Number{Kind: number.Anonymous}}, "anonymous"},
	} {
		if _, out := begin(t, l, c.context); !slices.Contains(out, Command(Topic{Topic: c.want})) {
			t.Errorf("%+v: got %v, want %s", c.context, out, c.want)
		}
	}
}

func TestQueueWays(t *testing.T) {
	l := flows(t, head+"  a: {type: queue, on: {full: f, timeout: t, no-agents: n}, next: x}\n"+
		"  f: {type: hangup, cause: busy}\n  t: {type: hangup, cause: failed}\n  n: {type: hangup, cause: declined}\n  x: {type: hangup}")
	for _, c := range []struct {
		in   Input
		want string
	}{
		{QueueLeft{Why: "full"}, "busy"},
		{QueueLeft{Why: "timeout"}, "failed"},
		{QueueLeft{Why: "no-agents"}, "declined"},
		{QueueLeft{Why: "closed"}, "unavailable"},
		{QueueLeft{Why: "something new"}, "failed"},
		{TalkEnded{}, "normal"},
	} {
		r, _ := begin(t, l, Context{})
		if got, want := last(r.Step(noon, c.in)), (Hangup{Cause: c.want}); got != want {
			t.Errorf("%+v: got %v, want %v", c.in, got, want)
		}
	}
}

func TestDialWays(t *testing.T) {
	l := flows(t, head+"  a: {type: dial, targets: [{number: '${n}'}], on: {busy: b, no-answer: n, declined: d, unreachable: u, failed: f}}\n"+
		"  b: {type: topic, topic: busy, next: hangup}\n  n: {type: topic, topic: no-answer, next: hangup}\n"+
		"  d: {type: topic, topic: declined, next: hangup}\n  u: {type: topic, topic: unreachable, next: hangup}\n"+
		"  f: {type: topic, topic: failed, next: hangup}")
	for cause, want := range map[string]string{
		"busy": "busy", "no-answer": "no-answer", "declined": "declined", "not-registered": "unreachable",
		"not-found": "unreachable", "unavailable": "unreachable", "timeout": "unreachable", "forbidden": "failed", "failed": "failed",
	} {
		r, _ := begin(t, l, Context{Vars: map[string]string{"n": "13800138000"}})
		if out := r.Step(noon, DialEnded{Cause: cause}); !slices.Contains(out, Command(Topic{Topic: want})) {
			t.Errorf("%s: got %v, want the edge %s", cause, out, want)
		}
	}
	if _, out := begin(t, l, Context{}); !slices.Contains(out, Command(Topic{Topic: "unreachable"})) {
		t.Errorf("a target without a value: got %v, want the edge unreachable and nothing dialled", out)
	}
}

func TestValuesNeverBecomeSyntax(t *testing.T) {
	nasty := "a&b\"c\r\nX: 1@evil/"
	l := flows(t, head+"  a:\n    type: lookup\n    url: http://crm.example/?q=${v}\n    method: POST\n    body: '{\"v\": \"${v}\"}'\n"+
		"    headers: {X-V: '${v}'}\n    next: b\n    on: {fallback: hangup}\n  b: {type: dial, targets: [{uri: 'sip:${v}@127.0.0.9'}]}")
	r, out := begin(t, l, Context{Vars: map[string]string{"v": nasty}})
	ask := out[1].(Ask).Lookup
	for got, want := range map[string]string{
		ask.URL:           "http://crm.example/?q=a%26b%22c%0D%0AX%3A%201%40evil%2F",
		ask.Body:          `{"v": "a&b\"c\u000d\u000aX: 1@evil/"}`,
		ask.Header["X-V"]: `a&b"cX: 1@evil/`,
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	dial := last(r.Step(noon, LookedUp{})).(Dial)
	if got, want := dial.Targets[0].Value, "sip:a%26b%22c%0D%0AX%3A%201%40evil%2F@127.0.0.9"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestLanguageIsChangedByTheFlow(t *testing.T) {
	l := flows(t, head+"  a: {type: set, vars: {language: '${l}'}, next: b}\n  b: {type: play, prompts: [{say: position, text: 2}], next: hangup}")
	for value, want := range map[string]string{"en": "en", "../etc": "zh"} {
		_, out := begin(t, l, Context{Vars: map[string]string{"l": value}})
		if p := last(out).(Play); p.Language != want {
			t.Errorf("%s: got %+v, want the language %s", value, p, want)
		}
	}
}

func TestMenuKeepsItsPromptWhereItMustBeHeard(t *testing.T) {
	l := flows(t, head+"  a: {type: menu, prompts: [x], barge-in: false, keys: {1: hangup, '#': ''}, on: {timeout: hangup}}")
	r, _ := begin(t, l, Context{})
	if out := r.Step(noon, Digit{Key: '1'}); out != nil {
		t.Errorf("a key during the prompt: got %v, want nothing", out)
	}
	r.Step(noon, Played{Play: 1})
	if out := r.Step(noon, Digit{Key: '#'}); len(out) != 2 || out[1].(Play).Play != 2 {
		t.Errorf("# taken away: got %v, want another try", out)
	}
}

func TestOneKeySkipsPromptsButNeverSpins(t *testing.T) {
	l := flows(t, head+"  a: {type: play, prompts: [x], next: b}\n  b: {type: play, prompts: [y], next: a}")
	r, _ := begin(t, l, Context{})
	out := r.Step(noon, Digit{Key: '1'})
	if _, ok := last(out).(Play); !ok || r.Ended() {
		t.Errorf("got %v, want it to play on", out)
	}
}

func TestLongFlowsEnd(t *testing.T) {
	r, out := begin(t, flows(t, head+"  a: {type: play, prompts: [x], next: a}"), Context{})
	for range 2 * maxVisits {
		if r.Ended() {
			break
		}
		out = r.Step(noon, Played{Play: last(out).(Play).Play})
	}
	if got, want := last(out), (Hangup{Cause: "internal"}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// drive sends inputs made of bytes to a run and checks what must hold whatever happens.
func drive(t *testing.T, l *Library, flow string, script []byte) {
	t.Helper()
	r, err := l.Start(flow, Context{Caller: number.Number{Raw: "100", Kind: number.Extension}})
	if err != nil {
		t.Fatal(err)
	}
	plays, timers, ended, answers := 0, 0, false, 0
	step := func(in Input) {
		for _, c := range r.Step(noon, in) {
			if ended {
				t.Fatalf("after the hang-up came %v", c)
			}
			switch c := c.(type) {
			case Hangup:
				ended = true
			case Answer:
				answers++
			case Play:
				plays = c.Play
			case SetTimer:
				timers = c.ID
			}
		}
		if ended != r.Ended() || !ended && r.wait == nil {
			t.Fatalf("after %+v: hung up %v, ended %v, waits for %T", in, ended, r.Ended(), r.wait)
		}
		if answers > 1 {
			t.Fatal("answered twice")
		}
	}
	step(Begin{})
	for _, b := range script[:min(len(script), 500)] {
		step(inputOf(b, plays, timers))
	}
}

// inputOf makes an input of a byte, often one that the run waits for.
func inputOf(b byte, plays, timers int) Input {
	causes := []string{"busy", "declined", "no-answer", "not-found", "failed", ""}
	whys := []string{"full", "timeout", "no-agents", "closed", "?"}
	n := int(b >> 4)
	switch b & 15 {
	case 0, 1, 2:
		return Digit{Key: "0123456789*#ABCD"[n]}
	case 3:
		return Digit{Key: b}
	case 4, 5, 6:
		return Played{Play: plays - n/8}
	case 7, 8, 9:
		return Timer{ID: timers - n/8}
	case 10:
		return LookedUp{Values: map[string]string{"state": "paid", "days": string(b)}, Err: strings.Repeat("x", n&1)}
	case 11:
		return DialEnded{Cause: causes[n%len(causes)], SIP: 400 + n}
	case 12:
		return TalkEnded{}
	case 13:
		return QueueLeft{Why: whys[n%len(whys)]}
	case 14:
		return Recorded{}
	}
	return Begin{}
}

func FuzzRun(f *testing.F) {
	l := library(f)
	names := slices.Sorted(maps.Keys(l.Flows))
	random := rand.New(rand.NewSource(1))
	for i := range 50 {
		script := make([]byte, 200)
		for k := range script {
			script[k] = byte(random.Intn(256))
		}
		f.Add(byte(i), script)
	}
	f.Fuzz(func(t *testing.T, which byte, script []byte) {
		drive(t, l, names[int(which)%len(names)], script)
	})
}

func BenchmarkMenuKey(b *testing.B) {
	l := flows(b, head+"  a: {type: menu, prompts: [x], keys: {1: a}, on: {timeout: a}}")
	r, _ := begin(b, l, Context{})
	for i := 0; b.Loop(); i++ {
		if r.Ended() {
			r, _ = begin(b, l, Context{})
		}
		r.Step(noon, Digit{Key: '1'})
	}
}
