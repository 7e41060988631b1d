package mailbox

import (
	"sync"
	"testing"
)

func TestOrderAndClose(t *testing.T) {
	m := New[int]()
	for i := range 5 {
		if !m.Put(i) {
			t.Fatalf("put %d refused by an open box", i)
		}
	}
	<-m.Bell()
	got := m.Take()
	for i, v := range got {
		if v != i {
			t.Errorf("letter %d: got %d", i, v)
		}
	}
	m.Put(7)
	if left := m.Close(); len(left) != 1 || left[0] != 7 {
		t.Errorf("close returned %v, want the unread letter 7", left)
	}
	if m.Put(8) {
		t.Error("a closed box took a letter")
	}
}

func TestNothingLostAmongManySenders(t *testing.T) {
	const senders, each = 8, 1000
	m := New[int]()
	var wg sync.WaitGroup
	for range senders {
		wg.Go(func() {
			for i := range each {
				m.Put(i)
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	got := 0
	for got < senders*each {
		<-m.Bell()
		got += len(m.Take())
	}
	<-done
	if m.Len() != 0 {
		t.Errorf("%d letters too many", m.Len())
	}
}
