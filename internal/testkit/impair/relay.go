package impair

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Relay is a bad network between two parties on real UDP: RTP on an even port and RTCP on the next, both ways. Each party
// sends to its own face of the relay, which passes on, from the other face, what is not lost.
type Relay struct {
	FaceA, FaceB netip.AddrPort // where A and B send their RTP

	mu     sync.Mutex
	paths  [2]*Path          // from A, from B
	peers  [2]netip.AddrPort // A, B
	began  time.Time
	conns  [2][2]*net.UDPConn // [face][RTP, RTCP]
	queue  letters
	wake   chan struct{}
	serial int
}

// letter is a datagram under way; face and channel are where it leaves.
type letter struct {
	at            time.Duration
	serial        int
	face, channel int
	octets        []byte
}

// letters is a heap by time.
type letters []letter

func (l letters) Len() int { return len(l) }
func (l letters) Less(i, j int) bool {
	return l[i].at < l[j].at || (l[i].at == l[j].at && l[i].serial < l[j].serial)
}
func (l letters) Swap(i, j int) { l[i], l[j] = l[j], l[i] }
func (l *letters) Push(x any)   { *l = append(*l, x.(letter)) }
func (l *letters) Pop() any {
	last := (*l)[len(*l)-1]
	*l = (*l)[:len(*l)-1]
	return last
}

// maxQueued bounds the datagrams under way; further ones are lost.
const maxQueued = 10000

// OpenRelay binds two port pairs on addr. Nothing passes before SetPeers, and Run.
func OpenRelay(addr netip.Addr, p Profile) (*Relay, error) {
	r := &Relay{paths: [2]*Path{NewPath(p, 1), NewPath(p, 2)}, began: time.Now(), wake: make(chan struct{}, 1)}
	for face := range r.conns {
		pair, at, err := bindPair(addr)
		if err != nil {
			r.close()
			return nil, fmt.Errorf("open an impairment relay: %w", err)
		}
		r.conns[face] = pair
		if face == 0 {
			r.FaceA = at
		} else {
			r.FaceB = at
		}
	}
	return r, nil
}

const pairTries = 100

func bindPair(addr netip.Addr) (pair [2]*net.UDPConn, at netip.AddrPort, err error) {
	for range pairTries {
		first, tried := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, 0)))
		if tried != nil {
			return pair, at, tried
		}
		at = first.LocalAddr().(*net.UDPAddr).AddrPort()
		at = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
		if at.Port()%2 == 0 {
			second, tried := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, at.Port()+1)))
			if tried == nil {
				return [2]*net.UDPConn{first, second}, at, nil
			}
			err = tried
		}
		_ = first.Close()
	}
	return pair, at, fmt.Errorf("no port pair in %d tries: %w", pairTries, err)
}

// SetPeers says where the RTP of A and of B is; their RTCP is one port above. An invalid address is left as it was.
func (r *Relay) SetPeers(a, b netip.AddrPort) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, p := range [2]netip.AddrPort{a, b} {
		if p.IsValid() {
			r.peers[i] = p
		}
	}
}

// Counts are the packets that A and B sent so far, and how many of them were lost.
func (r *Relay) Counts() (sent, lost [2]int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, p := range r.paths {
		sent[i], lost[i] = p.Sent, p.Lost
	}
	return sent, lost
}

// Run relays until ctx ends, then closes the ports.
func (r *Relay) Run(ctx context.Context) error {
	var wait sync.WaitGroup
	for face := range r.conns {
		for channel, conn := range r.conns[face] {
			wait.Go(func() { r.read(face, channel, conn) })
		}
	}
	r.deliver(ctx)
	r.close()
	wait.Wait()
	return nil
}

func (r *Relay) close() {
	for _, pair := range r.conns {
		for _, c := range pair {
			if c != nil {
				_ = c.Close()
			}
		}
	}
}

// read takes what a party sends to its face.
func (r *Relay) read(face, channel int, conn *net.UDPConn) {
	b := make([]byte, 2048)
	for {
		n, _, err := conn.ReadFromUDPAddrPort(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			r.accept(face, channel, append([]byte(nil), b[:n]...))
		}
	}
}

func (r *Relay) accept(face, channel int, octets []byte) {
	r.mu.Lock()
	for _, at := range r.paths[face].Fate(time.Since(r.began)) {
		if len(r.queue) < maxQueued {
			r.serial++
			heap.Push(&r.queue, letter{at: at, serial: r.serial, face: 1 - face, channel: channel, octets: octets})
		}
	}
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *Relay) deliver(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Reset(r.flush())
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
		case <-timer.C:
		}
	}
}

// flush sends what is due and returns the time until the next.
func (r *Relay) flush() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.queue) > 0 {
		if wait := r.queue[0].at - time.Since(r.began); wait > 0 {
			return wait
		}
		l := heap.Pop(&r.queue).(letter)
		if to := r.peers[l.face]; to.IsValid() {
			to = netip.AddrPortFrom(to.Addr(), to.Port()+uint16(l.channel))
			_, _ = r.conns[l.face][l.channel].WriteToUDPAddrPort(l.octets, to) // a network does not say either
		}
	}
	return time.Hour
}
