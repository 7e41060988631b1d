package sdp

import (
	"errors"
	"strings"
	"testing"
)

func TestBody(t *testing.T) {
	const want = "v=0\r\nm=audio 4000 RTP/AVP 8\r\n"
	mixed := "--b\r\nContent-Type: application/isup;version=itu-t92+\r\n\r\n\x01\x02\r\n" +
		"--b\r\nContent-Type: Application/SDP\r\nContent-Disposition: session\r\n\r\n" + want + "\r\n--b--\r\n"
	rows := []struct{ name, kind, body, want string }{
		{"plain", "application/sdp", want, want},
		{"in capitals, with parameters", "Application/SDP; charset=utf-8", want, want},
		{"a broken parameter", "application/sdp; =", want, want},
		{"no type", "", want, want},
		{"no type, no description", "", "hello", ""},
		{"another type", "application/dtmf-relay", "Signal=1", ""},
		{"nothing", "application/sdp", "", ""},
		{"multipart", `multipart/mixed; boundary="b"`, mixed, want},
		{"multipart with a preamble", `multipart/mixed;boundary=b`, "preamble\r\n" + mixed, want},
		{"multipart without one", "multipart/mixed;boundary=b", "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n", ""},
		{"multipart without a boundary", "multipart/mixed", mixed, ""},
		{"too many parts", "multipart/mixed;boundary=b", strings.Repeat("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n", maxParts) + mixed, ""},
	}
	for _, row := range rows {
		got, err := Body(row.kind, []byte(row.body))
		if err != nil || string(got) != row.want {
			t.Errorf("%s: Body = %q, %v, want %q", row.name, got, err, row.want)
		}
	}
	for _, broken := range []string{"--b\r\nContent-Type: application/sdp\r\n\r\nv=0", "--b\r\nContent-Ty"} {
		if got, err := Body("multipart/mixed;boundary=b", []byte(broken)); !errors.Is(err, ErrSyntax) {
			t.Errorf("Body(%q) = %q, %v, want ErrSyntax", broken, got, err)
		}
	}
}

func FuzzBody(f *testing.F) {
	f.Add("multipart/mixed;boundary=b", []byte("--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--\r\n"))
	f.Add("application/sdp", []byte("v=0\r\n"))
	f.Fuzz(func(t *testing.T, kind string, b []byte) {
		if got, _ := Body(kind, b); len(got) > max(len(b), maxBytes) {
			t.Fatalf("%d bytes out of %d", len(got), len(b))
		}
	})
}
