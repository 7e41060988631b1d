package call

import (
	"slices"

	"hotline/ivr"
)

// forward is what a phone wants that answered 302 (RFC 3261 8.1.3.4): others are to be rung instead, one after the other.
type forward struct {
	phone string   // whose word it is: what it could dial itself is rung, and no more
	rest  []string // numbers that are still to be tried, the most wanted first
}

// mostForwards bounds how many numbers one dialling is forwarded to.
const mostForwards = 5

// forwarded rings whom a phone forwards to, or the next of those where one failed; false: there is nobody. A number that was rung before is
// passed over, so that phones which forward to each other end it.
func (p *dialling) forwarded(c *Call, ev LegEnded) bool {
	if !p.ours(ev.Leg) || !ev.ByPeer && len(ev.Redirect) == 0 {
		return false
	}
	p.weigh(ev)
	f := p.forwards[ev.Leg]
	delete(p.forwards, ev.Leg)
	if len(ev.Redirect) > 0 && ev.Phone != "" {
		f = forward{phone: ev.Phone, rest: slices.Concat(ev.Redirect, f.rest)}
		p.tried = append(p.tried, ev.Phone)
	}
	for len(f.rest) > 0 && p.hops < mostForwards {
		to := f.rest[0]
		f.rest = f.rest[1:]
		if slices.Contains(p.tried, to) {
			continue
		}
		p.tried = append(p.tried, to)
		p.hops++
		if w, status := c.wayTo(to, f.phone); status == 0 && w.dial != nil {
			p.ringInstead(c, f, w.dial.Targets)
			return true
		}
	}
	return false
}

func (p *dialling) ringInstead(c *Call, f forward, targets []ivr.Target) {
	for i, t := range targets {
		id := c.dialAs(Dial{Target: t, From: p.cmd.From, By: f.phone, Diverted: f.phone}, c.setup.Agents[t.Value])
		p.legs = append(p.legs, id)
		if i == 0 {
			if p.forwards == nil {
				p.forwards = map[LegID]forward{}
			}
			p.forwards[id] = f
		}
	}
}
