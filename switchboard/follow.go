package switchboard

import (
	"sync"

	"hotline/call"
)

// follows are supervisors who listen to an agent from call to call, by the supervisor's id as an agent: one agent each.
type follows struct {
	mu  sync.Mutex
	all map[string]Follow
}

// Follow is a supervisor's wish to listen to every call of an agent, for as long as the node runs.
type Follow struct {
	Supervisor string // as an agent
	Phone      string // of theirs, which rings for each call
	Of         string // the agent
	By         string // the supervisor's name
}

// Follow begins it, in the place of another one; Of "" ends it. Calls under way are listened to by commands of their own.
func (b *Switchboard) Follow(f Follow) {
	b.follows.mu.Lock()
	defer b.follows.mu.Unlock()
	if b.follows.all == nil {
		b.follows.all = map[string]Follow{}
	}
	delete(b.follows.all, f.Supervisor)
	if f.Of != "" {
		b.follows.all[f.Supervisor] = f
	}
}

// Followed is whom a supervisor follows; "" nobody.
func (b *Switchboard) Followed(supervisor string) string {
	b.follows.mu.Lock()
	defer b.follows.mu.Unlock()
	return b.follows.all[supervisor].Of
}

// follow asks a call in which an agent begins to talk for those who follow them; the first who asks has it.
func (b *Switchboard) follow(f call.Fact) {
	if f.Kind != call.Connected || f.Agent == "" {
		return
	}
	b.follows.mu.Lock()
	defer b.follows.mu.Unlock()
	for _, w := range b.follows.all {
		if w.Of == f.Agent {
			b.exchange.Send(f.Call, call.SuperviseAsked{Agent: w.Supervisor, Phone: w.Phone, What: call.Listen, Of: w.Of, By: w.By})
		}
	}
}
