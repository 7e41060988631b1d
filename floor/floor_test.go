package floor

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"hotline/call"
	"hotline/queue"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// shelf is a store in memory; it outlives floors.
type shelf map[string]map[string][]byte

func (s shelf) SaveOrder(_ context.Context, kind, id string, body []byte) error {
	if s[kind] == nil {
		s[kind] = map[string][]byte{}
	}
	if s[kind][id] = body; body == nil {
		delete(s[kind], id)
	}
	return nil
}

func (s shelf) Orders(_ context.Context, kind string) (map[string][]byte, error) { return s[kind], nil }

// bench is a floor of two queues and two agents.
type bench struct {
	*Floor
	*testing.T
	shelf   shelf
	changes int
}

var staff = []queue.Agent{
	{ID: "anna", Queues: map[string]int{"east": 1, "west": 2}, Skills: map[string]int{"english": 1}}, {ID: "bo", Queues: map[string]int{"east": 1}},
}

func open(t *testing.T) *bench {
	b := &bench{T: t, shelf: shelf{}}
	b.restart()
	return b
}

// restart is a new process over what was kept.
func (b *bench) restart() {
	b.Helper()
	b.Floor = New(Config{
		Queue: func(id string) bool { return id == "east" || id == "west" },
		Agent: func(id string) (queue.Agent, bool) {
			for _, a := range staff {
				if a.ID == id {
					return a, true
				}
			}
			return queue.Agent{}, false
		},
		Prompt: func(name string) bool { return name == "storm" }, Speaks: true, Changed: func() { b.changes++ },
	}, b.shelf)
	if err := b.Load(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// says is the state of a queue in words.
func (b *bench) says(id string, at time.Time) string {
	c, ok := b.Closing(id, at)
	if !ok {
		return "open"
	}
	return map[queue.Door]string{queue.DoorKept: "kept", queue.DoorEmptied: "emptied"}[c.Door()] + " by " + c.By
}

// A queue's own order stands before the centre's, ends at its time, and outlives the process.
func TestClosings(t *testing.T) {
	b := open(t)
	closed := func(c Closing) {
		t.Helper()
		if _, err := b.Close(t.Context(), c, noon); err != nil {
			t.Fatal(err)
		}
	}
	closed(Closing{By: "sue", Waiting: HangUp, Prompt: "storm"})
	closed(Closing{By: "tom", Queue: "east", Until: noon.Add(time.Hour)})
	b.restart()
	for _, c := range []struct {
		queue string
		after time.Duration
		want  string
	}{
		{"east", 0, "kept by tom"}, {"west", 0, "emptied by sue"}, {"east", time.Hour, "emptied by sue"}, {"west", 1000 * time.Hour, "emptied by sue"},
	} {
		if got := b.says(c.queue, noon.Add(c.after)); got != c.want {
			t.Errorf("%s after %s: got %q, want %q", c.queue, c.after, got, c.want)
		}
	}
	if all := b.Closings(noon); len(all) != 2 || all[0].Queue != "" || all[1].Queue != "east" || !all[1].Since.Equal(noon) {
		t.Errorf("got %+v", all)
	}
	if err := b.Open(t.Context(), "", noon); err != nil || b.says("west", noon) != "open" || b.says("east", noon) != "kept by tom" {
		t.Errorf("opened the centre: %v", err)
	}
	var refusal *Refusal
	if err := b.Open(t.Context(), "east", noon.Add(2*time.Hour)); !errors.As(err, &refusal) || refusal.Kind != "not-found" {
		t.Errorf("opened what had opened by itself: %v", err)
	}
	if b.restart(); len(b.Closings(noon)) != 0 || b.changes != 3 {
		t.Errorf("after all: %+v, told of %d changes", b.Closings(noon), b.changes)
	}
}

// Who waited goes where the order says; who comes hears the message and goes on as the flow has it.
func TestWhatCallersHear(t *testing.T) {
	b := open(t)
	for _, c := range []struct {
		order    Closing
		said     string
		then, to string
	}{
		{Closing{Waiting: Stay}, "closed", call.ThenFlow, ""}, {Closing{Waiting: HangUp, Prompt: "storm"}, "storm", call.ThenHangup, ""},
		{Closing{Waiting: Elsewhere, To: "west", Text: "台风"}, "台风", call.ThenQueue, "west"}, {Closing{Waiting: Voicemail}, "closed", call.ThenVoicemail, ""},
		{Closing{Waiting: Callback}, "closed", call.ThenCallback, ""},
	} {
		c.order.Queue = "east"
		if _, err := b.Close(t.Context(), c.order, noon); err != nil {
			t.Fatal(err)
		}
		for _, waited := range []bool{true, false} {
			got := b.ForCall("east", waited, noon)
			then, to := c.then, c.to
			if !waited {
				then, to = call.ThenFlow, ""
			}
			if got.Then != then || got.To != to || got.Queue != "east" || got.Said[0].File+got.Said[0].Text != c.said {
				t.Errorf("%+v, waited %v: got %+v", c.order, waited, got)
			}
		}
	}
	if got := b.ForCall("west", true, noon); got != nil {
		t.Errorf("an open queue: got %+v", got)
	}
}

// What is changed live stands over the configuration, is kept, and is no difference any more when it comes out as configured.
func TestMembers(t *testing.T) {
	b := open(t)
	change := func(agent string, d Difference) Member {
		t.Helper()
		m, err := b.Change(t.Context(), agent, "sue", d, noon)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	want := func(what string, queues, skills map[string]int) {
		t.Helper()
		got := b.Staff(staff)
		if !reflect.DeepEqual(got[0].Queues, queues) || !reflect.DeepEqual(got[0].Skills, skills) || !reflect.DeepEqual(got[1], staff[1]) {
			t.Errorf("%s: got %+v", what, got)
		}
	}
	change("anna", Difference{Queues: map[string]int{"east": 5}, Without: []string{"west"}})
	change("anna", Difference{Skills: map[string]int{"french": 3}, WithoutSkills: []string{"english"}})
	b.restart()
	want("after a restart", map[string]int{"east": 5}, map[string]int{"french": 3})
	if m, ok := b.Member("anna"); !ok || m.By != "sue" || m.String() != "+east=5 -west skills +french=3 -english" {
		t.Errorf("got %+v", m)
	}
	change("anna", Difference{Queues: map[string]int{"east": 1, "west": 2}})
	if m := change("anna", Difference{Skills: map[string]int{"english": 1}, WithoutSkills: []string{"french"}}); !m.empty() {
		t.Errorf("as configured, and still different: %+v", m)
	}
	want("put back by hand", staff[0].Queues, staff[0].Skills)
	if _, ok := b.Member("anna"); ok || len(b.shelf[kindMember]) != 0 {
		t.Error("a difference of nothing is kept")
	}
	change("anna", Difference{Without: []string{"east", "west"}})
	want("in no queue", map[string]int{}, staff[0].Skills)
	if err := b.Reset(t.Context(), "anna"); err != nil {
		t.Fatal(err)
	}
	want("taken back", staff[0].Queues, staff[0].Skills)
	if b.Reset(t.Context(), "anna") == nil {
		t.Error("taken back twice")
	}
	for _, bad := range []Difference{{}, {Queues: map[string]int{"north": 1}}, {Queues: map[string]int{"east": 101}}, {Queues: map[string]int{"east": 1}, Without: []string{"east"}}, {Skills: map[string]int{"": 1}}} {
		if _, err := b.Change(t.Context(), "anna", "sue", bad, noon); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

// Flows are told of the whole centre alone, while it lasts, with the order's own message.
func TestShut(t *testing.T) {
	b := open(t)
	closes := func(c Closing) {
		t.Helper()
		if _, err := b.Close(t.Context(), c, noon); err != nil {
			t.Fatal(err)
		}
	}
	closes(Closing{Queue: "east"})
	if got := b.Shut(noon); got != nil {
		t.Errorf("one queue is closed: %+v", got)
	}
	closes(Closing{Until: noon.Add(time.Hour)})
	if got := b.Shut(noon); got == nil || got.Said != nil {
		t.Errorf("closed without a message: %+v", got)
	}
	closes(Closing{Until: noon.Add(time.Hour), Prompt: "storm"})
	if got := b.Shut(noon); got == nil || len(got.Said) != 1 || got.Said[0].File != "storm" {
		t.Errorf("closed with a message: %+v", got)
	}
	if got := b.Shut(noon.Add(time.Hour)); got != nil {
		t.Errorf("when it is over: %+v", got)
	}
}
