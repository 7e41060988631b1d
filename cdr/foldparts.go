package cdr

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"hotline/call"
)

// meter adds up the time during which at least one key was on.
type meter struct {
	on    map[string]bool
	since time.Time
	total time.Duration
}

func (m *meter) running() bool { return len(m.on) > 0 }

func (m *meter) start(key string, at time.Time) {
	if len(m.on) == 0 {
		m.on, m.since = map[string]bool{}, at
	}
	m.on[key] = true
}

func (m *meter) stop(key string, at time.Time) {
	if !m.on[key] {
		return
	}
	delete(m.on, key)
	if len(m.on) == 0 {
		m.total += between(m.since, at)
	}
}

func (m *meter) stopAll(at time.Time) {
	if len(m.on) > 0 {
		m.total += between(m.since, at)
		m.on = nil
	}
}

// queued folds the caller's stays in queues. One key for all: a caller waits in one queue at a time, however wide it is.
func (f *folding) queued(fact call.Fact) {
	stay := f.stay()
	switch {
	case fact.Kind == call.Queued:
		f.leaveQueue(fact.At, "")
		f.r.Queued = first(f.r.Queued, fact.At)
		f.r.Topic = cmp.Or(fact.Topic, f.r.Topic)
		f.r.Queues = append(f.r.Queues, Stay{Queue: fact.Queue, Priority: fact.Priority, Since: fact.At})
		if !f.gone {
			f.wait.start("queue", fact.At)
		}
	case fact.Kind == call.LeftQueue:
		f.leaveQueue(fact.At, fact.Reason)
	case fact.Kind == call.Estimated:
		if stay != nil && stay.Foretold == 0 {
			stay.Foretold = (between(stay.Since, fact.At) + fact.For).Milliseconds() // it was said a while after the wait began
		}
	case stay != nil:
		stay.Widened = append(stay.Widened, fact.Queue)
	}
}

// stay is the queue the caller waits in now, nil when in none.
func (f *folding) stay() *Stay {
	if n := len(f.r.Queues); n > 0 && f.r.Queues[n-1].Left.IsZero() {
		return &f.r.Queues[n-1]
	}
	return nil
}

func (f *folding) leaveQueue(at time.Time, why string) {
	stay := f.stay()
	if stay == nil {
		if n := len(f.r.Queues); n > 0 && f.r.Queues[n-1].Why == "" {
			f.r.Queues[n-1].Why = why // the caller's leg went first, the reason comes now
		}
		return
	}
	f.wait.stop("queue", at)
	stay.Left, stay.Why = at, why
	stay.WaitMS = between(stay.Since, at).Milliseconds()
}

// reached folds what happens to the phones that ring for the caller.
func (f *folding) reached(fact call.Fact) {
	switch fact.Kind {
	case call.Offer:
		f.newPart(fact)
	case call.Dialled:
		f.dialled(fact)
	case call.Refused:
		if i := f.part(fact); i >= 0 {
			f.r.Agents[i].Refused = cmp.Or(fact.Reason, "refused")
			f.quiet(i, fact.At)
			f.r.Agents[i].Left = first(f.r.Agents[i].Left, fact.At)
		}
	case call.Consulted:
		f.consulted(fact)
	default: // Connected
		f.connected(fact)
	}
}

// consulted starts the time in which somebody is asked aside, while the caller waits for another: it is none of their talk.
func (f *folding) consulted(fact call.Fact) {
	f.ring.stop("leg:"+string(fact.Leg), fact.At)
	i := f.part(fact)
	if i < 0 && fact.Agent == "" {
		return
	}
	if i < 0 {
		i = f.newPart(fact)
		f.r.Agents[i].Offered = time.Time{}
	}
	f.quiet(i, fact.At)
	f.r.Agents[i].Queue = cmp.Or(fact.Queue, f.r.Agents[i].Queue)
	f.give(fact.Leg, i, fact.At)
	if !f.gone {
		f.parts[i].consult.start("", fact.At)
	}
}

