package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hotline/call"
	"hotline/cdr"
	"hotline/internal/testkit"
)

// Callers come at a steady rate for as long as -soak says; then nothing may be missing and nothing left over.
func TestSoak(t *testing.T) {
	if *soakFor <= 0 {
		t.Skip("give -soak DURATION, or say `make soak`")
	}
	n := start(t, taped())
	carrier := n.carrier()
	for _, user := range []string{"1001", "1002", "1003", "1004"} {
		n.desk(user).answerAll(t)
	}
	n.awaitAgent("two", "ready")
	began := time.Now()
	s := &soak{n: n, carrier: carrier, began: began}
	third := *soakFor / 3
	s.until(began.Add(third)) // by then everything is as large as it gets
	early := n.metrics()
	s.until(began.Add(*soakFor))
	late := n.metrics()
	s.wait.Wait()
	t.Logf("%d calls in %v, %d answered, %d refused", s.tried.Load(), time.Since(began).Round(time.Second), s.answered.Load(), s.refused.Load())

	s.count()
	idle := await(t, "everything to be given back", 90*time.Second, func() (metrics, bool) {
		m := n.metrics()
		return m, m["hotline_media_streams"] == 0 && m["hotline_calls_live"] == 0 && m["hotline_sip_transactions"] == 0 && m["hotline_callers_waiting"] == 0 && m["hotline_facts_waiting"] == 0
	})
	t.Logf("goroutines %v, %v, idle %v; resident %.0f, %.0f, idle %.0f MB; frames lost %v, SIP timeouts %v",
		early["go_goroutines"], late["go_goroutines"], idle["go_goroutines"],
		early["process_resident_memory_bytes"]/1e6, late["process_resident_memory_bytes"]/1e6, idle["process_resident_memory_bytes"]/1e6,
		idle["hotline_recording_frames_lost_total"], idle["hotline_sip_timeouts_total"])
	if late["go_goroutines"] > early["go_goroutines"]*1.5+50 || idle["go_goroutines"] > early["go_goroutines"]+20 {
		t.Errorf("goroutines grow: %v after a third, %v at the end, %v idle", early["go_goroutines"], late["go_goroutines"], idle["go_goroutines"])
	}
	if late["process_resident_memory_bytes"] > early["process_resident_memory_bytes"]*1.3+30e6 {
		t.Errorf("memory grows: %.0f MB after a third, %.0f MB at the end", early["process_resident_memory_bytes"]/1e6, late["process_resident_memory_bytes"]/1e6)
	}
	for _, name := range []string{"hotline_recording_frames_lost_total", "hotline_sip_panics_total"} {
		if idle[name] != 0 {
			t.Errorf("%s is %v", name, idle[name])
		}
	}
}

// soak is the callers of TestSoak.
type soak struct {
	n                        *node
	carrier                  *phone
	wait                     sync.WaitGroup
	tried, answered, refused atomic.Int64
	next                     int
	began                    time.Time
}

// until lets callers come until a moment.
func (s *soak) until(end time.Time) {
	tick := time.NewTicker(time.Duration(float64(time.Second) / *soakRate))
	defer tick.Stop()
	for time.Now().Before(end) {
		<-tick.C
		number := []string{"600", "1003", "700", "600", "1004"}[s.next%5]
		lasts := time.Duration(2+s.next%7) * time.Second
		talk := s.carrier.dial(s.n.t, number, fmt.Sprintf("138%08d", s.next))
		s.next++
		s.tried.Add(1)
		s.wait.Go(func() { s.live(talk, lasts) })
	}
}

// live is one caller: talks for a while once somebody answers, and hangs up.
func (s *soak) live(talk *testkit.Talk, lasts time.Duration) {
	over := time.After(lasts + patience)
	answered := make(chan bool, 1)
	go func() {
		_, ok := talk.Wait(s.n.t.Context(), "answered")
		answered <- ok
	}()
	ended := make(chan struct{})
	go func() { talk.Wait(s.n.t.Context(), "ended"); close(ended) }()
	select {
	case <-answered:
		s.answered.Add(1)
	case <-ended:
		s.refused.Add(1)
		return
	case <-over:
		s.n.t.Errorf("a caller was neither answered nor refused: %+v", talk.Moments())
	}
	select {
	case <-ended:
	case <-time.After(lasts):
		talk.Hangup()
		<-ended
	}
}

// count compares what was tried with what was kept.
func (s *soak) count() {
	t := s.n.t
	t.Helper()
	want := int(s.tried.Load())
	var records []cdr.Record
	await(t, "a record of every call", patience, func() (int, bool) {
		records = s.n.allRecords()
		return len(records), len(records) >= want
	})
	recordings, whole := 0, 0
	var frames, dropped uint64
	for _, r := range records {
		if r.Open() || r.Cause == call.Crashed || r.Cause == call.Internal {
			t.Errorf("call %s: ended %v by %q", r.Call, r.Ended, r.Cause)
		}
		if recordings += len(r.Recordings); len(r.Recordings) == 0 {
			continue
		}
		row := s.n.sealed(r)
		if frames, dropped = frames+row.Frames, dropped+row.Dropped; row.Duration > 0 {
			whole++
		}
	}
	if len(records) != want || whole != recordings || recordings < int(s.answered.Load()) {
		t.Errorf("%d calls tried, %d records; %d answered, %d recordings, %d of them whole", want, len(records), s.answered.Load(), recordings, whole)
	}
	if dropped*1000 > frames && run.stalls.within(s.began, time.Now()) < time.Second {
		t.Errorf("%d of %d frames came too late for their recordings", dropped, frames)
	}
	t.Logf("%d records, %d recordings, all sealed; %d of %d frames came too late for them", len(records), recordings, dropped, frames)
}

// allRecords pages through all calls.
func (n *node) allRecords() []cdr.Record {
	n.t.Helper()
	var all []cdr.Record
	before := ""
	for {
		page := get[struct {
			Calls []cdr.Record
			Next  string
		}](n, "/calls?limit=1000&before="+before)
		all = append(all, page.Calls...)
		if page.Next == "" {
			return all
		}
		before = page.Next
	}
}

// metrics are figures without labels, by name.
type metrics map[string]float64

func (n *node) metrics() metrics {
	n.t.Helper()
	res, body := n.request(http.MethodGet, "/metrics", nil)
	if res.StatusCode != http.StatusOK {
		n.t.Fatalf("/metrics: %s", res.Status)
	}
	m := metrics{}
	lines := bufio.NewScanner(bytes.NewReader(body))
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), " ")
		if v, err := strconv.ParseFloat(value, 64); ok && err == nil {
			m[name] = v
		}
	}
	return m
}
