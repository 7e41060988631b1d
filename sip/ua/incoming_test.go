package ua

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/call"
	"hotline/internal/testkit"
	"hotline/media"
	"hotline/media/codec"
	"hotline/media/tone"
	"hotline/route"
	"hotline/sip/session"
	"hotline/sip/trunk"
)

// offerOf is a session description of a bare peer that sends its sound to a port nobody hears.
func offerOf(direction string, formats ...string) []byte {
	lines := []string{"v=0", "o=- 1 1 IN IP4 127.0.40.2", "s=-", "c=IN IP4 127.0.40.2", "t=0 0", "m=audio 39998 RTP/AVP " + strings.Join(formats, " ")}
	if direction != "" {
		lines = append(lines, "a="+direction)
	}
	return []byte(strings.Join(lines, "\r\n") + "\r\n")
}

func carrier() trunk.Trunk {
	return trunk.Trunk{
		ID: "carrier", Sources: []netip.Prefix{netip.PrefixFrom(carrierAddr, 32)},
		CallerIn: []trunk.Rule{{Prefix: "0138", Strip: 1, Add: "+86"}},
	}
}

func TestWhoCalls(t *testing.T) {
	r := newRig(t, 0, carrier())
	fromTrunk := route.Origin{Kind: route.FromTrunk, Trunk: "carrier"}
	for _, c := range []struct {
		name, from  string
		headers     []sip.Header
		want, shown string
	}{
		{name: "the trunk's rules change its number", from: "013800138000", want: "+8613800138000"},
		{name: "a number without a rule stays", from: "01066551234", want: "01066551234"},
		{name: "a hidden number is told by P-Asserted-Identity", from: "anonymous",
			headers: []sip.Header{sip.NewHeader("P-Asserted-Identity", `"Wang" <sip:01066551234@carrier>`)}, want: "01066551234", shown: "Wang"},
		{name: "in any case of letters", from: "Anonymous",
			headers: []sip.Header{sip.NewHeader("P-Asserted-Identity", "<tel:01066551234>")}, want: "01066551234"},
		{name: "a shown number is not overruled", from: "01066551234",
			headers: []sip.Header{sip.NewHeader("P-Asserted-Identity", "<sip:999@carrier>")}, want: "01066551234"},
		{name: "nobody knows", from: "anonymous", want: "anonymous"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := r.bare(carrierAddr, nil)
			s, got := b.dial("4001", c.from, offerOf("", "8"), c.headers...)
			a, w := r.arrival()
			if a.Origin != fromTrunk || a.From != c.want || a.Dialled != "4001" || a.Display != c.shown {
				t.Errorf("got %+v, want from %q display %q by the trunk", a, c.want, c.shown)
			}
			s.Hangup(0, "")
			next[session.Ended](t, got)
			if e := await[call.LegEnded](t, w, nil); !e.ByPeer || e.Leg != call.CallerLeg || len(e.Dialogs) != 1 || e.Dialogs[0] != s.CallID {
				t.Errorf("got end %+v, want by the peer with its Call-ID", e)
			}
		})
	}
	r.idle()
}

func TestPhoneCallsByDigest(t *testing.T) {
	r := newRig(t, 0, carrier())
	talk := must(r.phone(testkit.Config{User: "1001", Password: "pw1001"}).Call("1002", ""))(t)
	a, w := r.arrival()
	if want := (route.Origin{Kind: route.FromPhone, Phone: "1001"}); a.Origin != want || a.From != "1001" {
		t.Errorf("got %+v from %s, want %+v", a.Origin, a.From, want)
	}
	a.Leg.Hangup(call.Busy, 0)
	until(t, talk, "ended")
	if talk.Code() != 486 {
		t.Errorf("got %d, want 486", talk.Code())
	}
	if e := await[call.LegEnded](t, w, nil); e.Cause != call.Busy || e.ByPeer {
		t.Errorf("got %+v, want busy by us", e)
	}
	r.idle()
}

func TestStrangersAreRefused(t *testing.T) {
	r := newRig(t, 0, carrier())
	for _, c := range []struct {
		name, user, password string
		want                 []int
	}{
		{"no credentials", "1001", "", []int{401, 407}},
		{"wrong password", "1002", "no", []int{401, 407, 403}},
		{"no such user", "9999", "pw", []int{401, 407, 403}},
	} {
		talk := must(r.phone(testkit.Config{User: c.user, Password: c.password}).Call("4001", ""))(t)
		until(t, talk, "ended")
		if !contains(c.want, talk.Code()) {
			t.Errorf("%s: got %d, want one of %v", c.name, talk.Code(), c.want)
		}
	}
	if len(r.arrivals) > 0 {
		t.Error("a stranger's call arrived")
	}
	r.idle()
}

