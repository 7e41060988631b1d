package settings

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
	"hotline/number"
	"hotline/route"
)

func (s *Routes) dryRuns() {
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "POST", Path: "/routes/dry-run", Summary: "Where calls would go, and why", Tags: []string{"queues"}}, s.dryRun)
}

type dryRunCall struct {
	DID    string    `json:"did,omitempty" maxLength:"60"`
	Caller string    `json:"caller,omitempty" maxLength:"60"`
	Topic  string    `json:"topic,omitempty" maxLength:"64"`
	At     time.Time `json:"at,omitempty" doc:"now when absent"`
}

type dryRunIn struct {
	Body struct {
		Calls   []dryRunCall `json:"calls" minItems:"1" maxItems:"10000"`
		Changes []changeIn   `json:"changes,omitempty" maxItems:"1000" doc:"of the centre, as for publish: where would calls go with them? For administrators"`
	}
}

type dryRunOut struct{ Body []dryRunLine }

type dryRunLine struct {
	Region string       `json:"region,omitempty"`
	Rule   string       `json:"rule,omitempty" doc:"absent: no rule matched, the flow's own edge decides"`
	Reason string       `json:"reason,omitempty"`
	Steps  []dryRunStep `json:"steps,omitempty"`

	ReasonZH string `json:"reasonZH,omitempty" doc:"the reason in Chinese"`
}

type dryRunStep struct {
	Queue   string         `json:"queue"`
	AfterMS int64          `json:"afterMs" doc:"from when the caller began to wait"`
	Skills  map[string]int `json:"skills,omitempty" doc:"the least level of each skill"`

	Any []map[string]int `json:"any,omitempty" doc:"of each at least one skill is needed beside them"`
}

func dryRunSteps(steps []route.Step) []dryRunStep {
	var out []dryRunStep
	for _, step := range steps {
		line := dryRunStep{Queue: step.Queue, AfterMS: step.After.Milliseconds()}
		if len(step.Skills) > 0 {
			line.Skills = levels(step.Skills)
		}
		for _, list := range step.Any {
			line.Any = append(line.Any, levels(list))
		}
		out = append(out, line)
	}
	return out
}

func levels(needs []route.Need) map[string]int {
	all := map[string]int{}
	for _, need := range needs {
		all[need.Skill] = need.Level
	}
	return all
}

func (s *Routes) dryRun(ctx context.Context, who gate.Identity, in *dryRunIn) (*dryRunOut, error) {
	routes, err := s.routesWith(ctx, who, in.Body.Changes)
	if err != nil {
		return nil, err
	}
	var queries []route.Query
	for _, c := range in.Body.Calls {
		if c.At.IsZero() {
			c.At = time.Now()
		}
		queries = append(queries, route.Query{DID: c.DID, Region: s.Region(number.Parse(c.Caller)), Topic: c.Topic, At: c.At})
	}
	out := &dryRunOut{}
	for _, o := range routes.DryRun(queries) {
		out.Body = append(out.Body, dryRunLine{Region: o.Query.Region.String(), Rule: o.Choice.Rule, Reason: o.Choice.Reason, ReasonZH: o.Choice.ReasonZH, Steps: dryRunSteps(o.Choice.Steps)})
	}
	return out, nil
}

// routesWith is the table that calls go by, or would with changes of the centre.
func (s *Routes) routesWith(ctx context.Context, who gate.Identity, changes []changeIn) (*route.Table, error) {
	if len(changes) == 0 {
		return s.Table(), nil
	}
	if !who.Role.Atleast(account.Admin) {
		return nil, huma.Error403Forbidden("Changes of the centre take the role admin.")
	}
	built, err := s.draftOf(ctx, changes)
	if err != nil {
		return nil, err
	}
	return built.Routes, nil
}
