package cdr

import (
	"cmp"
	"slices"
	"time"

	"hotline/call"
)

// The states of a Member.
const (
	MemberRings     = "ringing"
	MemberConsulted = "consulted" // talks to an agent aside, while the caller waits
	MemberTalks     = "talking"   // or, being the caller, is there
)

// Member is one leg of a call under way, as a screen shows it: whom an agent consults, who takes part in a conference.
type Member struct {
	Leg    call.LegID `json:"leg" doc:"names it in commands"`
	Agent  string     `json:"agent,omitempty"`
	Number string     `json:"number,omitempty" doc:"the phone or the number"`
	State  string     `json:"state" enum:"ringing,consulted,talking"`
	Since  time.Time  `json:"since" doc:"of the state"`
	Holds  bool       `json:"holds,omitempty" doc:"lets the others wait"`
	Muted  bool       `json:"muted,omitempty" doc:"by command"`

	Consults *Consultation `json:"consults,omitempty" doc:"whom they ask aside; holds says whether they talk to them or to the caller"`
}

// Consultation is whom an agent asks aside during a talk.
type Consultation struct {
	To  string     `json:"to" doc:"as it was asked for"`
	Leg call.LegID `json:"leg,omitempty" doc:"who answered; absent: it rings"`
}

// Member is the agent's leg that talks or else rings now; false for none.
func (r Record) Member(agent string) (found Member, ok bool) {
	for _, m := range r.Members {
		if m.Agent == agent && agent != "" && (!ok || m.State == MemberTalks) {
			found, ok = m, true
		}
	}
	return found, ok
}

// member keeps in step who is on the call.
func (f *folding) member(fact call.Fact) {
	switch fact.Kind {
	case call.Started:
		if fact.Leg == "" { // a callback begins with nobody on the line
			return
		}
		f.r.Members = append(f.r.Members, Member{Leg: fact.Leg, Agent: fact.Agent, Number: fact.From, State: MemberTalks, Since: fact.At})
	case call.Dialled:
		f.r.Members = append(f.r.Members, Member{Leg: fact.Leg, Agent: fact.Agent, Number: fact.To, State: MemberRings, Since: fact.At})
	case call.Joined:
		if fact.Reason == "left" {
			f.without(fact.Leg)
			return
		}
		f.r.Members = append(f.r.Members, Member{Leg: fact.Leg, Agent: fact.Agent, Number: fact.To, State: MemberTalks, Since: fact.At})
	case call.LeftQueue: // the agent of a callback is there before the customer
		for i := range f.r.Members {
			if m := &f.r.Members[i]; fact.Reason == "answered" && m.Agent == fact.Agent && m.State == MemberRings && fact.Agent != "" {
				m.State, m.Since = MemberTalks, fact.At
			}
		}
	case call.Transferred, call.Parked, call.LegGone:
		f.without(fact.Leg)
	case call.Ended:
		f.r.Members = nil
	default:
		f.told(fact)
	}
}

// told takes a fact to the member it is about; who is connected without having been dialled joins.
func (f *folding) told(fact call.Fact) {
	if known := func(m Member) bool { return m.Leg == fact.Leg }; fact.Kind == call.Connected && fact.Leg != "" && !slices.ContainsFunc(f.r.Members, known) {
		f.r.Members = append(f.r.Members, Member{Leg: fact.Leg, Agent: fact.Agent, Number: fact.To})
	}
	for i := range f.r.Members {
		if m := &f.r.Members[i]; m.Leg == fact.Leg && fact.Leg != "" {
			m.take(fact)
		} else if m.Consults != nil {
			m.consulting(fact)
		}
	}
}

func (m *Member) take(fact call.Fact) {
	switch fact.Kind {
	case call.Asked:
		switch call.Verb(fact.Reason) {
		case call.Consult:
			m.Consults = &Consultation{To: fact.To}
		case call.Cancel:
			m.Consults = nil
		default: // changes nobody's place
		}
	case call.Unreached:
		m.Consults = nil
	case call.Connected:
		m.State, m.Since, m.Agent = MemberTalks, fact.At, cmp.Or(fact.Agent, m.Agent)
	case call.Answered: // of a callback, the customer
		if m.State == MemberRings {
			m.State, m.Since = MemberTalks, fact.At
		}
	case call.Consulted:
		m.State, m.Since = MemberConsulted, fact.At
	case call.Held, call.Resumed:
		m.Holds = fact.Kind == call.Held
	case call.Muted, call.Unmuted:
		m.Muted = fact.Kind == call.Muted
	default: // nothing of theirs
	}
}

// consulting learns how a member's consultation goes from what happens to another leg.
func (m *Member) consulting(fact call.Fact) {
	switch {
	case fact.Kind == call.Consulted && m.Consults.Leg == "":
		m.Consults = &Consultation{To: m.Consults.To, Leg: fact.Leg}
	case fact.Kind == call.Connected && fact.Leg == m.Consults.Leg: // merged: they talk with the caller too
		m.Consults = nil
	}
}

// without takes a leg out; a consultation with it is over.
func (f *folding) without(leg call.LegID) {
	for i := range f.r.Members {
		if c := f.r.Members[i].Consults; c != nil && c.Leg == leg && leg != "" {
			f.r.Members[i].Consults = nil
		}
	}
	f.r.Members = slices.DeleteFunc(f.r.Members, func(m Member) bool { return m.Leg == leg })
}
