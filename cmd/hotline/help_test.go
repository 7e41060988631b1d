package main

import (
	"bytes"
	"path/filepath"
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

// TestExportThenImport: what export writes into a folder, import reads back.
func TestExportThenImport(t *testing.T) {
	n := runNode(t, smallData(t, smallCentre))
	folder := filepath.Join(t.TempDir(), "out")
	store := storeFlags{Data: n.config.Data}
	if err := (exportCmd{storeFlags: store, Folder: folder}).Run(); err != nil {
		t.Fatal(err)
	}
	if err := n.grantCLI(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := n.built.Load()
	if err := (importCmd{storeFlags: store, File: filepath.Join(folder, "data.yml")}).Run(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the node to take the centre anew", func() bool { return n.built.Load() != before })
	if a, err := readAccess(n.config.Data); err != nil || a.Realm != "small" {
		t.Errorf("got %+v, %v, want the node's realm for imports", a, err)
	}
	if !n.known("1001") || len(n.built.Load().Queues) != 1 {
		t.Error("the centre changed on its way")
	}
}
