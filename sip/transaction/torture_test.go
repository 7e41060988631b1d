package transaction

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
	"hotline/sip/transport"
)

// torture is what each message of RFC 4475 must provoke when it comes from an address that the Core answers 200. "core" reached it,
// "" is silence.
var torture = map[string]string{
	"wsinv": "core", "intmeth": "501", "esc01": "core", "escnull": "core", "esc02": "501", "lwsdisp": "core", "longreq": "core",
	"dblreq": "core", "semiuri": "core", "transports": "core", "mpart01": "405", "unreason": "", "noreason": "",
	"badinv01": "400", "clerr": "400", "ncl": "400", "scalar02": "400", "scalarlg": "", "quotbal": "400", "ltgtruri": "400",
	"lwsruri": "400", "lwsstart": "400", "trws": "400", "escruri": "400", "baddate": "core", "regbadct": "400", "badaspec": "core",
	"baddn": "400", "badvers": "505", "mismatch01": "400", "mismatch02": "400", "bigcode": "", "badbranch": "core", "insuf": "400",
	"unkscm": "416", "novelsc": "416", "unksm2": "400", "bext01": "420", "invut": "415", "regaut01": "core", "multi01": "400",
	"mcl01": "400", "bcast": "", "zeromf": "core", "cparam01": "core", "cparam02": "core", "regescrt": "core", "sdp01": "406",
	"inv2543": "core",
}

func TestRFC4475(t *testing.T) {
	files, err := filepath.Glob("../message/testdata/rfc4475/*.dat")
	if err != nil || len(files) != len(torture) {
		t.Fatalf("got %d files (%v), want %d", len(files), err, len(torture))
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".dat")
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, from := range []transport.Peer{phone, phoneT} {
			t.Run(name+"/"+from.Network, func(t *testing.T) {
				got := tortureOutcome(t, from, string(raw))
				if want := torture[name]; got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			})
		}
	}
}

func tortureOutcome(t *testing.T, from transport.Peer, raw string) (got string) {
	atDesk(t, Config{}, func(d *desk) {
		reached := false
		d.request = func(s *Server) {
			reached = true
			s.Respond(s.Response(200, "OK", nil))
		}
		d.receive(from, raw)
		if len(d.sent) == 0 {
			return
		}
		res := d.last(t).raw
		got = strings.Fields(res)[1]
		if reached {
			got = "core"
		}
		checkEcho(t, raw, res)
	})
	return got
}

// checkEcho holds an answer to RFC 3261 8.2.6: Call-ID and CSeq as they came, the From tag kept, a To tag.
func checkEcho(t *testing.T, raw, res string) {
	t.Helper()
	var in, out message.Lines
	if !in.Read([]byte(raw)) || !out.Read([]byte(res)) {
		t.Fatalf("answer unreadable:\n%s", res)
	}
	if got, want := out.CallID(), in.CallID(); got != want {
		t.Errorf("Call-ID: got %q, want %q", got, want)
	}
	if got, want := tagIn(out.From()), tagIn(in.From()); got != want {
		t.Errorf("From tag: got %q, want %q", got, want)
	}
	_, asked := in.To()
	if to, _ := out.To(); asked && tagIn(to) == "" {
		t.Errorf("no To tag: %q", to)
	}
	if out.TopVia() == nil {
		t.Errorf("no Via:\n%s", res)
	}
}

// Fault 13 of sipgo: Vias joined by a comma, a bare LF, and compact names that were not understood. The Core sees full names and each
// Via apart; the answer has all Vias in their order.
func TestSipgoFault13Reading(t *testing.T) {
	text := "OPTIONS sip:600@127.0.0.20 SIP/2.0\n" +
		"v: SIP/2.0/UDP 127.0.0.9, SIP/2.0/UDP 10.0.0.1\n" +
		"v: SIP/2.0/TCP 10.0.0.2:5070;branch=z9hG4bKz\n" +
		"f: <sip:a@b>;tag=1\nt: <sip:600@127.0.0.20>\ni: c\nCSeq: 1 OPTIONS\nk: replaces,\n timer\nx: 1800\nr: <sip:z@b>\nl: 0\n\n"
	atDesk(t, Config{}, func(d *desk) {
		var req *sip.Request
		d.request = func(s *Server) { req = s.Request; s.Respond(s.Response(200, "OK", nil)) }
		d.receive(phone, text)
		if req == nil {
			t.Fatalf("got %v, want it at the core", d.lines())
		}
		for name, want := range map[string]string{"Supported": "replaces, timer", "Session-Expires": "1800", "Refer-To": "<sip:z@b>"} {
			if h := req.GetHeader(name); h == nil || h.Value() != want {
				t.Errorf("%s: got %v, want %q", name, h, want)
			}
		}
		var vias []string
		for line := range strings.SplitSeq(d.last(t).raw, "\r\n") {
			if v, ok := strings.CutPrefix(line, "Via: "); ok {
				vias = append(vias, v)
			}
		}
		if got, want := strings.Join(vias, "|"), "SIP/2.0/UDP 127.0.0.9|SIP/2.0/UDP 10.0.0.1|SIP/2.0/TCP 10.0.0.2:5070;branch=z9hG4bKz"; got != want {
			t.Errorf("Vias of the answer:\n got %s\nwant %s", got, want)
		}
	})
}
