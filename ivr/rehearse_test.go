package ivr

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hotline/number"
)

// TestRehearsals runs testdata/rehearsals: what somebody lets happen stands at the margin; what the flow does, what it waits for then and
// when that is are indented.
func TestRehearsals(t *testing.T) {
	l := library(t)
	golden(t, "testdata/rehearsals/*.txt", 5, func(t *testing.T, src string) string { return rehearsed(t, l, src) })
}

// threeSeconds is how long every prompt of the rehearsals is.
func threeSeconds(string, Prompt) time.Duration { return 3 * time.Second }

func rehearsed(t *testing.T, l *Library, story string) string {
	t.Helper()
	var h *Rehearsal
	var out strings.Builder
	for _, line := range strings.Split(strings.TrimRight(story, "\n"), "\n") {
		if strings.HasPrefix(line, " ") {
			continue
		}
		out.WriteString(line + "\n")
		word, rest, _ := strings.Cut(line, " ")
		var commands []Command
		var err error
		switch word {
		case "", "#":
			continue
		case "call":
			h, commands, err = l.Rehearse(rest, Context{Caller: number.Parse("13800138000"), Dialled: "1001"}, noon, threeSeconds)
		default:
			commands, err = h.Do(happening(t, word, rest))
		}
		for _, c := range commands {
			out.WriteString("    " + tell(c) + "\n")
		}
		if err != nil {
			if !errors.Is(err, ErrNotNow) {
				t.Fatal(err)
			}
			fmt.Fprintf(&out, "    refused: %v\n", err)
		}
		fmt.Fprintf(&out, "    = %v at %s, waits for %q\n", h.At().Sub(noon), h.Node().Node, h.Waits())
	}
	return out.String()
}

func happening(t *testing.T, word, rest string) Happening {
	t.Helper()
	in := Happening{What: word, Why: rest}
	switch word {
	case "key":
		in.Key = rest[0]
	case "wait":
		var err error
		if in.For, err = time.ParseDuration(rest); err != nil {
			t.Fatal(err)
		}
	case "looked-up":
		in.Values = map[string]string{}
		for _, pair := range strings.Fields(rest) {
			key, value, _ := strings.Cut(pair, "=")
			in.Values[key] = value
		}
	}
	return in
}

// A rehearsal is the run that leads calls: the same inputs at the same times give the same commands.
func TestARehearsalIsTheRun(t *testing.T) {
	l := library(t)
	c := Context{Caller: number.Parse("13800138000")}
	h, heard, err := l.Rehearse("hotline", c, noon, threeSeconds)
	if err != nil {
		t.Fatal(err)
	}
	r, err := l.Start("hotline", c)
	if err != nil {
		t.Fatal(err)
	}
	want := r.Step(noon, Begin{})
	for _, key := range []byte{'1', '9', '#'} {
		more, err := h.Do(Happening{What: "key", Key: key})
		if err != nil {
			t.Fatal(err)
		}
		heard = append(heard, more...)
		want = append(want, r.Step(noon, Digit{Key: key})...)
	}
	if got, want := fmt.Sprintf("%#v", heard), fmt.Sprintf("%#v", want); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if _, _, err := l.Rehearse("none", c, noon, nil); !errors.Is(err, ErrNoFlow) {
		t.Errorf("a flow that does not exist: got %v, want ErrNoFlow", err)
	}
}

// Every kind of node tells its keys, and a node with all the keys it needs is one that Read takes no key of amiss.
func TestKindsTellTheirKeys(t *testing.T) {
	all := Kinds()
	if len(all) != len(kinds) {
		t.Fatalf("got %d kinds, want %d", len(all), len(kinds))
	}
	told := map[string]Key{}
	for _, k := range all {
		for _, key := range k.Keys {
			told[k.Name+"."+key.Name] = key
			for _, inner := range key.Keys {
				told[k.Name+"."+key.Name+"."+inner.Name] = inner
			}
		}
	}
	for name, want := range map[string]Key{
		"menu.prompts":          {As: asPrompts},
		"play.prompts":          {As: asPrompts, Need: true},
		"menu.keys":             {As: asKeyWays},
		"menu.timeout":          {As: asTime, Otherwise: "5s", Low: "1s", High: "1m"},
		"menu.on.timeout":       {As: asWay, Need: true},
		"collect.max":           {As: asCount, Need: true, Low: "1", High: "32"},
		"queue.queue":           {As: asQueue},
		"queue.music":           {As: asFile},
		"queue.comfort":         {As: asFiles},
		"region.regions":        {As: asWays},
		"set.vars":              {As: asTexts},
		"survey.reasons":        {As: asKeyTexts},
		"dial.targets.trunk":    {As: asTrunks},
		"hours.calendar":        {As: asCalendar, Need: true},
		"flow.flow":             {As: asFlow, Need: true},
		"lookup.on.fallback":    {As: asWay, Need: true},
		"play.interruptible":    {As: asFlag, Otherwise: "true"},
		"voicemail.max":         {As: asTime, Otherwise: "2m", Low: "1s", High: "15m"},
		"branch.if":             {As: asText, Need: true},
		"queue.max-wait":        {As: asTime, Low: "1s", High: "4h"},
		"dial.targets.phone":    {As: asText},
		"callback.on.cancel":    {As: asWay},
		"collect.on.timeout":    {As: asWay, Need: true},
		"survey.reason-prompts": {As: asPrompts},
	} {
		got, ok := told[name]
		got.Name, got.Keys, got.Words, got.in = "", nil, nil, nil
		if !ok || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
	if words := told["collect.end"].Words; fmt.Sprint(words) != "[# * none]" {
		t.Errorf("collect.end: got the words %v", words)
	}
}

func TestLayout(t *testing.T) {
	const flow = "flow: a\nstart: bye\nlayout: {bye: %s}\nnodes:\n  bye: {type: hangup}\n"
	for at, fine := range map[string]bool{"0 0": true, "-20 1400": true, "1": false, "x 1": false, "1 2 3": false, "": false} {
		_, err := Read("a.yml", []byte(fmt.Sprintf(flow, `"`+at+`"`)))
		if (err == nil) != fine {
			t.Errorf("layout at %q: got %v", at, err)
		}
	}
	f, err := Read("a.yml", []byte("flow: a\nstart: bye\nlayout: {by: 0 0}\nnodes:\n  bye: {type: hangup}\n"))
	if err != nil {
		t.Fatal(err)
	}
	l := Library{Flows: map[string]*Flow{"a": f}}
	got := l.Lint()
	if len(got) != 1 || !got[0].Warning || got[0].Line != 3 {
		t.Errorf("a place of no node: got %v, want a warning at line 3", got)
	}
}
