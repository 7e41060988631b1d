package cdr

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"hotline/call"
)

// Fold makes the record of a call from its facts. It is pure, takes the facts in any order and any number of times, and
// passes over kinds it does not know. Of several ends the first counts. Without an end the record is the call so far, up
// to its last fact. Facts of other calls than the first (by id) are left out; no facts give an empty record.
func Fold(facts []call.Fact) Record {
	if !tidied(facts) {
		facts = tidy(facts)
	}
	f := folding{legs: map[call.LegID]int{}}
	for i := range facts {
		f.take(facts[i])
	}
	if len(facts) > 0 {
		f.close(facts[len(facts)-1].At)
	}
	f.r.Facts = len(facts)
	return f.r
}

// tidied reports whether facts are as tidy makes them, as those of a call that just ended are.
func tidied(facts []call.Fact) bool {
	for i := 1; i < len(facts); i++ {
		if facts[i].Call != facts[0].Call || facts[i].Seq <= facts[i-1].Seq {
			return false
		}
	}
	return true
}

// tidy returns one call's facts in order, each once.
func tidy(facts []call.Fact) []call.Fact {
	facts = slices.Clone(facts)
	slices.SortStableFunc(facts, func(a, b call.Fact) int {
		return cmp.Or(cmp.Compare(a.Call, b.Call), cmp.Compare(a.Seq, b.Seq), a.At.Compare(b.At), cmp.Compare(a.Kind, b.Kind))
	})
	facts = slices.CompactFunc(facts, func(a, b call.Fact) bool { return a.Call == b.Call && a.Seq == b.Seq })
	for i := range facts {
		if facts[i].Call != facts[0].Call {
			return facts[:i]
		}
	}
	return facts
}

// folding is a record in the making. The meters run over the whole call; each part has its own besides.
type folding struct {
	r       Record
	wait    meter
	ring    meter
	talk    meter
	hold    meter
	parts   []partMeters        // beside r.Agents
	legs    map[call.LegID]int  // the newest part of a leg
	holders map[call.LegID]bool // who holds now
	talking map[call.LegID]bool // legs connected now
	place   string              // where the caller was when their leg went, "" while it is up
	gone    bool                // the caller's leg is gone
	moved   bool                // the caller handed over: their leg is not the call any more
	byPeer  bool                // and it was the caller who hung up
	agent   string              // whose phone the caller's is; "" nobody's
	tapes   tapes               // recordings that run
	asked   bool                // a survey has begun that has no answer yet
}

type partMeters struct{ ring, talk, hold, consult meter }

// afterEnd are the kinds that still count behind the end of a call.
var afterEnd = []call.Kind{call.LegGone, call.RecordingStopped, call.RecordingLost, call.Transferred, Wrapped, Disposed}

func (f *folding) take(fact call.Fact) {
	if f.r.Call == "" {
		f.r.Call = fact.Call
	}
	if !f.r.Open() && !slices.Contains(afterEnd, fact.Kind) {
		return
	}
	for _, id := range fact.Dialogs {
		if !slices.Contains(f.r.Dialogs, id) {
			f.r.Dialogs = append(f.r.Dialogs, id)
		}
	}
	f.apply(fact)
	f.member(fact)
}

