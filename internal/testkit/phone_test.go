package testkit

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"hotline/internal/testkit/impair"
	"hotline/media/codec"
	"hotline/media/tone"
	"hotline/sip/transport"
)

const patience = 20 * time.Second

// pair is two phones that are each other's switch.
func pair(t *testing.T, network string, ring func(*Talk)) (a, b *Phone) {
	t.Helper()
	open := func(c Config) *Phone {
		p, err := Open(c)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); _ = p.Run(ctx) }()
		t.Cleanup(func() { stop(); <-done })
		return p
	}
	b = open(Config{Bind: netip.MustParseAddrPort("127.0.43.2:0"), Server: netip.MustParseAddrPort("127.0.43.1:5060"), Network: network, User: "b", Ring: ring})
	a = open(Config{
		Bind: netip.MustParseAddrPort("127.0.43.1:0"), Server: b.line.(*transport.Layer).Addrs(network)[0], Network: network, User: "a",
		Codecs: []codec.Kind{codec.PCMU},
	})
	return a, b
}

func until(t *testing.T, talk *Talk, what string) Moment {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	m, ok := talk.Wait(ctx, what)
	if !ok {
		t.Fatalf("%q never happened: %v", what, talk.Moments())
	}
	return m
}

func eventually(t *testing.T, what string, true func() bool) {
	t.Helper()
	limit := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !true() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestTwoPhonesTalk(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			rung := make(chan *Talk, 1)
			a, _ := pair(t, network, func(talk *Talk) {
				talk.Ring()
				talk.Answer()
				talk.Play(tone.Make(1300, -12, time.Second), true)
				rung <- talk
			})
			caller, err := a.Call("b", "13800138000")
			if err != nil {
				t.Fatal(err)
			}
			until(t, caller, "ringing")
			until(t, caller, "answered")
			caller.Play(tone.Make(700, -12, time.Second), true)
			callee := <-rung
			if callee.From != "13800138000" {
				t.Errorf("called by %s", callee.From)
			}
			until(t, callee, "established")
			eventually(t, "1300 Hz at the caller", func() bool { return HeardTone(caller.Heard(), 1300) })
			eventually(t, "700 Hz at the callee", func() bool { return HeardTone(callee.Heard(), 700) })
			caller.Press('5')
			if m := until(t, callee, "key"); m.Word != "5" {
				t.Errorf("got key %q", m.Word)
			}
			caller.PressInfo('7')
			if m := until(t, callee, "info"); m.Word != "Signal=7\r\nDuration=160\r\n" {
				t.Errorf("got INFO %q", m.Word)
			}
			caller.Hold(true)
			caller.Hold(false)
			caller.Attend()
			callee.Hangup()
			until(t, caller, "ended")
			until(t, callee, "ended")
			if q := caller.Quality(); q == nil || q.Codec != "PCMU" || q.Received == 0 {
				t.Errorf("got quality %+v", q)
			}
			if caller.Code() != 0 || caller.Dialog() != callee.Dialog() {
				t.Errorf("got code %d, dialogs %s and %s", caller.Code(), caller.Dialog(), callee.Dialog())
			}
		})
	}
}

func TestRefusedAndCancelled(t *testing.T) {
	a, _ := pair(t, "udp", func(talk *Talk) { talk.Reject(486) })
	talk, err := a.Call("b", "")
	if err != nil {
		t.Fatal(err)
	}
	until(t, talk, "ended")
	if talk.Code() != 486 {
		t.Errorf("got %d, want 486", talk.Code())
	}

	rung := make(chan *Talk, 1)
	a, _ = pair(t, "udp", func(talk *Talk) { talk.Ring(); rung <- talk })
	if talk, err = a.Call("b", ""); err != nil {
		t.Fatal(err)
	}
	until(t, talk, "ringing")
	talk.Hangup()
	until(t, <-rung, "ended")

	a, _ = pair(t, "udp", nil)
	if talk, err = a.Call("b", ""); err != nil {
		t.Fatal(err)
	}
	until(t, talk, "ended")
	if talk.Code() != 480 {
		t.Errorf("a phone that takes no calls answered %d, want 480", talk.Code())
	}
}

func TestRegisterIsRefusedOrGivesUp(t *testing.T) {
	a, _ := pair(t, "udp", nil) // the other phone is no registrar
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	if err := a.Register(ctx, time.Hour); !errors.Is(err, ErrRefused) {
		t.Errorf("got %v, want refused", err)
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	if err := a.Register(done, time.Hour); !errors.Is(err, context.Canceled) && !errors.Is(err, ErrRefused) {
		t.Errorf("got %v, want cancelled", err)
	}
}

// TestTalkThroughABadNetwork: sound comes through a network that doubles and delays, and the phone's own relay loses nothing by itself.
func TestTalkThroughABadNetwork(t *testing.T) {
	rung := make(chan *Talk, 1)
	a, _ := pair(t, "udp", func(talk *Talk) {
		talk.Answer()
		talk.Play(tone.Make(1300, -12, time.Second), true)
		rung <- talk
	})
	a.Weather = &impair.Profile{Delay: 20 * time.Millisecond, Duplicate: 0.5}
	caller, err := a.Call("b", "1")
	if err != nil {
		t.Fatal(err)
	}
	until(t, caller, "answered")
	caller.Play(tone.Make(700, -12, time.Second), true)
	callee := <-rung
	eventually(t, "1300 Hz at the caller", func() bool { return HeardTone(caller.Heard(), 1300) })
	eventually(t, "700 Hz at the callee", func() bool { return HeardTone(callee.Heard(), 700) })
	caller.Hangup()
	until(t, callee, "ended")
	if q := callee.Quality(); q == nil || q.Duplicates < 5 || q.Strangers > 0 {
		t.Errorf("quality %+v, want many doubles and no strangers", q)
	}
	if sent, lost := caller.Network().Counts(); sent[0] < 20 || sent[1] < 20 || lost != [2]int{} {
		t.Errorf("the network saw %v and lost %v", sent, lost)
	}
}
