package records

import (
	"context"
	"slices"

	"hotline/api/gate"
	"hotline/call"
	"hotline/cdr"
)

// errNoCall is also the answer for calls that are not the asker's.
var errNoCall error = noCall{}

type noCall struct{}

func (noCall) Error() string { return "no such call" }

// Fault says it to a person.
func (noCall) Fault() (kind, sentence string) { return "not-found", "There is no such call." }

// Shown is a record as the asker may see it.
func Shown(who gate.Identity, r cdr.Record) cdr.Record {
	if who.Masks() {
		return r.Masked()
	}
	return r
}

// Took is true where a call was offered to an agent, taken or not, or begun by them.
func Took(r cdr.Record, agent string) bool {
	return agent != "" && r.By == agent || slices.ContainsFunc(r.Agents, func(p cdr.Part) bool { return agent != "" && p.Agent == agent })
}

// talked is true where an agent was connected in a call.
func talked(r cdr.Record, agent string) bool {
	return slices.ContainsFunc(r.Agents, func(p cdr.Part) bool { return agent != "" && p.Agent == agent && !p.Connected.IsZero() })
}

// Find is one call's record, folded from its facts while it is under way. What the asker may not see is not there for them.
func Find(ctx context.Context, calls Calls, who gate.Identity, id string) (cdr.Record, error) {
	facts, err := calls.FactsOf(ctx, call.ID(id))
	if err != nil {
		return cdr.Record{}, err
	}
	r, found, err := calls.Record(ctx, call.ID(id))
	if err != nil {
		return cdr.Record{}, err
	}
	if !found {
		r = cdr.Fold(facts)
	}
	if len(facts) == 0 && !found || who.Masks() && !Took(r, who.Agent) {
		return cdr.Record{}, errNoCall
	}
	return r, nil
}
