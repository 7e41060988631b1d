package ladder

import (
	"fmt"
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
