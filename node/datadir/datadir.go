// Package datadir is what a node's data directory holds: where its files are, the lock that keeps a second node out, and how commands on
// the same machine reach the node that runs.
package datadir

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Database is the path of the database.
func Database(data string) string { return filepath.Join(data, "hotline.db") }

// Prompts is where a node keeps its own prompts.
func Prompts(data string) string { return filepath.Join(data, "prompts") }

// Recordings is where recordings are kept: folder of the configuration, "" for the place in the data directory.
func Recordings(data, folder string) string {
	return cmp.Or(folder, filepath.Join(data, "recordings"))
}

// Lock keeps a second node off the data directory until unlock is called, or the process ends.
func Lock(data string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(data, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("the data folder %s is used by another hotline that runs", data)
	}
	return func() { _ = f.Close() }, nil
}
