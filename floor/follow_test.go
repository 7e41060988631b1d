package floor

import (
	"errors"
	"testing"
	"time"
)

// Following is one order of each supervisor, kept over a restart until it is ended or its time comes; what ends late does not end the next one.
func TestFollow(t *testing.T) {
	b := open(t)
	follow := func(supervisor, of string, at time.Time) (Following, string) {
		w, err := b.Follow(t.Context(), Following{Supervisor: supervisor, Of: of, By: "Sue"}, at)
		if no := new(Refusal); errors.As(err, &no) {
			return w, no.Kind
		} else if err != nil {
			t.Fatal(err)
		}
		return w, ""
	}
	for _, c := range []struct{ supervisor, of, want string }{{"sue", "nobody", "not-found"}, {"anna", "anna", "invalid"}, {"", "anna", "invalid"}, {"sue", "anna", ""}} {
		if _, got := follow(c.supervisor, c.of, noon); got != c.want {
			t.Errorf("%q follows %q: %q, want %q", c.supervisor, c.of, got, c.want)
		}
	}
	first, _ := follow("sue", "anna", noon)
	second, _ := follow("sue", "bo", noon.Add(time.Minute))
	b.restart()
	all := b.Followings(noon)
	if len(all) != 1 || all[0].Of != "bo" || all[0].By != "Sue" || !all[0].Since.Equal(second.Since) {
		t.Errorf("after a restart: %+v", all)
	}
	if got := b.Followings(second.Until); len(got) != 0 {
		t.Errorf("when the time has come: %+v", got)
	}
	if b.FollowOver(t.Context(), "sue", first.Until) == nil || b.Unfollow(t.Context(), "sue", "anna") == nil || b.Unfollow(t.Context(), "max", "bo") == nil {
		t.Error("an order that is not there was ended")
	}
	if err := b.FollowOver(t.Context(), "sue", second.Until); err != nil {
		t.Error(err)
	}
	b.restart()
	if got := b.Followings(noon); len(got) != 0 {
		t.Errorf("after the end: %+v", got)
	}
}
