package call

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"hotline/ivr"
	"hotline/route"
)

// randomEvent is anything that the world might say, sensible or not.
func (a *auditor) randomEvent(r *rand.Rand, n int) Event {
	legs := []LegID{CallerLeg, "leg2", "leg3", "leg4", "leg5"}
	leg := legs[r.IntN(len(legs))]
	switch r.IntN(30) {
	case 0, 1:
		id := fmt.Sprintf("o%d", n)
		a.offers[id] = "open"
		return Offered{Offer: id, Agent: "a", Queue: []string{"q", "vips"}[r.IntN(2)], Phone: "1007", RingFor: 20 * time.Second}
	case 2:
		for id, state := range a.offers {
			if state == "open" {
				a.offers[id] = "withdrawn"
				return OfferWithdrawn{Offer: id, Why: "offline"}
			}
		}
		return LegRinging{Leg: leg}
	case 3:
		return LegEarly{Leg: leg}
	case 4, 5, 6:
		return LegAnswered{Leg: leg}
	case 7:
		return LegHeld{Leg: leg, On: r.IntN(2) == 0}
	case 8, 9:
		return Digit{Leg: leg, Key: "0123456789*#"[r.IntN(12)], Info: r.IntN(2) == 0}
	case 10:
		return PromptDone{Leg: leg, Play: r.IntN(12)}
	case 11:
		if len(a.timers) > 0 {
			i := r.IntN(len(a.timers))
			return a.timers[i]
		}
		return QueueTold{Position: 1, Waiting: 2}
	case 12:
		if a.inQueue {
			for _, state := range a.offers {
				if state == "open" {
					return QueueTold{Position: 2, Waiting: 3}
				}
			}
			a.inQueue = false
			return QueueLeft{Why: []string{"timeout", "turn", "closed"}[r.IntN(3)]}
		}
		return QueueWidened{Queue: "q2", Step: 1}
	case 13:
		return LegSilent{Leg: leg}
	case 14:
		if leg == CallerLeg && r.IntN(4) > 0 {
			return RecordingFailed{Recording: "x", Why: "disk"}
		}
		return a.end(leg)
	case 15:
		return LookedUp{Lookup: 1, Values: map[string]string{"topic": "refund"}}
	case 16, 17:
		to := []string{"1002", "1003", "1004", "1099", "4001", "9999", "*70", "*70", "701", "702", "*53"}
		return TransferAsked{Leg: leg, To: to[r.IntN(len(to))]}
	case 18, 19, 20, 21:
		s := []string{"s1", "s1", "s1", "s2"}[r.IntN(4)]
		what := []Verb{Listen, Listen, WhisperTo, Barge, TakeOver, Leave}[r.IntN(6)]
		return SuperviseAsked{Agent: s, Phone: "p-" + s, What: what, Of: []string{"a", "chen", "s1"}[r.IntN(3)]}
	case 22, 23, 24, 25, 26:
		return a.randomCommand(r)
	}
	return a.randomJoin(r, n, leg)
}

// randomCommand is anything that an agent may want.
func (a *auditor) randomCommand(r *rand.Rand) Event {
	what := []Verb{HoldCall, ResumeCall, Transfer, EndAgent, Survey, Consult, Consult, Swap, Complete, Cancel, Merge, Merge, Add, Add, Add, Remove, Mute, Unmute, Park, PickUp, PickUp, Move}
	to := []string{"1002", "1003", "1003", "1004", "4001", "02088887777", "*70", "701", "agent:chen", "agent:dong", "queue:q", "flow:front", "flow:none"}
	leg := []LegID{"", "", CallerLeg, "leg2", "leg3", "leg4"}
	return Commanded{Agent: []string{"a", "a", "chen", "s1"}[r.IntN(4)], What: what[r.IntN(len(what))], To: to[r.IntN(len(to))], Leg: leg[r.IntN(len(leg))], By: "somebody"}
}

// slot answers one who wants to park.
func (a *auditor) slot(r *rand.Rand) Event {
	slot := a.wanted[0]
	a.wanted = a.wanted[1:]
	if r.IntN(5) == 0 || a.slots[slot] {
		return SlotGiven{}
	}
	for i := 701; slot == "" || a.slots[slot]; i++ {
		slot = strconv.Itoa(i)
	}
	a.slots[slot] = true
	return SlotGiven{Slot: slot}
}

// randomJoin is anything about legs that move between calls.
func (a *auditor) randomJoin(r *rand.Rand, n int, leg LegID) Event {
	phone := []string{"1001", "1002", "1007", ""}[r.IntN(4)]
	with := []LegID{CallerLeg, "leg2"}[r.IntN(2)]
	switch r.IntN(9) {
	case 0:
		return AttendedAsked{Leg: leg, Call: "other", With: with}
	case 1:
		return JoinAsked{Leg: leg, Call: "other", With: with, Phone: phone}
	case 2:
		return LegWanted{Leg: leg, Call: "other", With: with, Phone: phone}
	case 3, 4, 6, 7:
		g := Guest{Line: fmt.Sprintf("g%d", n), Held: r.IntN(4) == 0}
		a.guests[g.Line] = true
		if r.IntN(3) > 0 { // a phone of its own: it cannot be busy in two calls
			g.Phone, g.Busy = fmt.Sprintf("g%d", n), r.IntN(2) == 0
			a.busy[g.Phone] = g.Busy
		} else if r.IntN(2) == 0 {
			g.Offer = Offered{Offer: fmt.Sprintf("og%d", n), Agent: "g", Queue: "q", Phone: "1008"}
			a.offers[g.Offer.Offer] = "accepted"
		}
		if r.IntN(3) == 0 { // by a slot
			return Replaced{Slot: strconv.Itoa(701 + r.IntN(2)), Guest: g}
		}
		return Replaced{Leg: leg, Call: "other", Guest: g}
	case 5:
		return JoinRefused{Leg: leg, SIP: 603}
	case 8:
		g := Guest{Line: fmt.Sprintf("g%d", n), Phone: []string{"1001", "1007", "1007"}[r.IntN(3)]}
		a.guests[g.Line] = true
		return ParkAsked{Leg: leg, Guest: g}
	}
	return QueueTold{Position: r.IntN(5), Waiting: 5}
}

func (a *auditor) end(leg LegID) Event {
	delete(a.legs, leg)
	return LegEnded{Leg: leg, Cause: Busy, SIP: 486, ByPeer: true}
}

// known is the rulebook of all random calls, which none of them changes.
var known struct {
	sync.Once
	routes *route.Table
	flows  *ivr.Library
}
