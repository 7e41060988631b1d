package opus

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// look is how often a worker looks for jobs: waking it for each would cost the shard more.
const look = 2 * time.Millisecond

// Pool is the workers of a node. Make it with NewPool; Run must be running for jobs to be done.
type Pool struct {
	workers []*worker
	next    atomic.Uint64
}

// NewPool returns a pool of so many workers, at least one. It starts nothing; see Run.
func NewPool(workers int) *Pool {
	p := &Pool{}
	for range max(1, workers) {
		p.workers = append(p.workers, &worker{bell: make(chan struct{}, 1)})
	}
	return p
}

// Run works until ctx ends.
func (p *Pool) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, w := range p.workers {
		all.Go(func() { w.run(ctx) })
	}
	all.Wait()
}

// Work does once what was posted, in the caller's goroutine: for who owns the clock, in place of Run.
func (p *Pool) Work() {
	for _, w := range p.workers {
		w.round()
	}
}

// Decoder opens a port for one stream of packets. Any goroutine may call it.
func (p *Pool) Decoder() *Port { return p.open(&Port{}) }

// Encoder opens a port for one stream to be sent. Any goroutine may call it.
func (p *Pool) Encoder() *Port { return p.open(&Port{encodes: true}) }

func (p *Pool) open(port *Port) *Port {
	p.workers[p.next.Add(1)%uint64(len(p.workers))].add(port)
	return port
}

// Ports is how many are open.
func (p *Pool) Ports() int {
	n := 0
	for _, w := range p.workers {
		n += int(w.count.Load())
	}
	return n
}

// worker is one goroutine and the coders that it runs. It sleeps while it has none.
type worker struct {
	bell  chan struct{}
	mu    sync.Mutex
	fresh []*Port
	ports []*Port // the worker's own
	count atomic.Int64
}

func (w *worker) add(p *Port) {
	w.mu.Lock()
	w.fresh = append(w.fresh, p)
	w.mu.Unlock()
	w.count.Add(1)
	select {
	case w.bell <- struct{}{}:
	default:
	}
}

func (w *worker) run(ctx context.Context) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for ctx.Err() == nil {
		if len(w.ports) == 0 {
			tick.Stop()
			select {
			case <-w.bell:
			case <-ctx.Done():
				return
			}
			tick.Reset(look)
		}
		w.round()
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// round takes new ports in, works, and lets closed ones go.
func (w *worker) round() {
	w.mu.Lock()
	w.ports = append(w.ports, w.fresh...)
	w.fresh = w.fresh[:0]
	w.mu.Unlock()
	for _, p := range w.ports {
		if !p.closed.Load() {
			p.work()
		}
	}
	before := len(w.ports)
	w.ports = slices.DeleteFunc(w.ports, func(p *Port) bool { return p.closed.Load() })
	w.count.Add(-int64(before - len(w.ports))) // counted by what went: a port may be closed at any moment of the round
}
