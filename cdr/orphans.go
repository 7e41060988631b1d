package cdr

import (
	"context"
	"fmt"
	"time"

	"hotline/call"
)

// EndOrphans gives every call that the last process left without an end one, with cause crashed, and makes the records
// that are missing. Call it at start, before the first call. The end is the call's last fact or, where the process lived
// longer, its last sign of life, which is at most a few seconds before it died. It returns how many calls it ended; after
// an error it may simply be called again.
func EndOrphans(ctx context.Context, store Store) (ended int, err error) {
	ids, err := store.OpenCalls(ctx)
	if err != nil {
		return 0, fmt.Errorf("list the open calls: %w", err)
	}
	alive, err := store.Cursor(ctx, aliveCursor)
	if err != nil {
		return 0, fmt.Errorf("read the last sign of life: %w", err)
	}
	for len(ids) > 0 {
		n := min(len(ids), 500)
		some, err := endSome(ctx, store, ids[:n], time.UnixMilli(alive))
		if err != nil {
			return ended, err
		}
		ended += some
		ids = ids[n:]
	}
	return ended, nil
}

func endSome(ctx context.Context, store Store, ids []call.ID, alive time.Time) (int, error) {
	var ends []call.Fact
	due := map[call.ID]bool{}
	for _, id := range ids {
		facts, err := store.FactsOf(ctx, id)
		if err != nil {
			return 0, fmt.Errorf("read the facts of call %s: %w", id, err)
		}
		if len(facts) == 0 {
			continue
		}
		due[id] = true
		if end, orphan := endOf(facts, alive); orphan {
			ends = append(ends, end)
		}
	}
	if len(ends) > 0 {
		if _, err := store.AppendFacts(ctx, ends); err != nil {
			return 0, fmt.Errorf("end %d orphaned calls: %w", len(ends), err)
		}
	}
	return len(ends), saveRecords(ctx, store, due)
}

// endOf is the end a call lacks; false when it has one.
func endOf(facts []call.Fact, alive time.Time) (call.Fact, bool) {
	end := call.Fact{Call: facts[0].Call, Kind: call.Ended, Cause: call.Crashed, Q850: call.Crashed.Q850(), Side: "system", At: alive}
	for _, f := range facts {
		if f.Kind == call.Ended {
			return call.Fact{}, false
		}
		if f.Seq < LateSeq {
			end.Seq = max(end.Seq, f.Seq)
		}
		if f.At.After(end.At) {
			end.At = f.At
		}
	}
	end.Seq++
	return end, true
}
