package trunk

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// TestNoPlaceIsEverLost: whatever comes in whatever order, the calls counted are those that are there, and at the end none is.
func TestNoPlaceIsEverLost(t *testing.T) {
	for seed := range uint64(200) {
		w := newWalk(t, seed)
		for range 300 {
			w.step()
			w.check()
		}
		w.end()
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// walk is a random sequence of what calls do to a set, and beside it what should be counted.
type walk struct {
	t    *testing.T
	dice *rand.Rand
	set  *Set
	now  time.Time
	in   []placed
	out  []*Attempt
	over []*Attempt
	ids  []string
}

type placed struct {
	line *line
	done func()
}

func newWalk(t *testing.T, seed uint64) *walk {
	w := &walk{t: t, dice: rand.New(rand.NewPCG(seed, 1)), now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), ids: []string{"a", "b", "c"}}
	w.set = set(t, nil, w.trunks()...)
	w.set.dice = w.dice.IntN
	return w
}

// trunks are some of three, with limits that are often met.
func (w *walk) trunks() (all []Trunk) {
	for i, id := range w.ids {
		if w.dice.IntN(5) == 0 {
			continue
		}
		t := Trunk{ID: id, MaxCalls: w.dice.IntN(4), MaxCPS: w.dice.IntN(4), MaxCPSIn: w.dice.IntN(4), Priority: w.dice.IntN(2), Weight: w.dice.IntN(3)}
		for j := range w.dice.IntN(4) {
			t.Targets = append(t.Targets, target(fmt.Sprintf("127.0.%d.%d:5060", i, j+1), w.dice.IntN(2), 1))
		}
		all = append(all, t)
	}
	return all
}

func (w *walk) step() {
	w.now = w.now.Add(time.Duration(w.dice.IntN(400)) * time.Millisecond)
	switch w.dice.IntN(9) {
	case 0, 1:
		id := w.ids[w.dice.IntN(len(w.ids))]
		l := w.set.lines[id]
		if done, err := w.set.TakeIn(id, w.now); err == nil {
			w.in = append(w.in, placed{l, done})
		}
	case 2, 3:
		o := Out{Number: []string{"13800138000", "95588", "16012345", "nonsense"}[w.dice.IntN(4)], Phone: []string{"", "1001"}[w.dice.IntN(2)]}
		for range w.dice.IntN(3) {
			o.Trunks = append(o.Trunks, w.ids[w.dice.IntN(len(w.ids))])
		}
		if a, err := w.set.TakeOut(o, w.now); err == nil {
			w.out = append(w.out, a)
		}
	case 4:
		w.with(func(a *Attempt) {
			a.Next(Outcome{Code: []int{0, 486, 500, 503}[w.dice.IntN(4)], Silent: w.dice.IntN(2) == 0, RetryAfter: time.Duration(w.dice.IntN(3)) * time.Second}, w.now)
		})
	case 5:
		w.with(func(a *Attempt) { a.Heard(); a.Answered(w.now) })
	case 6:
		w.drop()
	case 7: // a late word on a call that is over
		if n := len(w.over); n > 0 && w.over[w.dice.IntN(n)].Next(Outcome{}, w.now) {
			w.t.Error("a call that is over goes on")
		}
	case 8:
		if w.dice.IntN(4) == 0 {
			if err := w.set.Replace(w.trunks()); err != nil {
				w.t.Error(err)
			}
		}
	}
}

func (w *walk) with(f func(*Attempt)) {
	if len(w.out) > 0 {
		f(w.out[w.dice.IntN(len(w.out))])
	}
}

// drop ends a call, now and then twice.
func (w *walk) drop() {
	if n := len(w.in); n > 0 && w.dice.IntN(2) == 0 {
		i := w.dice.IntN(n)
		w.in[i].done()
		w.in[i].done()
		w.in = append(w.in[:i], w.in[i+1:]...)
		return
	}
	if n := len(w.out); n > 0 {
		i := w.dice.IntN(n)
		w.out[i].Done()
		if w.dice.IntN(2) == 0 {
			w.out[i].Done()
		}
		w.over = append(w.over, w.out[i])
		w.out = append(w.out[:i], w.out[i+1:]...)
	}
}

// check counts what is there.
func (w *walk) check() {
	want := map[*line]int{}
	for _, p := range w.in {
		want[p.line]++
	}
	for _, a := range w.out {
		want[a.line]++
	}
	for id, l := range w.set.lines {
		if l.calls != want[l] {
			w.t.Errorf("trunk %s counts %d calls, there are %d", id, l.calls, want[l])
		}
		delete(want, l)
	}
	for l, n := range want { // taken out of the set while it carried calls
		if l.calls != n {
			w.t.Errorf("trunk %s, which is gone, counts %d calls, there are %d", l.trunk.ID, l.calls, n)
		}
	}
}

func (w *walk) end() {
	for len(w.in)+len(w.out) > 0 {
		w.drop()
		w.check()
	}
	for _, s := range w.set.Snapshot() {
		if s.Calls != 0 {
			w.t.Errorf("trunk %s keeps %d places", s.ID, s.Calls)
		}
	}
}
