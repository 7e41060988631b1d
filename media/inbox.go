package media

import (
	"sync"
	"sync/atomic"
)

// command is an order to a stream, carried out on its shard.
type command struct {
	stream *Stream
	do     func(*Stream)
}

// inbox takes commands from any goroutine to one shard. The shard looks once a tick and never waits for a sender;
// two slices change places, so that nothing is allocated once they have grown.
type inbox struct {
	mu     sync.Mutex
	fresh  []command
	closed bool
	any    atomic.Bool
	idle   atomic.Bool // the shard waits for the bell
	bell   chan struct{}

	read []command // the shard's own
}

// put posts a command; false means that the shard has ended.
func (b *inbox) put(c command) bool {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return false
	}
	b.fresh = append(b.fresh, c)
	b.any.Store(true)
	b.mu.Unlock()
	if b.idle.Load() {
		b.ring()
	}
	return true
}

func (b *inbox) ring() {
	select {
	case b.bell <- struct{}{}:
	default:
	}
}

// take returns the commands posted since the last time, valid until the next take. A sender who holds the lock just
// now is not waited for: the next tick comes soon.
func (b *inbox) take() []command {
	if !b.any.Load() || !b.mu.TryLock() {
		return nil
	}
	clear(b.read) // let go of the closures
	b.read, b.fresh = b.fresh, b.read[:0]
	b.any.Store(false)
	b.mu.Unlock()
	return b.read
}

// close refuses further commands and returns the last ones.
func (b *inbox) close() []command {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.any.Store(false)
	return b.fresh
}
