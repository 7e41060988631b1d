package ivr

import (
	"slices"
	"testing"
)

func TestPlays(t *testing.T) {
	f, err := Read("x.yml", []byte("flow: x\nstart: hello\nnodes:\n  hello: {type: play, prompts: [welcome, goodbye, welcome], next: ask}\n"+
		"  ask:\n    type: menu\n    prompts: [menu-topic]\n    silent-prompts: [silent]\n    timeout: 5s\n    keys: {1: hangup}\n    on: {timeout: hangup, invalid: hangup}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := f.Plays(), []string{"goodbye", "menu-topic", "silent", "welcome"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
