package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"hotline/account"
	"hotline/api/live"
	"hotline/call"
	"hotline/cdr"
	"hotline/queue"
)

// watchers is a telephone that hands out what is live.
type watchers chan live.Watch

func (w watchers) Serve(_ http.ResponseWriter, _ *http.Request, _ string, _ bool, _ live.Find, watch live.Watch) {
	w <- watch
}

// liveEvent is what a page is told.
type liveEvent struct {
	Seq     int64
	Whole   bool
	Agents  *turned[agentView]
	Waiting *struct{}
	Calls   *turned[liveCall]

	text []byte
}

type turned[T any] struct {
	Now  []T
	Gone []string
}

type liveCall struct {
	cdr.Record
	Supervisor *struct{ Agent, Of, Mode string }
}

// watched is what one page was told, put together as a page does.
type watched struct {
	testing.TB
	events  chan liveEvent
	whole   bool
	seq     int64
	texts   strings.Builder
	agents  map[string]agentView
	calls   map[string]liveCall
	waiting int
}

func (h *house) watches(w watchers, as account.Role) *watched {
	h.Helper()
	h.get(as, "/softphone")
	ctx, stop := context.WithCancel(h.Context())
	p := &watched{TB: h.TB, events: make(chan liveEvent, 1), agents: map[string]agentView{}, calls: map[string]liveCall{}}
	done := make(chan struct{})
	watch := <-w
	go func() {
		defer close(done)
		watch(ctx, func(ev any) bool {
			select {
			case p.events <- p.read(ev):
				return true
			default:
				return false // a slow page
			}
		})
	}()
	h.Cleanup(func() {
		stop()
		<-done
	})
	return p
}

// until takes what comes until it is as wanted.
func (p *watched) until(what string, right func() bool) {
	p.Helper()
	late := time.After(20 * time.Second)
	for !right() {
		select {
		case ev := <-p.events:
			p.take(ev)
		case <-late:
			p.Fatalf("never: %s; agents %+v, calls %+v", what, p.agents, p.calls)
		}
	}
}

// read is what a page reads of what it is told.
func (p *watched) read(ev any) (told liveEvent) {
	text, err := json.Marshal(ev)
	if err == nil {
		err = json.Unmarshal(text, &told)
	}
	if err != nil {
		p.Error(err)
	}
	told.text = text
	return told
}

func (p *watched) take(ev liveEvent) {
	p.Helper()
	if ev.Seq != p.seq+1 || ev.Whole != (ev.Seq == 1) {
		p.Fatalf("event %d, whole %v, after %d", ev.Seq, ev.Whole, p.seq)
	}
	p.seq, p.whole = ev.Seq, true
	p.texts.Write(ev.text)
	if ev.Waiting != nil {
		p.waiting++
	}
	if d := ev.Agents; d != nil {
		for _, a := range d.Now {
			p.agents[a.ID] = a
		}
		for _, id := range d.Gone {
			delete(p.agents, id)
		}
	}
	if d := ev.Calls; d != nil {
		for _, c := range d.Now {
			p.calls[string(c.Call)] = c
		}
		for _, id := range d.Gone {
			delete(p.calls, id)
		}
	}
}

// A page is told how everything is and then what changes: a supervisor all of it, an agent their own calls with masked numbers, and each what
// they read slowly only as it is in the end.
func TestPagesSeeWhatIsLive(t *testing.T) {
	w := make(watchers, 1)
	h := open(t, func(c *Config) {
		c.Softphones = w
		c.PhoneOf = func(agent string) string { return agent }
	})
	c := started("c1", noon).talks("1001", "care")
	h.journalled(c.facts)
	h.live("c1")
	sue, amy, bert := h.watches(w, account.Supervisor), h.watches(w, account.Agent), h.watches(w, bob)
	sue.until("the call", func() bool { return len(sue.calls) == 1 })
	amy.until("their own call", func() bool { return len(amy.calls) == 1 })
	bert.until("the agents", func() bool { return len(bert.agents) > 0 })
	if got := sue.calls["c1"].Caller.E164; got != caller {
		t.Errorf("a supervisor sees %q", got)
	}
	h.dispatcher.Set("1002", queue.NotReady, "小休", "test")
	for _, p := range []*watched{sue, amy, bert} {
		p.until("the break", func() bool { return p.agents["1002"].NextReason == "小休" })
	}
	c.add(time.Second, call.Fact{Kind: call.Held, Leg: "leg2"})
	h.journalled(c.facts)
	amy.until("the hold", func() bool { return amy.calls["c1"].Facts == len(c.facts) })
	sue.until("the hold", func() bool { return sue.calls["c1"].Facts == len(c.facts) })
	if len(bert.calls) != 0 || bert.waiting != 0 || amy.waiting != 0 {
		t.Errorf("an agent is told of others: %+v", bert.calls)
	}
	if strings.Contains(amy.texts.String()+bert.texts.String(), strings.TrimPrefix(caller, "+86")) {
		t.Error("an agent is told a whole number")
	}
}
