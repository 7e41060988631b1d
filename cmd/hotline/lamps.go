package main

import (
	"github.com/emiago/sipgo/sip"

	"hotline/queue"
	"hotline/sip/event"
	"hotline/sip/transaction"
	"hotline/sip/transport"
)

// watching is what phones may subscribe to, and where its state comes from.
func (n *node) watching() event.Config {
	return event.Config{
		Logger: n.log, Contact: n.contact, Known: n.known, Presence: n.presence,
		Domain: func(p transport.Peer) string { return n.transport.LocalFor(p).Addr().String() },
		Authenticate: func(tx *transaction.Server) (string, []sip.Header, bool) {
			return n.registrar.AuthenticateFrom(tx.Request, tx.From, false)
		},
	}
}

// presence is how it is with a phone, and with the agent whose it is.
func (n *node) presence(user string) event.Status {
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
func (n *node) agentShown(a queue.AgentChanged) {
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
