package node

import (
	"strings"

	"hotline/call"
	"hotline/cdr"
	"hotline/queue"
)

// wrapUps remembers of which call each agent's work after a call is, so that its record can say how long it took. It
// belongs to the queues' goroutine.
type wrapUps map[string]call.ID

// changed gives the fact that a wrap-up is over. An agent whose phone goes away within it ends it twice: the later one counts.
func (w wrapUps) changed(e queue.AgentChanged) (call.Fact, bool) {
	if e.To == queue.WrapUp {
		if id, ok := strings.CutPrefix(e.Reason, "after call "); ok {
			w[e.Agent] = call.ID(id)
		}
		return call.Fact{}, false
	}
	id := w[e.Agent]
	if e.From != queue.WrapUp || id == "" {
		return call.Fact{}, false
	}
	if e.Next == queue.Offline || e.To != queue.Offline { // with its phone back the same wrap-up goes on
		delete(w, e.Agent)
	}
	return cdr.Late(call.Fact{Kind: cdr.Wrapped, Call: id, Agent: e.Agent, At: e.At}), true
}
