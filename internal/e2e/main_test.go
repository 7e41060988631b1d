package e2e

import (
	"flag"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	long      = flag.Bool("long", os.Getenv("HOTLINE_LONG") == "1", "let calls with real phones last a minute")
	soakFor   = flag.Duration("soak", 0, "run TestSoak for so long")
	impaired  = flag.Duration("impaired", 18*time.Second, "let the call of TestBadNetwork last so long")
	floodFor  = flag.Duration("flood", 5*time.Second, "let the flood of TestFlood last so long")
	floodRate = flag.Int("flood-rate", 2000, "messages a second in TestFlood")
	soakRate  = flag.Float64("soak-rate", 2, "calls a second in TestSoak")
)

// buildTags are those of the Makefile.
const buildTags = "nolibopusfile,sqlite_fts5,sqlite_omit_load_extension"

// run is what all tests of one run share.
var run struct {
	binary string
	second byte          // the second octet of this run's addresses
	blocks atomic.Uint32 // blocks of addresses handed out
	stalls stalls

	browsers chan struct{} // a place for each test that may have browsers open
}

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(testMain(m))
}

func testMain(m *testing.M) int {
	// Synthetic phones keep a P each while they wait for packets.
	runtime.GOMAXPROCS(max(runtime.GOMAXPROCS(0), 16))
	if f := flag.Lookup("test.parallel"); f != nil && f.Value.String() == f.DefValue {
		_ = f.Value.Set("6") // the tests wait more than they work
	}
	run.browsers = make(chan struct{}, max(1, runtime.NumCPU())) // those work: a browser of a busy machine is late for everything
	hold, err := takeAddresses()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer hold.Close()
	dir, err := os.MkdirTemp("", "hotline-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if run.binary, err = binary(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	stop := make(chan struct{})
	defer close(stop)
	go run.stalls.watch(stop)
	return m.Run()
}

// binary is the program to test: that of HOTLINE_BIN, or a fresh one.
func binary(dir string) (string, error) {
	if own := os.Getenv("HOTLINE_BIN"); own != "" {
		return filepath.Abs(own)
	}
	out := filepath.Join(dir, "hotline")
	build := exec.Command("go", "build", "-buildvcs=false", "-tags="+buildTags, "-o", out, "hotline/cmd/hotline")
	if text, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the binary: %w\n%s", err, text)
	}
	return out, nil
}

// takeAddresses finds a net 127.X.0.0/16 that no other run of these tests uses, and holds it as long as the listener is open.
func takeAddresses() (net.Listener, error) {
	for x := byte(40); x < 250; x++ {
		at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, x, 0, 1}), 5059)
		if l, err := net.Listen("tcp", at.String()); err == nil {
			run.second = x
			return l, nil
		}
	}
	return nil, fmt.Errorf("no free net below 127.0.0.0/8")
}

// block is a /24 of one test.
type block byte

func newBlock() block { return block(run.blocks.Add(1)) }

func (b block) addr(host byte) netip.Addr {
	return netip.AddrFrom4([4]byte{127, run.second, byte(b), host})
}

// stalls knows when this machine stood still: bounds in milliseconds mean something only where programs get to run.
type stalls struct {
	mu  sync.Mutex
	all []stall
}

type stall struct {
	end    time.Time
	length time.Duration
}

func (s *stalls) watch(stop <-chan struct{}) {
	const every = 5 * time.Millisecond
	tick := time.NewTicker(every)
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		now := time.Now()
		if late := now.Sub(last) - every; late > every {
			s.mu.Lock()
			s.all = append(s.all, stall{now, late})
			s.mu.Unlock()
		}
		last = now
	}
}

// within is how long the machine stood still in all between two moments.
func (s *stalls) within(from, to time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sum time.Duration
	for _, one := range s.all {
		if one.end.After(from) && one.end.Add(-one.length).Before(to) {
			sum += one.length
		}
	}
	return sum
}

// busy is how long before an event stalls count against the machine: other processes than this one have them too.
const busy = 10 * time.Second

// bounded fails when something took longer than its bound on a machine that lets programs run.
func bounded(t *testing.T, what string, from, to time.Time, bound time.Duration) {
	t.Helper()
	took, stood := to.Sub(from), run.stalls.within(from.Add(-busy), to)
	if took > bound+stood {
		t.Errorf("%s took %v (the machine stood still for %v about then); %v at most", what, took, stood, bound)
		return
	}
	t.Logf("%s took %v", what, took.Round(100*time.Microsecond))
}

// patience is how long a test waits for what only has to happen, however slow the machine is just now.
const patience = 30 * time.Second

// await looks again and again until there is something, and fails after a time.
func await[T any](t *testing.T, what string, within time.Duration, look func() (T, bool)) T {
	t.Helper()
	deadline := time.After(within)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if v, ok := look(); ok {
			return v
		}
		select {
		case <-tick.C:
		case <-deadline:
			v, ok := look()
			if !ok {
				t.Fatalf("waited %v for %s in vain; last seen: %+v", within, what, v)
			}
			return v
		}
	}
}

// pass lets time go by: a call has to last.
func pass(d time.Duration) { <-time.After(d) }
