package testkit

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"hotline/internal/testkit/impair"
	"hotline/media"
	"hotline/media/codec"
	"hotline/media/sdp"
	"hotline/media/srtp"
	"hotline/media/tape"
	"hotline/sip/dialog"
	"hotline/sip/session"
)

// Moment is one thing that happened in a talk, or that was heard.
type Moment struct {
	At   time.Duration // since the talk began
	What string        // dialled, rung, ringing, early, answered, key, ended, ...
	Word string
}

// Talk is one call of a phone. Its methods may be called from any goroutine.
type Talk struct {
	From    string
	phone   *Phone
	session *session.Session
	stream  *media.Stream
	tap     *tape.Tap
	tapped  bool // on the session's lane
	local   sdp.Local
	offer   *sdp.Session
	began   time.Time
	network *impair.Relay // nil: none
	leave   func()        // ends the network

	mu      sync.Mutex
	moments []Moment
	changed chan struct{} // closed and made anew at each moment
	heard   []int16       // 8 kHz, silence where nothing came
	code    int
	quality *media.Quality
}

func (p *Phone) talk() (*Talk, error) {
	t := &Talk{phone: p, began: time.Now(), changed: make(chan struct{}), tap: tape.New(16384)}
	stream, err := p.engine.Open(nil, t.onMedia)
	if err != nil {
		return nil, fmt.Errorf("open sound: %w", err)
	}
	t.stream, t.leave = stream, func() {}
	t.local = sdp.Local{Addr: stream.Addr(), Codecs: p.Codecs, SessionID: uint64(t.began.UnixNano() & 0xffffffff), Version: 1, Security: p.SRTP}
	for _, s := range srtp.Suites {
		t.local.Keys = append(t.local.Keys, srtp.NewKey(s))
	}
	if p.Weather != nil {
		if err := t.goThrough(*p.Weather); err != nil {
			stream.Close(nil)
			return nil, err
		}
	}
	return t, nil
}

// goThrough puts a bad network between the phone's stream and the switch, which is told of the network's address.
func (t *Talk) goThrough(weather impair.Profile) error {
	relay, err := impair.OpenRelay(t.stream.Addr().Addr(), weather)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	t.network, t.leave, t.local.Addr = relay, stop, relay.FaceB
	relay.SetPeers(t.stream.Addr(), netip.AddrPort{})
	go func() { _ = relay.Run(ctx) }()
	return nil
}

// Network is the bad network between the phone and the switch; nil when Config.Weather is.
func (t *Talk) Network() *impair.Relay { return t.network }

func (t *Talk) say(what, word string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.moments = append(t.moments, Moment{At: time.Since(t.began), What: what, Word: word})
	close(t.changed)
	t.changed = make(chan struct{})
}

// Moments are all that happened so far.
func (t *Talk) Moments() []Moment {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]Moment(nil), t.moments...)
}

// Wait waits until something happened, such as "answered" or "ended", and says when; false when ctx ended first.
func (t *Talk) Wait(ctx context.Context, what string) (Moment, bool) {
	for {
		t.mu.Lock()
		changed := t.changed
		for _, m := range t.moments {
			if m.What == what {
				t.mu.Unlock()
				return m, true
			}
		}
		t.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return Moment{}, false
		}
	}
}

// Code is the SIP status that ended a talk which was never answered; 0 otherwise.
func (t *Talk) Code() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.code
}

func (t *Talk) onDialog(ev session.Event) {
	switch ev := ev.(type) {
	case session.Rang:
		t.say("ringing", fmt.Sprint(ev.Code))
	case session.Early:
		t.accept(ev.SDP)
		t.say("early", fmt.Sprint(ev.Code))
	case session.AnsweredBy:
		t.accept(ev.SDP)
		t.say("answered", "")
	case session.Established:
		t.say("established", "")
	case session.Offered:
		t.reoffered(ev)
	case session.Info:
		t.say("info", string(ev.Body))
	case session.Ended:
		t.ended(ev)
	}
}

func (t *Talk) accept(body []byte) {
	answer, err := sdp.Parse(body)
	if err != nil {
		t.say("fault", err.Error())
		return
	}
	chosen, err := sdp.Accept(t.local, answer)
	if err != nil {
		t.say("fault", err.Error())
		return
	}
	t.apply(chosen)
}

func (t *Talk) apply(c sdp.Chosen) {
	if t.network != nil {
		t.network.SetPeers(netip.AddrPort{}, c.Remote)
		c.Remote = t.network.FaceA
		c.RemoteRTCP = netip.AddrPort{}
	}
	t.stream.Set(media.Params{
		Remote: c.Remote, RemoteRTCP: c.RemoteRTCP, Codec: c.Codec, PayloadType: c.SendPayloadType, TakeType: c.PayloadType,
		EventType: c.SendEventType, TakeEvent: c.EventType, EventClock: c.EventClock,
		Ptime: c.Ptime, Send: c.Direction.Sends(), Receive: c.Direction.Receives(), Mux: c.Mux,
		In: c.In, Out: c.Out,
	})
	if !t.tapped {
		t.tapped = true
		t.stream.Tap(t.tap, tape.Left)
	}
}

