package queue

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write what the board does into testdata/*.txt")

// TestStories runs every testdata/*.txt. Lines before the first time configure; a line with a time is an event; indented
// lines say what the board did, and are what is compared. See testdata/README.md for the words.
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("stories: %d, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { runStory(t, file) })
	}
}

func runStory(t *testing.T, file string) {
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := &story{t: t}
	lines := bufio.NewScanner(strings.NewReader(string(src)))
	for lines.Scan() {
		s.line(lines.Text())
	}
	got := s.out.String()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want := string(src); got != want {
		t.Errorf("the board did otherwise; see git diff after go test -update\n--- got\n%s\n--- want\n%s", got, want)
	}
}

type story struct {
	t      *testing.T
	out    strings.Builder
	queues []Queue
	agents []Agent
	b      *Board
	now    time.Time
	latest map[string]AgentChanged
}

func (s *story) line(text string) {
	words := strings.Fields(text)
	switch {
	case strings.HasPrefix(text, " "):
		return // what the board did when the story was written
	case len(words) == 0, words[0] == "#":
	case words[0] == "queue":
		s.queues = append(s.queues, s.queue(words[1:]))
	case words[0] == "agent":
		s.agents = append(s.agents, s.agent(words[1:]))
	default:
		s.event(text, words)
		return
	}
	fmt.Fprintln(&s.out, text)
}

func (s *story) event(text string, words []string) {
	clock, err := time.Parse(time.TimeOnly, words[0])
	if err != nil {
		s.t.Fatalf("%q: neither a word known nor a time", text)
	}
	now := start.Truncate(24 * time.Hour).Add(clock.Sub(clock.Truncate(24 * time.Hour)))
	if words[1] == "(clock)" {
		return // written by the run before: time passes again by itself
	}
	if s.b == nil {
		s.b, s.latest = NewBoard(s.queues, s.agents), map[string]AgentChanged{}
		s.queues, s.agents = nil, nil
	}
	s.pass(now)
	s.now = now
	fmt.Fprintln(&s.out, text)
	s.tell(s.do(words[1], words[2:]))
}

// pass lets the clock ring until now.
func (s *story) pass(now time.Time) {
	for at, ok := s.b.Next(); ok && !at.After(now); at, ok = s.b.Next() {
		if effects := s.b.Tick(at); len(effects) > 0 {
			fmt.Fprintf(&s.out, "%s (clock)\n", at.Format(time.TimeOnly))
			s.tell(effects)
		}
	}
}

func (s *story) do(verb string, w []string) []Effect {
	b, now := s.b, s.now
	switch verb {
	case "join":
		return b.Join(now, s.request(w))
	case "leave":
		return b.Leave(now, w[0], strings.Join(w[1:], " "))
	case "accept":
		return b.Accept(now, "offer-"+w[0])
	case "refuse":
		return b.Refuse(now, "offer-"+w[0], w[1])
	case "free":
		return b.Free(now, w[0])
	case "set":
		return b.Set(now, w[0], State(w[1]), strings.Join(w[2:], " "), "agent "+w[0])
	case "online", "offline":
		return b.Reach(now, w[0], verb == "online")
	case "busy", "listens", "unbusy":
		return b.Busy(now, w[0], verb != "unbusy", verb == "listens")
	case "replace":
		queues, agents := s.queues, s.agents
		s.queues, s.agents = nil, nil
		return b.Replace(now, queues, agents)
	case "show":
		s.show()
		return nil
	case "wait":
		return nil
	}
	return s.more(verb, w)
}

func (s *story) more(verb string, w []string) []Effect {
	switch verb {
	case "start": // several agents sign in, in this order
		var out []Effect
		for _, id := range w {
			out = append(out, s.b.Reach(s.now, id, true)...)
			out = append(out, s.b.Set(s.now, id, Ready, "sign-in", "agent "+id)...)
		}
		return out
	case "dispose":
		return s.b.Dispose(s.now, w[0], w[1])
	case "end-wrap":
		return s.b.EndWrap(s.now, w[0], "agent "+w[0])
	case "lengthen":
		return s.b.Lengthen(s.now, w[0])
	case "open", "close", "close-kept", "close-emptied":
		return s.b.Hours(s.now, w[0], map[string]Door{"close": DoorClosed, "close-kept": DoorKept, "close-emptied": DoorEmptied}[verb])
	case "restart": // a new process with the configuration just above, told the latest changes
		s.b = NewBoard(s.queues, s.agents)
		s.queues, s.agents = nil, nil
		var last []AgentChanged
		for _, a := range s.b.Snapshot().Agents {
			last = append(last, s.latest[a.ID])
		}
		return s.b.Restore(s.now, last)
	}
	s.t.Fatalf("unknown event %q", verb)
	return nil
}

func (s *story) number(w string) int {
	n, err := strconv.Atoi(w)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *story) span(w string) time.Duration {
	d, err := time.ParseDuration(w)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

func (s *story) queue(w []string) Queue {
	q := Queue{ID: w[0], Name: w[0]}
	for _, word := range w[1:] {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "ring":
			q.RingFor = s.span(value)
		case "wrap":
			q.WrapUp = s.span(value)
		case "wait":
			q.MaxWait = s.span(value)
		case "most":
			q.MaxWaiting = s.number(value)
		case "misses":
			q.MissesBeforeAway = s.number(value)
		case "strategy":
			q.Strategy = Strategy(value)
		case "next":
			q.RingNext = s.span(value)
		case "worth":
			q.PriorityWorth = s.span(value)
		case "familiar":
			q.FamiliarFor = s.span(value)
		case "within":
			q.FamiliarWithin = s.span(value)
		case "more":
			q.WrapMore = s.span(value)
		case "disposition":
			q.Disposition = true
		case "closing-leaves":
			q.ClosingLeaves = true
		default:
			s.t.Fatalf("queue: unknown %q", word)
		}
	}
	return q
}

// agent reads "801 in support=2 with english=1".
func (s *story) agent(w []string) Agent {
	a := Agent{ID: w[0], Phone: w[0], Queues: map[string]int{}, Skills: map[string]int{}}
	into := a.Queues
	for _, word := range w[1:] {
		switch name, level, ok := strings.Cut(word, "="); {
		case word == "in":
			into = a.Queues
		case word == "with":
			into = a.Skills
		case ok:
			into[name] = s.number(level)
		default:
			into[name] = 1
		}
	}
	return a
}

// request reads "c1 support english=2 then 20s sales prio=3 since=08:59:00 wait=60s staffed".
func (s *story) request(w []string) Request {
	r := Request{ID: w[0], Steps: []Step{{Queue: w[1]}}}
	for i := 2; i < len(w); i++ {
		key, value, ok := strings.Cut(w[i], "=")
		switch {
		case key == "then":
			r.Steps = append(r.Steps, Step{After: s.span(w[i+1]), Queue: w[i+2]})
			i += 2
		case key == "staffed":
			r.NeedAgents = true
		case key == "present":
			r.NeedReady = true
		case key == "absent":
			r.Absent = true
		case key == "turns":
			r.Absent, r.Turns = true, true
		case key == "any":
			last := &r.Steps[len(r.Steps)-1]
			last.Any = append(last.Any, s.any(value))
		case key == "knows":
			agent, at, _ := strings.Cut(value, "@")
			r.Familiar, r.FamiliarAt = agent, s.clock(at)
		case key == "prio":
			r.Priority = s.number(value)
		case key == "wait":
			r.MaxWait = s.span(value)
		case key == "since":
			r.Since = s.clock(value)
		case ok:
			last := &r.Steps[len(r.Steps)-1]
			last.Needs = append(last.Needs, Need{key, s.number(value)})
		default:
			s.t.Fatalf("join: unknown %q", w[i])
		}
	}
	return r
}

func (s *story) clock(text string) time.Time {
	clock, err := time.Parse(time.TimeOnly, text)
	if err != nil {
		s.t.Fatal(err)
	}
	return start.Truncate(24 * time.Hour).Add(clock.Sub(clock.Truncate(24 * time.Hour)))
}

// any reads "english:2|japanese:1".
func (s *story) any(text string) []Need {
	var list []Need
	for word := range strings.SplitSeq(text, "|") {
		skill, level, _ := strings.Cut(word, ":")
		list = append(list, Need{skill, s.number(level)})
	}
	return list
}

func (s *story) tell(effects []Effect) {
	for _, e := range effects {
		if c, ok := e.(AgentChanged); ok {
			s.latest[c.Agent] = c
		}
		fmt.Fprintf(&s.out, "    %s\n", sentence(e))
	}
}

// sentence says an effect so that a supervisor can read it.
func sentence(e Effect) string {
	switch e := e.(type) {
	case OfferMade:
		o := e.Offer
		return fmt.Sprintf("%s: ring agent %s for %s (queue %s, %s)", o.Request, o.Agent, o.RingFor, o.Queue, o.ID)
	case OfferWithdrawn:
		return fmt.Sprintf("%s: stop ringing agent %s: %s (%s)", e.Offer.Request, e.Offer.Agent, e.Why, e.Offer.ID)
	case Told:
		text := fmt.Sprintf("%s: place %d of %d", e.Request, e.Position, e.Waiting)
		if e.Estimate > 0 {
			text += fmt.Sprintf(", about %s", e.Estimate)
		}
		return text
	case Widened:
		return fmt.Sprintf("%s: may also be served by %s (step %d)", e.Request, e.Queue, e.Step)
	case GaveUp:
		return fmt.Sprintf("%s: leaves the queue: %s", e.Request, e.Why)
	case AgentChanged:
		text := fmt.Sprintf("agent %s: %s -> %s (%s, by %s)", e.Agent, e.From, e.To, e.Reason, e.Source)
		if e.Next != e.To && e.Next != Ready {
			text += fmt.Sprintf(", then %s (%s)", e.Next, e.NextReason)
		}
		return text
	case Rejected:
		return fmt.Sprintf("%s %s: rejected: %s", e.Verb, e.ID, e.Why)
	}
	return fmt.Sprintf("%#v", e)
}

// show prints the snapshot.
func (s *story) show() {
	snap := s.b.Snapshot()
	for _, q := range snap.Queues {
		fmt.Fprintf(&s.out, "    queue %s: %d waiting, agents %v\n", q.ID, q.Waiting, q.Agents)
	}
	for _, a := range snap.Agents {
		fmt.Fprintf(&s.out, "    agent %s: %s since %s (%s)\n", a.ID, a.State, a.Since.Format(time.TimeOnly), a.Reason)
	}
	for i, r := range snap.Requests {
		text := fmt.Sprintf("    %d. %s in %s, priority %d, since %s", i+1, r.ID, strings.Join(r.Queues, "+"), r.Priority, r.Since.Format(time.TimeOnly))
		if r.Agent != "" {
			text += ", rings agent " + r.Agent
		}
		fmt.Fprintln(&s.out, text)
	}
}
