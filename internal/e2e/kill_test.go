package e2e

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"hotline/call"
	"hotline/cdr"
	"hotline/internal/testkit"
	"hotline/recording"
)

// The process is killed in the middle of twenty recorded calls. After a restart on the same data every call has an end and
// every recording plays, with at most three seconds missing, and the phones are still known.
func TestKill(t *testing.T) {
	t.Parallel()
	const calls, most = 20, 3 * time.Second
	n := start(t, taped())
	carrier := n.carrier()
	var users []string
	for _, user := range []string{"1003", "1004"} {
		n.desk(user).answerAll(t)
		users = append(users, user)
	}
	var talks []*testkit.Talk
	for i := range calls {
		number := []string{"600", "1003", "600", "1004"}[i%4]
		talks = append(talks, carrier.dial(t, number, "1380013"+string([]byte{'0' + byte(i/10), '0' + byte(i%10)})+"00"))
	}
	for i, talk := range talks {
		happens(t, talk, "answered", patience)
		hz := callerHz
		if i%2 == 1 {
			hz = agentHz
		}
		hears(t, "a caller", talk, hz)
	}
	pass(5 * time.Second)
	killed := time.Now()
	n.kill()
	n.run()

	known := n.registered()
	for _, user := range users {
		if !slices.Contains(known, user) {
			t.Errorf("phone %s is not known after the restart; those are: %v", user, known)
		}
	}
	var records []cdr.Record
	for _, r := range n.records(100) {
		if r.Open() || r.Cause != call.Crashed || r.Ended.Before(r.Started) {
			t.Errorf("call %s: ended %v, cause %q", r.Call, r.Ended, r.Cause)
		}
		records = append(records, r)
	}
	if len(records) != calls {
		t.Fatalf("%d records after the kill, want %d", len(records), calls)
	}
	var worst time.Duration
	for _, r := range records {
		missing := n.survived(r, killed)
		worst = max(worst, missing)
		if missing > most+run.stalls.within(killed.Add(-most), killed) {
			t.Errorf("call %s: %v of sound missing at the kill, %v at most", r.Call, missing, most)
		}
	}
	t.Logf("%d calls ended, %d recordings play, at most %v missing", len(records), len(records), worst)

	// The node takes calls as before, from the phones that it remembers.
	talk := carrier.dial(t, "1003", "13800139999")
	hears(t, "a caller after the restart", talk, agentHz)
	talk.Hangup()
	if r := n.record(talk); r.Cause != call.Normal {
		t.Errorf("a call after the restart ends with %q", r.Cause)
	}
}

// registered are the users whose phones are known.
func (n *node) registered() []string {
	n.t.Helper()
	var users []string
	for _, r := range get[struct{ Registrations []struct{ User string } }](n, "/registrations?limit=1000").Registrations {
		users = append(users, r.User)
	}
	return users
}

// survived plays the recording of a call that was cut off, and says how much of its end is missing.
func (n *node) survived(r cdr.Record, killed time.Time) time.Duration {
	n.t.Helper()
	var rows []recording.Row
	_, text := n.request("GET", "/api/v1/recordings?call="+string(r.Call), nil)
	if err := json.Unmarshal(text, &rows); err != nil || len(rows) != 1 {
		n.t.Fatalf("recordings of call %s: %s %v", r.Call, text, err)
	}
	row := rows[0]
	if row.State != recording.Repaired || len(row.SHA256) != 64 {
		n.t.Errorf("recording of call %s: state %s, SHA-256 %q", r.Call, row.State, row.SHA256)
	}
	left, right := n.audio(row)
	const enough = 1.0 // seconds; on a busy machine the tone has gaps where it is made
	if s := measure(left, callerHz); s.seconds < enough || s.snr < pureTone {
		n.t.Errorf("recording of call %s, %v: the caller's tone %+v", r.Call, row.Duration, s)
	}
	if s := measure(right, agentHz); r.Called.Best() != "600" && (s.seconds < enough || s.snr < pureTone) {
		n.t.Errorf("recording of call %s, %v: the tone of %s %+v", r.Call, row.Duration, r.Called.Best(), s)
	}
	return killed.Sub(row.Started.Add(row.Duration))
}
