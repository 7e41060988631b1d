package main

import (
	"slices"
	"strings"
	"testing"
)

// TestPromptIsHeardAtOnce: a prompt added to a running node is there from then on, and gone when it is removed; what is no sound is
// refused with a sentence.
func TestPromptIsHeardAtOnce(t *testing.T) {
	data, a := running(t)
	flags := promptFlags{Data: data, Lang: "zh"}
	known := func() bool {
		var all struct{ Prompts []struct{ Name string } }
		if err := a.Get(t.Context(), "/prompts", &all); err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(all.Prompts, func(p struct{ Name string }) bool { return p.Name == "fanfare" })
	}
	const file = "../../prompt/testdata/700hz-16000-mono.mp3"
	if err := (promptAddCmd{promptFlags: flags, File: file, Name: "fanfare"}).Run(); err != nil {
		t.Fatal(err)
	}
	if !known() {
		t.Error("the node does not know the prompt")
	}
	err := promptAddCmd{promptFlags: flags, File: "prompts_test.go", Name: "x"}.Run()
	if err == nil || !strings.Contains(err.Error(), "neither a WAV nor an MP3") {
		t.Errorf("got %v", err)
	}
	if err := (promptListCmd{flags}).Run(); err != nil {
		t.Error(err)
	}
	if err := (promptRemoveCmd{promptFlags: flags, Name: "fanfare"}).Run(); err != nil {
		t.Error(err)
	}
	if known() {
		t.Error("the node still knows the removed prompt")
	}
}

// TestPromptWithoutANode: the file waits in the folder for the next start.
func TestPromptWithoutANode(t *testing.T) {
	flags := promptFlags{Data: t.TempDir(), Lang: "any"}
	if err := (promptAddCmd{promptFlags: flags, File: "../../prompt/testdata/700hz-16000-mono.mp3"}).Run(); err != nil {
		t.Fatal(err)
	}
	_, shelf, err := flags.running()
	if err != nil {
		t.Fatal(err)
	}
	f, p, err := shelf.Open("any", "700hz-16000-mono")
	if err != nil || p.Shipped {
		t.Fatalf("%+v, %v", p, err)
	}
	_ = f.Close()
	if err := (promptRemoveCmd{promptFlags: flags, Name: "beep"}).Run(); err == nil {
		t.Error("a shipped prompt was removed")
	}
}
