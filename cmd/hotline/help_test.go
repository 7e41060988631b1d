package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestEveryCommandHasAnExample: the help of each command shows how it is written, and its examples parse.
func TestEveryCommandHasAnExample(t *testing.T) {
	var c cli
	parser, err := kong.New(&c, kong.Name("hotline"), kong.Description(description))
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range parser.Model.Leaves(true) {
		path := strings.TrimSpace(command.Path())
		if path == "hotline version" || command.Name == "version" {
			continue
		}
		if !strings.Contains(command.Detail, "  hotline "+strings.Fields(strings.TrimPrefix(path, "hotline "))[0]) {
			t.Errorf("%s has no example:\n%s", path, command.Detail)
		}
	}
}

func TestHelpIsPrinted(t *testing.T) {
	var c cli
	var out bytes.Buffer
	parser, err := kong.New(&c, kong.Name("hotline"), kong.Writers(&out, &out), kong.Exit(func(int) { panic("printed") }))
	if err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = parser.Parse([]string{"import", "--help"})
	}()
	if !strings.Contains(out.String(), "hotline import data.yml --data /var/lib/hotline") {
		t.Errorf("got\n%s", out.String())
	}
}

func TestCommandsThatNeedANodeSaySo(t *testing.T) {
	err := replayCmd{Data: t.TempDir(), Call: "x"}.Run()
	if err == nil || !strings.Contains(err.Error(), "is `hotline serve` running with this data folder?") {
		t.Errorf("got %v", err)
	}
}
