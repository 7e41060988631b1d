package sdp

import (
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
)

// body joins lines as they are on the wire.
func body(lines ...string) []byte { return []byte(strings.Join(lines, "\r\n") + "\r\n") }

// parse is Parse for descriptions that must be good.
func parse(t *testing.T, b []byte) *Session {
	t.Helper()
	s, err := Parse(b)
	if err != nil {
		t.Fatalf("Parse: %v\n%s", err, b)
	}
	return s
}

func TestParse(t *testing.T) {
	got := parse(t, body(
		"v=0", "o=phone 123 456 IN IP4 192.0.2.1", "s=call", "c=IN IP4 192.0.2.1", "t=0 0", "a=sendonly", "a=ptime:30", "b=AS:64",
		"m=audio 49170/2 RTP/AVP 8 0 101", "a=rtpmap:8 PCMA/8000/1", "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-16",
		"a=ptime:20.0", "a=maxptime: 40", "a=rtcp:53020 IN IP4 192.0.2.9", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x",
		"a=candidate:1 1 UDP 1 192.0.2.1 49170 typ host",
		"m=video 51372 RTP/AVP 99", "c=IN IP6 2001:db8::1", "a=RecvOnly", "a=rtcp-mux", "a=rtpmap:99 h263-1998/90000",
	))
	v4, v6 := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")
	want := &Session{
		Origin: Origin{"phone", "123", "456", "192.0.2.1"}, Conn: Conn{"192.0.2.1", v4}, Times: []string{"0 0"}, Direction: SendOnly,
		Media: []Media{
			{Type: "audio", Port: 49170, Profile: "RTP/AVP", Formats: []string{"8", "0", "101"}, Conn: Conn{"192.0.2.1", v4}, Direction: SendOnly,
				Maps: []Map{{8, "PCMA", 8000, 1}, {101, "telephone-event", 8000, 1}}, Ptime: 20 * time.Millisecond,
				MaxPtime: 40 * time.Millisecond, RTCPPort: 53020, RTCPAddr: netip.MustParseAddr("192.0.2.9")},
			{Type: "video", Port: 51372, Profile: "RTP/AVP", Formats: []string{"99"}, Conn: Conn{"2001:db8::1", v6}, Direction: RecvOnly,
				Maps: []Map{{99, "h263-1998", 90000, 1}}, Mux: true, directed: true},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Parse =\n%+v\nwant\n%+v", got, want)
	}
}

// TestParseForgives: what real phones get wrong without losing the meaning.
func TestParseForgives(t *testing.T) {
	rows := []struct{ name, text string }{
		{"bare line feeds", "v=0\no=- 1 1 IN IP4 192.0.2.1\nc=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 8\n"},
		{"bare carriage returns", "v=0\rc=IN IP4 192.0.2.1\rm=audio 4000 RTP/AVP 8\r"},
		{"no line end at the end", "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 8"},
		{"blank lines and blanks", "\r\n v=0 \r\n\r\nc= IN  IP4  192.0.2.1\r\nm=audio  4000  RTP/AVP  8\r\n"},
		{"unknown lines", "v=0\r\nx=1\r\nnonsense\r\n=\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 8\r\n"},
		{"o= too short", "v=0\r\no=me\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 8\r\n"},
		{"multicast suffix", "v=0\r\nc=IN IP4 192.0.2.1/127\r\nm=audio 4000 RTP/AVP 8\r\n"},
		{"mapped address", "v=0\r\nc=IN IP6 ::ffff:192.0.2.1\r\nm=audio 4000 RTP/AVP 8\r\n"},
		{"broken attributes", "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 8\r\na=rtpmap:x\r\na=rtpmap:300 PCMA/8000\r\na=rtpmap:8 PCMA\r\n" +
			"a=rtpmap:8 PCMA/no\r\na=ptime:many\r\na=ptime:-20\r\na=rtcp:\r\na=rtcp:99999\r\na=\r\na=:\r\n"},
	}
	for _, row := range rows {
		s, err := Parse([]byte(row.text))
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		m := s.Media[0]
		if m.Port != 4000 || m.Conn.Addr != netip.MustParseAddr("192.0.2.1") || m.Maps != nil || m.Ptime != 0 || m.RTCPPort != 0 {
			t.Errorf("%s: got %+v", row.name, m)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	rows := []struct{ name, text string }{
		{"nothing", ""},
		{"no version", "o=- 1 1 IN IP4 192.0.2.1\r\n"},
		{"another version", "v=1\r\n"},
		{"version later", "m=audio 1 RTP/AVP 0\r\nv=0\r\n"},
		{"media without formats", "v=0\r\nm=audio 4000 RTP/AVP\r\n"},
		{"port too high", "v=0\r\nm=audio 65536 RTP/AVP 0\r\n"},
		{"port no number", "v=0\r\nm=audio +4000 RTP/AVP 0\r\n"},
		{"too many media", "v=0\r\n" + strings.Repeat("m=audio 1 RTP/AVP 0\r\n", maxMedia+1)},
		{"too many formats", "v=0\r\nm=audio 1 RTP/AVP" + strings.Repeat(" 0", maxFormats+1) + "\r\n"},
		{"too many lines", "v=0\r\n" + strings.Repeat("a=x\r\n", maxLines)},
		{"too long a line", "v=0\r\na=" + strings.Repeat("x", maxLine) + "\r\n"},
		{"too large", "v=0\r\n" + strings.Repeat("a="+strings.Repeat("x", 96)+"\r\n", 900)},
		{"no description", "hello"},
	}
	for _, row := range rows {
		if _, err := Parse([]byte(row.text)); !errors.Is(err, ErrSyntax) {
			t.Errorf("%s: error = %v, want ErrSyntax", row.name, err)
		}
	}
}

// TestBytes: what is written is read as the same again.
func TestBytes(t *testing.T) {
	for _, text := range offers {
		first := parse(t, []byte(text))
		written := first.Bytes()
		second := parse(t, written)
		if again := second.Bytes(); string(again) != string(written) {
			t.Errorf("written twice:\n%s\nthen:\n%s", written, again)
		}
		if len(second.Media) != len(first.Media) {
			t.Errorf("%d media came back as %d", len(first.Media), len(second.Media))
		}
	}
}

// offers are seeds for fuzzing, after the shapes that phones, carriers and browsers send.
var offers = []string{
	"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 18 8 0 101\r\n" +
		"a=rtpmap:18 G729/8000\r\na=rtpmap:101 telephone-event/8000\r\n",
	"v=0\no=x 1 1 IN IP6 2001:db8::1\nc=IN IP6 2001:db8::1\nm=video 0 RTP/AVP 31\nm=audio 5000 RTP/AVPF 97 98\n" +
		"a=rtpmap:97 PCMA/8000\na=rtpmap:98 telephone-event/8000\na=rtcp-mux\na=ptime:30\na=maxptime:20\n",
	"v=0\r\nc=IN IP4 0.0.0.0\r\nm=audio 5000 RTP/AVP 0\r\na=rtcp:5005 IN IP4 192.0.2.7\r\n",
	"v=0\r\nc=IN IP4 pbx.example\r\nm=audio 5000 UDP/TLS/RTP/SAVPF 111 0 8\r\na=rtpmap:111 opus/48000/2\r\na=inactive\r\nm=image 6000 udptl t38\r\n",
}

// FuzzParse: no input panics, and whatever is read can be answered or refused, and the answer read again.
func FuzzParse(f *testing.F) {
	for _, text := range offers {
		f.Add([]byte(text))
	}
	l := local()
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Parse(b)
		if err != nil {
			return
		}
		if _, err := Parse(s.Bytes()); err != nil && len(s.Bytes()) < maxBytes {
			t.Fatalf("what was written is not read: %v\n%q", err, s.Bytes())
		}
		answer, chosen, err := MakeAnswer(s, l)
		if err != nil {
			return
		}
		a, err := Parse(answer)
		if err != nil {
			t.Fatalf("our answer is not read: %v\n%q", err, answer)
		}
		if len(a.Media) != len(s.Media) {
			t.Fatalf("%d lines answered with %d", len(s.Media), len(a.Media))
		}
		if chosen.Ptime < 10*time.Millisecond || chosen.Ptime > 60*time.Millisecond {
			t.Fatalf("ptime %v", chosen.Ptime)
		}
		if _, err := Accept(l, a); err != nil {
			t.Fatalf("our answer is not accepted by our like: %v\n%s", err, answer)
		}
	})
}
