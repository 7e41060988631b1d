package agentphone

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"hotline/call"
)

var key = []byte("0123456789abcdef")

// signature is a customer's id as a page's server signs it.
func signature(key []byte, until time.Time, id string) string {
	text := fmt.Sprintf("%d.%s", until.Unix(), id)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return text + "." + hex.EncodeToString(mac.Sum(nil))
}

func TestACustomerIsWhoTheSignatureSays(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	good := signature(key, now.Add(time.Minute), "user.7")
	if id, err := Customer(key, good, now); id != "user.7" || err != nil {
		t.Errorf("customer = %q, %v", id, err)
	}
	for what, text := range map[string]string{
		"nothing":          "",
		"no signature":     "1800000060.user.7",
		"another key":      signature([]byte("another key that is as long"), now.Add(time.Minute), "user.7"),
		"another id":       strings.Replace(good, "user.7", "user.8", 1),
		"too late":         signature(key, now.Add(-time.Second), "user.7"),
		"an id with blank": signature(key, now.Add(time.Minute), "user 7"),
		"no id":            signature(key, now.Add(time.Minute), ""),
		"a long id":        signature(key, now.Add(time.Minute), strings.Repeat("x", 65)),
	} {
		if id, err := Customer(key, text, now); err == nil {
			t.Errorf("%s: believed to be %q", what, id)
		}
	}
	if _, err := Customer(nil, signature(nil, now.Add(time.Minute), "user.7"), now); err == nil {
		t.Error("without a key somebody was believed")
	}
}

func TestThePaceOfAnAddress(t *testing.T) {
	var p pace
	now := time.Unix(1_800_000_000, 0)
	took := 0
	for range 10 {
		if p.take("one", 6, now) {
			took++
		}
	}
	if took != 6 || !p.take("another", 6, now) {
		t.Errorf("%d calls at once, want 6, and others not slowed", took)
	}
	if p.take("one", 6, now.Add(9*time.Second)) || !p.take("one", 6, now.Add(11*time.Second)) {
		t.Error("want one more after ten seconds")
	}
	for i := range mostBuckets + 10 {
		p.take(fmt.Sprint(i), 6, now)
	}
	if len(p.buckets) > mostBuckets {
		t.Errorf("%d buckets", len(p.buckets))
	}
}

// visits makes the rig's server one for visitors.
func (r *rig) visits(b Button) chan *Leg {
	legs := make(chan *Leg, 4)
	b.Visited = func(l *Leg, _ Visitor) { legs <- l }
	r.phones.Button = b
	r.visitors.Store(true)
	return legs
}

func TestAVisitorCallsAndPressesKeys(t *testing.T) {
	r, c := newRig(t), newCalls(t)
	legs := r.visits(Button{Number: "4008001234", Most: 1, Rate: 2})
	b := r.open(map[string]any{"v": 1})
	resume, _ := b.await("snapshot", nil)["key"].(string)
	got := b.do("dial", map[string]any{"to": "13800138000"})
	leg := <-legs
	leg.Hear(call.CallerLeg, c.sink)
	id, _ := got["call"].(string)
	v := b.connect(id, 700)
	leg.Answer()
	await[call.LegAnswered](c)
	leg.Stream().Echo(true)
	v.hears(t, 700, 1000)
	if got := b.inState("talking", "connected"); got != id {
		t.Errorf("call %s, want %s", got, id)
	}
	b.do("digit", map[string]any{"call": id, "key": "1"})
	if d := await[call.Digit](c); d.Key != '1' {
		t.Errorf("digit = %+v", d)
	}
	for verb, fields := range map[string]map[string]any{"dial": nil, "take": nil, "ready": {"on": true}, "answer": {"call": id}} {
		if got := b.do(verb, fields); got["ok"] == true {
			t.Errorf("a visitor may %s", verb)
		}
	}
	other := r.open(nil)
	if got := other.do("hello", map[string]any{"v": 1}); got["code"] != "full" {
		t.Errorf("one too many: %v", got)
	}

	_ = b.socket.CloseNow() // the connection is lost, the sound is not: the page comes back with its key
	again := r.open(map[string]any{"v": 1, "resume": resume})
	if calls := again.await("snapshot", nil)["calls"].([]any); len(calls) != 1 {
		t.Fatalf("calls = %v, want the one", calls)
	}
	v.hears(t, 700, 1000)
	again.do("hangup", map[string]any{"call": id})
	if end := await[call.LegEnded](c); end.Cause != call.Normal || !end.ByPeer {
		t.Errorf("end = %+v", end)
	}
}

func TestAVisitorWhoClosesThePageIsGone(t *testing.T) {
	r, c := newRig(t), newCalls(t)
	legs := r.visits(Button{Number: "4008001234", Most: 1, Rate: 1})
	b := r.open(map[string]any{"v": 1})
	id, _ := b.do("dial", nil)["call"].(string)
	leg := <-legs
	leg.Hear(call.CallerLeg, c.sink)
	v := b.connect(id, 700)
	leg.Answer()
	await[call.LegAnswered](c)
	v.leave()
	_ = b.socket.CloseNow()
	if end := await[call.LegEnded](c); end.Cause != call.Normal || !end.ByPeer {
		t.Errorf("end = %+v, want a hang-up of the visitor's", end)
	}
	next := r.open(nil)
	for timeout := time.After(10 * time.Second); ; { // the place is free as soon as all of that is over
		got := next.do("hello", map[string]any{"v": 1})
		if got["ok"] == true {
			break
		}
		select {
		case <-timeout:
			t.Fatalf("hello = %v", got)
		default:
		}
	}
	if got := next.do("dial", nil); got["code"] != "rate" {
		t.Errorf("a second call in the minute = %v", got)
	}
}

