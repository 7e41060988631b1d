package floor

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hotline/queue"
)

// Member is how an agent's queues and skills differ now from what the configuration says.
type Member struct {
	Agent string `json:"agent"`
	Difference
	By string    `json:"by" doc:"who changed it last"`
	At time.Time `json:"at"`
}

// Difference is what is put over the configured queues and skills of an agent.
type Difference struct {
	Queues        map[string]int `json:"queues,omitempty" doc:"queues the agent takes calls of now, by level"`
	Without       []string       `json:"without,omitempty" doc:"queues the agent takes no calls of now"`
	Skills        map[string]int `json:"skills,omitempty" doc:"by level"`
	WithoutSkills []string       `json:"withoutSkills,omitempty"`
}

// The bounds of levels.
const (
	leastLevel = 0
	mostLevel  = 100
)

// String names what is different, such as "+sales=2 -care skills +english=1".
func (d Difference) String() string {
	var words []string
	say := func(with map[string]int, without []string) {
		for _, id := range slices.Sorted(maps.Keys(with)) {
			words = append(words, fmt.Sprintf("+%s=%d", id, with[id]))
		}
		for _, id := range without {
			words = append(words, "-"+id)
		}
	}
	say(d.Queues, d.Without)
	if len(d.Skills)+len(d.WithoutSkills) > 0 {
		words = append(words, "skills")
		say(d.Skills, d.WithoutSkills)
	}
	return strings.Join(words, " ")
}

func (d Difference) empty() bool {
	return len(d.Queues)+len(d.Without)+len(d.Skills)+len(d.WithoutSkills) == 0
}

// Change puts a difference over what an agent has now; what it does not name stays. What comes out as configured is no difference any more.
// The error is a *Refusal where it makes no sense.
func (f *Floor) Change(ctx context.Context, agent, by string, d Difference, now time.Time) (Member, error) {
	configured, ok := f.Agent(agent)
	if !ok {
		return Member{}, &Refusal{"not-found", "There is no such agent."}
	}
	if err := f.checkMember(d); err != nil {
		return Member{}, err
	}
	f.mu.Lock()
	old := f.members[agent].Difference
	m := Member{Agent: agent, By: by, At: now}
	m.Queues, m.Without = differ(configured.Queues, change(over(configured.Queues, old.Queues, old.Without), d.Queues, d.Without))
	m.Skills, m.WithoutSkills = differ(configured.Skills, change(over(configured.Skills, old.Skills, old.WithoutSkills), d.Skills, d.WithoutSkills))
	err := f.keepMember(ctx, m)
	f.mu.Unlock()
	if err != nil {
		return m, err
	}
	f.Changed()
	return m, nil
}

func (f *Floor) keepMember(ctx context.Context, m Member) error {
	if m.empty() {
		delete(f.members, m.Agent)
		return f.save(ctx, kindMember, m.Agent, nil)
	}
	if err := f.save(ctx, kindMember, m.Agent, m); err != nil {
		return err
	}
	f.members[m.Agent] = m
	return nil
}

func (f *Floor) checkMember(d Difference) error {
	if d.empty() {
		return invalid("Say what is to be different.")
	}
	for id, level := range d.Queues {
		switch {
		case !f.Queue(id):
			return invalid("There is no queue " + id + ".")
		case level < leastLevel || level > mostLevel || slices.Contains(d.Without, id):
			return invalid("The level in queue " + id + " must be from 0 to 100, and not be taken away as well.")
		}
	}
	for id, level := range d.Skills {
		if id == "" || len(id) > 64 || level < leastLevel || level > mostLevel || slices.Contains(d.WithoutSkills, id) {
			return invalid("The level of skill " + id + " must be from 0 to 100, and not be taken away as well.")
		}
	}
	return nil
}

// Reset makes an agent's queues and skills those of the configuration. The error is a *Refusal where they are.
func (f *Floor) Reset(ctx context.Context, agent string) error {
	f.mu.Lock()
	_, ok := f.members[agent]
	var err error
	if ok {
		err = f.keepMember(ctx, Member{Agent: agent})
	}
	f.mu.Unlock()
	switch {
	case err != nil:
		return err
	case !ok:
		return &Refusal{"not-found", "This agent's queues and skills are those of the configuration."}
	}
	f.Changed()
	return nil
}

// Member is an agent's difference; false where there is none.
func (f *Floor) Member(agent string) (Member, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m, ok := f.members[agent]
	return m, ok
}

// Staff are agents as they are now, given those of the configuration.
func (f *Floor) Staff(configured []queue.Agent) []queue.Agent {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := slices.Clone(configured)
	for i := range all {
		if m, ok := f.members[all[i].ID]; ok {
			all[i].Queues = over(all[i].Queues, m.Queues, m.Without)
			all[i].Skills = over(all[i].Skills, m.Skills, m.WithoutSkills)
		}
	}
	return all
}

// over is a copy of levels with some put in and others taken out.
func over(levels, with map[string]int, without []string) map[string]int {
	all := make(map[string]int, len(levels)+len(with))
	maps.Copy(all, levels)
	return change(all, with, without)
}

func change(levels, with map[string]int, without []string) map[string]int {
	maps.Copy(levels, with)
	for _, id := range without {
		delete(levels, id)
	}
	return levels
}

// differ says how to get from one to the other.
func differ(from, to map[string]int) (with map[string]int, without []string) {
	for id, level := range to {
		if was, ok := from[id]; !ok || was != level {
			if with == nil {
				with = map[string]int{}
			}
			with[id] = level
		}
	}
	for _, id := range slices.Sorted(maps.Keys(from)) {
		if _, ok := to[id]; !ok {
			without = append(without, id)
		}
	}
	return with, without
}
