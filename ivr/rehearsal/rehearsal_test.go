package rehearsal

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"hotline/hours"
	"hotline/ivr"
	"hotline/number"
)

var rewrite = flag.Bool("rewrite", false, "write what the flows do into the rehearsals; read the difference before keeping it")

// noon is a Wednesday at 12:00 in Shanghai.
var noon = time.Date(2026, 11, 18, 4, 0, 0, 0, time.UTC)

// library has the flows of the stories of package ivr, and an office that is open on Wednesdays.
func library(t *testing.T) *ivr.Library {
	t.Helper()
	office := &hours.Calendar{Name: "office", Weekly: []hours.Span{{Day: time.Wednesday, From: 9 * 60, To: 18 * 60}}}
	l := &ivr.Library{Flows: map[string]*ivr.Flow{}, Calendars: map[string]*hours.Calendar{"office": office}}
	files, _ := filepath.Glob("../testdata/flows/*.yml")
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f, err := ivr.Read(filepath.Base(file), src)
		if err != nil {
			t.Fatal(err)
		}
		l.Flows[f.ID] = f
	}
	return l
}

// TestRehearsals runs testdata: what somebody lets happen stands at the margin; what the flow does, what it waits for then and when that is
// are indented.
func TestRehearsals(t *testing.T) {
	l := library(t)
	files, _ := filepath.Glob("testdata/*.txt")
	if len(files) < 5 {
		t.Fatalf("got %d rehearsals, want all of them", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := rehearsed(t, l, string(want))
			if *rewrite {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if got != string(want) {
				t.Errorf("the flow does otherwise. got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// threeSeconds is how long every prompt of the rehearsals is.
func threeSeconds(string, ivr.Prompt) time.Duration { return 3 * time.Second }

func rehearsed(t *testing.T, l *ivr.Library, story string) string {
	t.Helper()
	var h *Rehearsal
	var out strings.Builder
	for _, line := range strings.Split(strings.TrimRight(story, "\n"), "\n") {
		if strings.HasPrefix(line, " ") {
			continue
		}
		out.WriteString(line + "\n")
		word, rest, _ := strings.Cut(line, " ")
		var commands []ivr.Command
		var err error
		switch word {
		case "", "#":
			continue
		case "call":
			h, commands, err = Begin(l, rest, ivr.Context{Caller: number.Parse("13800138000"), Dialled: "1001"}, noon, threeSeconds)
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
	c := ivr.Context{Caller: number.Parse("13800138000")}
	h, heard, err := Begin(l, "hotline", c, noon, threeSeconds)
	if err != nil {
		t.Fatal(err)
	}
	r, err := l.Start("hotline", c)
	if err != nil {
		t.Fatal(err)
	}
	want := r.Step(noon, ivr.Begin{})
	for _, key := range []byte{'1', '9', '#'} {
		more, err := h.Do(Happening{What: "key", Key: key})
		if err != nil {
			t.Fatal(err)
		}
		heard = append(heard, more...)
		want = append(want, r.Step(noon, ivr.Digit{Key: key})...)
	}
	if got, want := fmt.Sprintf("%#v", heard), fmt.Sprintf("%#v", want); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if _, _, err := Begin(l, "none", c, noon, nil); !errors.Is(err, ivr.ErrNoFlow) {
		t.Errorf("a flow that does not exist: got %v, want ErrNoFlow", err)
	}
}

// tell prints a command for people.
func tell(c ivr.Command) string {
	switch c := c.(type) {
	case ivr.Entered:
		return fmt.Sprintf("at %s in %s v%d (%s)", c.Node, c.Flow, c.Version, c.Type)
	case ivr.Play:
		var said []string
		for _, p := range c.Prompts {
			said = append(said, p.File+p.Text)
		}
		return fmt.Sprintf("play %d in %s: %s", c.Play, c.Language, strings.Join(said, ", "))
	case ivr.SetTimer:
		return fmt.Sprintf("timer %d after %v", c.ID, c.After)
	case ivr.Hangup:
		return strings.TrimSpace(fmt.Sprintf("hang up: %s %s", c.Cause, strings.TrimPrefix(strconv.Itoa(c.SIP), "0")))
	case ivr.Ask:
		return fmt.Sprintf("ask %s %s", c.Lookup.Method, c.Lookup.URL)
	case ivr.Queue:
		return fmt.Sprintf("queue %q topic %q music %s for %v, position %v every %v", c.Queue, c.Topic, c.Music, c.MaxWait, c.Position, c.Every)
	case ivr.Dial:
		return fmt.Sprintf("dial %v for %v", c.Targets, c.For)
	}
	return strings.TrimPrefix(strings.TrimSuffix(fmt.Sprintf("%T %+v", c, c), " {}"), "ivr.")
}
