package node

import (
	"github.com/emiago/sipgo/sip"

	"hotline/call"
	"hotline/queue"
	"hotline/sip/event"
	"hotline/sip/transaction"
	"hotline/sip/transport"
)

// watching is what phones may subscribe to, and where its state comes from.
func (n *Node) watching() event.Config {
	return event.Config{
		Logger: n.log, Contact: n.contact, Presence: n.presence,
		Known:  func(user string) bool { return n.known(user) || n.built.Load().Routes.Codes.Slots.Has(user) },
		Domain: func(p transport.Peer) string { return n.transport.LocalFor(p).Addr().String() },
		Authenticate: func(tx *transaction.Server) (string, []sip.Header, bool) {
			return n.registrar.AuthenticateFrom(tx.Request, tx.From, false)
		},
	}
}

// note keeps a fact of a call. Of who is parked the lamps of the slot tell, and the phone from which they were: a text as from the slot, so that
// to call back is to fetch them.
func (n *Node) note(f call.Fact) {
	n.journal.Append(f)
	switch f.Kind {
	case call.Parked:
		n.lamps.Set(f.To, event.Call{ID: string(f.Call), Recipient: true, State: "confirmed", Remote: f.From})
		if f.From != "" {
			n.legs.Text(f.From, f.To, "已驻留，取回拨 "+f.To+" / parked, to fetch dial "+f.To)
		}
	case call.Unparked:
		n.lamps.Over(f.To, string(f.Call))
	default: // no lamp is about it
	}
}

// presence is how it is with a phone, and with the agent whose it is.
func (n *Node) presence(user string) event.Status {
	s := event.Status{Open: n.registrar.Reachable(user), Busy: n.lamps.Talking(user)}
	agent, ok := n.board.Centre().Agents[user]
	if !ok {
		return s
	}
	if note, ok := n.notes.Load(agent); ok {
		s.Note, _ = note.(string)
	}
	return s
}

// agentShown tells who watches an agent's phone that the agent's state changed.
func (n *Node) agentShown(a queue.AgentChanged) {
	note := string(a.To)
	if a.Reason != "" {
		note += ": " + a.Reason
	}
	n.notes.Store(a.Agent, note)
	for user, of := range n.board.Centre().Agents {
		if of == a.Agent {
			n.lamps.Changed(event.Presence, user)
			n.showInBrowser(user, a)
		}
	}
}
