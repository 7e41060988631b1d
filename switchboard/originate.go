package switchboard

import (
	"context"

	"hotline/call"
	"hotline/number"
	"hotline/route"
)

// Wanted is a call that we begin: a customer's callback.
type Wanted struct {
	Callback             call.Callback
	DID, Topic, Language string // of the call that asked for it
}

// Originate begins a call of ours under an id. False: the node is stopping or full, and nothing was begun.
func (b *Switchboard) Originate(ctx context.Context, id call.ID, w Wanted) bool {
	if b.draining.Load() || (b.MaxCalls > 0 && b.exchange.Live() >= b.MaxCalls) {
		return false
	}
	centre := b.centre.Load()
	customer := number.Parse(w.Callback.Number)
	c := call.New(id, call.Setup{
		Callback: &w.Callback, From: customer, Region: centre.Atlas.Region(customer), Dialled: w.Callback.Number,
		Plan:   route.Plan{DID: w.DID, Topic: w.Topic, Language: w.Language},
		Routes: centre.Routes, Flows: centre.Flows, Music: centre.Music, Agents: centre.Agents, Outside: b.Outside, ParkFor: b.ParkFor,
		Whispers: centre.Whispers, Greetings: centre.Greetings, VIP: centre.VIP[customer.E164],
	})
	p := &plugs{
		legs: map[call.LegID]Line{}, taps: map[string]*tapped{}, caller: customer, shown: string(customer.E164), playing: map[call.LegID]int{},
	}
	b.mu.Lock()
	b.plugs[id] = p
	b.mu.Unlock()
	b.exchange.Start(ctx, c)
	return true
}
