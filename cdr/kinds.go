package cdr

import "hotline/call"

// Kinds of facts that others than the call itself note; Fold understands them where they are.
const (
	Wrapped  call.Kind = "wrapped"  // Agent has finished the work after the call; At is the end of it
	Disposed call.Kind = "disposed" // Agent says with Reason what the call was about
)

// LateSeq is the first seq of facts that are noted from outside a call, often after its end; see Late.
const LateSeq = 1_000_000

// Late numbers a fact that comes from outside the call's own rules, such as Wrapped: its seq is made of its time, so that
// noting it twice is harmless and it folds after what the call said itself.
func Late(f call.Fact) call.Fact {
	f.Seq = max(LateSeq, int(f.At.UnixMicro()))
	return f
}
