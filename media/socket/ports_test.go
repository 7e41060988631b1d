package socket

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
)

func TestFileLimit(t *testing.T) {
	p, err := NewPorts(netip.MustParseAddr("127.0.0.1"), 10000, 19999, 256)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Max(); got != 64 {
		t.Errorf("256 files allow %d streams, want 64: half is left to the rest of the program", got)
	}
	for range 64 {
		if _, err := p.Take(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Take(); !errors.Is(err, ErrFiles) {
		t.Errorf("65th: %v, want ErrFiles", err)
	}
}

func TestPortsRestBeforeTheyReturn(t *testing.T) {
	p, err := NewPorts(netip.MustParseAddr("127.0.0.1"), 10000, 10199, 1000)
	if err != nil {
		t.Fatal(err)
	}
	port, _ := p.Take()
	p.Give(port)
	for i := range 49 {
		again, _ := p.Take()
		if again == port {
			t.Fatalf("port %d came back after %d others", port, i)
		}
		p.Give(again)
	}
}

// Port pairs: even, in the range, never given twice, and all of them usable whatever the order they come back in.
func TestPortsAgainstASet(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	p, err := NewPorts(netip.MustParseAddr("127.0.0.1"), 30001, 30101, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	if p.Max() != 50 {
		t.Fatalf("got %d pairs of 30001 to 30101, want 50", p.Max())
	}
	var out []uint16
	seen := map[uint16]bool{}
	for range 5000 {
		if len(out) > 0 && random.IntN(2) == 0 {
			i := random.IntN(len(out))
			p.Give(out[i])
			out = slices.Delete(out, i, i+1)
		} else if port, err := p.Take(); err == nil {
			if port%2 != 0 || port < 30002 || port > 30100 || slices.Contains(out, port) {
				t.Fatalf("got port %d with %v out", port, out)
			}
			out = append(out, port)
			seen[port] = true
		} else if len(out) != 50 {
			t.Fatalf("%v with %d out", err, len(out))
		}
		if p.Used() != len(out) {
			t.Fatalf("got %d used, want %d", p.Used(), len(out))
		}
	}
	if len(seen) != 50 {
		t.Errorf("only %d of 50 pairs were ever used", len(seen))
	}
}