func (f *folding) apply(fact call.Fact) {
	switch fact.Kind {
	case call.Started:
		f.started(fact)
	case call.Answered:
		f.r.Answered = first(f.r.Answered, fact.At)
		f.ring.stop("leg:"+string(fact.Leg), fact.At) // of a callback it is the customer's phone that rang
	case call.Entered:
		f.r.Path = append(f.r.Path, Visit{Flow: fact.Flow, Version: fact.FlowVersion, Node: fact.Node, At: fact.At})
	case call.Chosen:
		f.r.Topic = fact.Topic
	case call.Routed:
		f.routed(fact)
	case call.Queued, call.Widened, call.LeftQueue, call.Estimated:
		f.queued(fact)
	case call.Offer, call.Dialled, call.Refused, call.Connected, call.Consulted:
		f.reached(fact)
	case call.Held, call.Resumed:
		f.held(fact)
	case call.LegGone:
		f.legGone(fact)
	case call.RecordingStarted, call.RecordingStopped, call.RecordingLost, call.Voicemail:
		f.recorded(fact)
	case call.Transferred:
		f.r.Transfers = append(f.r.Transfers, Transfer{At: fact.At, From: fact.Agent, To: cmp.Or(fact.To, fact.Queue), How: fact.Reason})
		f.handedOver(fact)
	case call.Joined:
		f.joined(fact)
	case call.CallbackAsked:
		f.wantsCallback()
	case call.SurveyAsked, call.Rated:
		f.surveyed(fact)
	case call.Parked, call.Unparked:
		f.parked(fact)
	case call.Asked, call.Supervised, call.Unreached, call.Muted, call.Unmuted, call.Returned: // change no figure by themselves
	case Wrapped:
		f.wrapped(fact)
	case Disposed:
		f.disposed(fact)
	case call.Ended:
		f.ended(fact)
	}
}

// parked notes the slot in which the caller waits; who left them there is done.
func (f *folding) parked(fact call.Fact) {
	if f.r.Parked = nil; fact.Kind == call.Parked {
		f.handedOver(fact)
		f.r.Parked = &Parking{Slot: fact.To, Since: fact.At, By: fact.Agent}
	}
}

func (f *folding) started(fact call.Fact) {
	r := &f.r
	r.Started = first(r.Started, fact.At)
	r.Direction, r.DID, r.Trunk = fact.Direction, fact.DID, fact.Trunk
	r.Caller = party(fact.From, fact.FromRaw)
	r.Called = party(fact.To, fact.To)
	r.By, r.Region, r.Confidence = fact.Agent, fact.Region, fact.Confidence
	if fact.Reason == "callback" {
		r.CalledBack, r.CallbackOf = true, fact.Other
	}
	f.agent = fact.Agent
	r.Flow, r.FlowVersion, r.Topic = fact.Flow, fact.FlowVersion, cmp.Or(fact.Topic, r.Topic)
}

// party keeps both forms of a number: what the facts call From is E.164 where the number has one.
func party(known, raw string) Party {
	p := Party{Raw: cmp.Or(raw, known)}
	if len(known) > 4 && strings.HasPrefix(known, "+") && strings.Trim(known[1:], "0123456789") == "" {
		p.E164 = known
	}
	return p
}

func (f *folding) routed(fact call.Fact) {
	f.r.Topic = cmp.Or(fact.Topic, f.r.Topic)
	f.r.Rule, f.r.Reason, f.r.ReasonZH = fact.Rule, fact.Reason, fact.ReasonZH
	if f.r.Region == "" {
		f.r.Region, f.r.Confidence = fact.Region, fact.Confidence
	}
}

// wantsCallback: the last wait ended because the caller chose to be called back, whatever led them to it.
func (f *folding) wantsCallback() {
	f.r.Callback = true
	if n := len(f.r.Queues); n > 0 {
		f.r.Queues[n-1].Why = "callback"
	}
}

// surveyed takes a question or an answer; a reason that comes after the score completes it.
func (f *folding) surveyed(fact call.Fact) {
	if fact.Kind == call.SurveyAsked {
		f.r.Surveyed, f.asked = true, true
		return
	}
	a := Rating{Score: fact.Score, Reason: fact.Reason, Agent: fact.Agent, Queue: fact.Queue, At: fact.At}
	if n := len(f.r.Ratings); n > 0 && !f.asked {
		a.At = f.r.Ratings[n-1].At
		f.r.Ratings[n-1] = a
		return
	}
	f.asked = false
	f.r.Ratings = append(f.r.Ratings, a)
}

func (f *folding) disposed(fact call.Fact) {
	f.r.Disposed = slices.DeleteFunc(f.r.Disposed, func(w Word) bool { return w.Agent == fact.Agent })
	f.r.Disposed = append(f.r.Disposed, Word{Agent: fact.Agent, Code: fact.Reason, At: fact.At})
}

