package ivr

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotline/ivr/form"
)

// head makes a flow out of nodes; they begin in line 4.
const head = "flow: f\nstart: a\nnodes:\n"

func TestReadReportsEachMistake(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"", "must hold one flow"},
		{"a: [", "1: this is not YAML"},
		{"just words", "1: the flow must be keys with values"},
		{"flow: f\nstart: a\nnodes: {a: {type: echo}}\n---\nb: 1\n", "must hold one flow"},
		{"flow: f\nstart: a\ncolour: red\nnodes: {a: {type: echo}}", `3: the flow has no key "colour": it knows flow, version`},
		{"flow: f\nflow: g\nstart: a\nnodes: {a: {type: echo}}", `2: the flow says "flow" twice (first in line 1)`},
		{"flow: F!\nstart: a\nnodes: {a: {type: echo}}", `1: the id "F!"`},
		{"flow: f\nnodes: {a: {type: echo}}", `the flow needs "start"`},
		{"flow: f\nstart: a\n", `the flow needs "nodes"`},
		{"flow: f\nstart: a\nversion: new\nnodes: {a: {type: echo}}", `3: "version" of the flow is "new": write a whole number from 1`},
		{"flow: f\nstart: a\nlanguage: fr\nnodes: {a: {type: echo}}", `3: "language" of the flow is "fr": write one of zh, en`},
		{head + "  a: {type: sing}", `4: node a has the type "sing", which does not exist: use one of answer, branch`},
		{head + "  a: {next: b}", `4: node a needs "type"`},
		{head + "  a: text", `4: node a must be keys with values`},
		{head + "  Return: {type: echo}", `4: "Return" cannot name a node`},
		{head + "  return: {type: echo}", `4: "return" cannot name a node`},
		{head + "  a:\n    type: echo\n    loud: true", `6: echo node a has no key "loud": it knows type, for, next`},
		{head + "  a: &x {type: echo}", `uses an anchor`},
		{head + "  a: {type: *x}", "uses an anchor, alias or tag"},
		{head + "  a: {type: play, next: a}", `play node a needs "prompts"`},
		{head + "  a: {type: play, prompts: [x], interruptible: perhaps, next: a}", "write true or false"},
		{head + "  a: {type: play, prompts: [{file: x, text: y}], next: a}", "give exactly one"},
		{head + "  a: {type: play, prompts: [{file: x, say: number}], next: a}", `put the value into "text"`},
		{head + "  a: {type: play, prompts: [{text: x, say: song}], next: a}", `"say" of the prompt of play node a is "song"`},
		{head + "  a: {type: play, prompts: ['${x'], next: a}", "has no closing brace"},
		{head + "  a: {type: play, prompts: [{text: '${a b}'}], next: a}", "is no variable"},
		{head + "  a: {type: menu, keys: {12: a}, on: {timeout: a}}", `has the key "12": a telephone has`},
		{head + "  a: {type: menu, on: {timeout: a}}", `menu node a needs "keys"`},
		{head + "  a: {type: menu, keys: {1: a}, timeout: 5, on: {timeout: a}}", "write a time with its unit from 1s to 1m0s"},
		{head + "  a: {type: menu, keys: {1: a}, tries: 0, on: {timeout: a}}", "write a whole number from 1 to 9"},
		{head + "  a: {type: menu, keys: {1: a}, on: {timeout: a, later: a}}", `on of menu node a has no key "later": it knows timeout, invalid`},
		{head + "  a: {type: menu, keys: {1: [a]}, on: {timeout: a}}", "must be a single value"},
		{head + "  a: {type: collect, into: x, on: {timeout: a}, next: a}", `needs "max"`},
		{head + "  a: {type: collect, into: x, min: 5, max: 4, on: {timeout: a}, next: a}", "exchange them"},
		{head + "  a: {type: collect, into: caller, max: 4, on: {timeout: a}, next: a}", `sets "caller", which is a fact`},
		{head + "  a: {type: collect, into: 1x, max: 4, on: {timeout: a}, next: a}", "begins with a letter"},
		{head + "  a: {type: hours, on: {open: a, closed: a}}", `needs "calendar"`},
		{head + "  a: {type: region, regions: {广东/广州/天河: a}, else: a}", "write 广东 or 广东/广州"},
		{head + "  a: {type: branch, then: a, else: a}", `needs "if"`},
		{head + "  a: {type: branch, if: 'x ==', then: a, else: a}", "cannot be read"},
		{head + "  a: {type: branch, if: 'now() > 1', then: a, else: a}", "no such function: now"},
		{head + "  a: {type: branch, if: '" + strings.Repeat("x or ", 300) + "x', then: a, else: a}", "split it into two branches"},
		{head + "  a: {type: set, next: a}", `needs "vars"`},
		{head + "  a: {type: lookup, url: 'https://x.example/', next: a}", `needs "fallback" under "on"`},
		{head + "  a: {type: lookup, url: 'https://${h}/', next: a, on: {fallback: a}}", "a host without variables"},
		{head + "  a: {type: lookup, url: 'file:///etc', next: a, on: {fallback: a}}", "begin with http://"},
		{head + "  a: {type: lookup, url: 'http://x/', headers: {'a b': c}, next: a, on: {fallback: a}}", "a header name"},
		{head + "  a: {type: topic, next: a}", `needs "topic"`},
		{head + "  a: {type: queue, music: 'Hold Music', on: {timeout: a}}", "name a prompt file"},
		{head + "  a: {type: dial}", `needs "targets"`},
		{head + "  a: {type: dial, targets: [{phone: 1, uri: 2}]}", "give exactly one"},
		{head + "  a: {type: dial, targets: [{phone: 1, trunk: t}]}", "only a number goes through"},
		{head + "  a: {type: flow, next: a}", `needs "flow"`},
		{head + "  a: {type: hangup, cause: boredom}", "write one of normal, busy"},
		{head + "  a: {type: hangup, sip: 200}", "from 400 to 699"},
		{strings.Repeat("[", 40), "nested more than 32 deep"},
		{strings.Repeat("#", form.MaxSource+1), "split it into sub-flows"},
	} {
		f, err := Read("f.yml", []byte(c.src))
		if err == nil || f != nil {
			t.Errorf("%.60q was read, want %s", c.src, c.want)
			continue
		}
		if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q: got %v, want %s", c.src, err, c.want)
		}
	}
}

