package report

import (
	"cmp"
	"slices"
	"time"
)

// Row is one queue in one interval. Interval zero is the whole time asked for, Queue "" the calls in no queue.
type Row struct {
	Queue string
	At    time.Time
	Totals
}

// Table makes a row for each queue and interval that has cases, in order of time and then queue. A case belongs to the
// interval in which it began. step 0 makes one interval; at is the start of the first, and intervals are counted from it.
func Table(cases []Case, at time.Time, step, within time.Duration) []Row {
	type key struct {
		queue string
		at    time.Time
	}
	rows := map[key]*Row{}
	for _, c := range cases {
		k := key{c.Queue, at}
		if step > 0 {
			k.at = at.Add(c.At.Sub(at) / step * step)
		}
		r := rows[k]
		if r == nil {
			r = &Row{Queue: k.queue, At: k.at, Totals: Sum(nil, within)}
			rows[k] = r
		}
		r.add(c, within)
	}
	all := make([]Row, 0, len(rows))
	for _, r := range rows {
		all = append(all, *r)
	}
	slices.SortFunc(all, func(a, b Row) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Queue, b.Queue)) })
	return all
}
