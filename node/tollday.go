package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"hotline/toll"
)

const (
	tollFile  = "toll.json" // in the data folder: what was used of the day's limits
	tollEvery = 10 * time.Second
)

// resumeToll goes on with what was used of the day's limits before the start. A file that cannot be read is no reason not to start.
func (n *Node) resumeToll(folder string) {
	day, err := readToll(folder)
	if err != nil {
		n.log.Error("what was called today is not known: the day's limits begin anew", "err", err)
		return
	}
	n.trunks.Resume(day, time.Now())
}

// readToll is the day that was kept last; none is an empty one.
func readToll(data string) (day toll.Day, err error) {
	body, err := os.ReadFile(filepath.Join(data, tollFile))
	if errors.Is(err, fs.ErrNotExist) {
		return day, nil
	}
	if err != nil {
		return day, fmt.Errorf("read what was called today: %w", err)
	}
	if err := json.Unmarshal(body, &day); err != nil {
		return toll.Day{}, fmt.Errorf("read what was called today: %w", err)
	}
	return day, nil
}

// writeToll replaces the file in one step.
func writeToll(data string, day toll.Day) error {
	body, err := json.Marshal(day)
	if err != nil {
		return fmt.Errorf("keep what was called today: %w", err)
	}
	name := filepath.Join(data, tollFile)
	if err = os.WriteFile(name+".new", body, 0o600); err == nil {
		err = os.Rename(name+".new", name)
	}
	if err != nil {
		return fmt.Errorf("keep what was called today: %w", err)
	}
	return nil
}

// keepToll writes what is used of the day's limits now and then, and at the end. Calls never wait for it; a crash forgets its last seconds.
func (n *Node) keepToll(ctx context.Context, folder string) error {
	tick := time.NewTicker(tollEvery)
	defer tick.Stop()
	var kept toll.Day
	failed := false
	for over := false; !over; {
		select {
		case <-ctx.Done():
			over = true
		case <-tick.C:
		}
		day := n.trunks.Day(time.Now())
		if reflect.DeepEqual(day, kept) {
			continue
		}
		err := writeToll(folder, day)
		if err == nil {
			kept, failed = day, false
		} else if !failed {
			n.log.Error("the day's limits would begin anew after a restart", "err", err)
			failed = true
		}
	}
	return nil
}