func (t *Talk) reoffered(ev session.Offered) {
	offer, err := sdp.Parse(ev.SDP)
	if err != nil {
		ev.Reply(488, nil)
		return
	}
	t.local.Version++
	body, chosen, err := sdp.MakeAnswer(offer, t.local)
	if err != nil {
		ev.Reply(488, nil)
		return
	}
	ev.Reply(200, body)
	t.apply(chosen)
}

func (t *Talk) ended(ev session.Ended) {
	word := ev.Reason
	if ev.Code > 0 {
		word = fmt.Sprintf("%d %s", ev.Code, ev.Reason)
	}
	if ev.Err != nil {
		word = ev.Err.Error()
	}
	side := "by us"
	if ev.ByPeer {
		side = "by the switch"
	}
	t.mu.Lock()
	t.code = ev.Code
	t.mu.Unlock()
	t.stream.Close(func(q media.Quality) {
		t.mu.Lock()
		t.quality = &q
		t.mu.Unlock()
		t.say("ended", side+" "+word)
		t.leave()
	})
}

// onMedia runs on the engine's thread.
func (t *Talk) onMedia(ev media.Event) {
	switch ev := ev.(type) {
	case media.DigitPressed:
		go t.say("key", string(rune(ev.Key)))
	case media.PlayDone:
		go t.say("played", "")
	case media.FirstPacket:
		go t.say("sound", "")
	}
}

// Ring answers 180.
func (t *Talk) Ring() { t.session.Ring() }

// Answer answers an incoming call.
func (t *Talk) Answer() {
	if t.offer == nil {
		t.session.Reject(488, "")
		return
	}
	body, chosen, err := sdp.MakeAnswer(t.offer, t.local)
	if err != nil {
		t.session.Reject(488, "")
		return
	}
	t.apply(chosen)
	t.session.Answer(body)
	t.say("answered", "")
}

// Reject refuses an incoming call.
func (t *Talk) Reject(code int) { t.session.Reject(code, "") }

// Hangup ends the talk, whatever its state.
func (t *Talk) Hangup() { t.session.Hangup(16, "") }

// Play plays 8 kHz sound, for ever when loop is set.
func (t *Talk) Play(pcm []int16, loop bool) {
	t.stream.Play(media.Playback{ID: 1, Sounds: []*media.Sound{media.NewSound(pcm)}, Loop: loop})
}

// Hold puts the switch on hold by a re-INVITE, or takes it back.
func (t *Talk) Hold(on bool) {
	t.phone.tx.Do(t.session.CallID, func() { // where reoffered changes the description too
		t.local.Version++
		local := t.local
		if on {
			local.Direction = sdp.SendOnly
		}
		t.session.Offer(sdp.MakeOffer(local))
	})
}

// Transfer asks the switch to call a number instead of this phone (REFER), or, with a second talk of the phone, to join the other parties of
// both (attended transfer). It gives the final status of the request, 0 for none.
func (t *Talk) Transfer(number string, consult *Talk) int {
	to := "sip:" + number + "@" + t.phone.Server.String()
	if consult != nil {
		name := make(chan dialog.Replaces, 1)
		consult.session.Name(func(r dialog.Replaces) { name <- r })
		r := <-name // as we name it: its peer's tag is the one that the switch calls its own
		to += "?Replaces=" + url.QueryEscape(r.CallID+";to-tag="+r.FromTag+";from-tag="+r.ToTag)
	}
	code := make(chan int, 1)
	t.session.Refer("<"+to+">", func(c int) { code <- c })
	return <-code
}

// Press sends one key by RFC 4733.
func (t *Talk) Press(key byte) { t.stream.SendDigit(key) }

// PressInfo sends one key by SIP INFO.
func (t *Talk) PressInfo(key byte) {
	t.session.Info("application/dtmf-relay", []byte(fmt.Sprintf("Signal=%c\r\nDuration=160\r\n", key)))
}

// Heard is all that was heard so far, 8 kHz, silence before the first sound and between; at most an hour of it. It begins where the talk's
// first description was agreed.
func (t *Talk) Heard() []int16 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.take()
	return append([]int16(nil), t.heard...)
}

// Attend takes what has come since the last time, so that nothing is lost of a talk that nobody asks about for minutes.
func (t *Talk) Attend() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.take()
}

// take empties the tap; mu is held.
func (t *Talk) take() {
	var f tape.Frame
	for t.tap.Read(&f) {
		end := int(f.At) + len(f.Payload)
		if end > perSecond*3600 || f.At < 0 {
			continue
		}
		for len(t.heard) < end {
			t.heard = append(t.heard, 0)
		}
		codec.DecodeALaw(t.heard[f.At:end], f.Payload)
	}
}

// Quality is how the sound was that came; nil before the end.
func (t *Talk) Quality() *media.Quality {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.quality
}

// Dialog is the Call-ID of the talk.
func (t *Talk) Dialog() string { return t.session.CallID }
