package transaction

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

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
	files, err := filepath.Glob("testdata/rfc4475/*.dat")
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
	var in, out reading
	if !in.read([]byte(raw)) || !out.read([]byte(res)) {
		t.Fatalf("answer unreadable:\n%s", res)
	}
	if got, want := out.value(hCallID), in.value(hCallID); got != want {
		t.Errorf("Call-ID: got %q, want %q", got, want)
	}
	if got, want := toTag(out.value(hFrom)), toTag(in.value(hFrom)); got != want {
		t.Errorf("From tag: got %q, want %q", got, want)
	}
	if in.count[hTo] > 0 && toTag(out.value(hTo)) == "" {
		t.Errorf("no To tag: %q", out.value(hTo))
	}
	if out.topVia() == nil {
		t.Errorf("no Via:\n%s", res)
	}
}

// The answers carry what the sender needs to do better (RFC 3261 8.2.1, 8.2.2.3, 8.2.3, RFC 4475 3.3.5, 3.3.6).
func TestRefusalHeaders(t *testing.T) {
	for _, row := range []struct{ file, want string }{
		{"mpart01", "\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, INFO, UPDATE\r\n"},
		{"bext01", "\r\nUnsupported: nothingSupportsThis, nothingSupportsThisEither\r\n"},
		{"invut", "\r\nAccept: application/sdp, multipart/mixed\r\n"},
		{"sdp01", "\r\nAccept: application/sdp, multipart/mixed\r\n"},
	} {
		t.Run(row.file, func(t *testing.T) {
			raw, err := os.ReadFile("testdata/rfc4475/" + row.file + ".dat")
			if err != nil {
				t.Fatal(err)
			}
			atDesk(t, Config{}, func(d *desk) {
				d.receive(phone, string(raw))
				if got := d.last(t).raw; !strings.Contains(got, row.want) {
					t.Errorf("got\n%s\nwant %q in it", got, row.want)
				}
			})
		})
	}
}

// Messages beyond the RFC's: lenient where nothing is lost by it, and never two readings of one message.
func TestMoreMessages(t *testing.T) {
	base := message("OPTIONS", "more", "more@test")
	for name, row := range map[string]struct{ raw, want string }{
		"bare LF":                 {strings.ReplaceAll(base, "\r\n", "\n"), "200"},
		"compact names":           {strings.NewReplacer("Via:", "v:", "From:", "f:", "To:", "t:", "Call-ID:", "i:", "Contact:", "m:").Replace(base), "200"},
		"version in lower case":   {strings.Replace(base, "SIP/2.0\r", "sip/2.0\r", 1), "200"},
		"method in lower case":    {strings.ReplaceAll(base, "OPTIONS", "options"), "501"},
		"CSeq in lower case":      {strings.Replace(base, "1 OPTIONS", "1 options", 1), "400"},
		"two From":                {strings.Replace(base, "CSeq:", "From: <sip:evil@127.0.0.9>;tag=t2\r\nCSeq:", 1), "400"},
		"no CSeq":                 {strings.Replace(base, "CSeq: 1 OPTIONS\r\n", "", 1), "400"},
		"no Via":                  {strings.Replace(base, "Via:", "X-Via:", 1), ""},
		"Max-Forwards negative":   {strings.Replace(base, "70", "-1", 1), "400"},
		"Max-Forwards above 255":  {strings.Replace(base, "70", "256", 1), "400"},
		"CSeq 0":                  {strings.Replace(base, "CSeq: 1", "CSeq: 0", 1), "200"},
		"CSeq 2^31":               {strings.Replace(base, "CSeq: 1", "CSeq: 2147483648", 1), "400"},
		"no colon":                {strings.Replace(base, "Contact:", "NoColon\r\nContact:", 1), "400"},
		"NUL in a value":          {strings.Replace(base, "Contact:", "X-Nul: a\x00b\r\nContact:", 1), "200"},
		"bare CR in a value":      {strings.Replace(base, "Contact:", "X-Cr: a\rEvil: b\r\nContact:", 1), "400"},
		"Content-Length of words": {strings.Replace(base, "Length: 0", "Length: five", 1), "400"},
		"no Content-Length":       {strings.Replace(base, "Content-Length: 0\r\n", "", 1), "200"},
		"Content-Length too long": {strings.Replace(base, "Length: 0", "Length: 99999999999999999999", 1), "400"},
		"body longer than length": {strings.Replace(base, "Length: 0", "Length: 3", 1) + "abcdefgh", "200"},
		"unknown Require":         {strings.Replace(base, "Contact:", "Require: foo\r\nContact:", 1), "420"},
		"tel URI":                 {strings.Replace(base, "sip:600@127.0.0.20 ", "tel:+15551234 ", 1), "416"},
		"port 99999":              {strings.Replace(base, "sip:600@127.0.0.20 ", "sip:a@b:99999 ", 1), "400"},
		"1,500 headers":           {strings.Replace(base, "Contact:", strings.Repeat("X-H: v\r\n", 1500)+"Contact:", 1), "200"},
		"no header end":           {strings.TrimSuffix(base, "\r\n"), "400"},
		"not SIP":                 {"GET / HTTP/1.1\r\n\r\n", ""},
		"ACK that is broken":      {strings.Replace(message("ACK", "a", "b"), "CSeq: 1", "CSeq: x", 1), ""},
		"hops used up":            {strings.Replace(message("INVITE", "h", "h"), "70", "0", 1), "483"},
		"wrong Via in a list":     {strings.Replace(base, ";rport", ";rport, SIP/2.0/UDP 10.0.0.1", 1), "200"},
	} {
		t.Run(name, func(t *testing.T) {
			atDesk(t, Config{}, func(d *desk) {
				d.request = func(s *Server) { s.Respond(s.Response(200, "OK", nil)) }
				d.receive(phone, row.raw)
				got := ""
				if len(d.sent) > 0 {
					got = strings.Fields(d.last(t).raw)[1]
				}
				if got != row.want {
					t.Errorf("got %q, want %q", got, row.want)
				}
			})
		})
	}
}

// A body announced larger than the transport reads is 413 over TCP, where the stream was cut off; over UDP it just is not there.
func TestBodyTooLarge(t *testing.T) {
	raw := strings.Replace(message("OPTIONS", "a", "c"), "Length: 0", "Length: 2147483647", 1)
	for from, want := range map[transport.Peer]string{phone: "SIP/2.0 400 Content-Length Larger Than Message", phoneT: "SIP/2.0 413 Request Entity Too Large"} {
		atDesk(t, Config{}, func(d *desk) {
			d.receive(from, raw)
			d.expect(t, want)
		})
	}
}
