package storetest

import (
	"reflect"
	"testing"
	"time"

	"hotline/floor"
)

var floorBehaviours = []behaviour{
	{"floor/orders are kept by kind and id, replaced and removed", orders},
	{"floor/messages are kept until and after they are read", messages},
}

func orders(t *testing.T, s Store) {
	ctx := t.Context()
	must(t, s.SaveOrder(ctx, "closing", "", []byte(`{"a":1}`)))
	must(t, s.SaveOrder(ctx, "closing", "east", []byte(`{"a":2}`)))
	must(t, s.SaveOrder(ctx, "closing", "east", []byte(`{"a":3}`)))
	must(t, s.SaveOrder(ctx, "member", "east", []byte(`{"a":4}`)))
	if got, want := value(s.Orders(ctx, "closing"))(t), map[string][]byte{"": []byte(`{"a":1}`), "east": []byte(`{"a":3}`)}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	must(t, s.SaveOrder(ctx, "closing", "east", nil))
	must(t, s.SaveOrder(ctx, "closing", "west", nil)) // there is none
	if got := value(s.Orders(ctx, "closing"))(t); len(got) != 1 {
		t.Errorf("got %q, want the one that was not removed", got)
	}
}

func messages(t *testing.T, s Store) {
	ctx := t.Context()
	all := []floor.Message{
		{ID: "1.amy", Sent: "1", Agent: "amy", To: "all", Text: "中文", By: "sue", At: noon},
		{ID: "1.bob", Sent: "1", Agent: "bob", To: "all", Text: "中文", By: "sue", At: noon},
		{ID: "2.amy", Sent: "2", Agent: "amy", Text: odd, By: "sue", At: noon.Add(time.Minute)},
	}
	must(t, s.SaveMessages(ctx, all[:2]))
	must(t, s.SaveMessages(ctx, all[2:]))
	if got, want := value(s.MessagesTo(ctx, "amy", true, 10))(t), []floor.Message{all[2], all[0]}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	must(t, s.ReadMessages(ctx, "amy", []string{"1.amy", "1.bob", "none"}, noon.Add(time.Hour)))
	must(t, s.ReadMessages(ctx, "amy", []string{"1.amy"}, noon.Add(2*time.Hour)))
	all[0].Read = noon.Add(time.Hour)
	for _, c := range []struct {
		floor.MessageQuery
		want  []floor.Message
		total int
	}{
		{floor.MessageQuery{Limit: 10}, []floor.Message{all[2], all[1], all[0]}, 3}, // amy has read hers, and once
		{floor.MessageQuery{Limit: 1, Offset: 1}, all[1:2], 3},
		{floor.MessageQuery{Limit: 1, Sort: "at"}, all[:1], 3},
		{floor.MessageQuery{Limit: 1, Sort: "-read"}, all[:1], 3},
		{floor.MessageQuery{Limit: 10, Unread: true, Search: "BOB"}, all[1:2], 1},
		{floor.MessageQuery{Limit: 10, Agent: "amy", Search: "ALL"}, all[:1], 1},
		{floor.MessageQuery{Limit: 10, Agent: "none"}, nil, 0},
	} {
		if got, total, err := s.Messages(ctx, c.MessageQuery); err != nil || total != c.total || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: got %+v of %d, %v; want %+v of %d", c.MessageQuery, got, total, err, c.want, c.total)
		}
	}
	if got := value(s.MessagesTo(ctx, "amy", true, 10))(t); len(got) != 1 || got[0].ID != "2.amy" {
		t.Errorf("unread: got %+v", got)
	}
	if got := value(s.MessagesTo(ctx, "amy", false, 1))(t); len(got) != 1 || got[0].ID != "2.amy" {
		t.Errorf("the newest: got %+v", got)
	}
}
