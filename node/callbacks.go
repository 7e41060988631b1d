package node

import (
	"cmp"
	"context"
	"time"

	"hotline/call"
	"hotline/callback"
	"hotline/switchboard"
)

// openCallbacks makes what keeps the callbacks of the centre.
func (n *Node) openCallbacks() {
	n.callbacks = callback.NewKeeper(callback.Config{
		Start: n.callBack, Rule: n.callbackRule, Logger: n.log,
		End:  func(id call.ID) { n.board.Exchange().Send(id, call.HangupAsked{By: "callback cancelled"}) },
		Open: func(queue string) bool { return !n.isShut(queue) },
		After: func(queue string, t time.Time, d time.Duration) time.Time {
			b := n.built.Load()
			if at := b.Routes.Calendars[b.Rules[queue].Hours].After(t, d); !at.IsZero() {
				return at
			}
			return t.Add(d) // it never opens again
		},
	}, n.db)
}

// callBack begins the call of a callback.
func (n *Node) callBack(ctx context.Context, id call.ID, e callback.Entry, r callback.Rule) bool {
	return n.board.Originate(context.WithoutCancel(ctx), id, switchboard.Wanted{
		Callback: call.Callback{
			Of: e.ID, Number: e.Number, Trunk: r.Trunk, Shown: cmp.Or(r.Shown, e.DID), Queue: e.Queue, Steps: e.Steps, Priority: e.Priority, Since: e.Since,
			AgentFirst: r.AgentFirst, Ring: r.Ring, Record: r.Record, MaxWait: max(1, e.Expires.Sub(e.Changed)),
		},
		DID: e.DID, Topic: e.Topic,
	})
}

// callbackRule is how a queue calls back; false: there is no such queue.
func (n *Node) callbackRule(queue string) (callback.Rule, bool) {
	q, ok := n.built.Load().Rules[queue]
	c := q.Callback
	if c == nil {
		return callback.Rule{AgentFirst: true}, ok
	}
	return callback.Rule{
		AgentFirst: c.First != "customer", Ring: c.Ring, Tries: c.Tries, Retry: c.Retry, Expires: c.Expires, Trunk: c.Trunk, Shown: c.CallerID, Record: c.Record,
	}, ok
}
