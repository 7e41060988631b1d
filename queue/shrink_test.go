package queue

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// move is one thing that act does.
type move struct{ kind, x, y byte }

// complaint plays moves in a new world and returns what the checker says of them, without the verb and the time; "" when it is content.
func complaint(t testing.TB, moves []move) string {
	w := &witness{TB: t}
	return w.hear(func() {
		k := newWorld(w)
		for _, m := range moves {
			k.act(m.kind, m.x, m.y)
		}
	})
}

// shrink finds few moves among the latest that break a promise by themselves; nil: none of the latest do without those before.
func shrink(t testing.TB, moves []move) []move {
	for n := 64; n <= 64<<10; n *= 4 {
		if last := slices.Clone(moves[max(0, len(moves)-n):]); complaint(t, last) != "" {
			return thin(last, func(fewer []move) bool { return complaint(t, fewer) != "" })
		}
	}
	return nil
}

// thin takes moves away, many at once and then fewer, as long as what is left still breaks.
func thin(moves []move, breaks func([]move) bool) []move {
	for size := max(1, len(moves)/2); size > 0; size /= 2 {
		for at := 0; at+size <= len(moves); {
			if fewer := slices.Delete(slices.Clone(moves), at, at+size); breaks(fewer) {
				moves = fewer
				continue
			}
			at += size
		}
	}
	return moves
}

// written is moves as a test has them.
func written(moves []move) string {
	s := ""
	for _, m := range moves {
		s += fmt.Sprintf("{%d, %d, %d}, ", m.kind, m.x, m.y)
	}
	return s
}

// TestShrunk plays what longer runs found, shrunk.
func TestShrunk(t *testing.T) {
	for seed, moves := range map[string][]move{
		"2026": {{18, 5, 192}, {3, 110, 168}, {7, 102, 84}, {11, 253, 72}, {22, 91, 96}, {23, 5, 162}, {18, 151, 218}, {21, 79, 233}, {18, 187, 71}, {19, 192, 197}},
	} {
		if said := complaint(t, moves); said != "" {
			t.Errorf("the moves of seed %s: %s", seed, said)
		}
	}
	for name, play := range map[string]func(k *checker){
		"a wrap-up whose time is over is lengthened, then the disposition comes": func(k *checker) {
			k.replace(5) // east wants a disposition
			k.join("c1", 0)
			k.accept("offer-1")
			k.hangUp(k.b.offers["offer-1"].Agent, true)
			k.now = k.now.Add(10 * time.Second)
			k.tick()
			k.lengthen("801")
			k.now = k.now.Add(3 * time.Second)
			k.tick()
			k.dispose("801")
			k.tick()
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := &witness{TB: t}
			if said := w.hear(func() { k := newWorld(w); play(k); k.settled() }); said != "" {
				t.Error(said)
			}
		})
	}
}
