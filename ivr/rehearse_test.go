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
