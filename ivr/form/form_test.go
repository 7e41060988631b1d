package form

import (
	"fmt"
	"testing"
	"time"
)

const file = `flow: f
tries: many
wait: 3s
colour: red
nodes:
  a: {prompts: [hello, {text: '${n}', say: number}], keys: {1: b, x: c}, next: b}
  b: {prompts: {file: bye}}
`

// A reader asks for what it knows; what is wrong with it, and what nobody asked for, comes by line and by node.
func TestReading(t *testing.T) {
	s, problems := Open("f.yml", []byte(file))
	if s == nil {
		t.Fatal(problems)
	}
	id, _ := s.Need("flow", "give it one")
	s.OfFlow(id)
	if wait := s.Duration("wait", time.Second, time.Second, time.Minute); wait != 3*time.Second {
		t.Errorf("got %v, want 3s", wait)
	}
	if tries := s.Count("tries", 3, 1, 9); tries != 3 {
		t.Errorf("got %d tries, want what holds without the key", tries)
	}
	var got []string
	s.Sub("nodes").Nodes(func(name string, line int, node *Section) {
		node.Prompts("prompts")
		node.KeyWays()
		node.Must("next")
		node.Done()
		ways, prompts := node.Noted()
		got = append(got, fmt.Sprint(name, " in line ", line, " has ", ways, " and ", len(prompts), " prompts"))
	})
	s.Done()
	if want := "[a in line 6 has [{key 1 b 6 false} {next b 6 true}] and 2 prompts b in line 7 has [{next  7 true}] and 1 prompts]"; fmt.Sprint(got) != want {
		t.Errorf("got %v\nwant %s", got, want)
	}
	want := `f.yml:2: "tries" of the flow is "many": write a whole number from 1 to 9
f.yml:4: the flow has no key "colour": it knows flow, wait, tries, nodes
f.yml:6: node a has the key "x": name a key of a telephone, 0 to 9, * or #, and where it leads`
	found := s.Problems()
	if found.Error() != want {
		t.Errorf("got %s\nwant %s", found.Error(), want)
	}
	if last := found[len(found)-1]; last.Flow != "f" || last.Node != "a" {
		t.Errorf("got %+v, want its flow and node", last)
	}
}

// What a blank section is asked for are the keys that it may have.
func TestKeys(t *testing.T) {
	s := Blank("a")
	s.Need("queue", "name one")
	s.Flag("loud", true)
	on := s.Sub("on")
	on.Must("timeout")
	s.Rows("targets", "a target", func(m *Section) { m.Text("phone") })
	want := "[{queue queue true  []   [] <nil>} {loud flag false true []   [] <nil>} {on group false  []   [{timeout way true  []   [] <nil>}] <nil>}" +
		" {targets rows false  []   [{phone text false  []   [] <nil>}] <nil>}]"
	if got := fmt.Sprint(s.Keys()); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}