func (f *folding) newPart(fact call.Fact) int {
	i := len(f.r.Agents)
	f.r.Agents = append(f.r.Agents, Part{Agent: fact.Agent, Queue: fact.Queue, Leg: fact.Leg, Offered: fact.At})
	f.parts = append(f.parts, partMeters{})
	f.give(fact.Leg, i, fact.At)
	f.rings(i, fact.At)
	return i
}

// give makes a leg that of a part. Should it have been another part's, that one is over.
func (f *folding) give(leg call.LegID, i int, at time.Time) {
	if leg == "" {
		return
	}
	if old, ok := f.legs[leg]; ok && old != i {
		f.leave(leg, at)
	}
	f.legs[leg] = i
	f.r.Agents[i].Leg = leg
}

func (f *folding) rings(i int, at time.Time) {
	if !f.gone {
		f.ring.start(partKey(i), at)
		f.parts[i].ring.start("", at)
	}
}

// quiet ends the ringing of a part.
func (f *folding) quiet(i int, at time.Time) {
	f.ring.stop(partKey(i), at)
	f.parts[i].ring.stop("", at)
}

func partKey(i int) string { return "part:" + strconv.Itoa(i) }

// dialled gives the leg to the agent who was just offered the call; a leg of nobody's rings by itself.
func (f *folding) dialled(fact call.Fact) {
	if fact.Agent != "" {
		i := f.lastOf(fact.Agent, "")
		if i < 0 {
			i = f.newPart(fact)
		}
		f.give(fact.Leg, i, fact.At)
		return
	}
	if f.r.Direction == "out" && f.r.Called.Raw == "" {
		f.r.Called = party(fact.To, fact.To)
	}
	if !f.gone {
		f.ring.start("leg:"+string(fact.Leg), fact.At)
	}
}

// part finds whom a fact is about: by leg, else the newest of that agent; -1 for nobody known.
func (f *folding) part(fact call.Fact) int {
	if i, ok := f.legs[fact.Leg]; ok && fact.Leg != "" {
		return i
	}
	return f.lastOf(fact.Agent, fact.Leg)
}

// lastOf is the agent's newest part that is not over and has this leg or none yet.
func (f *folding) lastOf(agent string, leg call.LegID) int {
	for i := len(f.r.Agents) - 1; i >= 0 && agent != ""; i-- {
		p := &f.r.Agents[i]
		if p.Agent == agent && p.Left.IsZero() && (p.Leg == "" || p.Leg == leg) {
			return i
		}
	}
	return -1
}

func (f *folding) connected(fact call.Fact) {
	f.r.Connected = first(f.r.Connected, fact.At)
	f.r.Talked = true
	f.ring.stop("leg:"+string(fact.Leg), fact.At)
	if fact.Agent != "" || f.part(fact) >= 0 {
		i := f.part(fact)
		if i < 0 {
			i = f.newPart(fact)
			f.r.Agents[i].Offered = time.Time{}
		}
		f.quiet(i, fact.At)
		f.parts[i].consult.stopAll(fact.At)
		p := &f.r.Agents[i]
		p.Connected, p.Queue = fact.At, cmp.Or(fact.Queue, p.Queue)
		f.give(fact.Leg, i, fact.At)
	}
	f.leaveQueue(fact.At, "answered")
	if !f.gone {
		f.talks(fact.Leg, fact.At)
	}
}

// talks starts the meters of a leg that is connected; while anybody holds, it is hold that runs.
func (f *folding) talks(leg call.LegID, at time.Time) {
	if f.talking == nil {
		f.talking = map[call.LegID]bool{}
	}
	f.talking[leg] = true
	total, own := f.running(leg)
	total.start(string(leg), at)
	if own != nil {
		own.start("", at)
	}
	f.callersOwn(at)
}

// callersOwn credits an agent who called with the time in which somebody is connected: a part like any other's, but for its end.
func (f *folding) callersOwn(at time.Time) {
	own := f.talking[call.CallerLeg]
	others := len(f.talking) > 1 || len(f.talking) == 1 && !own
	switch {
	case f.agent == "" || f.moved || own == others:
	case own:
		f.pause(call.CallerLeg, at)
		delete(f.talking, call.CallerLeg)
	default:
		if _, known := f.legs[call.CallerLeg]; !known {
			f.r.Agents = append(f.r.Agents, Part{Agent: f.agent, Connected: at})
			f.parts = append(f.parts, partMeters{})
			f.give(call.CallerLeg, len(f.parts)-1, at)
		}
		f.talks(call.CallerLeg, at)
	}
}

