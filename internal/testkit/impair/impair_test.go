package impair

import (
	"context"
	"fmt"
	"math"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"
)

func TestShares(t *testing.T) {
	for _, row := range []struct {
		name      string
		p         Profile
		loss      float64
		lossBy    float64
		burst     float64 // mean length of runs of lost packets; 0: not looked at
		overtaken float64 // least share of packets that come before an earlier one
	}{
		{"perfect", Profile{}, 0, 0, 0, 0},
		{"random", Profile{Loss: 0.05}, 0.05, 0.005, 1.05, 0},
		{"bursts", Profile{Loss: 0.05, Burst: 4}, 0.05, 0.01, 4, 0},
		{"Gilbert-Elliott", Profile{Loss: 0.05, Burst: 6, InBurst: 0.5}, 0.05, 0.01, 0, 0},
		{"jitter", Profile{Delay: 40 * time.Millisecond, Jitter: 30 * time.Millisecond}, 0, 0, 0, 0.2},
		{"reorder", Profile{Delay: 40 * time.Millisecond, Reorder: 0.05}, 0, 0, 0, 0.04},
	} {
		row.p.Seed = 7
		path := NewPath(row.p, 1)
		const n = 100000
		runs, lost, overtaken := 0, false, 0
		newest := time.Duration(0)
		for i := range n {
			sent := time.Duration(i) * 20 * time.Millisecond
			arrivals := path.Fate(sent)
			if len(arrivals) == 0 && !lost {
				runs++
			}
			lost = len(arrivals) == 0
			for _, at := range arrivals {
				if at < sent || at > sent+110*time.Millisecond {
					t.Fatalf("%s: sent %v, arrived %v", row.name, sent, at)
				}
				if at < newest {
					overtaken++
				}
				newest = max(newest, at)
			}
		}
		if got := float64(path.Lost) / n; math.Abs(got-row.loss) > row.lossBy {
			t.Errorf("%s: %.3f lost, want %.3f", row.name, got, row.loss)
		}
		if row.burst > 0 {
			if got := float64(path.Lost) / float64(runs); math.Abs(got-row.burst) > 0.2*row.burst {
				t.Errorf("%s: bursts of %.2f packets, want %.2f", row.name, got, row.burst)
			}
		}
		if got := float64(overtaken) / n; got < row.overtaken || (row.overtaken == 0 && got > 0) {
			t.Errorf("%s: %.3f overtaken, want %.3f", row.name, got, row.overtaken)
		}
	}
}

func TestSameSeedSameFate(t *testing.T) {
	p := Profile{Seed: 9, Loss: 0.1, Burst: 3, Delay: 40 * time.Millisecond, Jitter: 30 * time.Millisecond, InOrder: true, Duplicate: 0.5}
	a, b, other := NewPath(p, 1), NewPath(p, 1), NewPath(p, 2)
	same, newest := 0, time.Duration(0)
	for i := range 1000 {
		sent := time.Duration(i) * 20 * time.Millisecond
		want := a.Fate(sent)
		if got := b.Fate(sent); !slices.Equal(got, want) {
			t.Fatalf("packet %d: %v and %v from one seed", i, got, want)
		}
		if slices.Equal(other.Fate(sent), want) {
			same++
		}
		if len(want) > 0 && want[0] < newest {
			t.Fatalf("packet %d overtakes although in order", i)
		} else if len(want) > 0 {
			newest = want[0]
		}
	}
	if same > 500 || a.Doubled < 350 {
		t.Errorf("the other way shares %d of 1000 fates; %d doubled", same, a.Doubled)
	}
}

// TestRelay passes both channels both ways over real sockets, with a double of each.
func TestRelay(t *testing.T) {
	local := netip.MustParseAddr("127.0.0.1")
	r, err := OpenRelay(local, Profile{Duplicate: 1, Delay: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	a, atA, err := bindPair(local)
	if err != nil {
		t.Fatal(err)
	}
	b, atB, err := bindPair(local)
	if err != nil {
		t.Fatal(err)
	}
	r.SetPeers(atA, atB)
	for channel := range 2 {
		passes(t, a[channel], netip.AddrPortFrom(local, r.FaceA.Port()+uint16(channel)), b[channel], fmt.Sprint("from A, channel ", channel))
		passes(t, b[channel], netip.AddrPortFrom(local, r.FaceB.Port()+uint16(channel)), a[channel], fmt.Sprint("from B, channel ", channel))
	}
	if sent, lost := r.Counts(); sent != [2]int{2, 2} || lost != [2]int{} {
		t.Errorf("sent %v lost %v, want 2 each and none", sent, lost)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	for _, c := range slices.Concat(a[:], b[:]) {
		_ = c.Close()
	}
}

// passes sends one datagram and wants it twice.
func passes(t *testing.T, from *net.UDPConn, to netip.AddrPort, at *net.UDPConn, word string) {
	t.Helper()
	if _, err := from.WriteToUDPAddrPort([]byte(word), to); err != nil {
		t.Fatal(err)
	}
	_ = at.SetReadDeadline(time.Now().Add(5 * time.Second))
	b := make([]byte, 100)
	for range 2 {
		n, _, err := at.ReadFromUDPAddrPort(b)
		if err != nil || string(b[:n]) != word {
			t.Fatalf("got %q, %v; want %q", b[:n], err, word)
		}
	}
}
