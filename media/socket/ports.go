package socket

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

// Ports hands out RTP/RTCP port pairs at random. Pairs given back go to the far end of a queue of which only the near
// half is drawn from, so that late packets of an old call do not meet a new one.
type Ports struct {
	addr  netip.Addr
	total int
	limit int // streams that the limit of open files allows

	mu   sync.Mutex
	free []uint16 // a ring: n pairs from head on
	head int
	n    int
}

// NewPorts is the range of ports from low to high at an address, of which a pair begins with an even one. files is the limit of open
// files (OpenFiles): it leaves some to the rest of the program. An error means that the range holds no pair.
func NewPorts(addr netip.Addr, low, high, files int) (*Ports, error) {
	low += low & 1
	pairs := (high - low + 1) / 2
	if low < 1024 || high > 65535 || pairs < 1 {
		return nil, fmt.Errorf("RTP port range %d-%d: want a pair or more within 1024-65535", low, high)
	}
	reserve := min(reservedMax, files/2)
	p := &Ports{addr: addr, total: pairs, limit: (files - reserve) / filesAStream, free: make([]uint16, pairs), n: pairs}
	for i, k := range rand.Perm(pairs) {
		p.free[i] = uint16(low + 2*k)
	}
	return p, nil
}

// Used is how many pairs are taken.
func (p *Ports) Used() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.total - p.n
}

// Total is how many pairs the range has.
func (p *Ports) Total() int { return p.total }

// Max is how many pairs can be taken at a time, by the range and by the limit of open files.
func (p *Ports) Max() int { return min(p.total, p.limit) }

// Take takes a pair and returns its first port. Errors: ErrPorts, ErrFiles.
func (p *Ports) Take() (uint16, error) {
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

// Give gives a pair back.
func (p *Ports) Give(port uint16) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free[(p.head+p.n)%p.total] = port
	p.n++
}

// Bind takes a pair and opens the socket of its first port; that of the second comes with the sound, see Stream.openRTCP of
// package media. Errors: ErrPorts, ErrFiles, and what the kernel says of an address that is not ours.
func (p *Ports) Bind() (c Conn, port uint16, err error) {
	for range bindTries {
		if port, err = p.Take(); err != nil {
			return nil, 0, err
		}
		if c, err = Listen(netip.AddrPortFrom(p.addr, port)); err == nil {
			return c, port, nil
		}
		p.Give(port)
		if outOfFiles(err) {
			return nil, 0, fmt.Errorf("%w: %w", ErrFiles, err)
		}
		if !inUse(err) {
			return nil, 0, err
		}
	}
	return nil, 0, fmt.Errorf("%w: %d tries, last: %w", ErrPorts, bindTries, err)
}
