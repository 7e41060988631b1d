package floor

import (
	"context"
	"time"
)

// Following is a supervisor's order to be beside an agent in every call, until it ends.
type Following struct {
	Supervisor string    `json:"supervisor"` // their id as an agent; one order each
	Of         string    `json:"of"`         // the agent
	By         string    `json:"by"`         // the supervisor's name
	Since      time.Time `json:"since"`
	Until      time.Time `json:"until"`
}

// longestFollow is how long following lasts at most: a long shift.
const longestFollow = 12 * time.Hour

// Follow begins it, in the place of an earlier order of the same supervisor. Since and Until are set. The error is a *Refusal where the order
// makes no sense.
func (f *Floor) Follow(ctx context.Context, w Following, now time.Time) (Following, error) {
	if _, ok := f.Agent(w.Of); !ok {
		return w, &Refusal{"not-found", "There is no such agent."}
	}
	if w.Supervisor == "" || w.Supervisor == w.Of {
		return w, invalid("You are no agent with a phone that could ring, or it is yourself.")
	}
	w.Since, w.Until = now, now.Add(longestFollow)
	f.mu.Lock()
	err := f.save(ctx, kindFollow, w.Supervisor, w)
	if err == nil {
		f.follows[w.Supervisor] = w
	}
	f.mu.Unlock()
	return w, err
}

// Unfollow ends it. The error is a *Refusal where the supervisor does not follow that agent.
func (f *Floor) Unfollow(ctx context.Context, supervisor, of string) error {
	return f.endFollow(ctx, supervisor, func(w Following) bool { return w.Of == of })
}

// FollowOver ends the order that was to last until then, and none that came in its place. The error is a *Refusal where there is none.
func (f *Floor) FollowOver(ctx context.Context, supervisor string, until time.Time) error {
	return f.endFollow(ctx, supervisor, func(w Following) bool { return w.Until.Equal(until) })
}

func (f *Floor) endFollow(ctx context.Context, supervisor string, is func(Following) bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if w, ok := f.follows[supervisor]; !ok || !is(w) {
		return &Refusal{"not-found", "You do not follow this agent."}
	}
	if err := f.save(ctx, kindFollow, supervisor, nil); err != nil {
		return err
	}
	delete(f.follows, supervisor)
	return nil
}

// Followings are those that have not come to their time, by supervisor.
func (f *Floor) Followings(now time.Time) []Following {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := []Following{}
	for _, w := range sorted(f.follows) {
		if now.Before(w.Until) {
			all = append(all, w)
		}
	}
	return all
}
