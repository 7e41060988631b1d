package records

import (
	"context"
	"math"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/api/gate"
	"hotline/report"
)

type staffingIn struct {
	Calls     float64 `query:"calls" required:"true" minimum:"0" maximum:"1000000" doc:"calls in the time"`
	Per       int     `query:"per" minimum:"60" maximum:"86400" default:"1800" doc:"that time, in seconds"`
	AHT       int     `query:"aht" required:"true" minimum:"1" maximum:"14400" doc:"mean handling time, in seconds"`
	Agents    int     `query:"agents" minimum:"0" maximum:"1000" doc:"what so many give; 0: the least that reach the level by Erlang C"`
	Level     float64 `query:"level" minimum:"0.01" maximum:"0.999" default:"0.8"`
	Within    int     `query:"within" minimum:"1" maximum:"3600" default:"20" doc:"T of the service level, in seconds"`
	Patience  int     `query:"patience" minimum:"0" maximum:"86400" doc:"mean patience in seconds, for Erlang A; 0: leave it out"`
	Shrinkage float64 `query:"shrinkage" minimum:"0" maximum:"0.9" doc:"the share of planned agents who are away"`
}

type staffed struct {
	Agents       int      `json:"agents"`
	Wait         float64  `json:"wait" doc:"probability of waiting"`
	ServiceLevel float64  `json:"serviceLevel"`
	ASA          *float64 `json:"asa,omitempty" doc:"mean wait in seconds; absent where the queue grows for ever"`
	Occupancy    float64  `json:"occupancy"`
	Abandon      float64  `json:"abandon" doc:"share that gives up; 0 by Erlang C"`
}

type staffingOut struct {
	Body struct {
		Erlangs   float64  `json:"erlangs"`
		Scheduled int      `json:"scheduled" doc:"agents on the plan, shrinkage counted in"`
		C         staffed  `json:"c" doc:"Erlang C: nobody gives up"`
		A         *staffed `json:"a,omitempty" doc:"Erlang A: callers have patience"`
	}
}

func (s *Routes) staffing(_ context.Context, _ gate.Identity, in *staffingIn) (*staffingOut, error) {
	load := report.Load{Calls: in.Calls, Per: time.Duration(in.Per) * time.Second, AHT: time.Duration(in.AHT) * time.Second}
	within := time.Duration(in.Within) * time.Second
	if load.Erlangs() > 1000 {
		return nil, huma.Error422UnprocessableEntity("That is more than 1000 Erlang: ask for a part of it.")
	}
	c := report.ErlangC(load, in.Agents, within)
	if in.Agents == 0 {
		var ok bool
		if c, ok = report.AgentsFor(load, in.Level, within); !ok {
			return nil, huma.Error422UnprocessableEntity("No number of agents reaches that level.")
		}
	}
	out := &staffingOut{}
	out.Body.Erlangs, out.Body.Scheduled, out.Body.C = load.Erlangs(), report.Scheduled(c.Agents, in.Shrinkage), staffedOf(c)
	if in.Patience > 0 {
		a := staffedOf(report.ErlangA(load, c.Agents, time.Duration(in.Patience)*time.Second, within))
		out.Body.A = &a
	}
	return out, nil
}

func staffedOf(r report.Staffed) staffed {
	v := staffed{Agents: r.Agents, Wait: r.Wait, ServiceLevel: r.ServiceLevel, Occupancy: r.Occupancy, Abandon: r.Abandon}
	if r.ASA < math.MaxInt64 {
		asa := r.ASA.Seconds()
		v.ASA = &asa
	}
	return v
}
