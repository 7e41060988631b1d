package dialog

import (
	"testing"

	"github.com/emiago/sipgo/sip"
)

func TestParseReplaces(t *testing.T) {
	tests := []struct {
		v    string
		want Replaces
		ok   bool
	}{
		{"98asjd8@test;to-tag=7743;from-tag=6472", Replaces{CallID: "98asjd8@test", ToTag: "7743", FromTag: "6472"}, true},
		{" a ; From-Tag = 1 ;early-only; to-tag=2;x=y", Replaces{CallID: "a", ToTag: "2", FromTag: "1", EarlyOnly: true}, true},
		{"a%40b%3Bto-tag%3D2%3Bfrom-tag%3D1", Replaces{CallID: "a@b", ToTag: "2", FromTag: "1"}, true},
		{"a;to-tag=2", Replaces{}, false},
		{"a;from-tag=2", Replaces{}, false},
		{";to-tag=2;from-tag=1", Replaces{}, false},
		{"", Replaces{}, false},
		{"a%zz;to-tag=2;from-tag=1", Replaces{CallID: "a%zz", ToTag: "2", FromTag: "1"}, true},
	}
	for _, tt := range tests {
		got, err := ParseReplaces(tt.v)
		if (err == nil) != tt.ok || tt.ok && got != tt.want {
			t.Errorf("%q: got %+v, %v", tt.v, got, err)
		}
	}
}

func TestReplacesOfAnInvite(t *testing.T) {
	const v = "a;to-tag=2;from-tag=1"
	tests := []struct {
		headers []sip.Header
		ok, bad bool
	}{
		{nil, false, false},
		{[]sip.Header{sip.NewHeader("Replaces", v)}, true, false},
		{[]sip.Header{sip.NewHeader("Replaces", v), sip.NewHeader("Replaces", v)}, true, true},
		{[]sip.Header{sip.NewHeader("Replaces", v), sip.NewHeader("Join", v)}, true, true},
		{[]sip.Header{sip.NewHeader("Replaces", "a")}, true, true},
	}
	for _, tt := range tests {
		req := sip.NewRequest(sip.INVITE, sip.Uri{Host: "127.0.0.1"})
		for _, h := range tt.headers {
			req.AppendHeader(h)
		}
		if _, ok, err := ReplacesOf(req); ok != tt.ok || (err != nil) != tt.bad {
			t.Errorf("%v: got %v, %v", tt.headers, ok, err)
		}
	}
}

// A dialog is named both ways round, and known for a while after its end.
func TestLately(t *testing.T) {
	var l Lately
	l.Add(&Dialog{CallID: "a", Local: Party{Tag: "1"}, Remote: Party{Tag: "2"}})
	for r, want := range map[Replaces]bool{
		{CallID: "a", ToTag: "1", FromTag: "2"}: true,
		{CallID: "a", ToTag: "2", FromTag: "1"}: true,
		{CallID: "a", ToTag: "1", FromTag: "1"}: false,
		{CallID: "b", ToTag: "1", FromTag: "2"}: false,
	} {
		if got := l.Holds(r); got != want {
			t.Errorf("%+v: got %v", r, got)
		}
	}
	for range len(l.ring) {
		l.Add(&Dialog{CallID: "b"})
	}
	if l.Holds(Replaces{CallID: "a", ToTag: "1", FromTag: "2"}) {
		t.Error("it is known for ever")
	}
}

func uri(t *testing.T, text string) (u sip.Uri) {
	t.Helper()
	if err := sip.ParseUri(text, &u); err != nil {
		t.Fatal(err)
	}
	return u
}

// RFC 3261 12.2.1.1: the routes before the target, and where the first of them is a strict router the other way round.
func TestRoutes(t *testing.T) {
	loose, strict, target := uri(t, "sip:one@127.0.0.1;lr"), uri(t, "sip:two@127.0.0.2"), uri(t, "sip:1001@127.0.0.9")
	for _, row := range []struct {
		routes   []sip.Uri
		to, next string
		left     []string
	}{
		{nil, "1001", "1001", nil},
		{[]sip.Uri{loose, strict}, "1001", "one", []string{"one", "two"}},
		{[]sip.Uri{strict, loose}, "two", "two", []string{"one", "1001"}},
	} {
		d := Dialog{CallID: "a", Routes: row.routes, Target: target, LocalSeq: 4, Local: Party{Tag: "1", URI: target}, Remote: Party{URI: target}}
		req, next := d.Request(sip.BYE, 0), d.Next()
		var left []string
		for _, h := range req.GetHeaders("Route") {
			left = append(left, h.(*sip.RouteHeader).Address.User)
		}
		if req.Recipient.User != row.to || next.User != row.next || len(left) != len(row.left) || d.LocalSeq != 5 || req.CSeq().SeqNo != 5 {
			t.Errorf("%v: to %s by %s, routes %v, CSeq %d", row.routes, req.Recipient.User, next.User, left, d.LocalSeq)
		}
		for i := range left {
			if left[i] != row.left[i] {
				t.Errorf("%v: routes %v, want %v", row.routes, left, row.left)
			}
		}
		if again := d.Request(sip.ACK, 3); again.CSeq().SeqNo != 3 || d.LocalSeq != 5 || again.To().Params.Has("tag") {
			t.Errorf("with a number of its own: %s, then %d", again.CSeq(), d.LocalSeq)
		}
	}
}
