package account

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// memory is a Store for tests; storetest holds the real ones to the same behaviour.
type memory struct {
	mu       sync.Mutex
	people   map[ID]Person
	sessions map[string]Session
	tokens   map[string]Token
	links    map[string]Link
	trail    []Entry
}

func newMemory() *memory {
	return &memory{people: map[ID]Person{}, sessions: map[string]Session{}, tokens: map[string]Token{}, links: map[string]Link{}}
}

func (m *memory) InsertPerson(_ context.Context, p Person, first bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if first && slices.ContainsFunc(slices.Collect(maps.Values(m.people)), func(p Person) bool { return p.Role == Admin }) {
		return ErrNotFirst
	}
	for _, o := range m.people {
		if LoginKey(o.Login) == LoginKey(p.Login) {
			return ErrLoginTaken
		}
	}
	m.people[p.ID] = p
	return nil
}

func (m *memory) UpdatePerson(_ context.Context, p Person) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.people[p.ID].Revision != p.Revision-1 {
		return ErrConflict
	}
	m.people[p.ID] = p
	return nil
}

func (m *memory) Person(_ context.Context, id ID) (Person, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return get(m.people, id)
}

func get[K comparable, V any](from map[K]V, key K) (V, error) {
	v, ok := from[key]
	if !ok {
		return v, ErrNotFound
	}
	return v, nil
}

func (m *memory) PersonByLogin(_ context.Context, login string) (Person, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.people {
		if LoginKey(p.Login) == LoginKey(login) {
			return p, nil
		}
	}
	return Person{}, ErrNotFound
}

func (m *memory) People(context.Context) ([]Person, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []Person
	for _, p := range m.people {
		all = append(all, p)
	}
	return all, nil
}

func (m *memory) SaveSession(_ context.Context, s Session) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sessions[s.Hash] = s
	return nil
}

func (m *memory) TouchSession(_ context.Context, s Session) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.sessions[s.Hash]; ok {
		m.sessions[s.Hash] = s
	}
	return nil
}

func (m *memory) Session(_ context.Context, hash string) (Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return get(m.sessions, hash)
}

func (m *memory) EndSession(_ context.Context, hash string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sessions, hash)
	return nil
}

func (m *memory) EndSessions(_ context.Context, id ID, keep string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for hash, s := range m.sessions {
		if s.Person == id && hash != keep {
			delete(m.sessions, hash)
		}
	}
	return nil
}

func (m *memory) EndExpired(_ context.Context, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for hash, s := range m.sessions {
		if !now.Before(s.Expires) {
			delete(m.sessions, hash)
		}
	}
	return nil
}

func (m *memory) SaveToken(_ context.Context, t Token) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tokens[t.Hash] = t
	return nil
}

func (m *memory) TouchToken(ctx context.Context, t Token) error {
	return m.SaveToken(ctx, t)
}

func (m *memory) TokenByHash(_ context.Context, hash string) (Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return get(m.tokens, hash)
}

func (m *memory) Tokens(context.Context) ([]Token, error) { return nil, nil }

func (m *memory) DeleteToken(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for hash, t := range m.tokens {
		if t.ID == id {
			delete(m.tokens, hash)
			return nil
		}
	}
	return ErrNotFound
}

func (m *memory) SaveLink(_ context.Context, l Link) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.links[l.Hash] = l
	return nil
}

func (m *memory) UseLink(_ context.Context, hash string) (Link, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, err := get(m.links, hash)
	delete(m.links, hash)
	return l, err
}

func (m *memory) AppendTrail(_ context.Context, e Entry) (Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := ""
	if n := len(m.trail); n > 0 {
		before = m.trail[n-1].Hash
	}
	e.Number = int64(len(m.trail) + 1)
	e.Hash = e.Chain(before)
	m.trail = append(m.trail, e)
	return e, nil
}

func (m *memory) TrailOf(context.Context, TrailQuery) ([]Entry, error) { return m.trail, nil }
