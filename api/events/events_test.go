package events

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/account"
	"hotline/api/gate"
	"hotline/call"
	"hotline/cdr"
)

// heard is one event of a stream.
type heard struct {
	id         int64
	kind, data string
}

// listener reads a stream of server-sent events.
type listener struct {
	t      testing.TB
	res    *http.Response
	lines  *bufio.Reader
	cancel context.CancelFunc
}

// served is a house behind a real port.
func served(t *testing.T, with func(cdr.FactStore) cdr.FactStore) (*house, *httptest.Server) {
	h := open(t, with)
	srv := httptest.NewServer(h.handler)
	t.Cleanup(srv.Close)
	t.Cleanup(h.events.Close) // before the server waits for its streams
	return h, srv
}

func (h *house) listen(srv *httptest.Server, query string, options ...func(*http.Request)) *listener {
	h.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	h.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/api/v1/events"+query, nil)
	h.must(err)
	r.AddCookie(&http.Cookie{Name: gate.CookieName, Value: h.token})
	for _, change := range options {
		change(r)
	}
	res, err := srv.Client().Do(r)
	h.must(err)
	h.Cleanup(func() { _ = res.Body.Close() })
	return &listener{t: h, res: res, lines: bufio.NewReader(res.Body), cancel: cancel}
}

// next is the next event; an error at the end of the stream.
func (l *listener) next() (e heard, err error) {
	for {
		line, err := l.lines.ReadString('\n')
		if err != nil {
			return e, err
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch name {
		case "id":
			if e.id, err = strconv.ParseInt(value, 10, 64); err != nil {
				return e, err
			}
		case "event":
			e.kind = value
		case "data":
			e.data = value
		case "":
			if e.kind != "" {
				return e, nil
			}
		}
	}
}

func (l *listener) want() heard {
	l.t.Helper()
	e, err := l.next()
	if err != nil {
		l.t.Fatalf("the stream ended: %v", err)
	}
	return e
}

// ready waits until so many streams listen.
func (h *house) ready(streams int) {
	h.Helper()
	h.eventually(fmt.Sprint(streams, " streams"), func() bool {
		h.events.mu.Lock()
		defer h.events.mu.Unlock()
		return len(h.events.readers) == streams
	})
}

func TestStream(t *testing.T) {
	h, srv := served(t, asKept)
	h.journalled("c0")
	l := h.listen(srv, "")
	if got := l.res.Header; l.res.StatusCode != 200 || !strings.HasPrefix(got.Get("Content-Type"), "text/event-stream") || got.Get("X-Accel-Buffering") != "no" {
		t.Errorf("got %d %v", l.res.StatusCode, got)
	}
	h.ready(1)
	h.journalled("c1")
	h.events.Agent(cdr.AgentChange{Agent: "1001", From: "ready", To: "not-ready", Reason: "小休", At: noon})
	var kinds []string
	for range 4 {
		e := l.want()
		kinds = append(kinds, e.kind)
		if e.kind == "agent" {
			var c cdr.AgentChange
			h.must(json.Unmarshal([]byte(e.data), &c))
			if e.id != 0 || c.Agent != "1001" {
				t.Errorf("got %+v", e)
			}
			continue
		}
		var f cdr.Numbered
		h.must(json.Unmarshal([]byte(e.data), &f))
		if f.Number != e.id || f.Call != "c1" {
			t.Errorf("got %+v, want what came after the beginning", e)
		}
	}
	if got := strings.Join(kinds, " "); got != "fact fact fact agent" {
		t.Errorf("got %s", got)
	}
}

// TestResume reads a stream in pieces while facts are committed at the same time: no gap, no repeat.
func TestResume(t *testing.T) {
	h, srv := served(t, asKept)
	const most = 3000
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := range most {
			h.journal.Append(call.Fact{Call: call.ID(fmt.Sprint("r", i/50)), Seq: 1 + i%50, At: noon, Kind: call.Entered, Node: strings.Repeat("n", 200)})
			if i%100 == 0 {
				h.eventually("some are committed", func() bool { return h.journal.Waiting() < 300 })
			}
		}
	})
	last := int64(0)
	for pieces := 0; last < most; pieces++ {
		query, options := "?since="+fmt.Sprint(last), []func(*http.Request){}
		if pieces%2 == 1 {
			query, options = "?since=1", []func(*http.Request){func(r *http.Request) { r.Header.Set("Last-Event-ID", fmt.Sprint(last)) }}
		}
		l := h.listen(srv, query, options...)
		for range 1 + 217*(pieces%5) {
			if last == most {
				break
			}
			if e := l.want(); e.id != last+1 {
				t.Fatalf("piece %d: got %d after %d", pieces, e.id, last)
			}
			last++
		}
		l.cancel()
	}
	writing.Wait()
	h.ready(0)
}

// meanwhile is a store that is read just after more was committed and shown to the readers.
type meanwhile struct {
	cdr.FactStore
	happens func()
	once    sync.Once
}

func (m *meanwhile) FactsSince(ctx context.Context, after int64, limit int) ([]cdr.Numbered, error) {
	m.once.Do(m.happens)
	return m.FactStore.FactsSince(ctx, after, limit)
}

