package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestExportThenImport: what export writes into a folder, import reads back, and the running node takes it at once.
func TestExportThenImport(t *testing.T) {
	data, a := running(t)
	folder := filepath.Join(t.TempDir(), "out")
	store := storeFlags{Data: data}
	if err := (exportCmd{storeFlags: store, Folder: folder}).Run(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "data.yml")
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, bytes.ReplaceAll(body, []byte("Sales"), []byte("Orders")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (importCmd{storeFlags: store, File: file}).Run(); err != nil {
		t.Fatal(err)
	}
	var queues []struct{ ID, Name string }
	eventually(t, "the node to take the centre anew", func() bool {
		err := a.Get(t.Context(), "/queues", &queues)
		return err == nil && len(queues) == 1 && queues[0].Name == "Orders"
	})
	if a.Realm != "small" {
		t.Errorf("the realm for imports is %q, want the node's", a.Realm)
	}
	var agents []struct{ ID, Phone string }
	if err := a.Get(t.Context(), "/agents", &agents); err != nil || len(agents) != 1 || agents[0].Phone != "1001" {
		t.Errorf("after the import the agents are %+v, %v", agents, err)
	}
}
