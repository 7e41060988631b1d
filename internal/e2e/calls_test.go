package e2e

import (
	"flag"
	"io/fs"
	"math"
	"net/netip"
	"testing"
	"time"

	"hotline/configs"
)

var (
	calls     = flag.Int("calls", 400, "how many short calls TestCalls makes; from 10,000 on memory is judged too")
	callsRate = flag.Float64("calls-rate", 100, "calls a second in TestCalls")
)

// rigCentre is the sample centre of the load rig, whose number 4002 is bridged to a carrier.
func rigCentre(t *testing.T) centre {
	t.Helper()
	files, err := fs.Sub(configs.Samples, "samples/rig")
	if err != nil {
		t.Fatal(err)
	}
	c := centre{}
	for _, name := range []string{"data.yml", "flows/bridge.yml", "flows/support.yml", "flows/recorded.yml", "flows/announcement.yml", "flows/wait.yml", "flows/echo.yml"} {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		c[name] = string(text)
	}
	return c.with(t, "sources: [127.0.9.2]", "sources: [TRUNK]", "127.0.9.3:5070", "TRUNK:5070")
}

// TestCalls makes many short calls and then counts what is left of them: nothing may be. A few in everyday runs; `make calls` makes
// 100,000.
func TestCalls(t *testing.T) {
	t.Parallel()
	n := start(t, rigCentre(t))
	carrier := n.block.addr(trunkHost)
	m := newMill(t, n, "4002", netip.AddrPortFrom(carrier, 5060), netip.AddrPortFrom(carrier, 5070), 200)
	served := make(chan struct{})
	go func() { m.serve(); close(served) }()
	t.Cleanup(func() { m.near.Close(); m.far.Close(); <-served })

	long := *calls >= 10_000
	warm := 0
	if long {
		warm = int(40 * *callsRate) // what is kept of the latest calls is full, and so many transactions wait for their end (32 s) as ever will
		m.grind(warm, *callsRate)
	}
	before := n.idle(long)
	stop := make(chan struct{})
	sizes := make(chan []float64, 1)
	go func() { sizes <- n.sizes(stop) }()
	began, start := time.Now(), n.metrics()
	m.grind(*calls, *callsRate)
	t.Logf("%d calls in %v", *calls, time.Since(began).Round(time.Second))
	n.tellCost(start, n.metrics(), *calls)
	close(stop)
	seen := <-sizes
	after := n.idle(long)

	if m.strange.Load() != 0 || m.answered.Load() != int64(warm+*calls) {
		t.Errorf("%d calls answered of %d, %d failed", m.answered.Load(), warm+*calls, m.strange.Load())
	}
	n.leftOver(before, after)
	if long {
		n.grown(before, after, seen, *calls)
	}
}

// idle waits until nothing of any call is left and gives the figures of then; collected: after a garbage collection too, which
// the runtime makes every two minutes at least.
func (n *node) idle(collected bool) metrics {
	n.t.Helper()
	quiet := await(n.t, "everything to be given back", 90*time.Second, func() (metrics, bool) {
		m := n.metrics()
		return m, m["hotline_media_streams"] == 0 && m["hotline_calls_live"] == 0 && m["hotline_sip_transactions"] == 0 && m["hotline_facts_waiting"] == 0
	})
	if !collected {
		return quiet
	}
	return await(n.t, "a garbage collection", 150*time.Second, func() (metrics, bool) {
		m := n.metrics()
		return m, m["go_gc_duration_seconds_count"] > quiet["go_gc_duration_seconds_count"]
	})
}

// tellCost says what one call took.
func (n *node) tellCost(before, after metrics, calls int) {
	n.t.Helper()
	each := func(name string) float64 { return (after[name] - before[name]) / float64(calls) }
	n.t.Logf("a call: %.2f ms of CPU, %.0f allocations, %.1f kB allocated", 1000*each("process_cpu_seconds_total"),
		each("go_memstats_mallocs_total"), each("go_memstats_alloc_bytes_total")/1000)
}

// sizes reads the resident memory every two seconds until stop is closed, in octets.
func (n *node) sizes(stop <-chan struct{}) (all []float64) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return all
		case <-tick.C:
			all = append(all, n.metrics()["process_resident_memory_bytes"])
		}
	}
}

// grown judges memory: the heap in use at the end, and the slope of the resident memory over the second half of the run, by which time
// the caches of the database are full.
func (n *node) grown(before, after metrics, sizes []float64, calls int) {
	n.t.Helper()
	const heap = "go_memstats_next_gc_bytes" // in proportion to what was in use at the last collection; what is allocated has unswept garbage in it
	n.t.Logf("heap goal, three times what is in use: %.1f MB before, %.1f MB after", before[heap]/1e6, after[heap]/1e6)
	if after[heap] > 1.05*before[heap] {
		n.t.Errorf("heap goal: got %.0f, want at most 5 %% above %.0f", after[heap], before[heap])
	}
	half := sizes[len(sizes)/2:]
	perSample := float64(calls) / float64(max(1, len(sizes)))
	slope := slopeOf(half) / perSample * 10_000
	n.t.Logf("resident memory: %.1f MB at the end; it grew by %.2f MB in 10,000 calls", half[len(half)-1]/1e6, slope/1e6)
	if slope > 1e6 {
		n.t.Errorf("resident memory grows by %.2f MB in 10,000 calls, want 1 at most", slope/1e6)
	}
}

// slopeOf is how much each value is above the one before, by least squares.
func slopeOf(y []float64) float64 {
	n := float64(len(y))
	if n < 2 {
		return 0
	}
	var sx, sy, sxx, sxy float64
	for i, v := range y {
		x := float64(i)
		sx, sy, sxx, sxy = sx+x, sy+v, sxx+x*x, sxy+x*v
	}
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

// leftOver compares goroutines, descriptors and ports.
func (n *node) leftOver(before, after metrics) {
	n.t.Helper()
	for _, figure := range []struct {
		name   string
		margin float64
	}{{"go_goroutines", 20}, {"process_open_fds", 5}, {"hotline_media_ports_used", 0}} {
		was, is := before[figure.name], after[figure.name]
		if _, there := after[figure.name]; !there || math.Abs(is-was) > figure.margin {
			n.t.Errorf("%s: got %v, want the %v of before, give or take %v", figure.name, is, was, figure.margin)
		}
		n.t.Logf("%s: %v before, %v after", figure.name, was, is)
	}
}
