package e2e

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/call"
	"hotline/cdr"
)

var (
	fluidFor    = flag.Duration("fluid", 0, "let TestFluid look at each page for so long")
	fluidAgents = flag.Int("fluid-agents", 1000, "agents of TestFluid")
	fluidCalls  = flag.Int("fluid-calls", 10_000, "calls of the day of TestFluid")
	fluidRate   = flag.Float64("fluid-rate", 50, "changes of agents' states a second in TestFluid")
)

// fluency is how a page behaved for a while, as its browser measured it.
type fluency struct {
	Page            string
	P50, P95, Worst float64 // ms between two frames
	Long            int     // tasks longer than 50 ms
	LongMS          float64 // all of them together
	Updates, KB     float64 // messages with what is live, a second, and kB of them a second
	Heap, HeapThen  float64 // MB after a collection, before and after
}

// dayOf keeps the calls of a day that has been going on for hours: most talked, some were given up.
func (n *node) dayOf(calls, agents int) {
	t := n.t
	t.Helper()
	db := n.store()
	defer db.Close()
	dice, now := rand.New(rand.NewPCG(1, 2)), time.Now()
	since := now.Sub(time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.Local))
	for from := 0; from < calls; from += 200 {
		var facts []call.Fact
		var records []cdr.Record
		for i := from; i < min(calls, from+200); i++ {
			one := pastCall(call.ID(fmt.Sprintf("past-%06d", i)), now.Add(-since*time.Duration(calls-i)/time.Duration(calls)), crowdAgent(dice.IntN(agents)), dice)
			facts, records = append(facts, one...), append(records, cdr.Fold(one))
		}
		if _, err := db.AppendFacts(t.Context(), facts, records...); err != nil {
			t.Fatal(err)
		}
	}
}

// pastCall is a call that came at a time: it waited, and an agent took it unless it gave up.
func pastCall(id call.ID, at time.Time, agent string, dice *rand.Rand) (facts []call.Fact) {
	note := func(f call.Fact) {
		f.Call, f.Seq, f.At = id, len(facts)+1, at
		facts = append(facts, f)
	}
	after := func(most int) { at = at.Add(time.Duration(1+dice.IntN(most)) * time.Second) }
	note(call.Fact{Kind: call.Started, From: fmt.Sprintf("+86138%08d", dice.IntN(100_000_000)), To: "4001", DID: "4001", Trunk: "carrier", Direction: "in", Region: "北京/北京", Confidence: 90})
	note(call.Fact{Kind: call.Answered})
	after(8)
	note(call.Fact{Kind: call.Routed, Topic: "refund", Queue: "desk", Rule: "all", Reason: "Rule all: no rule names this call more closely; it goes to queue desk."})
	note(call.Fact{Kind: call.Queued, Queue: "desk"})
	after(30)
	if dice.IntN(12) == 0 {
		note(call.Fact{Kind: call.LeftQueue, Queue: "desk", Reason: "abandoned"})
		note(call.Fact{Kind: call.LegGone, Leg: call.CallerLeg, Side: "caller", Cause: call.Normal})
		note(call.Fact{Kind: call.Ended, Side: "caller", Cause: call.Normal})
		return facts
	}
	note(call.Fact{Kind: call.Offer, Agent: agent, Queue: "desk", Leg: "leg2"})
	after(6)
	note(call.Fact{Kind: call.LeftQueue, Queue: "desk", Agent: agent, Reason: "answered"})
	note(call.Fact{Kind: call.Connected, Agent: agent, Queue: "desk", Leg: "leg2"})
	after(240)
	note(call.Fact{Kind: call.LegGone, Leg: call.CallerLeg, Side: "caller", Cause: call.Normal})
	note(call.Fact{Kind: call.LegGone, Leg: "leg2", Agent: agent, Side: "system", Cause: call.Normal})
	note(call.Fact{Kind: call.Ended, Side: "caller", Cause: call.Normal})
	return facts
}

// restless changes agents' states at the rate, until ctx ends.
func (n *node) restless(ctx context.Context, agents int) {
	tick := time.NewTicker(time.Duration(float64(time.Second) / *fluidRate))
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		body := strings.NewReader(`{"state":"ready"}`)
		if i/agents%2 == 1 {
			body = strings.NewReader(`{"state":"not-ready","reason":"break"}`)
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPut, n.url+"/api/v1/agents/"+crowdAgent(i*7%agents)+"/state", body)
		if err != nil {
			return
		}
		req.Header.Set("Authorization", "Bearer "+n.token)
		req.Header.Set("Content-Type", "application/json")
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
		}
	}
}

// A supervisor's pages stay fluid while a thousand agents change their states and the day has ten thousand calls: `make fluid` tells how
// long frames take, how often the page is told, and what it holds. More than two messages a second are a failure; times are told only.
func TestFluid(t *testing.T) {
	if *fluidFor <= 0 {
		t.Skip("`make fluid` runs it")
	}
	n := prepare(t, crowd(*fluidAgents))
	n.dayOf(*fluidCalls, *fluidAgents)
	n.run()
	n.admin("chief", "correct horse")
	b := n.driven("screens.mjs")
	b.do("signIn", "admin", "chief", "correct horse")
	ctx, stop := context.WithCancel(t.Context())
	var work sync.WaitGroup
	work.Go(func() { n.restless(ctx, *fluidAgents) })
	for _, path := range []string{"/wallboard", "/agents", "/calls", "/reports"} {
		f := b.do("fluid", path, fluidFor.Seconds()).Fluid
		t.Logf("%s: frames p50 %.1f, p95 %.1f, worst %.0f ms; %d long tasks, %.0f ms in all; %.2f updates a second, %.1f kB a second; heap %.1f, then %.1f MB",
			path, f.P50, f.P95, f.Worst, f.Long, f.LongMS, f.Updates, f.KB, f.Heap, f.HeapThen)
		if f.Updates > 2.2 {
			t.Errorf("%s is told %.2f times a second; 2 at most", path, f.Updates)
		}
	}
	stop()
	work.Wait()
	if e := b.do("errors").Errors; len(e) != 0 {
		t.Errorf("errors on the pages: %v", e)
	}
}
