package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Chain is the hash of the line when before is the hash of the line in front of it: SHA-256 over that hash and the line. A
// line that is changed or taken out breaks the chain behind it.
func (e Entry) Chain(before string) string {
	e.Hash = before
	e.At = e.At.UTC()
	line, err := json.Marshal(e)
	if err != nil { // a year beyond 9999
		line = fmt.Appendf(nil, "%v", e)
	}
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}

// VerifyTrail checks lines in growing order of number that follow the line with hash before ("" at the very beginning). It
// returns the number of the first line that is wrong, 0 when all are right.
func VerifyTrail(before string, lines []Entry) (wrong int64) {
	for i, e := range lines {
		if e.Chain(before) != e.Hash || i > 0 && e.Number != lines[i-1].Number+1 {
			return e.Number
		}
		before = e.Hash
	}
	return 0
}

// Note writes a line of the trail.
func (a *Accounts) Note(ctx context.Context, e Entry) error {
	if e.At.IsZero() {
		e.At = a.now()
	}
	if _, err := a.store.AppendTrail(ctx, e); err != nil {
		return fmt.Errorf("write %q to the trail: %w", e.What, err)
	}
	return nil
}
