package ladder

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"hotline/sip/transaction"
	"hotline/sip/transport"
)

func seen(id, raw string, at int, out bool) transaction.Observation {
	return transaction.Observation{
		At: time.Unix(int64(at), 0), CallID: id, Raw: []byte(raw), Out: out,
		Peer: transport.Peer{Network: "udp", Addr: netip.MustParseAddrPort("127.0.0.60:5060")},
	}
}

func TestKeepsTheLatestDialogs(t *testing.T) {
	b := New(3)
	for i := range 5 {
		b.Observe(seen(fmt.Sprint("c", i), "INVITE sip:a@b SIP/2.0\r\n\r\n", i, false))
	}
	if got := len(b.Of("c0", "c1")); got != 0 {
		t.Errorf("%d messages of dialogs that should be forgotten", got)
	}
	if got := len(b.Of("c2", "c3", "c4")); got != 3 {
		t.Errorf("got %d messages of the latest three dialogs, want 3", got)
	}
}

func TestStrangersPushNoCallOut(t *testing.T) {
	b := New(16)
	b.Observe(seen("call", "INVITE sip:a@b SIP/2.0\r\n\r\n", 1, false))
	for i := range 1000 {
		o := seen(fmt.Sprint("flood", i), "INVITE sip:a@b SIP/2.0\r\n\r\n", 2, false)
		o.Stranger = true
		b.Observe(o)
		b.Observe(seen(fmt.Sprint("flood", i-500), "SIP/2.0 407 Proxy Authentication Required\r\n\r\n", 3, true))
	}
	if len(b.Of("call")) != 1 || len(b.Of("flood999")) != 1 {
		t.Errorf("%d messages of the call, %d of the latest stranger", len(b.Of("call")), len(b.Of("flood999")))
	}
	if len(b.byID) != 3 {
		t.Errorf("%d dialogs are kept", len(b.byID))
	}
}

func TestDrawsInOrderWithoutRoutine(t *testing.T) {
	b := New(10)
	b.Observe(seen("x", "SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\n", 3, true))
	b.Observe(seen("x", "INVITE sip:a@b SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n", 1, false))
	b.Observe(seen("x", "OPTIONS sip:a@b SIP/2.0\r\n\r\n", 2, false))
	b.Observe(seen("x", "SIP/2.0 200 OK\r\nCSeq: 9 REGISTER\r\n\r\n", 2, false))
	var out strings.Builder
	if err := Draw(&out, b.Of("x")); err != nil {
		t.Fatal(err)
	}
	want := "    0.000  hotline <-- 127.0.0.60:5060        INVITE sip:a@b SIP/2.0\n" +
		"    2.000  hotline --> 127.0.0.60:5060        SIP/2.0 200 OK\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

// What is routine is known by its start line or its CSeq, whatever else the message speaks of.
func TestRoutine(t *testing.T) {
	for _, c := range []struct {
		raw  string
		want bool
	}{
		{"REGISTER sip:b SIP/2.0\r\n\r\n", true},
		{"OPTIONS sip:b SIP/2.0\r\n\r\n", true},
		{"SIP/2.0 401 Unauthorized\r\nCSeq: 2 REGISTER\r\n\r\n", true},
		{"SIP/2.0 200 OK\r\nAllow: OPTIONS, REGISTER\r\nCSeq: 2 INVITE\r\nSubject: OPTIONS\r\n\r\n", false},
		{"INVITE sip:b SIP/2.0\r\nSubject: REGISTER\r\n\r\n", false},
		{"OPTIONSX sip:b SIP/2.0\r\n\r\n", false},
		{"SIP/2.0 200 OK\r\n\r\n", false},
		{"", false},
	} {
		if got := routine([]byte(c.raw)); got != c.want {
			t.Errorf("%q: got %v, want %v", c.raw, got, c.want)
		}
	}
}

// A dialog that never ends keeps its first messages and no more.
func TestLongDialogIsBounded(t *testing.T) {
	b := New(1)
	for i := range 3 * perDialog {
		b.Observe(seen("x", fmt.Sprintf("INFO sip:a@b SIP/2.0\r\nCSeq: %d INFO\r\n\r\n", i), i, false))
	}
	got := b.Of("x")
	if len(got) != perDialog || !strings.Contains(got[perDialog-1].Raw, fmt.Sprintf("CSeq: %d ", perDialog-1)) {
		t.Errorf("got %d messages, want the first %d", len(got), perDialog)
	}
}

// A book of nothing keeps nothing, and messages without a Call-ID belong to no dialog.
func TestKeepsNothing(t *testing.T) {
	for most, id := range map[int]string{0: "x", 5: ""} {
		b := New(most)
		b.Observe(seen(id, "INVITE sip:a@b SIP/2.0\r\n\r\n", 1, false))
		if got := len(b.Of(id)); got != 0 {
			t.Errorf("%d dialogs, Call-ID %q: got %d messages", most, id, got)
		}
	}
	var out strings.Builder
	if err := Draw(&out, nil); err != nil || out.String() != "no messages are kept of this call\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

// The legs of one call are drawn together, in the order in which things happened.
func TestLegsInOneLadder(t *testing.T) {
	b := New(10)
	b.Observe(seen("caller", "INVITE 1", 1, false))
	b.Observe(seen("agent", "INVITE 2", 2, true))
	b.Observe(seen("agent", "OK 3", 3, false))
	b.Observe(seen("caller", "OK 4", 4, true))
	b.Observe(seen("other", "INVITE 5", 2, false))
	var got []string
	for _, m := range b.Of("caller", "agent", "unknown") {
		got = append(got, m.CallID+" "+m.Raw)
	}
	if want := "caller INVITE 1, agent INVITE 2, agent OK 3, caller OK 4"; strings.Join(got, ", ") != want {
		t.Errorf("got %v\nwant %s", got, want)
	}
}

// full is a terminal that went away.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestDrawPassesErrorsOn(t *testing.T) {
	for _, messages := range [][]Message{nil, {{Raw: "INVITE"}}} {
		if err := Draw(full{}, messages); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("got %v, want %v", err, io.ErrClosedPipe)
		}
	}
}
