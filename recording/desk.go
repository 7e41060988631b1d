package recording

import "hotline/internal/mailbox"

// desk is a mailbox with one goroutine behind it, which empties it before it leaves.
type desk[T any] struct {
	mail *mailbox.Mailbox[T]
	done chan struct{}
}

func newDesk[T any]() *desk[T] {
	return &desk[T]{mail: mailbox.New[T](), done: make(chan struct{})}
}

func (d *desk[T]) put(letter T) { d.mail.Put(letter) }

// close lets run return once all that was put before is done. Call it once.
func (d *desk[T]) close() { close(d.done) }

// run does the work in order until close.
func (d *desk[T]) run(do func(T)) {
	for closed := false; ; {
		for _, letter := range d.mail.Take() {
			do(letter)
		}
		if closed {
			return
		}
		select {
		case <-d.mail.Bell():
		case <-d.done:
			closed = true
		}
	}
}
