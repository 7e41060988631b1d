// Package mailbox is the unbounded letter box that an actor reads from: a sender never waits, and a
// letter that comes too late is refused, not lost. It knows nothing about what the letters say.
package mailbox

import "sync"

// Mailbox holds letters of type T for one reader. The zero value is not usable; see New.
type Mailbox[T any] struct {
	mu      sync.Mutex
	letters []T
	closed  bool
	bell    chan struct{}
}

// New returns an empty open mailbox.
func New[T any]() *Mailbox[T] {
	return &Mailbox[T]{bell: make(chan struct{}, 1)}
}

// Put adds a letter and never waits. False means the box is closed and the letter was not taken: the
// sender still owns whatever it carries.
func (m *Mailbox[T]) Put(letter T) bool {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return false
	}
	m.letters = append(m.letters, letter)
	m.mu.Unlock()
	select {
	case m.bell <- struct{}{}:
	default:
	}
	return true
}

// Bell rings once or more after letters were put; the reader then calls Take.
func (m *Mailbox[T]) Bell() <-chan struct{} { return m.bell }

// Take removes and returns all letters in the order they came; nil means there were none.
func (m *Mailbox[T]) Take() []T {
	m.mu.Lock()
	defer m.mu.Unlock()
	letters := m.letters
	m.letters = nil
	return letters
}

// Close refuses further letters and returns those not read yet, so that the reader can give back what they carry.
func (m *Mailbox[T]) Close() []T {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	letters := m.letters
	m.letters = nil
	return letters
}

// Len is the number of letters waiting.
func (m *Mailbox[T]) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.letters)
}
