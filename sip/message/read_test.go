package message

import (
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"
)

var phone = netip.MustParseAddrPort("127.0.0.9:5060")

// asked is the text of a request.
func asked(method, callID string, extra ...string) string {
	return fmt.Sprintf("%s sip:600@127.0.0.20 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.9:5060;branch=z9hG4bKa;rport\r\n"+
		"From: <sip:1001@127.0.0.20>;tag=f1\r\nTo: <sip:600@127.0.0.20>\r\nCall-ID: %s\r\nCSeq: 1 %s\r\nMax-Forwards: 70\r\n"+
		"Contact: <sip:1001@127.0.0.9:5060>\r\n%sContent-Length: 0\r\n\r\n", method, callID, method, strings.Join(extra, ""))
}

// outcome is the status that a message is refused with, "200" where nothing is wrong with it, "" where nobody is to be answered.
func outcome(raw string, stream bool) (status string, f *Fault) {
	rules := NewRules(nil, nil, nil)
	var rd Lines
	if !rd.Read([]byte(raw)) || !rd.IsRequest {
		return "", nil
	}
	req, f := rd.BuildRequest(stream)
	switch {
	case f == nil:
		f = rules.Check(req, &rd)
	case rd.TopVia() == nil || !rd.Answerable():
		return "", f
	}
	if f == nil {
		return "200", nil
	}
	return strconv.Itoa(f.Code), f
}

// A refusal carries what the sender needs to do better (RFC 3261 8.2.1, 8.2.2.3, 8.2.3, RFC 4475 3.3.5, 3.3.6).
func TestRefusalHeaders(t *testing.T) {
	for file, want := range map[string]string{
		"mpart01": "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, INFO, UPDATE\r\n",
		"bext01":  "Unsupported: nothingSupportsThis, nothingSupportsThisEither\r\n",
		"invut":   "Accept: application/sdp, multipart/mixed\r\n",
		"sdp01":   "Accept: application/sdp, multipart/mixed\r\n",
	} {
		raw, err := os.ReadFile("testdata/rfc4475/" + file + ".dat")
		if err != nil {
			t.Fatal(err)
		}
		if _, f := outcome(string(raw), false); f == nil || f.Header != want {
			t.Errorf("%s: got %+v, want %q", file, f, want)
		}
	}
}

// Messages beyond the RFC's: lenient where nothing is lost by it, and never two readings of one message.
func TestMoreMessages(t *testing.T) {
	base := asked("OPTIONS", "more@test")
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
		"ACK that is broken":      {strings.Replace(asked("ACK", "b"), "CSeq: 1", "CSeq: x", 1), ""},
		"hops used up":            {strings.Replace(asked("INVITE", "h"), "70", "0", 1), "483"},
		"wrong Via in a list":     {strings.Replace(base, ";rport", ";rport, SIP/2.0/UDP 10.0.0.1", 1), "200"},
	} {
		if got, f := outcome(row.raw, false); got != row.want {
			t.Errorf("%s: got %q (%+v), want %q", name, got, f, row.want)
		}
	}
}

// A body announced larger than the transport reads is 413 over a stream, which was cut off there; in a datagram it just is not there.
func TestBodyTooLarge(t *testing.T) {
	raw := strings.Replace(asked("OPTIONS", "c"), "Length: 0", "Length: 2147483647", 1)
	for stream, want := range map[bool]string{false: "Content-Length Larger Than Message", true: "Request Entity Too Large"} {
		if _, f := outcome(raw, stream); f == nil || f.Reason != want || (f.Code == 413) != stream {
			t.Errorf("got %+v, want %q", f, want)
		}
	}
}

// BenchmarkRead is the tolerant reader and the message built from it.
func BenchmarkRead(b *testing.B) {
	raw := []byte(asked("INVITE", "bench", "User-Agent: Phone 1.2\r\nAllow: INVITE, ACK, CANCEL, BYE\r\nSupported: replaces, timer\r\n"))
	var rd Lines
	b.ReportAllocs()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if !rd.Read(raw) {
			b.Fatal("unreadable")
		}
		if _, f := rd.BuildRequest(false); f != nil {
			b.Fatal(f)
		}
	}
}
