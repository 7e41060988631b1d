package recording

import (
	"bytes"
	"slices"
	"sync"
	"time"
)

// shim stands between a recorder and its disk: it fails, stalls and remembers on demand.
type shim struct {
	disk
	mu        sync.Mutex
	fails     error         // of every write and every new file
	syncFails error         // of every sync
	stalls    time.Duration // of every write
	room      uint64        // free bytes
	ops       []op
}

// op is something that was done to a file: a write, or a sync when data is nil.
type op struct {
	at   time.Time
	name string
	from int64
	data []byte
}

func (s *shim) set(change func(*shim)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *shim) state() (stall time.Duration, fails error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stalls, s.fails
}

func (s *shim) note(o op) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o.at = time.Now()
	s.ops = append(s.ops, o)
}

func (s *shim) done() []op {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.ops)
}

func (s *shim) free() (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.room, nil
}

func (s *shim) replace(name string, content []byte) error {
	if _, err := s.state(); err != nil {
		return err
	}
	return s.disk.replace(name, content)
}

func (s *shim) create(name string) (file, error) {
	if _, err := s.state(); err != nil {
		return nil, err
	}
	f, err := s.disk.create(name)
	if err != nil {
		return nil, err
	}
	s.note(op{name: name, data: []byte{}})
	return &shimFile{file: f, shim: s, name: name}, nil
}

type shimFile struct {
	file
	shim *shim
	name string
}

func (f *shimFile) WriteAt(b []byte, at int64) (int, error) {
	stall, err := f.shim.state()
	if stall > 0 {
		time.Sleep(stall)
	}
	if err != nil {
		return 0, err
	}
	f.shim.note(op{name: f.name, from: at, data: bytes.Clone(b)})
	return f.file.WriteAt(b, at)
}

func (f *shimFile) Sync() error {
	f.shim.note(op{name: f.name})
	f.shim.mu.Lock()
	err := f.shim.syncFails
	f.shim.mu.Unlock()
	if err != nil {
		return err
	}
	return f.file.Sync()
}
