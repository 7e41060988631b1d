package lint

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotline/hours"
	"hotline/ivr"
)

// head makes a flow out of nodes; they begin in line 4.
const head = "flow: f\nstart: a\nnodes:\n"

func library(t *testing.T, files ...string) *ivr.Library {
	t.Helper()
	l := &ivr.Library{
		Flows:     map[string]*ivr.Flow{},
		Calendars: map[string]*hours.Calendar{"office": {}},
		Prompts:   map[string]bool{"hello": true},
		Queues:    map[string]bool{"support": true},
	}
	for _, src := range files {
		f, err := ivr.Read("f.yml", []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		l.Flows[f.ID] = f
	}
	return l
}

func TestLint(t *testing.T) {
	// layers is a chain of menus in front of an agent.
	layers := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "  m%d: {type: menu, keys: {1: m%d}, on: {timeout: hangup}}\n", i, i+1)
		}
		return "flow: f\nstart: m0\nnodes:\n" + b.String() + fmt.Sprintf("  m%d: {type: queue, on: {timeout: hangup}}\n", n)
	}
	for _, c := range []struct {
		name  string
		files []string
		want  string // "" for no problem
	}{
		{"fine", []string{head + "  a: {type: play, prompts: [hello], next: hangup}"}, ""},
		{"unknown start", []string{"flow: f\nstart: x\nnodes:\n  a: {type: echo}"}, `f.yml:2: start leads to "x", which is no node`},
		{"unknown person", []string{"flow: f\nperson: x\n" + head[8:] + "  a: {type: echo}"}, `f.yml:2: person leads to "x"`},
		{"unknown target", []string{head + "  a: {type: answer, next: ehco}\n  echo: {type: echo}"},
			`4: "next" of node a leads to "ehco", which is no node of the flow: correct the name (did you mean echo?)`},
		{"dead end", []string{head + "  a: {type: answer}"}, `4: answer node a is a dead end: give it "next"`},
		{"no time-out", []string{head + "  a:\n    type: menu\n    keys: {1: hangup}"}, `menu node a has no "timeout" under "on"`},
		{"no time-out of a queue", []string{head + "  a: {type: queue}"}, `queue node a has no "timeout"`},
		{"unreachable", []string{head + "  a: {type: echo}\n  b: {type: echo}"}, `5: warning: no way leads to node b`},
		{"unknown calendar", []string{head + "  a: {type: hours, calendar: x, on: {open: hangup, closed: hangup}}"}, `asks the calendar "x"`},
		{"unknown sub-flow", []string{head + "  a: {type: flow, flow: x, next: hangup}"}, `runs the flow "x"`},
		{"unknown prompt", []string{head + "  a: {type: play, prompts: [hallo], next: hangup}"}, `plays "hallo", which is not in the prompt set`},
		{"unknown music", []string{head + "  a: {type: dial, targets: [{phone: 1}], music: jazz}"}, `plays "jazz"`},
		{"a prompt with a variable is not checked", []string{head + "  a: {type: play, prompts: ['x-${topic}'], next: hangup}"}, ""},
		{"unknown queue", []string{head + "  a: {type: queue, queue: x, on: {timeout: hangup}}"}, `names the queue "x"`},
		{"known queue", []string{head + "  a: {type: queue, queue: support, on: {timeout: hangup}}"}, ""},
		{"spinning", []string{head + "  a: {type: set, vars: {x: y}, next: b}\n  b: {type: branch, if: x == 1, then: hangup, else: a}"},
			"a → b → a form a loop that never waits"},
		{"spinning on itself", []string{head + "  a: {type: answer, next: a}"}, "a → a form a loop"},
		{"a loop that waits", []string{head + "  a: {type: play, prompts: [hello], next: b}\n  b: {type: set, vars: {x: y}, next: a}"}, ""},
		{"spinning through a sub-flow", []string{
			head + "  a: {type: flow, flow: g, next: a}", "flow: g\nstart: b\nnodes:\n  b: {type: answer, next: return}",
		}, "a → a form a loop"},
		{"a loop through a sub-flow that waits", []string{
			head + "  a: {type: flow, flow: g, next: a}", "flow: g\nstart: b\nnodes:\n  b: {type: play, prompts: [hello], next: return}",
		}, ""},
		{"flows in a circle", []string{
			head + "  a: {type: flow, flow: g, next: hangup}", "flow: g\nstart: b\nnodes:\n  b: {type: flow, flow: f, next: return}",
		}, "f → g → f run each other in a circle"},
		{"a person behind four menus", []string{layers(4)}, ""},
		{"a person behind five", []string{layers(5)}, "warning: from menu m0 no person can be reached within 4 menus"},
		{"a person in a sub-flow", []string{
			head + "  a: {type: menu, keys: {1: b}, on: {timeout: hangup}}\n  b: {type: flow, flow: g, next: hangup}",
			"flow: g\nstart: b\nnodes:\n  b: {type: queue, on: {timeout: hangup}}",
		}, ""},
		{"a person after a sub-flow", []string{
			head + "  a: {type: flow, flow: g, next: b}\n  b: {type: queue, on: {timeout: hangup}}",
			"flow: g\nstart: b\nnodes:\n  b: {type: menu, keys: {1: return}, on: {timeout: hangup}}",
		}, ""},
		{"a person by key 0", []string{
			"flow: f\nperson: b\n" + head[8:] + "  a: {type: menu, keys: {1: hangup}, on: {timeout: hangup}}\n  b: {type: dial, targets: [{phone: 1}]}",
		}, ""},
		{"key 0 taken away", []string{
			"flow: f\nperson: b\n" + head[8:] + "  a: {type: menu, keys: {1: hangup, 0: ''}, on: {timeout: hangup}}\n  b: {type: dial, targets: [{phone: 1}]}",
		}, "no person can be reached"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Flows(library(t, c.files...))
			if c.want == "" && len(got) > 0 || !strings.Contains(got.Error(), c.want) {
				t.Errorf("got %q, want %q", got.Error(), c.want)
			}
		})
	}
}

