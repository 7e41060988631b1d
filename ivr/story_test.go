package ivr

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hotline/hours"
	"hotline/number"
)

var rewrite = flag.Bool("rewrite", false, "write what the flows do into the stories; read the difference before keeping it")

// noon is a Wednesday at 12:00 in Shanghai.
var noon = time.Date(2026, 11, 18, 4, 0, 0, 0, time.UTC)

// office is open on working days from nine to six; 1 October is a holiday.
func office() *hours.Calendar {
	c := &hours.Calendar{Name: "office", Holidays: map[hours.Date]string{"2026-10-01": "国庆节"}}
	for day := time.Monday; day <= time.Friday; day++ {
		c.Weekly = append(c.Weekly, hours.Span{Day: day, From: 9 * 60, To: 18 * 60})
	}
	return c
}

// library reads the flows of testdata.
func library(t testing.TB) *Library {
	t.Helper()
	l := &Library{Flows: map[string]*Flow{}, Calendars: map[string]*hours.Calendar{"office": office()}}
	names, _ := filepath.Glob("testdata/flows/*.yml")
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Read(filepath.Base(name), src)
		if err != nil {
			t.Fatal(err)
		}
		l.Flows[f.ID] = f
	}
	return l
}

// TestStories runs testdata/stories: what happens stands at the margin, what the flow does about it is indented.
func TestStories(t *testing.T) {
	l := library(t)
	names, _ := filepath.Glob("testdata/stories/*.txt")
	if len(names) < 10 {
		t.Fatalf("got %d stories, want all of them", len(names))
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := retell(t, l, string(src))
			if *rewrite {
				if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if got != string(src) {
				t.Errorf("the flow does otherwise. got:\n%s\nwant:\n%s", got, src)
			}
		})
	}
}

// retell runs the events of a story and returns the story with what the flow did.
func retell(t *testing.T, l *Library, story string) string {
	t.Helper()
	var run *Run
	now := noon
	c := Context{Caller: number.Parse("13800138000"), Vars: map[string]string{}}
	var out strings.Builder
	for _, line := range strings.Split(strings.TrimRight(story, "\n"), "\n") {
		if strings.HasPrefix(line, " ") {
			continue
		}
		out.WriteString(line + "\n")
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "", "#":
		case "call":
			run = start(t, l, rest, &c, &now)
		default:
			for _, command := range run.Step(now, event(t, word, rest)) {
				out.WriteString("    " + tell(command) + "\n")
			}
		}
	}
	return out.String()
}

// start reads "FLOW fact=value ...".
func start(t *testing.T, l *Library, line string, c *Context, now *time.Time) *Run {
	t.Helper()
	words := strings.Fields(line)
	for _, w := range words[1:] {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "dialled":
			c.Dialled = value
		case "region":
			c.Region.Province, c.Region.City, _ = strings.Cut(value, "/")
		case "from":
			c.Caller = number.Number{Raw: value, Kind: number.Kind(value)}
		case "surveyed":
			ago, err := time.ParseDuration(value)
			if err != nil {
				t.Fatal(err)
			}
			c.Surveyed = now.Add(-ago)
		case "language":
			c.Language = value
		case "shut":
			c.Shut = &Shut{Said: []Prompt{{Text: "storm"}}}
		case "vip":
			c.VIP = true
		case "blocked":
			c.Blocked = true
		case "at":
			at, err := time.ParseInLocation("2006-01-02T15:04", value, time.FixedZone("CST", 8*60*60))
			if err != nil {
				t.Fatal(err)
			}
			*now = at
		default:
			t.Fatalf("a story cannot say %q", w)
		}
	}
	r, err := l.Start(words[0], *c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func event(t *testing.T, word, rest string) Input {
	t.Helper()
	n, _ := strconv.Atoi(rest)
	switch word {
	case "begin":
		return Begin{}
	case "key":
		return Digit{Key: rest[0]}
	case "played":
		return Played{Play: n}
	case "timer":
		return Timer{ID: n}
	case "looked-up":
		values := map[string]string{}
		for _, pair := range strings.Fields(rest) {
			key, value, _ := strings.Cut(pair, "=")
			values[key] = value
		}
		return LookedUp{Values: values}
	case "lookup-failed":
		return LookedUp{Err: rest}
	case "dial-ended":
		cause, sip, _ := strings.Cut(rest, " ")
		status, _ := strconv.Atoi(sip)
		return DialEnded{Cause: cause, SIP: status}
	case "talk-ended": // "invited"
		return TalkEnded{Invited: rest == "invited"}
	case "queue-left": // "timeout", or "key 1"
		why, key, pressed := strings.Cut(rest, " ")
		if pressed {
			return QueueLeft{Why: why, Key: key[0]}
		}
		return QueueLeft{Why: why}
	case "recorded":
		return Recorded{}
	}
	t.Fatalf("a story cannot say %q", word)
	return nil
}

// tell prints a command for people.
func tell(c Command) string {
	switch c := c.(type) {
	case Entered:
		return fmt.Sprintf("at %s in %s v%d (%s)", c.Node, c.Flow, c.Version, c.Type)
	case Play:
		var said []string
		for _, p := range c.Prompts {
			said = append(said, p.File+p.Text)
		}
		return fmt.Sprintf("play %d in %s: %s", c.Play, c.Language, strings.Join(said, ", "))
	case SetTimer:
		return fmt.Sprintf("timer %d after %v", c.ID, c.After)
	case Hangup:
		return strings.TrimSpace(fmt.Sprintf("hang up: %s %s", c.Cause, strings.TrimPrefix(strconv.Itoa(c.SIP), "0")))
	case Ask:
		return fmt.Sprintf("ask %s %s", c.Lookup.Method, c.Lookup.URL)
	case Queue:
		return fmt.Sprintf("queue %q topic %q music %s for %v, position %v every %v", c.Queue, c.Topic, c.Music, c.MaxWait, c.Position, c.Every)
	case Dial:
		return fmt.Sprintf("dial %v for %v", c.Targets, c.For)
	}
	return strings.TrimPrefix(strings.TrimSuffix(fmt.Sprintf("%T %+v", c, c), " {}"), "ivr.")
}

func TestEveryKindOfNodeIsInAStory(t *testing.T) {
	want := maps.Clone(kinds)
	for _, f := range library(t).Flows {
		for _, n := range f.Nodes {
			delete(want, n.Type)
		}
	}
	if left := slices.Sorted(maps.Keys(want)); len(left) > 0 {
		t.Errorf("no story's flow uses %v", left)
	}
}