func TestBannedPhoneIsRefusedEvenWithItsPassword(t *testing.T) {
	r := newRig(t, 0)
	wrong := r.phone(testkit.Config{User: "1001", Password: "guess"})
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	for range 4 {
		if err := wrong.Register(ctx, time.Hour); !errors.Is(err, testkit.ErrRefused) {
			t.Fatalf("got %v, want refused", err)
		}
	}
	talk := must(r.phone(testkit.Config{User: "1001", Password: "pw1001"}).Call("4001", ""))(t)
	until(t, talk, "ended")
	if talk.Code() != 403 {
		t.Errorf("got %d, want 403", talk.Code())
	}
}

func contains(all []int, n int) bool {
	for _, x := range all {
		if x == n {
			return true
		}
	}
	return false
}

func TestFullTrunkSaysWhenToTryAgain(t *testing.T) {
	tr := carrier()
	tr.MaxCalls = 1
	r := newRig(t, 0, tr)
	b := r.bare(carrierAddr, nil)
	first, got := b.dial("4001", "1", offerOf("", "8"))
	r.arrival()
	_, refused := b.dial("4001", "2", offerOf("", "8"))
	if e := next[session.Ended](t, refused); e.Code != 503 {
		t.Errorf("got %d, want 503", e.Code)
	}
	if raw := b.received("SIP/2.0 503"); !strings.Contains(raw, "Retry-After: 5") {
		t.Errorf("no Retry-After in\n%s", raw)
	}
	first.Hangup(0, "")
	next[session.Ended](t, got)
	r.idle()
}

func TestRefusedForWantOfRoomSaysWhenToTryAgain(t *testing.T) {
	r := newRig(t, 0, carrier())
	b := r.bare(carrierAddr, nil)
	_, got := b.dial("4001", "1", offerOf("", "8"))
	a, _ := r.arrival()
	a.Leg.Hangup(call.Unavailable, 503)
	next[session.Ended](t, got)
	raw := b.received("SIP/2.0 503")
	for _, want := range []string{"Retry-After: 5", "Reason: Q.850;cause=34"} {
		if !strings.Contains(raw, want) {
			t.Errorf("no %q in\n%s", want, raw)
		}
	}
	r.idle()
}

func TestFirstOffers(t *testing.T) {
	r := newRig(t, 0, carrier())
	b := r.bare(carrierAddr, nil)
	for _, c := range []struct {
		name string
		body []byte
		want int // the status; 0: it arrives
		kind codec.Kind
	}{
		{"A-law", offerOf("", "8"), 0, codec.PCMA},
		{"u-law only", offerOf("", "0"), 0, codec.PCMU},
		{"the peer's order where it has both", offerOf("", "0", "8"), 0, codec.PCMA},
		{"an unknown codec beside ours", offerOf("", "18", "0"), 0, codec.PCMU},
		{"no common codec", offerOf("", "18"), 488, codec.None},
		{"broken", []byte("this is no session description\r\n"), 400, codec.None},
		{"late", nil, 0, codec.PCMA},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, got := b.dial("4001", "1", c.body)
			if c.want > 0 {
				if e := next[session.Ended](t, got); e.Code != c.want {
					t.Errorf("got %d, want %d", e.Code, c.want)
				}
				return
			}
			a, w := r.arrival()
			if k := a.Leg.Codec(); k != c.kind && c.name != "the peer's order where it has both" {
				t.Errorf("got %v, want %v", k, c.kind)
			}
			s.Hangup(0, "")
			await[call.LegEnded](t, w, nil)
		})
	}
	r.idle()
}

func TestLateOffer(t *testing.T) {
	r := newRig(t, 0, carrier())
	b := r.bare(carrierAddr, nil)
	s, got := b.dial("4001", "1", nil)
	a, w := r.arrival()
	a.Leg.Early() // our offer may not go with a 183 that nobody acknowledges
	next[session.Rang](t, got)
	a.Leg.Answer()
	if answer := next[session.AnsweredBy](t, got); !strings.Contains(string(answer.SDP), "m=audio") {
		t.Fatalf("got answer %q, want our offer in it", answer.SDP)
	}
	s.Acknowledge(offerOf("sendonly", "0"))
	if e := await[call.LegHeld](t, w, nil); !e.On {
		t.Errorf("got %+v: the answer in ACK says sendonly", e)
	}
	eventually(t, "the codec of the answer", func() bool {
		done := make(chan codec.Kind, 1)
		a.Leg.onLane(func() { done <- a.Leg.Codec() })
		return <-done == codec.PCMU
	})
	s.Hangup(0, "")
	await[call.LegEnded](t, w, nil)
	r.idle()
}

