package message

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

// RFC 3326, of several values in one header and in several.
func TestReasonHeaders(t *testing.T) {
	tests := []struct {
		values []string
		want   Cause
	}{
		{nil, Cause{}},
		{[]string{`Q.850;cause=16;text="Normal, call; clearing"`}, Cause{Q850: 16, Text: "Normal, call; clearing"}},
		{[]string{`SIP ;cause=200 ;text="Call completed elsewhere", Q.850;cause=26`}, Cause{26, 200, "Call completed elsewhere"}},
		{[]string{`SIP;cause=486;text="x"`, `q.850;cause=17;text="User busy"`}, Cause{17, 486, "User busy"}},
		{[]string{`Q.850;cause=999`}, Cause{Q850: 127}},
		{[]string{`Q.850;cause=-4;text="`, `;;,=`, ``}, Cause{}},
	}
	for _, tt := range tests {
		m := sip.NewRequest("BYE", sip.Uri{Host: "x"})
		for _, v := range tt.values {
			m.AppendHeader(sip.NewHeader("Reason", v))
		}
		if got := CauseOf(m); got != tt.want {
			t.Errorf("%q: got %+v, want %+v", tt.values, got, tt.want)
		}
	}
}

func FuzzReason(f *testing.F) {
	f.Add(`Q.850;cause=16;text="a\"b"`)
	f.Add(`,;=`)
	f.Fuzz(func(t *testing.T, v string) {
		m := sip.NewRequest("BYE", sip.Uri{Host: "x"})
		m.AppendHeader(sip.NewHeader("Reason", v))
		c := CauseOf(m)
		if c.Q850 < 0 || c.Q850 > 127 {
			t.Errorf("%q: cause %d", v, c.Q850)
		}
		if h := ReasonHeader(max(c.Q850, 1), c.Text+v); strings.ContainsAny(h.Value(), "\r\n\x00") {
			t.Errorf("%q: header of two lines", v)
		}
	})
}

func FuzzSDPPart(f *testing.F) {
	f.Add(`multipart/mixed;boundary="x"`, "--x\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--x--\r\n")
	f.Fuzz(func(t *testing.T, kind, body string) { sdpPart(kind, []byte(body)) })
}

func FuzzRAck(f *testing.F) {
	for _, v := range []string{"", "1 1 INVITE", " 776656  1\tINVITE ", "x y z", "4294967296 1 INVITE", "1 1 INVITE x"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		k, ok := ReadRAck(v)
		if again, ok2 := ReadRAck(fmt.Sprint(k.Seq, " ", k.CSeq, " ", k.Method)); ok && (!ok2 || again != k) {
			t.Errorf("%q: %+v, then %+v", v, k, again)
		}
	})
}
func FuzzSessionExpires(f *testing.F) {
	for _, v := range []string{"", "1800", "90;refresher=uac", " 90 ; Refresher = UAS ;x", "-1", "99999999999", ";;;", "90;refresher"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		m := sip.NewRequest(sip.INVITE, sip.Uri{})
		m.AppendHeader(sip.NewHeader("Session-Expires", v))
		m.AppendHeader(sip.NewHeader("Min-SE", v))
		every, _, ok := SessionExpires(m)
		if every < 0 || !ok && every != 0 || MinSE(m) < 0 {
			t.Errorf("%q: %v, %v", v, every, ok)
		}
	})
}

// What a caller chose adds no header, and what may not stand in a URI is escaped.
func TestQuotableAndSafe(t *testing.T) {
	for in, want := range map[string]string{"Anna": "Anna", "a\r\nEvil: b": "aEvil: b", `say "hi" \ now`: `say \"hi\" \\ now`, "张三": "张三"} {
		if got := Quotable(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"+8610": "+8610", "a b": "a%20b", "a@b>\r": "a%40b%3E%0D", "a;x=y": "a;x=y"} {
		if got := SafeUser(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// RFC 3261 20.33: seconds, then perhaps a comment and parameters.
func TestRetryAfter(t *testing.T) {
	for in, want := range map[string]time.Duration{"18": 18 * time.Second, "120 (I'm in a meeting)": 2 * time.Minute, "3600;duration=60": time.Hour, "": 0, "soon": 0, "-1": 0} {
		res := sip.NewResponse(503, "Service Unavailable")
		res.AppendHeader(sip.NewHeader("Retry-After", in))
		if got := RetryAfter(res); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

// RFC 3261 8.1.3.4: the most wanted first, those that are equal in their order.
func TestRedirects(t *testing.T) {
	res := sip.NewResponse(302, "Moved Temporarily")
	for user, q := range map[string]string{"b": "0.5", "c": "0.2"} {
		res.AppendHeader(&sip.ContactHeader{Address: sip.Uri{Scheme: "sip", User: user, Host: "127.0.0.9"}, Params: sip.HeaderParams{{K: "q", V: q}}})
	}
	res.AppendHeader(&sip.ContactHeader{Address: sip.Uri{Scheme: "sip", User: "a", Host: "127.0.0.9"}})
	res.AppendHeader(&sip.ContactHeader{Address: sip.Uri{Wildcard: true}})
	got := ""
	for _, u := range Redirects(res) {
		got += u.User
	}
	if got != "abc" || Redirects(sip.NewResponse(486, "Busy Here")) != nil {
		t.Errorf("got %q, want abc, and none of a 486", got)
	}
}

// The session description may be one part of several (RFC 3261 7.4.1).
func TestSDPOfAMultipartBody(t *testing.T) {
	req := sip.NewRequest(sip.INVITE, sip.Uri{Host: "127.0.0.9"})
	kind := sip.ContentTypeHeader(`Multipart/Mixed;boundary="x"`)
	req.AppendHeader(&kind)
	req.SetBody([]byte("--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x\r\nContent-Type: Application/SDP; a=b\r\n\r\nv=0\r\n--x--\r\n"))
	if got := string(SDP(req)); got != "v=0" {
		t.Errorf("got %q, want v=0", got)
	}
	if SDP(sip.NewRequest(sip.BYE, sip.Uri{Host: "127.0.0.9"})) != nil {
		t.Error("a message without a body has a description")
	}
}
