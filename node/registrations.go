package node

import (
	"context"
	"slices"
	"strings"

	"hotline/sip/registration"
	"hotline/sip/transport"
	"hotline/sip/trunk"
)

// openRegistrations makes what keeps trunks registered with their carriers.
func (n *Node) openRegistrations() {
	n.keeper = registration.New(registration.Config{
		Send: registration.Over(n.tx),
		Contact: func(to transport.Peer, user string) string {
			return strings.Replace(n.contact(to), "sip:", "sip:"+user+"@", 1)
		},
		Changed: func(id string, t registration.Target, s registration.Status) {
			n.trunks.Registered(id, t.Network, t.Addr, trunk.Registration{Registered: s.Registered, Since: s.Since, Until: s.Until, Why: s.Why})
			if s.Registered && s.Why == "" {
				n.log.Debug("trunk registered", "trunk", id, "with", t.Addr, "until", s.Until)
			} else {
				n.log.Warn("trunk is not registered anew", "trunk", id, "with", t.Addr, "registered", s.Registered, "why", s.Why)
			}
		},
	})
	n.keeper.Replace(registrations(n.trunks.Trunks()))
}

// register keeps the trunks registered until the function returned is called: it waits until all is taken back.
func (n *Node) register(ctx context.Context) (end func()) {
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = n.keeper.Run(inner)
	}()
	return func() {
		stop()
		<-done
	}
}

// registrations are the accounts of the trunks that register; their targets by priority.
func registrations(trunks []trunk.Trunk) (all []registration.Account) {
	for _, t := range trunks {
		if t.Register == nil {
			continue
		}
		a := registration.Account{
			ID: t.ID, Domain: t.Register.Domain, User: t.Register.User, AuthUser: t.User, Password: t.Password.Reveal(),
			Contact: t.Register.Contact, Expires: t.Register.Expires, Each: t.Register.Each,
		}
		targets := slices.Clone(t.Targets)
		slices.SortStableFunc(targets, func(x, y trunk.Target) int { return x.Priority - y.Priority })
		for _, x := range targets {
			a.Targets = append(a.Targets, registration.Target{Network: x.Network, Addr: x.Addr})
		}
		all = append(all, a)
	}
	return all
}