func TestLateOfferThatIsNeverAnsweredEndsTheCall(t *testing.T) {
	r := newRig(t, 0, carrier())
	b := r.bare(carrierAddr, nil)
	s, got := b.dial("4001", "1", nil)
	a, w := r.arrival()
	a.Leg.Answer()
	next[session.AnsweredBy](t, got)
	s.Acknowledge(nil)
	if e := await[call.LegEnded](t, w, nil); e.Cause != call.NotAcceptable {
		t.Errorf("got %+v, want not acceptable", e)
	}
	next[session.Ended](t, got)
	r.idle()
}

func TestHoldAndResume(t *testing.T) {
	zero := []byte("v=0\r\no=- 1 2 IN IP4 127.0.40.2\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 39998 RTP/AVP 8\r\n")
	r := newRig(t, 0, carrier())
	b := r.bare(carrierAddr, nil)
	s, got := b.dial("4001", "1", offerOf("", "8"))
	a, w := r.arrival()
	a.Leg.Answer()
	next[session.AnsweredBy](t, got)
	for i, c := range []struct {
		offer, answered string
		held            bool
	}{
		{string(offerOf("sendonly", "8")), "a=recvonly", true},
		{string(offerOf("sendrecv", "8")), "a=sendrecv", false},
		{string(offerOf("inactive", "8")), "a=inactive", true},
		{string(offerOf("", "8")), "a=sendrecv", false},
		{string(zero), "", true},
		{string(offerOf("", "0")), "a=sendrecv", false}, // and another codec
	} {
		s.Offer([]byte(c.offer))
		answer := next[session.Accepted](t, got)
		if !strings.Contains(string(answer.SDP), c.answered) {
			t.Errorf("offer %d: answered %q, want %s", i, answer.SDP, c.answered)
		}
		eventually(t, fmt.Sprintf("hold %d", i), func() bool { return has[call.LegHeld](w) == i+1 })
		if h := w.all()[len(w.all())-1].(call.LegHeld); h.On != c.held {
			t.Errorf("offer %d: got %+v, want on=%v", i, h, c.held)
		}
	}
	s.Offer(offerOf("", "18"))
	if e := next[session.Refused](t, got); e.Code != 488 {
		t.Errorf("got %d for a codec we lack, want 488", e.Code)
	}
	s.Offer([]byte("nonsense"))
	next[session.Refused](t, got)
	a.Leg.Hangup(call.Normal, 0)
	next[session.Ended](t, got)
	if n := has[call.LegHeld](w); n != 6 {
		t.Errorf("got %d holds, want 6", n)
	}
	r.idle()
}

func TestSilenceCountsFromTheAnswerAndNotOnHold(t *testing.T) {
	const silence = 150 * time.Millisecond
	r := newRig(t, silence, carrier())
	b := r.bare(carrierAddr, nil)
	s, got := b.dial("4001", "1", offerOf("", "8"))
	a, w := r.arrival()
	rung := time.Now()
	eventually(t, "a long ringing", func() bool { return time.Since(rung) > 2*silence })
	if n := has[call.LegSilent](w); n != 0 {
		t.Fatal("silent before it was answered")
	}
	answered := time.Now()
	a.Leg.Answer()
	next[session.AnsweredBy](t, got)
	await[call.LegSilent](t, w, nil)
	if since := time.Since(answered); since < silence {
		t.Errorf("silent %v after the answer, want %v or more", since, silence)
	}
	s.Offer(offerOf("sendonly", "8"))
	await(t, w, func(h call.LegHeld) bool { return h.On })
	before, held := has[call.LegSilent](w), time.Now()
	eventually(t, "a long hold", func() bool { return time.Since(held) > 4*silence })
	if n := has[call.LegSilent](w); n > before+1 { // one may have been on its way
		t.Errorf("%d times silent on hold, want none", n-before)
	}
	s.Hangup(0, "")
	await[call.LegEnded](t, w, nil)
	r.idle()
}

