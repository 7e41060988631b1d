package transport

import (
	"bytes"
	"strings"
	"testing"
)

func TestSane(t *testing.T) {
	for _, row := range []struct {
		raw  string
		want bool
	}{
		{"OPTIONS sip:x SIP/2.0\r\nA: b\r\n\r\n", true},
		{"options sip:x sip/2.0\r\nA: b\r\n\r\nbody", true},
		{"SIP/2.0 200 OK\r\nA: b\r\n\r\n", true},
		{"OPTIONS sip:x SIP/2.0\nA: b\n\n", true},
		{"OPTIONS sip:x SIP/7.0\r\nno blank line\r\n", true}, // worth a 400
		{"OPTIONS sip:x SIP/2.0\r\nno line end", false},
		{" OPTIONS sip:x SIP/2.0\r\n\r\n", false},
		{"OPT{IONS sip:x SIP/2.0\r\n\r\n", false},
		{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", false},
		{"OPTIONS", false},
		{"OPTIONS sip:x SIP/2.0\r\n" + strings.Repeat("a", 1<<17) + "\r\n\r\n", false},
	} {
		if got := sane([]byte(row.raw)); got != row.want {
			t.Errorf("%.40q: got %v, want %v", row.raw, got, row.want)
		}
	}
}

func TestContentLength(t *testing.T) {
	for _, row := range []struct {
		head string
		n    int
		kind lengthKind
	}{
		{"A: b\r\n\r\n", 0, lengthMissing},
		{"A: b\r\nContent-Length: 12\r\n\r\n", 12, lengthGiven},
		{"l:7\r\n\r\n", 7, lengthGiven},
		{"CONTENT-length  :  0012 \r\n\r\n", 12, lengthGiven},
		{"Content-Length:\r\n 5\r\n\r\n", 5, lengthGiven},
		{"l: 5\r\nContent-Length: 5\r\n\r\n", 5, lengthGiven},
		{"l: 5\r\nContent-Length: 6\r\n\r\n", 0, lengthBad},
		{"l: -5\r\n\r\n", 0, lengthBad},
		{"l: 5 5\r\n\r\n", 0, lengthBad},
		{"l:\r\n\r\n", 0, lengthBad},
		{"l: 101\r\n\r\n", 101, lengthHuge},
		{"l: 99999999999999999999999999\r\n\r\n", 101, lengthHuge},
		{"content-language: 3\r\n\r\n", 0, lengthMissing},
	} {
		if n, kind := contentLength([]byte(row.head), 100); n != row.n || kind != row.kind {
			t.Errorf("%q: got %d, %d, want %d, %d", row.head, n, kind, row.n, row.kind)
		}
	}
}

// cutAll feeds data in pieces and returns the messages.
func cutAll(data []byte, piece int) (messages []string, pings int, err error) {
	s := stream{maxHead: 1 << 12, maxBody: 1 << 12}
	for len(data) > 0 {
		n := copy(s.room(), data[:min(piece, len(data))])
		s.filled(n)
		data = data[n:]
		for {
			m, p, err := s.next()
			pings += p
			if m != nil {
				messages = append(messages, string(m))
			}
			if err != nil {
				return messages, pings, err
			}
			if m == nil {
				break
			}
		}
	}
	return messages, pings, nil
}

// FuzzStream: however a stream is cut into pieces, the same messages come out, none larger than allowed.
func FuzzStream(f *testing.F) {
	f.Add([]byte(options("a", "body")+"\r\n\r\n"+options("b", "")), 3)
	f.Add([]byte("SIP/2.0 200 OK\nl: 3\n\nabcOPTIONS sip:x SIP/2.0\r\nl: x\r\n\r\n"), 1)
	f.Add([]byte("\r\n\r\n\r\r\n\n"), 2)
	f.Fuzz(func(t *testing.T, data []byte, piece int) {
		whole, _, err1 := cutAll(data, len(data)+1)
		pieces, _, err2 := cutAll(data, max(1, piece%64))
		if err1 == nil && err2 == nil && strings.Join(whole, "\x00") != strings.Join(pieces, "\x00") {
			t.Errorf("whole %q\npieces %q", whole, pieces)
		}
		for _, m := range whole {
			if len(m) > 2<<12 || !bytes.Contains(data, []byte(m)) {
				t.Errorf("message %q is not part of the stream", m)
			}
		}
	})
}

func BenchmarkSane(b *testing.B) {
	raw := []byte(options("bench", strings.Repeat("x", 300)))
	b.ReportAllocs()
	for b.Loop() {
		if !sane(raw) {
			b.Fatal("refused")
		}
	}
}
