package call

import (
	"cmp"

	"hotline/ivr"
)

// arriving is before the first event.
type arriving struct{}

func (*arriving) enter(*Call)    {}
func (*arriving) giveBack(*Call) {}

func (p *arriving) on(c *Call, ev Event) phase {
	if _, ok := ev.(Arrived); !ok {
		return p
	}
	s := c.setup
	flow := s.Flows.Flows[s.Plan.Flow]
	f := Fact{
		Kind: Started, Leg: CallerLeg, From: string(s.From.E164), FromRaw: cmp.Or(s.Wire, s.From.Raw), To: s.Dialled, DID: s.Plan.DID, Trunk: s.Origin.Trunk,
		Direction: c.direction(), Region: s.Region.String(), Confidence: s.Region.Confidence, Flow: s.Plan.Flow, Topic: s.Plan.Topic,
		Reason: s.Plan.Reason, ReasonZH: s.Plan.ReasonZH,
	}
	if s.Origin.Phone != "" {
		f.Agent = s.Agents[s.Origin.Phone]
	}
	if s.Dialog != "" {
		f.Dialogs = []string{s.Dialog}
	}
	if f.From == "" {
		f.From = s.From.Raw
	}
	if b := s.Callback; b != nil {
		f.Leg, f.To, f.Other, f.Reason = "", b.Number, b.Of, "callback"
		c.note(f)
		return c.keepPlace()
	}
	if flow != nil {
		f.FlowVersion = flow.Version
	}
	c.note(f)
	if s.Origin.Phone != "" {
		*c.legs[CallerLeg] = leg{phone: s.Origin.Phone, agent: f.Agent, busy: true}
		c.do(PhoneBusy{Phone: s.Origin.Phone, On: true})
	}
	run, err := s.Flows.Start(s.Plan.Flow, ivr.Context{
		Caller: s.From, Region: s.Region, Dialled: s.Dialled, DID: s.Plan.DID, Topic: s.Plan.Topic,
		Language: s.Plan.Language, VIP: s.VIP, Blocked: s.Blocked, Vars: s.Vars, Surveyed: s.Surveyed, Shut: s.Shut,
	})
	if err != nil {
		return c.finish(end{cause: NotFound, side: "system"})
	}
	c.run = run
	return c.advance(ivr.Begin{})
}

func (c *Call) direction() string {
	if c.setup.Callback != nil {
		return "out"
	}
	if c.setup.Origin.Phone != "" {
		return "internal"
	}
	return "in"
}
