package media

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
)

const (
	bindTries    = 32  // how many pairs are tried when other programs hold some of the range
	reservedMax  = 256 // files left to the rest of the program (database, SIP, HTTP, recordings)
	filesAStream = 2
)

// ports hands out RTP/RTCP port pairs at random. Pairs given back go to the far end of a queue of which only the near
// half is drawn from, so that late packets of an old call do not meet a new one.
type ports struct {
	addr  netip.Addr
	total int
	limit int // streams that the limit of open files allows

	mu   sync.Mutex
	free []uint16 // a ring: n pairs from head on
	head int
	n    int
}

func newPorts(addr netip.Addr, low, high, files int) (*ports, error) {
	low += low & 1
	pairs := (high - low + 1) / 2
	if low < 1024 || high > 65535 || pairs < 1 {
		return nil, fmt.Errorf("RTP port range %d-%d: want a pair or more within 1024-65535", low, high)
	}
	reserve := min(reservedMax, files/2)
	p := &ports{addr: addr, total: pairs, limit: (files - reserve) / filesAStream, free: make([]uint16, pairs), n: pairs}
	for i, k := range rand.Perm(pairs) {
		p.free[i] = uint16(low + 2*k)
	}
	return p, nil
}

func (p *ports) used() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.total - p.n
}

func (p *ports) max() int { return min(p.total, p.limit) }

func (p *ports) take() (uint16, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.total-p.n >= p.limit {
		return 0, ErrFiles
	}
	if p.n == 0 {
		return 0, ErrPorts
	}
	pick := (p.head + rand.IntN((p.n+1)/2)) % p.total
	p.free[p.head], p.free[pick] = p.free[pick], p.free[p.head]
	port := p.free[p.head]
	p.head = (p.head + 1) % p.total
	p.n--
	return port, nil
}

func (p *ports) give(port uint16) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free[(p.head+p.n)%p.total] = port
	p.n++
}

// bind takes a pair and opens the socket of its first port; that of the second comes with the sound, see Stream.openRTCP.
func (p *ports) bind() (c conn, port uint16, err error) {
	for range bindTries {
		if port, err = p.take(); err != nil {
			return nil, 0, err
		}
		if c, err = listen(netip.AddrPortFrom(p.addr, port)); err == nil {
			return c, port, nil
		}
		p.give(port)
		if outOfFiles(err) {
			return nil, 0, fmt.Errorf("%w: %w", ErrFiles, err)
		}
		if !inUse(err) {
			return nil, 0, err
		}
	}
	return nil, 0, fmt.Errorf("%w: %d tries, last: %w", ErrPorts, bindTries, err)
}