func TestDigitsByInfoAndByRTP(t *testing.T) {
	r := newRig(t, 0, carrier())
	p := r.phone(testkit.Config{Bind: netip.AddrPortFrom(carrierAddr, 0), User: "1"})
	talk := must(p.Call("4001", ""))(t)
	a, w := r.arrival()
	a.Leg.Answer()
	until(t, talk, "answered")
	talk.PressInfo('5')
	if d := await[call.Digit](t, w, nil); d != (call.Digit{Leg: call.CallerLeg, Key: '5', Info: true}) {
		t.Errorf("got %+v", d)
	}
	talk.Press('#')
	if d := await(t, w, func(d call.Digit) bool { return !d.Info }); d.Key != '#' {
		t.Errorf("got %+v", d)
	}
	talk.Hangup()
	await[call.LegEnded](t, w, nil)
}

func TestSoundGoesBothWaysAndItsQualityIsTold(t *testing.T) {
	r := newRig(t, 0, carrier())
	p := r.phone(testkit.Config{Bind: netip.AddrPortFrom(carrierAddr, 0), User: "1", Codecs: []codec.Kind{codec.PCMU}})
	talk := must(p.Call("4001", ""))(t)
	a, w := r.arrival()
	a.Leg.Answer()
	until(t, talk, "answered")
	talk.Play(tone.Make(700, -12, time.Second), true)
	a.Leg.Stream().Echo(true)
	eventually(t, "the echo of 700 Hz", func() bool { return testkit.HeardTone(talk.Heard(), 700) })
	a.Leg.Hangup(call.Normal, 0)
	until(t, talk, "ended")
	e := await[call.LegEnded](t, w, nil)
	if e.Quality == nil || e.Quality.Codec != "PCMU" || e.Quality.Received == 0 || e.Quality.MOS < 3 {
		t.Errorf("got quality %+v", e.Quality)
	}
	r.idle()
}

func TestKeysBeforeAnybodyHearsDoNoHarm(t *testing.T) {
	r := newRig(t, 0)
	l := &Leg{ua: r.ua}
	l.onMedia(media.DigitPressed{Key: '1'})
	l.onMedia(media.PlayDone{ID: 1})
	l.onMedia(media.Silent{For: 24 * time.Hour})
}

func TestEndComesWhenTheMediaEngineHasStopped(t *testing.T) {
	r := newRig(t, 0, carrier())
	b := r.bare(carrierAddr, nil)
	s, got := b.dial("4001", "1", offerOf("", "8"))
	a, w := r.arrival()
	a.Leg.Answer()
	next[session.AnsweredBy](t, got)
	r.stopMedia()
	s.Hangup(0, "")
	if e := await[call.LegEnded](t, w, nil); !e.ByPeer {
		t.Errorf("got %+v, want by the peer", e)
	}
	if has[call.LegEnded](w) != 1 {
		t.Error("more than one end")
	}
	_, got = b.dial("4001", "1", offerOf("", "8"))
	if e := next[session.Ended](t, got); e.Code != 503 {
		t.Errorf("a call after the engine stopped got %d, want 503", e.Code)
	}
}

// TestInfoDigit lists the forms that phones send.
func TestInfoDigit(t *testing.T) {
	for body, want := range map[string]byte{
		"Signal=5\r\nDuration=160\r\n": '5', "Signal= 5": '5', "signal=*": '*', "Signal=#\r\nDuration=250": '#', "Signal=10\r\n": '*', "Signal=11\r\n": '#',
		"Signal=12": 'A', "Signal=15": 'D', "Signal=a": 'A', "5": '5', "5\r\n": '5', "*": '*', "11": '#', "d": 'D', "Duration=160\r\nSignal=7": '7',
		"": 0, "Signal=": 0, "Signal=16": 0, "Signal=+5": 0, "Signal=99": 0, "hello": 0, "Duration=5": 0, "e": 0, "Signal=010": 0,
	} {
		got, ok := infoDigit([]byte(body))
		if got != want || ok != (want != 0) {
			t.Errorf("%q: got %q %v, want %q", body, got, ok, want)
		}
	}
}

func FuzzInfoDigit(f *testing.F) {
	for _, s := range []string{"Signal=5\r\nDuration=160", "11", "*", "Signal=\n=", "\x00=\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		key, ok := infoDigit(body)
		if ok != strings.ContainsRune("0123456789*#ABCD", rune(key)) {
			t.Errorf("%q gave %q, %v", body, key, ok)
		}
	})
}
