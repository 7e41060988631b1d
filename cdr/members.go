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
}

// member keeps in step who is on the call.
func (f *folding) member(fact call.Fact) {
	switch fact.Kind {
	case call.Started:
		f.r.Members = append(f.r.Members, Member{Leg: fact.Leg, Number: fact.From, State: MemberTalks, Since: fact.At})
	case call.Dialled:
		f.r.Members = append(f.r.Members, Member{Leg: fact.Leg, Agent: fact.Agent, Number: fact.To, State: MemberRings, Since: fact.At})
	case call.Joined:
		if fact.Reason == "left" {
			f.without(fact.Leg)
			return
		}
		f.r.Members = append(f.r.Members, Member{Leg: fact.Leg, Agent: fact.Agent, Number: fact.To, State: MemberTalks, Since: fact.At})
	case call.Transferred, call.Parked, call.LegGone:
		f.without(fact.Leg)
	case call.Ended:
		f.r.Members = nil
	default:
		for i := range f.r.Members {
			if m := &f.r.Members[i]; m.Leg == fact.Leg && fact.Leg != "" {
				m.take(fact)
			}
		}
	}
}

func (m *Member) take(fact call.Fact) {
	switch fact.Kind {
	case call.Connected:
		m.State, m.Since, m.Agent = MemberTalks, fact.At, cmp.Or(fact.Agent, m.Agent)
	case call.Consulted:
		m.State, m.Since = MemberConsulted, fact.At
	case call.Held, call.Resumed:
		m.Holds = fact.Kind == call.Held
	case call.Muted, call.Unmuted:
		m.Muted = fact.Kind == call.Muted
	default: // nothing of theirs
	}
}

func (f *folding) without(leg call.LegID) {
	f.r.Members = slices.DeleteFunc(f.r.Members, func(m Member) bool { return m.Leg == leg })
}
