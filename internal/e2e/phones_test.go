package e2e

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/internal/testkit"
	"hotline/media/tone"
	"hotline/sip/transaction"
)

// The tones of a call: each side its own.
const (
	callerHz = 700.0
	agentHz  = 1300.0
)

// hum is a tone to be played in a loop: whole periods.
func hum(hz float64) []int16 { return tone.Make(hz, -12, 8*time.Second) }

// wire is every SIP message of one phone.
type wire struct {
	mu  sync.Mutex
	all []transaction.Observation
}

func (w *wire) observe(o transaction.Observation) {
	o.Raw = append([]byte(nil), o.Raw...)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, o)
}

// first is the first message of a dialog in one direction that begins so.
func (w *wire) first(dialog string, out bool, begins string) (transaction.Observation, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, o := range w.all {
		if o.CallID == dialog && o.Out == out && strings.HasPrefix(string(o.Raw), begins) {
			return o, true
		}
	}
	return transaction.Observation{}, false
}

// at is when that message passed.
func (w *wire) at(t *testing.T, dialog string, out bool, begins string) time.Time {
	t.Helper()
	return await(t, "a message "+begins, patience, func() (time.Time, bool) {
		o, ok := w.first(dialog, out, begins)
		return o.At, ok
	})
}

// phone is a synthetic phone of a test.
type phone struct {
	*testkit.Phone
	wire *wire
	rang chan *testkit.Talk // each call that came in; nobody answers it but the test
}

// open opens a phone at an address of the test's block.
func (n *node) open(host byte, user, password string, edit func(*testkit.Config)) *phone {
	n.t.Helper()
	p := &phone{wire: &wire{}, rang: make(chan *testkit.Talk, 64)}
	c := testkit.Config{
		Bind: netip.AddrPortFrom(n.block.addr(host), 0), Server: n.sip, User: user, Password: password, PortMin: 24000, PortMax: 27999,
		Observe: p.wire.observe, Ring: func(t *testkit.Talk) { t.Ring(); p.rang <- t },
	}
	if edit != nil {
		edit(&c)
	}
	var err error
	if p.Phone, err = testkit.Open(c); err != nil {
		n.t.Fatalf("open phone %s: %v", user, err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	n.t.Cleanup(func() {
		stop()
		select {
		case err := <-done:
			if err != nil && !errors.Is(err, context.Canceled) {
				n.t.Errorf("phone %s: %v", user, err)
			}
		case <-time.After(patience):
			n.t.Errorf("phone %s does not stop", user)
		}
	})
	return p
}

// carrier is where callers come from.
func (n *node) carrier() *phone {
	n.t.Helper()
	return n.open(trunkHost, "caller", "", nil)
}

// desk is a registered phone whose password is "pw" and its user.
func (n *node) desk(user string) *phone {
	n.t.Helper()
	p := n.open(phoneHost+byte(n.phones), user, "pw"+user, nil)
	n.phones++
	ctx, cancel := context.WithTimeout(n.t.Context(), patience)
	defer cancel()
	if err := p.Register(ctx, 10*time.Minute); err != nil {
		n.t.Fatal(err)
	}
	return p
}

// dial calls from a number and lets the caller's tone sound all the time.
func (p *phone) dial(t *testing.T, number, from string) *testkit.Talk {
	t.Helper()
	talk, err := p.Call(number, from)
	if err != nil {
		t.Fatalf("call %s: %v", number, err)
	}
	talk.Play(hum(callerHz), true)
	return talk
}

// take answers the next call that rings, after a while, with the agent's tone.
func (p *phone) take(t *testing.T, after time.Duration) *testkit.Talk {
	t.Helper()
	talk := p.next(t)
	pass(after)
	talk.Answer()
	talk.Play(hum(agentHz), true)
	return talk
}

// next is the next call that rings.
func (p *phone) next(t *testing.T) *testkit.Talk {
	t.Helper()
	select {
	case talk := <-p.rang:
		return talk
	case <-time.After(patience):
		t.Fatalf("phone %s does not ring", p.User)
		return nil
	}
}

// answerAll answers every call at once with the agent's tone, as long as the test runs.
func (p *phone) answerAll(t *testing.T) {
	stop := make(chan struct{})
	var wait sync.WaitGroup
	t.Cleanup(func() { close(stop); wait.Wait() })
	wait.Go(func() {
		sound := hum(agentHz)
		for {
			select {
			case talk := <-p.rang:
				talk.Answer()
				talk.Play(sound, true)
			case <-stop:
				return
			}
		}
	})
}

// happens waits for a moment of a talk.
func happens(t *testing.T, talk *testkit.Talk, what string, within time.Duration) testkit.Moment {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	m, ok := talk.Wait(ctx, what)
	if !ok {
		t.Fatalf("waited %v for %q in vain; what happened: %+v (SIP %d)", within, what, talk.Moments(), talk.Code())
	}
	return m
}

// Bounds of what counts as heard.
const (
	pureTone = 25.0  // dB that a tone stands above the rest; G.711 alone leaves 37
	silent   = -50.0 // dBFS
)

// latest is the last stretch of what was heard; shorter when there is less.
func latest(talk *testkit.Talk, d time.Duration) []int16 {
	heard := talk.Heard()
	return heard[max(0, len(heard)-int(d*8000/time.Second)):]
}

// hears waits until a talk has heard half a second of nothing but one tone.
func hears(t *testing.T, who string, talk *testkit.Talk, hz float64) {
	t.Helper()
	type sound struct{ Level, SNR float64 }
	began := time.Now()
	defer func() {
		if took := time.Since(began); took > 2*time.Second {
			t.Logf("%s heard the tone after %v only: %+v %+v", who, took, testkit.Listen(talk.Heard()), talk.Moments())
		}
	}()
	await(t, who+" to hear the other side's tone alone", patience, func() (sound, bool) {
		part := latest(talk, 500*time.Millisecond)
		s := sound{tone.Level(part), tone.SNR(part, hz)}
		return s, len(part) == 4000 && s.Level > silent && s.SNR > pureTone
	})
}

// hearsSpeech waits until a talk has heard a second of sound that is none of the tones: a prompt, or music.
func hearsSpeech(t *testing.T, who string, talk *testkit.Talk) {
	t.Helper()
	hearsSpeechSince(t, who, talk, len(talk.Heard()))
}

// hearsSpeechSince is for a short word: began is how many samples were heard before it was asked for.
func hearsSpeechSince(t *testing.T, who string, talk *testkit.Talk, began int) {
	t.Helper()
	await(t, who+" to hear speech or music", patience, func() (time.Duration, bool) {
		heard := talk.Heard()
		var sum time.Duration
		for i := began; i+800 <= len(heard); i += 800 {
			if part := heard[i : i+800]; tone.Level(part) > silent && tone.SNR(part, callerHz) < 6 && tone.SNR(part, agentHz) < 6 {
				sum += 100 * time.Millisecond
			}
		}
		return sum, sum >= time.Second
	})
}