// The flows of the stories of package ivr.
func TestLintOfSampleFlows(t *testing.T) {
	files, err := filepath.Glob("../testdata/flows/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d flows, %v", len(files), err)
	}
	var flows []string
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		flows = append(flows, string(src))
	}
	l := library(t, flows...)
	l.Prompts, l.Queues = nil, nil
	if got := Flows(l); len(got) > 0 {
		t.Errorf("got %v, want no problem in the flows of the stories", got)
	}
}

func TestLayout(t *testing.T) {
	const flow = "flow: a\nstart: bye\nlayout: {bye: %s}\nnodes:\n  bye: {type: hangup}\n"
	for at, fine := range map[string]bool{"0 0": true, "-20 1400": true, "1": false, "x 1": false, "1 2 3": false, "": false} {
		_, err := ivr.Read("a.yml", []byte(fmt.Sprintf(flow, `"`+at+`"`)))
		if (err == nil) != fine {
			t.Errorf("layout at %q: got %v", at, err)
		}
	}
	f, err := ivr.Read("a.yml", []byte("flow: a\nstart: bye\nlayout: {by: 0 0}\nnodes:\n  bye: {type: hangup}\n"))
	if err != nil {
		t.Fatal(err)
	}
	l := &ivr.Library{Flows: map[string]*ivr.Flow{"a": f}}
	got := Flows(l)
	if len(got) != 1 || !got[0].Warning || got[0].Line != 3 {
		t.Errorf("a place of no node: got %v, want a warning at line 3", got)
	}
}

// Whatever a file says, looking at its flow comes to an end.
func FuzzFlows(f *testing.F) {
	files, _ := filepath.Glob("../testdata/flows/*.yml")
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(_ *testing.T, src []byte) {
		if flow, err := ivr.Read("f.yml", src); err == nil {
			Flows(&ivr.Library{Flows: map[string]*ivr.Flow{flow.ID: flow}})
		}
	})
}
