package records

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
)

// heardLine is the kind of the audit lines that say which parts of a recording somebody listened to.
const heardLine = "recording.heard"

// Stretch is a part of a recording, in seconds from its beginning.
type Stretch struct {
	From float64 `json:"from" minimum:"0" maximum:"86400"`
	To   float64 `json:"to" minimum:"0" maximum:"86400"`
}

type heardIn struct {
	ID   string `path:"id"`
	Body struct {
		Ranges []Stretch `json:"ranges" minItems:"1" maxItems:"200" doc:"what sounded, in the order in which it did"`
	}
}

type heardBy struct {
	Who    string    `json:"who"`
	Name   string    `json:"name"`
	At     time.Time `json:"at"`
	Ranges []Stretch `json:"ranges"`
}

type heardOut struct{ Body []heardBy }

func (s *Routes) listening() {
	tags := []string{"recordings"}
	gate.Add(s.Gate, account.Agent, huma.Operation{
		Method: "POST", Path: "/recordings/{id}/heard", Summary: "Say which parts of a recording sounded", Tags: tags, DefaultStatus: 204,
		Description: "The player does, while it plays and when it stops: each answer is a line in the audit log. That sound was fetched is a line of its own, whatever a player says.",
	}, s.noteHeard)
	gate.Add(s.Gate, account.Supervisor, huma.Operation{
		Method: "GET", Path: "/recordings/{id}/heard", Summary: "Who listened to which parts of a recording, the newest first, at most 1000", Tags: tags,
	}, func(ctx context.Context, _ gate.Identity, in *gate.ByID) (*heardOut, error) {
		lines, err := s.Trail.TrailOf(ctx, account.TrailQuery{What: heardLine, Object: in.ID, Limit: 1000})
		if err != nil {
			return nil, err
		}
		out := &heardOut{Body: []heardBy{}}
		for _, l := range lines {
			out.Body = append(out.Body, heardBy{Who: l.Who, Name: l.Name, At: l.At, Ranges: readStretches(l.Detail)})
		}
		return out, nil
	})
}

func (s *Routes) noteHeard(ctx context.Context, who gate.Identity, in *heardIn) (*gate.Nothing, error) {
	row, err := s.recording(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range in.Body.Ranges {
		if r.To <= r.From {
			return nil, huma.Error422UnprocessableEntity("A range must end after it begins.")
		}
	}
	s.Audit(ctx, who, heardLine, row.ID, stretches(merged(in.Body.Ranges)))
	return &gate.Nothing{}, nil
}

// merged is what was heard at least once, in the order of the sound.
func merged(ranges []Stretch) []Stretch {
	ranges = slices.Clone(ranges)
	slices.SortFunc(ranges, func(a, b Stretch) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	out := ranges[:1]
	for _, r := range ranges[1:] {
		if last := &out[len(out)-1]; r.From <= last.To {
			last.To = max(last.To, r.To)
		} else {
			out = append(out, r)
		}
	}
	return out
}

// stretches is "0.0-12.3 40.0-41.5".
func stretches(ranges []Stretch) string {
	words := make([]string, 0, len(ranges))
	for _, r := range ranges {
		words = append(words, fmt.Sprintf("%.1f-%.1f", r.From, r.To))
	}
	return strings.Join(words, " ")
}

func readStretches(text string) []Stretch {
	out := []Stretch{}
	for word := range strings.FieldsSeq(text) {
		var r Stretch
		if n, err := fmt.Sscanf(word, "%f-%f", &r.From, &r.To); n == 2 && err == nil {
			out = append(out, r)
		}
	}
	return out
}
