package transport

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

// Ends of a stream, and what its reader says before.
func TestStreamTable(t *testing.T) {
	small := strings.Repeat("x", 4096)
	for name, row := range map[string]struct {
		in       string
		messages int
		pings    int
		want     error
	}{
		"nothing":                       {"", 0, 0, nil},
		"half a start line":             {"OPTIONS sip:x SI", 0, 0, nil},
		"one":                           {options("a", "body"), 1, 0, nil},
		"line ends before it":           {"\r\n\n\r\n" + options("a", ""), 1, 0, nil},
		"pings around it":               {"\r\n\r\n" + options("a", "") + "\r\n\r\n\r\n\r\n", 1, 3, nil},
		"half a ping":                   {"\r\n\r", 0, 0, nil},
		"no length: none":               {strings.Replace(options("a", ""), "Content-Length: 0\r\n", "", 1) + options("b", ""), 2, 0, nil},
		"bare LF":                       {strings.ReplaceAll(options("a", ""), "\r\n", "\n") + options("b", ""), 2, 0, nil},
		"body with a blank line":        {options("a", "v=0\r\n\r\nx") + options("b", ""), 2, 0, nil},
		"largest body":                  {options("a", small), 1, 0, nil},
		"one octet more":                {options("a", small+"x"), 1, 0, errBodyBig},
		"largest header, nearly":        {"OPTIONS sip:x SIP/2.0\r\nX: " + small[:4000] + "\r\n\r\n", 1, 0, nil},
		"header too large":              {"OPTIONS sip:x SIP/2.0\r\nX: " + small + "\r\n\r\n", 0, 0, errHead},
		"header too large, without end": {"OPTIONS sip:x SIP/2.0\r\nX: " + small + small, 0, 0, errHead},
		"a negative length":             {"OPTIONS sip:x SIP/2.0\r\nl: -1\r\n\r\n", 1, 0, errLength},
		"HTTP":                          {"GET / HTTP/1.1\r\n", 0, 0, errNotSIP},
		"TLS":                           {"\x16\x03\x01\x02\x00\x01\x00", 0, 0, errNotSIP},
		"junk after a message":          {options("a", "") + "junk that is no SIP\r\n", 1, 0, errNotSIP},
	} {
		messages, pings, err := cutAll([]byte(row.in), len(row.in)+1)
		if len(messages) != row.messages || pings != row.pings || !errors.Is(err, row.want) {
			t.Errorf("%s: got %d messages, %d pings, %v; want %d, %d, %v", name, len(messages), pings, err, row.messages, row.pings, row.want)
		}
	}
}

// Any mix of messages, pings and pieces comes out as it went in.
func TestStreamGivesBackWhatWentIn(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 0))
	for range 300 {
		var in strings.Builder
		var want []string
		for range random.IntN(8) {
			if random.IntN(3) == 0 {
				in.WriteString("\r\n\r\n")
			}
			m := options("x", strings.Repeat("b", random.IntN(3000)))
			if random.IntN(2) == 0 {
				m = strings.Replace(m, "Content-Length:", "l :", 1)
			}
			in.WriteString(m)
			want = append(want, m)
		}
		got, _, err := cutAll([]byte(in.String()), 1+random.IntN(700))
		if err != nil || strings.Join(got, "\x00") != strings.Join(want, "\x00") {
			t.Fatalf("got %d messages, %v, want %d", len(got), err, len(want))
		}
	}
}

// A buffer that one large message made large is given back.
func TestStreamLetsGoOfLargeBuffers(t *testing.T) {
	s := stream{maxHead: 1 << 12, maxBody: 1 << 16}
	data := options("a", strings.Repeat("x", 60_000))
	for len(data) > 0 {
		n := copy(s.room(), data)
		s.filled(n)
		data = data[n:]
	}
	if m, _, err := s.next(); m == nil || err != nil || s.buf != nil {
		t.Errorf("got %d octets, %v, %d still held", len(m), err, cap(s.buf))
	}
}

func TestKeepAlives(t *testing.T) {
	for raw, want := range map[string]bool{
		"": true, "\r\n": true, "\r\n\r\n": true, "\x00\x00\x00\x00": true, "PNG\r\n\r\n": true, "  ": true,
		"PNG": false, "OPTIONS": false, "\x00\x01\x00\x00": false, strings.Repeat("\r\n", 9): false,
	} {
		if got := keepAlive([]byte(raw)); got != want {
			t.Errorf("%q: got %v, want %v", raw, got, want)
		}
	}
}

// The reader allocates the message and nothing else.
func TestStreamAllocations(t *testing.T) {
	s := stream{maxHead: 1 << 12, maxBody: 1 << 12}
	raw := options("x", "body")
	got := testing.AllocsPerRun(100, func() {
		s.filled(copy(s.room(), raw))
		if m, _, err := s.next(); m == nil || err != nil {
			t.Fatal(err)
		}
	})
	if got > 1 {
		t.Errorf("got %v allocations a message, want 1", got)
	}
}
