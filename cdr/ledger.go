package cdr

import (
	"slices"

	"hotline/call"
)

// ledgerMost is how many facts of one running call are held; the record of a longer call is made from the store.
const ledgerMost = 200

// ledger holds the committed facts of running calls, so that a record needs no reading: it is folded when the call ends and
// committed with its last facts, which saves a query, a parse and a second sync to the disk for each call. A call whose facts
// it did not see from the first to the last without a gap is not in it; the store has those.
type ledger map[call.ID][]call.Fact

// shortCall is how many facts most calls have, so that their place is made once.
const shortCall = 8

// records makes the records of the calls that end in a batch. With the second result come those that must be read from the
// store: incomplete ones, and those with facts from after the end. The ledger stays as it is.
func (l ledger) records(batch []call.Fact) (records []Record, read []call.ID) {
	ends := 0
	for i := range batch {
		if batch[i].Kind == call.Ended {
			ends++
		}
	}
	records = make([]Record, 0, ends)
	for i := range batch {
		f := &batch[i]
		switch {
		case f.Seq >= LateSeq:
			read = append(read, f.Call)
		case f.Kind == call.Ended:
			if all, whole := l.with(f.Call, batch[:i+1]); whole {
				records = append(records, Fold(all))
			} else {
				read = append(read, f.Call)
			}
		}
	}
	return slices.DeleteFunc(records, func(r Record) bool { return slices.Contains(read, r.Call) }), read
}

// with is all facts of a call up to the end of a batch, to be read before the next call of with or took; false when some are missing. It
// uses the room behind those that are held.
func (l ledger) with(id call.ID, batch []call.Fact) ([]call.Fact, bool) {
	all := l[id]
	if all == nil {
		all = make([]call.Fact, 0, shortCall)
	}
	for i := range batch {
		if batch[i].Call != id {
			continue
		}
		if batch[i].Seq != len(all)+1 {
			return nil, false
		}
		all = append(all, batch[i])
	}
	return all, true
}

// took notes a batch that was committed.
func (l ledger) took(batch []call.Fact) {
	for i := range batch {
		f := &batch[i]
		held, known := l[f.Call]
		switch {
		case f.Seq == 1 && !known:
			l[f.Call] = append(make([]call.Fact, 0, shortCall), *f)
		case known && f.Seq == len(held)+1 && f.Kind != call.Ended && len(held) < ledgerMost:
			l[f.Call] = append(held, *f)
		default:
			delete(l, f.Call) // over, or not known whole any more
		}
	}
}
