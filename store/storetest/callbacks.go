package storetest

import (
	"context"
	"reflect"
	"testing"
	"time"

	"hotline/call"
	"hotline/callback"
	"hotline/route"
)

var callbackBehaviours = []behaviour{{"callbacks are kept whole, the open ones first", callbacksKept}}

func callbacksKept(t *testing.T, s Store) {
	ctx := context.Background()
	var want []callback.Entry
	for i, state := range []callback.State{callback.Done, callback.Waiting, callback.Calling, callback.Failed} {
		e := callback.Entry{
			ID: call.ID(string(rune('a' + i))), Number: "+8613800138000", Queue: "east", Steps: []route.Step{{Queue: "east"}, {After: time.Second, Queue: "west"}},
			Since: noon, AskedAt: noon.Add(time.Duration(i) * time.Minute), NotBefore: noon, Expires: noon.Add(time.Hour), State: state, Tries: i, Changed: noon,
		}
		must(t, s.SaveCallback(ctx, e))
		want = append(want, e)
	}
	want[1].State, want[1].Last = callback.Expired, "busy"
	must(t, s.SaveCallback(ctx, want[1]))
	page := func(q callback.Query) ([]callback.Entry, int) {
		t.Helper()
		q.Limit = max(q.Limit, 1)
		got, total, err := s.Callbacks(ctx, q)
		must(t, err)
		return got, total
	}
	got, _ := page(callback.Query{Sort: "askedAt", Limit: 10})
	for i := range got {
		if !reflect.DeepEqual(got[i].Steps, want[i].Steps) || got[i].State != want[i].State || got[i].Last != want[i].Last || !got[i].AskedAt.Equal(want[i].AskedAt) {
			t.Errorf("callback %d: got %+v, want %+v", i, got[i], want[i])
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %d callbacks, want %d", len(got), len(want))
	}
	for _, c := range []struct {
		callback.Query
		want  call.ID
		total int
	}{
		{callback.Query{}, "d", 4},
		{callback.Query{Offset: 1}, "c", 4},
		{callback.Query{Open: true}, "c", 1},
		{callback.Query{State: callback.Failed}, "d", 1},
		{callback.Query{Queue: "east", Sort: "tries"}, "a", 4},
		{callback.Query{Sort: "-tries", Search: "8613800138"}, "d", 4},
		{callback.Query{Sort: "state", Search: "138"}, "c", 4}, // calling, done, expired, failed
		{callback.Query{Sort: "-notBefore"}, "a", 4},
		{callback.Query{Queue: "west"}, "", 0},
		{callback.Query{Search: "nobody"}, "", 0},
	} {
		got, total := page(c.Query)
		var first call.ID
		if len(got) > 0 {
			first = got[0].ID
		}
		if first != c.want || total != c.total {
			t.Errorf("%+v: got %s of %d, want %s of %d", c.Query, first, total, c.want, c.total)
		}
	}
	if e, ok, err := s.Callback(ctx, "d"); err != nil || !ok || e.State != callback.Failed {
		t.Errorf("got %+v, %v, %v", e, ok, err)
	}
	if _, ok, err := s.Callback(ctx, "none"); err != nil || ok {
		t.Errorf("got %v, %v for one that does not exist", ok, err)
	}
}