func TestReadReportsAllMistakesInOrder(t *testing.T) {
	_, err := Read("f.yml", []byte("flow: f\nstart: a\nnodes:\n  a:\n    type: menu\n    tries: 99\n    keys: {x: a}\n    tone: low\n  b: {type: sing}\n"))
	var got form.Problems
	if !errors.As(err, &got) {
		t.Fatalf("got %v, want Problems", err)
	}
	var lines []int
	for _, p := range got {
		lines = append(lines, p.Line)
		if p.Flow != "f" || p.Node == "" || p.Warning {
			t.Errorf("got %+v, want its flow and node", p)
		}
	}
	if want := "[6 7 8 9]"; fmt.Sprint(lines) != want {
		t.Errorf("got problems in the lines %v, want %v", lines, want)
	}
}

func TestReadTakesJSONAndKeepsTexts(t *testing.T) {
	f, err := Read("f.json", []byte(`{"flow": "f", "version": 3, "start": "a", "nodes": {"a": {"type": "dial",
		"targets": [{"phone": 0107}], "on": {"busy": "b"}}, "b": {"type": "hangup"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	r, _ := (&Library{Flows: map[string]*Flow{"f": f}}).Start("f", Context{})
	out := r.Step(noon, Begin{})
	if d, ok := out[len(out)-1].(Dial); !ok || d.Targets[0].Value != "0107" {
		t.Errorf("got %+v, want the leading zero kept", out)
	}
	nodes := f.Nodes
	if len(nodes) != 2 || nodes[0].Name != "a" || nodes[0].Type != "dial" || nodes[0].Ways[0] != (form.Way{Name: "busy", To: "b", Line: 2}) {
		t.Errorf("got the nodes %+v", nodes)
	}
}

func TestStartOfAnUnknownFlow(t *testing.T) {
	if _, err := (&Library{}).Start("x", Context{}); !errors.Is(err, ErrNoFlow) {
		t.Errorf("got %v, want ErrNoFlow", err)
	}
}

func FuzzRead(f *testing.F) {
	names, _ := filepath.Glob("testdata/flows/*.yml")
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add([]byte(head + "  ? [a]\n  : {type: set, vars: {<<: *x, !t y: |\n text}}\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		flow, err := Read("f.yml", src)
		if (flow == nil) == (err == nil) {
			t.Fatalf("got a flow %v and the error %v, want one of them", flow != nil, err)
		}
		var problems form.Problems
		if err != nil && !errors.As(err, &problems) {
			t.Fatalf("got %T, want Problems", err)
		}
		if flow == nil {
			return
		}
		l := &Library{Flows: map[string]*Flow{flow.ID: flow}}
		drive(t, l, flow.ID, src)
	})
}