func TestAVisitorWithABadSignature(t *testing.T) {
	r := newRig(t)
	r.visits(Button{Number: "4008001234", Key: key, Most: 1, Rate: 1})
	b := r.open(nil)
	if got := b.do("hello", map[string]any{"v": 1, "customer": signature([]byte("not the key"), time.Now().Add(time.Hour), "x")}); got["code"] != "customer" {
		t.Errorf("hello = %v", got)
	}
	if got := b.do("hello", map[string]any{"v": 1, "customer": signature(key, time.Now().Add(time.Hour), "x")}); got["ok"] != true {
		t.Errorf("hello = %v", got)
	}
}

// A page that was cut off comes back to its call, though the signature of its customer's id is too old by now.
func TestAVisitorWhoComesBackIsNotAskedForTheSignatureAgain(t *testing.T) {
	r := newRig(t)
	r.visits(Button{Number: "4008001234", Key: key, Most: 1, Rate: 1})
	b := r.open(map[string]any{"v": 1, "customer": signature(key, time.Now().Add(time.Hour), "x")})
	resume, _ := b.await("snapshot", nil)["key"].(string)
	b.do("dial", nil)
	_ = b.socket.CloseNow()
	old := signature(key, time.Now().Add(-time.Second), "x")
	again := r.open(map[string]any{"v": 1, "resume": resume, "customer": old})
	if calls := again.await("snapshot", nil)["calls"].([]any); len(calls) != 1 {
		t.Errorf("calls = %v, want the one", calls)
	}
	if got := r.open(nil).do("hello", map[string]any{"v": 1, "resume": "no such key", "customer": old}); got["code"] != "customer" {
		t.Errorf("hello with an old signature and no call = %v", got)
	}
}

// One address, or one network of IPv6, has a quarter of the places.
func TestOneAddressCannotTakeAllPlaces(t *testing.T) {
	r := newRig(t)
	r.visits(Button{Number: "4008001234", Most: 8, Rate: 1})
	hello := func(source, want string) {
		t.Helper()
		r.source.Store(source)
		if got := r.open(nil).do("hello", map[string]any{"v": 1}); got["code"] != want && (want != "" || got["ok"] != true) {
			t.Errorf("a visitor from %s: %v, want %q", source, got, want)
		}
	}
	for _, one := range []struct{ source, want string }{
		{"192.0.2.7", ""}, {"192.0.2.7", ""}, {"192.0.2.7", "full"}, {"192.0.2.8", ""},
		{"2001:db8:0:1::1", ""}, {"2001:db8:0:1:ffff::2", ""}, {"2001:db8:0:1::3", "full"}, {"2001:db8:0:2::1", ""}, {"::ffff:192.0.2.9", ""},
	} {
		hello(one.source, one.want)
	}
	hello("192.0.2.10", "")
	hello("192.0.2.11", "full") // all places are taken
}

func TestAVisitorWithoutACallDoesNotKeepTheirPlace(t *testing.T) {
	r, c := newRig(t), newCalls(t)
	legs := r.visits(Button{Number: "4008001234", Most: 1, Rate: 1000})
	r.phones.idleVisit = 200 * time.Millisecond
	gone := func(b *tab) {
		t.Helper()
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
		defer stop()
		for {
			if _, _, err := b.socket.Read(ctx); err != nil {
				if ctx.Err() != nil {
					t.Fatal("a visitor without a call is still there")
				}
				return
			}
		}
	}
	gone(r.open(map[string]any{"v": 1}))
	b := r.open(nil)
	for b.do("hello", map[string]any{"v": 1})["ok"] != true { // until the place is free
		b = r.open(nil)
	}
	b.do("dial", nil)
	leg := <-legs
	leg.Hear(call.CallerLeg, c.sink)
	quiet, stop := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer stop()
	for {
		if _, _, err := b.socket.Read(quiet); err != nil {
			if quiet.Err() == nil {
				t.Fatalf("a visitor in a call was let go: %v", err)
			}
			break
		}
	}
	leg.Hangup(call.Normal, 0)
	await[call.LegEnded](c)
}

// The library asks a page's origin, as every browser tells it.
func TestTheButtonsOriginIsChecked(t *testing.T) {
	r := newRig(t)
	r.visits(Button{Number: "4008001234", Most: 9, Rate: 1, Origins: []string{"https://shop.example", "https://[2001:db8::1]:8443"}})
	for origin, want := range map[string]int{
		"https://shop.example": http.StatusSwitchingProtocols, r.server.URL: http.StatusSwitchingProtocols, "": http.StatusSwitchingProtocols, // no browser
		"http://shop.example": http.StatusForbidden, "https://shop.example.evil.example": http.StatusForbidden, "https://evil.example": http.StatusForbidden,
		"https://[2001:db8::1]:8443": http.StatusSwitchingProtocols, "https://a.shop.example": http.StatusForbidden, "null": http.StatusForbidden,
	} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		c, res, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(r.server.URL, "http"), &websocket.DialOptions{HTTPHeader: header})
		if res == nil || res.StatusCode != want {
			t.Errorf("a page of %q: %v, %v, want %d", origin, res, err, want)
		}
		if err == nil {
			_ = c.CloseNow()
		}
	}
}
