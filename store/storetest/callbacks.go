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
	got := value(s.Callbacks(ctx, 10))(t)
	for i := range got {
		if !reflect.DeepEqual(got[i].Steps, want[i].Steps) || got[i].State != want[i].State || got[i].Last != want[i].Last || !got[i].AskedAt.Equal(want[i].AskedAt) {
			t.Errorf("callback %d: got %+v, want %+v", i, got[i], want[i])
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %d callbacks, want %d", len(got), len(want))
	}
	if got := value(s.Callbacks(ctx, 1))(t); len(got) != 1 || got[0].ID != "c" {
		t.Errorf("the first is %+v, want the open one", got)
	}
	if e, ok, err := s.Callback(ctx, "d"); err != nil || !ok || e.State != callback.Failed {
		t.Errorf("got %+v, %v, %v", e, ok, err)
	}
	if _, ok, err := s.Callback(ctx, "none"); err != nil || ok {
		t.Errorf("got %v, %v for one that does not exist", ok, err)
	}
}
