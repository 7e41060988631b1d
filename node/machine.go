package node

import (
	"context"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"hotline/alarm"
	"hotline/api/machine"
	"hotline/node/datadir"
)

// pace is over how long the growth of the recordings is looked at.
const pace = 7 * 24 * time.Hour

// addedUp is how long the sum over all recordings is good for: it reads every row.
const addedUp = time.Minute

// teller tells of the node below its calls.
type teller struct {
	n       *Node
	started time.Time
	modules []machine.Module

	mu          sync.Mutex
	asked       time.Time
	all, lately int64 // bytes of recordings
	failed      error
}

func newTeller(n *Node) *teller {
	m := &teller{n: n, started: time.Now()}
	if info, ok := debug.ReadBuildInfo(); ok {
		m.modules = append(m.modules, machine.Module{Path: "go", Version: info.GoVersion})
		for _, d := range info.Deps {
			m.modules = append(m.modules, machine.Module{Path: d.Path, Version: d.Version})
		}
	}
	return m
}

// taken is what recordings take, and took in the time of pace.
func (m *teller) taken(ctx context.Context) (all, lately int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now := time.Now(); now.Sub(m.asked) >= addedUp {
		m.all, m.lately, m.failed = m.n.db.RecordingBytes(ctx, now.Add(-pace))
		m.asked = now
	}
	return m.all, m.lately, m.failed
}

// Tell is what machine.Routes wants.
func (m *teller) Tell(ctx context.Context) machine.State {
	c := m.n.config
	out := machine.State{Started: m.started, Data: c.Data, Journal: m.n.journal.Waiting(), Modules: m.modules}
	all, lately, err := m.taken(ctx)
	if err == nil {
		out.Database, err = m.n.db.Size(ctx)
	}
	out.Recordings, out.DatabaseErr = all, err
	out.Disk = alarm.Disk{Reserve: uint64(c.Recording.MinFree) << 20, PerDay: uint64(lately / int64(pace/(24*time.Hour)))}
	var disk unix.Statfs_t
	if unix.Statfs(datadir.Recordings(c.Data, c.Recording.Folder), &disk) == nil {
		block := uint64(disk.Bsize) //nolint:gosec,unconvert // its type differs between systems, and it is a size
		out.Disk.Free, out.Disk.Size = disk.Bavail*block, disk.Blocks*block
	}
	for _, t := range m.n.recorder.Troubles() {
		out.Recording = append(out.Recording, string(t))
	}
	if until := m.n.transport.Counters().CertificateUntil; !until.IsZero() {
		out.Certificates = append(out.Certificates, alarm.Cert{Name: "SIP: " + filepath.Base(c.SIP.Certificate), Ends: until})
	}
	return out
}