// TestResumeMeanwhile checks facts that come both ways, from the store and as they happen: they are sent once.
func TestResumeMeanwhile(t *testing.T) {
	m := &meanwhile{}
	h, srv := served(t, func(s cdr.FactStore) cdr.FactStore { m.FactStore = s; return m })
	m.happens = func() {
		h.journalled("c1")
		h.eventually("the readers to have them", func() bool { return h.events.before() == 0 })
	}
	l := h.listen(srv, "?since=0")
	h.eventually("the reading", func() bool { return h.events.before() == 0 })
	h.journalled("c2")
	for want := int64(1); want <= 6; want++ {
		if e := l.want(); e.id != want {
			t.Fatalf("got %d, want %d", e.id, want)
		}
	}
}

// slow is a client at the edge that reads nothing until it is told to.
type slow struct {
	header http.Header
	open   chan struct{}
	mu     sync.Mutex
	text   strings.Builder
	waits  chan struct{}
	once   sync.Once
}

func (s *slow) Header() http.Header { return s.header }
func (s *slow) WriteHeader(int)     {}
func (s *slow) Flush()              {}
func (s *slow) Write(b []byte) (int, error) {
	if strings.Contains(string(b), "id: ") {
		s.once.Do(func() { close(s.waits) })
		<-s.open
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *slow) got() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// TestSlowReader checks that a reader who does not keep up is let go, keeps nobody waiting, and still misses nothing.
func TestSlowReader(t *testing.T) {
	h := open(t, asKept)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := &slow{header: http.Header{}, open: make(chan struct{}), waits: make(chan struct{})}
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/events", nil)
	r.AddCookie(&http.Cookie{Name: gate.CookieName, Value: h.token})
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.handler.ServeHTTP(s, r)
	}()
	h.ready(1)
	const most = 3 * perReader
	fact := func(i int) call.Fact { return call.Fact{Call: "s", Seq: i, At: noon, Kind: call.Entered} }
	h.journal.Append(fact(1))
	h.shown()
	<-s.waits
	for i := 2; i <= most; i++ {
		h.journal.Append(fact(i))
	}
	h.ready(0) // let go while it still does not read
	close(s.open)
	h.eventually("all facts", func() bool { return strings.Contains(s.got(), fmt.Sprintf("id: %d\n", most)) })
	at := 0
	for _, line := range strings.Split(s.got(), "\n") {
		if id, ok := strings.CutPrefix(line, "id: "); ok {
			if at++; id != fmt.Sprint(at) {
				t.Fatalf("got %s after %d", id, at-1)
			}
		}
	}
	cancel()
	<-done
}

// TestSlowFromTheStart checks a reader that was let go before it saw a single fact, full of agents' states: it still begins with
// the first fact after it came.
func TestSlowFromTheStart(t *testing.T) {
	h := open(t, asKept)
	reader, last, ok := h.events.subscribe()
	if !ok || last != 0 {
		t.Fatalf("got %d, %v", last, ok)
	}
	for range perReader + 1 {
		h.events.Agent(cdr.AgentChange{Agent: "1001"})
	}
	if h.events.before() != -1 {
		t.Errorf("before any fact: %d", h.events.before())
	}
	h.events.Facts([]cdr.Numbered{{Number: 41}, {Number: 42}})
	if got := h.events.before(); got != 40 {
		t.Errorf("it goes on after %d, want 40", got)
	}
	n := 0
	for range reader {
		n++
	}
	if n != perReader {
		t.Errorf("the reader had %d events, want %d and then the end", n, perReader)
	}
}

// TestStreamBounds checks the number of readers, nonsense, numbers from another journal, and the end of the process.
func TestStreamBounds(t *testing.T) {
	h, srv := served(t, asKept)
	for _, query := range []string{"?since=x", "?since=-1", "?since=9223372036854775808"} {
		h.refused(query, 422)
	}
	var readers []chan event
	for range maxReaders - 1 {
		reader, _, _ := h.events.subscribe()
		readers = append(readers, reader)
	}
	l := h.listen(srv, "?since=4711") // of a journal that was longer
	h.ready(maxReaders)
	if got := h.refused("", 503).Get("Retry-After"); got == "" {
		t.Errorf("no Retry-After")
	}
	h.events.leave(readers[0])
	h.events.leave(readers[0])
	h.ready(maxReaders - 1)
	h.journalled("c1")
	if e := l.want(); e.id != 1 {
		t.Errorf("got %+v, want the next fact", e)
	}
	h.events.Close()
	for {
		if _, err := l.next(); err != nil {
			if !errors.Is(err, io.EOF) {
				t.Errorf("the stream broke: %v", err)
			}
			break
		}
	}
	h.refused("", 503)
}

// TestStreamOfTheSignedOut checks that a stream ends soon after its reader's right does.
func TestStreamOfTheSignedOut(t *testing.T) {
	h, srv := served(t, asKept)
	secret, token, err := h.accounts.MintToken(t.Context(), account.Person{ID: "ann", Name: "Ann", Role: account.Admin}, "wallboard", account.Supervisor, time.Time{})
	h.must(err)
	l := h.listen(srv, "", func(r *http.Request) { r.Header.Del("Cookie"); r.Header.Set("Authorization", "Bearer "+secret) })
	h.ready(1)
	begun := time.Now()
	h.must(h.accounts.RevokeToken(t.Context(), token.ID))
	if _, err := l.next(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(begun); took > 20*time.Second { // a busy machine may take its time beside recheck
		t.Errorf("a revoked token listened for %v, want little more than %v", took, recheck)
	}
}
