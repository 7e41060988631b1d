package node

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"

	"hotline/agentphone"
	"hotline/call"
	"hotline/ivr"
	"hotline/number"
	"hotline/queue"
	"hotline/route"
	"hotline/sip/event"
	"hotline/sip/ua"
	"hotline/switchboard"
)

// openSoftphones opens the port of browsers' sound; without one in the configuration there are none.
func (n *Node) openSoftphones(ctx context.Context) error {
	c := n.config.Softphone
	if len(c.UDP) == 0 {
		return nil
	}
	var tcp netip.AddrPort
	if len(c.TCP) > 0 {
		tcp = c.TCP[0]
	}
	port, err := agentphone.OpenPort(c.UDP[0], tcp, n.log)
	if err != nil {
		return fmt.Errorf("softphone: %w", err)
	}
	config := agentphone.Config{
		Engine: n.engine, Port: port, FullICE: c.ICE == "full", Codecs: ownCodecs(c.Codecs, n.log), Origins: n.config.HTTP.Origins, Logger: n.log,
		Arrive: func(leg *agentphone.Leg, user, to string) {
			a := ua.Arrival{Origin: route.Origin{Kind: route.FromPhone, Phone: user}, From: user, Dialled: to}
			n.board.ArriveBy(context.WithoutCancel(ctx), a, leg)
		},
		Changed: func(user string, _ bool) { n.reachable(user) },
		Shown:   masked,
	}
	if c.Advertise != "" {
		config.Advertise = netip.MustParseAddr(c.Advertise)
	}
	if config.Button, err = n.button(ctx); err != nil {
		return err
	}
	n.softphones, err = agentphone.New(config)
	return err
}

// button is what visitors of customers' pages may call.
func (n *Node) button(ctx context.Context) (agentphone.Button, error) {
	c := n.config.Button
	key, err := c.Secret()
	if err != nil {
		return agentphone.Button{}, err
	}
	return agentphone.Button{
		Number: c.Number, Origins: c.Origins, Key: key, Most: c.Most, Rate: c.Rate,
		Visited: func(leg *agentphone.Leg, v agentphone.Visitor) {
			a := ua.Arrival{Origin: route.Origin{Kind: route.FromWeb}, From: cmp.Or(v.Customer, "anonymous"), Dialled: c.Number}
			if v.Customer != "" {
				a.Vars = map[string]string{"customer": v.Customer}
			}
			n.board.ArriveBy(context.WithoutCancel(ctx), a, leg)
		},
	}, nil
}

// masked is a number as agents may see it: those of colleagues whole.
func masked(n string) string {
	if number.Parse(n).Kind == number.Extension {
		return n
	}
	return number.Mask(n)
}

// reachable tells the queues and who watches it whether a phone can ring: at a desk, in a browser, or both.
func (n *Node) reachable(user string) {
	n.board.PhoneReachable(user, n.rings(user))
	n.lamps.Changed(event.Presence, user)
}

func (n *Node) rings(user string) bool {
	return n.inBrowser(user) || len(n.registrar.Contacts(user)) > 0
}

func (n *Node) inBrowser(user string) bool {
	return n.softphones != nil && n.softphones.Reachable(user)
}

// dialling dials by SIP, and rings an agent's browser beside the desk phone or in its place.
func (n *Node) dialling(sip func() *ua.UA) func(call.LegID, ua.Dialling, func(call.Event)) switchboard.Line {
	return func(id call.LegID, d ua.Dialling, sink func(call.Event)) switchboard.Line {
		user := d.Target.Value
		if d.Target.Kind != ivr.ToPhone || !n.inBrowser(user) {
			return sip().Dial(id, d, sink)
		}
		browser := func(sink func(call.Event)) switchboard.Line {
			return n.softphones.Dial(id, user, agentphone.Ringing{From: d.From, Display: d.Display, Near: d.Near, Prefer: d.Prefer}, sink)
		}
		if len(n.registrar.Contacts(user)) == 0 {
			return browser(sink)
		}
		return switchboard.Either(sink, browser, func(sink func(call.Event)) switchboard.Line { return sip().Dial(id, d, sink) })
	}
}

// showInBrowser tells an agent's own tabs of a change of their state.
func (n *Node) showInBrowser(user string, a queue.AgentChanged) {
	if n.softphones != nil {
		n.softphones.Show(user, agentphone.AgentState{
			State: string(a.To), Reason: a.Reason, Next: string(a.Next), NextReason: a.NextReason, Since: a.Since,
		})
	}
}

// phoneOf is the phone of an agent; "" for who has none.
func (n *Node) phoneOf(agent string) string { return n.built.Load().PhoneOf[agent] }