func (f *folding) recorded(fact call.Fact) {
	f.r.Voicemail = f.r.Voicemail || fact.Kind == call.Voicemail
	if fact.Recording == "" {
		return
	}
	f.tapes.take(fact)
	f.r.Recorded = len(f.tapes) > 0
	if !slices.Contains(f.r.Recordings, fact.Recording) {
		f.r.Recordings = append(f.r.Recordings, fact.Recording)
	}
	if fact.Kind == call.RecordingLost && !slices.Contains(f.r.Lost, fact.Recording) {
		f.r.Lost = append(f.r.Lost, fact.Recording)
	}
}

// tapes are the recordings that run now.
type tapes map[string]bool

func (t *tapes) take(fact call.Fact) {
	if fact.Kind != call.RecordingStarted {
		delete(*t, fact.Recording)
		return
	}
	if *t == nil {
		*t = tapes{}
	}
	(*t)[fact.Recording] = true
}

func (f *folding) legGone(fact call.Fact) {
	f.r.Legs = append(f.r.Legs, Leg{
		Leg: fact.Leg, Agent: fact.Agent, Trunk: fact.Trunk, Cause: fact.Cause, SIP: fact.SIP, Q850: fact.Q850,
		HungUp: fact.Side, At: fact.At, Quality: fact.Quality,
	})
	switch {
	case fact.Leg == call.CallerLeg && !f.moved && fact.Reason == "goes-on":
		f.handedOver(fact)
	case fact.Leg == call.CallerLeg && !f.moved:
		f.callerGone(fact)
	default:
		f.leave(fact.Leg, fact.At)
	}
}

// callerGone notes where the caller was, before anything else is taken down because of it.
func (f *folding) callerGone(fact call.Fact) {
	if f.gone {
		return
	}
	f.gone = true
	f.place = f.where()
	f.byPeer = fact.Side == "caller" || fact.Side == "" && (fact.Cause == call.Normal || fact.Cause == call.Cancelled)
	if stay := f.stay(); stay != nil && f.byPeer {
		stay.AbandonedIn = f.place
	}
	f.stopAll(fact.At)
}

// where is the place a caller who went now would have given up in.
func (f *folding) where() string {
	switch {
	case f.ring.running():
		return InRing
	case f.wait.running():
		return InQueue
	}
	return InIVR
}

func (f *folding) ended(fact call.Fact) {
	if !f.r.Ended.IsZero() {
		return
	}
	f.callerGone(fact)
	f.stopAll(fact.At)
	r := &f.r
	r.Ended, r.Parked, r.Recorded = fact.At, nil, false
	r.HungUp, r.Cause, r.SIP, r.Q850 = fact.Side, fact.Cause, fact.SIP, fact.Q850
	unreached := r.CalledBack && r.Answered.IsZero() // nobody was there who could give up
	if r.Talked || r.Voicemail || r.Callback || unreached || !f.byPeer || fact.Cause == call.Crashed {
		return
	}
	r.AbandonedIn = f.place
	r.ShortAbandon = f.place != InIVR && max(f.wait.total, f.ring.total) <= ShortAbandonWithin
}

// close writes the meters into the record. A call without an end counts up to its last fact.
func (f *folding) close(last time.Time) {
	f.stopAll(last)
	r := &f.r
	until := r.Ended
	if r.Open() {
		until = last
	}
	if !r.Started.IsZero() {
		r.DurationMS = between(r.Started, until).Milliseconds()
	}
	r.WaitMS, r.RingMS = f.wait.total.Milliseconds(), f.ring.total.Milliseconds()
	r.TalkMS, r.HoldMS = f.talk.total.Milliseconds(), f.hold.total.Milliseconds()
	for i := range r.Agents {
		p, m := &r.Agents[i], &f.parts[i]
		p.RingMS, p.TalkMS, p.HoldMS = m.ring.total.Milliseconds(), m.talk.total.Milliseconds(), m.hold.total.Milliseconds()
		p.ConsultMS = m.consult.total.Milliseconds()
		r.WrapMS += p.WrapMS
	}
}

func first(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// between is the time from a to b, never negative: the clock may have been set back.
func between(a, b time.Time) time.Duration { return max(0, b.Sub(a)) }
