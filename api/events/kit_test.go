package events

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"hotline/account"
	"hotline/api/gate"
	"hotline/call"
	"hotline/cdr"
	"hotline/store"
)

// noon is when all facts of the tests are noted.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// house is a journal that the stream listens to, and a supervisor who is signed in.
type house struct {
	testing.TB
	db       *store.DB
	accounts *account.Accounts
	journal  *cdr.Journal
	events   *Stream
	handler  http.Handler
	token    string // the supervisor's session
}

// open builds a house; facts are read by what with makes of the store.
func open(t testing.TB, with func(cdr.FactStore) cdr.FactStore) *house {
	t.Helper()
	h := &house{TB: t, events: New()}
	var err error
	h.db, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "hotline.db"))
	h.must(err)
	t.Cleanup(func() { _ = h.db.Close() })
	logger := slog.New(slog.DiscardHandler)
	h.accounts, err = account.New(account.Config{Cost: account.Cost{Time: 1, Memory: 8, Threads: 1}, Now: time.Now, Logger: logger}, h.db)
	h.must(err)
	const password = "correct horse battery"
	_, err = h.accounts.Create(t.Context(), account.Person{Login: "sue", Name: "Sue", Role: account.Supervisor}, password)
	h.must(err)
	h.token, _, err = h.accounts.Login(t.Context(), "sue", password, "127.0.0.5")
	h.must(err)
	h.journal = cdr.NewJournal(h.db, h.events)
	h.journal.Collect, h.journal.Logger = time.Millisecond, logger
	h.run()
	mux := http.NewServeMux()
	(&Routes{
		Gate:   &gate.Gate{Accounts: h.accounts, Logger: logger, Mux: mux, API: humago.New(mux, huma.Config{OpenAPI: huma.DefaultConfig("test", "1").OpenAPI})},
		Stream: h.events, Facts: with(h.db),
	}).Add()
	h.handler = mux
	return h
}

func asKept(s cdr.FactStore) cdr.FactStore { return s }

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) run() {
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() {
		if err := h.journal.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			h.Errorf("run: %v", err)
		}
	})
	h.Cleanup(func() {
		cancel()
		wait.Wait()
	})
}

// eventually waits until something is true.
func (h *house) eventually(what string, true func() bool) {
	h.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(30 * time.Second); !true(); {
		select {
		case <-tick.C:
		case <-end:
			h.Fatalf("in vain waited for: %s", what)
		}
	}
}

// journalled notes that a call came in, was answered and went to a node, and waits until these facts were shown to the readers.
func (h *house) journalled(id call.ID) {
	h.Helper()
	for i, kind := range []call.Kind{call.Started, call.Answered, call.Entered} {
		h.journal.Append(call.Fact{Call: id, Seq: i + 1, At: noon.Add(time.Duration(i) * time.Second), Kind: kind})
	}
	h.shown()
}

// shown waits until all facts are kept and were shown to the readers.
func (h *house) shown() {
	h.Helper()
	h.eventually("facts are kept", func() bool { return h.journal.Waiting() == 0 })
	kept, err := h.db.FactsSince(h.Context(), 0, 1<<20)
	h.must(err)
	h.eventually("facts are shown", func() bool {
		h.events.mu.Lock()
		defer h.events.mu.Unlock()
		return h.events.last >= kept[len(kept)-1].Number
	})
}

// refused asks for a stream that there is not, and is the answer.
func (h *house) refused(query string, want int) http.Header {
	h.Helper()
	r := httptest.NewRequestWithContext(h.Context(), http.MethodGet, "/api/v1/events"+query, nil)
	r.AddCookie(&http.Cookie{Name: gate.CookieName, Value: h.token})
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	if w.Code != want || !bytes.Contains(w.Body.Bytes(), []byte(`"detail"`)) {
		h.Errorf("%s: got %d %s, want %d", query, w.Code, w.Body, want)
	}
	return w.Header()
}
