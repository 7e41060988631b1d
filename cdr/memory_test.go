package cdr

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"hotline/call"
)

var errBroken = errors.New("broken on purpose")

// memory is a Store that can be told to fail.
type memory struct {
	mu      sync.Mutex
	facts   []Numbered
	records map[call.ID]Record
	cursors map[string]int64
	broken  bool // every write fails
	commits int
	reads   int // of a call's facts
	// noRecords makes writing facts with records fail
	noRecords bool
	half      bool // the next append keeps the facts but says it failed
}

func newMemory() *memory { return &memory{records: map[call.ID]Record{}, cursors: map[string]int64{}} }

func (m *memory) setBroken(b bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken = b
}

func (m *memory) AppendFacts(_ context.Context, facts []call.Fact, records ...Record) ([]Numbered, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken || m.noRecords && len(records) > 0 {
		return nil, errBroken
	}
	for _, r := range records {
		m.records[r.Call] = r
	}
	m.commits++
	var out []Numbered
	for _, f := range facts {
		i := slices.IndexFunc(m.facts, func(n Numbered) bool { return n.Call == f.Call && n.Seq == f.Seq })
		if i < 0 {
			i = len(m.facts)
			m.facts = append(m.facts, Numbered{Number: int64(i + 1), Fact: f})
		}
		out = append(out, Numbered{Number: m.facts[i].Number, Fact: f})
	}
	if m.half {
		m.half = false
		return nil, errBroken
	}
	return out, nil
}

func (m *memory) FactsOf(_ context.Context, id call.ID) ([]call.Fact, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads++
	var out []call.Fact
	for _, n := range m.facts {
		if n.Call == id {
			out = append(out, n.Fact)
		}
	}
	return out, nil
}

func (m *memory) FactsSince(_ context.Context, after int64, limit int) ([]Numbered, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	rest := m.facts[min(int(after), len(m.facts)):]
	return slices.Clone(rest[:min(limit, len(rest))]), nil
}

func (m *memory) OpenCalls(context.Context) ([]call.ID, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []call.ID
	for _, n := range m.facts {
		if r, ok := m.records[n.Call]; (!ok || r.Open()) && !slices.Contains(ids, n.Call) {
			ids = append(ids, n.Call)
		}
	}
	return ids, nil
}

func (m *memory) SaveRecords(_ context.Context, records []Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return errBroken
	}
	for _, r := range records {
		m.records[r.Call] = r
	}
	return nil
}

func (m *memory) Record(_ context.Context, id call.ID) (Record, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.records[id]
	return r, ok, nil
}

// Records returns all, in no order.
func (m *memory) Records(context.Context, Query) ([]Record, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Values(m.records)), "", nil
}

func (m *memory) Cursor(_ context.Context, name string) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cursors[name], nil
}

func (m *memory) SaveCursor(_ context.Context, name string, number int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return errBroken
	}
	m.cursors[name] = number
	return nil
}

// of is the facts of one call, without counting it as a read.
func (m *memory) of(id call.ID) (facts []call.Fact) {
	for _, n := range m.facts {
		if n.Call == id {
			facts = append(facts, n.Fact)
		}
	}
	return facts
}
