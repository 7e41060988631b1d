package switchboard

import (
	"sync"

	"hotline/call"
)

// follows are supervisors who listen to an agent from call to call, by the supervisor's id as an agent: one agent each.
type follows struct {
	mu  sync.Mutex
	all map[string]following
}

// following is a supervisor's wish to listen to every call of an agent, for as long as the node runs.
type following struct{ supervisor, phone, of, by string }

// Follow begins it, in the place of another one; of "" ends it. Calls under way are listened to by commands of their own.
func (b *Switchboard) Follow(supervisor, phone, of, by string) {
	b.follows.mu.Lock()
	defer b.follows.mu.Unlock()
	if b.follows.all == nil {
		b.follows.all = map[string]following{}
	}
	delete(b.follows.all, supervisor)
	if of != "" {
		b.follows.all[supervisor] = following{supervisor, phone, of, by}
	}
}

// follow asks a call in which an agent begins to talk for those who follow them; the first who asks has it.
func (b *Switchboard) follow(f call.Fact) {
	if f.Kind != call.Connected || f.Agent == "" {
		return
	}
	b.follows.mu.Lock()
	defer b.follows.mu.Unlock()
	for _, w := range b.follows.all {
		if w.of == f.Agent {
			b.exchange.Send(f.Call, call.SuperviseAsked{Agent: w.supervisor, Phone: w.phone, What: call.Listen, Of: w.of, By: w.by})
		}
	}
}