// running gives the meters that count now, for the call and for the agent on that leg (nil for nobody's).
func (f *folding) running(leg call.LegID) (total, own *meter) {
	i, agent := f.legs[leg]
	if len(f.holders) > 0 {
		if agent {
			own = &f.parts[i].hold
		}
		return &f.hold, own
	}
	if agent {
		own = &f.parts[i].talk
	}
	return &f.talk, own
}

func (f *folding) held(fact call.Fact) {
	if f.gone || len(f.talking) == 0 {
		return
	}
	for leg := range f.talking {
		f.pause(leg, fact.At)
	}
	if fact.Kind == call.Held {
		if f.holders == nil {
			f.holders = map[call.LegID]bool{}
		}
		f.holders[fact.Leg] = true
	} else {
		delete(f.holders, fact.Leg)
	}
	for leg := range f.talking {
		f.talks(leg, fact.At)
	}
}

// pause stops a leg's talk and hold meters.
func (f *folding) pause(leg call.LegID, at time.Time) {
	f.talk.stop(string(leg), at)
	f.hold.stop(string(leg), at)
	if i, ok := f.legs[leg]; ok {
		f.parts[i].talk.stop("", at)
		f.parts[i].hold.stop("", at)
	}
}

// leave ends what a leg other than the caller's did.
func (f *folding) leave(leg call.LegID, at time.Time) {
	f.pause(leg, at)
	delete(f.talking, leg)
	delete(f.holders, leg)
	f.ring.stop("leg:"+string(leg), at)
	if i, ok := f.legs[leg]; ok {
		f.quiet(i, at)
		f.parts[i].consult.stopAll(at)
		f.r.Agents[i].Left = first(f.r.Agents[i].Left, at)
	}
	for other := range f.talking { // hold may have ended with the leg that held
		f.pause(other, at)
		f.talks(other, at)
	}
	f.callersOwn(at)
}

// handedOver ends the part of who handed over: their time with the caller is over, even while their leg takes its time to end.
func (f *folding) handedOver(fact call.Fact) {
	if fact.Leg == "" || f.gone {
		return
	}
	f.moved = f.moved || fact.Leg == call.CallerLeg
	f.leave(fact.Leg, fact.At)
}

// joined notes the other call, and ends here what a leg did that goes on there.
func (f *folding) joined(fact call.Fact) {
	if fact.Other != "" && !slices.Contains(f.r.Joined, fact.Other) {
		f.r.Joined = append(f.r.Joined, fact.Other)
	}
	if fact.Reason == "left" {
		f.handedOver(fact)
	}
}

// stopAll ends everything at once: the caller is gone. Parts that talked or rang end here too.
func (f *folding) stopAll(at time.Time) {
	open := f.gone || !f.r.Ended.IsZero()
	for _, m := range []*meter{&f.wait, &f.ring, &f.talk, &f.hold} {
		m.stopAll(at)
	}
	for i := range f.parts {
		m := &f.parts[i]
		m.ring.stopAll(at)
		m.talk.stopAll(at)
		m.hold.stopAll(at)
		m.consult.stopAll(at)
		if open && f.r.Agents[i].Left.IsZero() {
			f.r.Agents[i].Left = at
		}
	}
	if stay := f.stay(); open && stay != nil {
		stay.Left = at
		stay.WaitMS = between(stay.Since, at).Milliseconds()
	}
	clear(f.talking)
	clear(f.holders)
}

// wrapped gives the work after the call to the agent's last part that talked.
func (f *folding) wrapped(fact call.Fact) {
	for i := len(f.r.Agents) - 1; i >= 0; i-- {
		p := &f.r.Agents[i]
		if worked := !p.Connected.IsZero() || f.parts[i].consult.total > 0; p.Agent == fact.Agent && worked && !p.Left.IsZero() {
			p.WrapMS = between(p.Left, fact.At).Milliseconds()
			return
		}
	}
}
