package node

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"hotline/toll"
)

func TestTollDayIsKept(t *testing.T) {
	n := runNode(t, smallData(t, smallCentre))
	folder := t.TempDir()
	if day, err := readToll(folder); err != nil || !reflect.DeepEqual(day, toll.Day{}) {
		t.Errorf("a new folder: %+v, %v", day, err)
	}
	today := n.trunks.Day(time.Now()).Date
	want := toll.Day{Date: today, Phones: map[string]toll.Spent{"1001": {Calls: 2, Talked: time.Minute}}, Trunks: map[string]toll.Spent{"t": {Calls: 3}}}
	if err := writeToll(folder, want); err != nil {
		t.Fatal(err)
	}
	n.resumeToll(folder)
	if err := os.Remove(filepath.Join(folder, tollFile)); err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := n.keepToll(ended, folder); err != nil {
		t.Fatal(err)
	}
	if got, err := readToll(folder); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("kept %+v, %v; want %+v", got, err, want)
	}
	if err := os.WriteFile(filepath.Join(folder, tollFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readToll(folder); err == nil {
		t.Error("half a file was read")
	}
	if err := writeToll(filepath.Join(folder, "none"), want); err == nil {
		t.Error("written into no folder")
	}
}
