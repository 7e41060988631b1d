package report

import "time"

// Busy is how busy agents were in one interval, summed over all of them.
type Busy struct {
	At              time.Time     // the beginning of the interval
	Work            time.Duration // signed in, not on break, not away after missed offers and not listening to others
	Talking, WrapUp time.Duration
}

// Occupancy is Agent.Occupancy of the interval; false for no time at work.
func (b Busy) Occupancy() (float64, bool) {
	if b.Work <= 0 {
		return 0, false
	}
	return float64(b.Talking+b.WrapUp) / float64(b.Work), true
}

// working reports whether a state is time at work.
func working(state string) bool {
	return state != "offline" && state != "not-ready" && state != "missed" && state != Listening
}

// BusyTable takes the log of states apart by interval, an interval without any agent too. A span that goes over the end of one counts in
// each by its part. step 0 makes one interval.
func BusyTable(spans []Span, from, to time.Time, step time.Duration) []Busy {
	if step <= 0 {
		step = to.Sub(from)
	}
	var table []Busy
	for at := from; at.Before(to); at = at.Add(step) {
		table = append(table, Busy{At: at})
	}
	for _, s := range spans {
		if !working(s.State) {
			continue
		}
		for i := max(0, int(s.From.Sub(from)/step)); i < len(table); i++ {
			begin, end := later(s.From, table[i].At), earlier(s.To, earlier(to, table[i].At.Add(step)))
			if !end.After(begin) {
				break
			}
			table[i].add(s.State, end.Sub(begin))
		}
	}
	return table
}

func (b *Busy) add(state string, d time.Duration) {
	b.Work += d
	switch state {
	case "talking":
		b.Talking += d
	case "wrap-up":
		b.WrapUp += d
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
