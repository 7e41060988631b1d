package centre

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"hotline/configs"
	"hotline/store"
)

func TestListsAreSearchedSortedAndPaged(t *testing.T) {
	d := open(t)
	var changes []Change
	for _, text := range []string{
		`{"id":"b","name":"Beta","ring":"9s","dispositions":["退款","Other"]}`, `{"id":"a","name":"alpha","ring":"1m","max_waiting":20}`, `{"id":"c","ring":"15s","max_waiting":3}`,
	} {
		changes = append(changes, Change{Kind: configs.KindQueue, Item: json.RawMessage(text)})
	}
	d.publish(changes...)
	for _, c := range []struct {
		q     Query
		want  string
		total int
	}{
		{Query{}, "sales care b a c", 5},
		{Query{Search: "ALPHA"}, "a", 1},
		{Query{Search: "退款"}, "b", 1},
		{Query{Search: "销"}, "sales", 1},
		{Query{Search: "nobody"}, "", 0},
		{Query{Sort: "ring"}, "care b sales c a", 5},
		{Query{Sort: "-ring"}, "a sales c b care", 5},
		{Query{Sort: "-max_waiting", Limit: 2}, "a care", 5},
		{Query{Sort: "id", Offset: 3, Limit: 5}, "care sales", 5},
		{Query{Offset: 9}, "", 5},
		{Query{Where: []string{"ring=15s"}}, "sales c", 2},
		{Query{Where: []string{"max_waiting"}}, "care a c", 3},
		{Query{Where: []string{"max_waiting", "ring=15s"}}, "c", 1},
		{Query{Where: []string{"dispositions=Other"}}, "b", 1},
		{Query{Where: []string{"name="}}, "care c", 2},
	} {
		items, total, err := d.List(t.Context(), configs.KindQueue, c.q)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, one := range items {
			got = append(got, one.ID)
		}
		if strings.Join(got, " ") != c.want || total != c.total {
			t.Errorf("%+v: got %q of %d, want %q of %d", c.q, got, total, c.want, c.total)
		}
	}
	if items, _, _ := d.List(t.Context(), configs.KindPerson, Query{Where: []string{"queues.sales"}}); len(items) != 1 {
		t.Errorf("got %+v, want who is in the queue", items)
	}
	if items, _, _ := d.List(t.Context(), configs.KindRoute, Query{Search: "care"}); len(items) != 1 {
		t.Errorf("got %+v, want the rule that leads there", items)
	}
	if _, _, err := d.List(t.Context(), "nonsense", Query{}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}
