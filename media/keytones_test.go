package media

import (
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/dtmf"
	"hotline/media/rtp"
)

// speak sends pcm as the phone's speech, 20 ms a packet, and tells which packets to lose.
func (p *party) speak(pcm []int16, lost func(n int) bool) {
	for n := 0; len(pcm) >= p.size; n++ {
		b := make([]byte, rtp.HeaderLen+p.size)
		p.law.Encode(b[rtp.HeaderLen:], pcm[:p.size])
		p.header(p.law.PayloadType(), p.stamp).Put(b)
		p.stamp += uint32(p.size)
		pcm = pcm[p.size:]
		if lost == nil || !lost(n) {
			p.send(b)
		}
		p.rig.run(20 * time.Millisecond)
	}
}

// tones is the sound of keys, 80 ms each with 80 ms of silence before.
func tones(keys string) (pcm []int16) {
	for i := range keys {
		pcm = append(pcm, make([]int16, 640)...)
		pcm = append(pcm, dtmf.Tone(keys[i], 640)...)
	}
	return append(pcm, make([]int16, 640)...)
}

// listening is a phone whose stream looks for tones.
func listening(r *rig, law codec.Kind, when KeyTones) *party {
	p := r.phone(callerAt, law, 700)
	params := p.params()
	params.KeyTones = when
	p.stream.Set(params)
	r.run(2 * time.Millisecond)
	return p
}

func TestToneKeysAreTold(t *testing.T) {
	for _, law := range []codec.Kind{codec.PCMA, codec.PCMU} {
		r := newRig(t)
		p := listening(r, law, TonesAlone)
		p.speak(tones("1234567890*#ABCD5566"), nil)
		if got := p.keys(); got != "1234567890*#ABCD5566" {
			t.Errorf("%v: heard %q", law, got)
		}
	}
}

func TestToneKeysOnlyWhereAsked(t *testing.T) {
	for _, row := range []struct {
		name    string
		when    KeyTones
		bridged bool
		want    string
	}{
		{"never", TonesNever, false, ""},
		{"alone", TonesAlone, false, "42"},
		{"alone, in a bridge", TonesAlone, true, ""},
		{"always, in a bridge", TonesAlways, true, "42"},
	} {
		r := newRig(t)
		p := listening(r, codec.PCMA, row.when)
		if row.bridged {
			p.stream.Bridge(r.phone(agentAt, codec.PCMA, 1300).stream)
			r.run(2 * time.Millisecond)
		}
		p.speak(tones("42"), nil)
		if got := p.keys(); got != row.want {
			t.Errorf("%s: heard %q, want %q", row.name, got, row.want)
		}
		params := p.params()
		p.stream.Set(params) // no longer wanted
		p.speak(tones("9"), nil)
		if got := p.keys(); got != row.want {
			t.Errorf("%s: heard %q after it was switched off", row.name, got)
		}
	}
}

// TestKeyBothWaysIsToldOnce: a gateway that leaves the tone in the speech, or a part of it, and sends the event too.
func TestKeyBothWaysIsToldOnce(t *testing.T) {
	const keys = "5598877"
	for _, order := range []string{"event first", "tone first", "tone only", "event only"} {
		r := newRig(t)
		p := listening(r, codec.PCMA, TonesAlways)
		for i := range keys {
			event := func() {
				for _, b := range p.key(keys[i]) {
					p.send(b)
				}
				r.run(4 * time.Millisecond)
			}
			sound := func() { p.speak(tones(keys[i:i+1]), nil) }
			switch order {
			case "event first":
				event()
				sound()
			case "tone first":
				sound()
				event()
			case "tone only":
				sound()
			default:
				event()
			}
			r.run(20 * time.Millisecond)
		}
		if got := p.keys(); got != keys {
			t.Errorf("%s: heard %q, want %q", order, got, keys)
		}
	}
}

// TestToneKeysWithLoss: a packet lost or late within a press makes neither two of one nor loses it, a long gap parts two presses.
func TestToneKeysWithLoss(t *testing.T) {
	r := newRig(t)
	p := listening(r, codec.PCMA, TonesAlone)
	long := append(make([]int16, 640), dtmf.Tone('8', 3200)...)
	long = append(long, make([]int16, 640)...)
	p.speak(long, func(n int) bool { return n%7 == 6 })
	if got := p.keys(); got != "8" {
		t.Errorf("one press with lost packets: %q", got)
	}
	p.speak(dtmf.Tone('8', 640), nil)
	p.stamp += 4000 // the phone sends nothing while nobody speaks
	r.run(500 * time.Millisecond)
	p.speak(dtmf.Tone('8', 640), nil)
	if got := p.keys(); got != "888" {
		t.Errorf("two more presses parted by silence without packets: %q", got)
	}
	late := p.packet()
	p.speak(make([]int16, 1600), nil)
	p.send(late)
	p.speak(tones("1"), nil)
	p.ssrc, p.seq, p.stamp = 0x77, 1, 5 // another source
	p.speak(tones("2"), nil)
	if got := p.keys(); got != "88812" {
		t.Errorf("after a late packet and another source: %q", got)
	}
}

func TestToneKeysAllocateNothing(t *testing.T) {
	sh, a, _, from := pair(t, codec.PCMA, codec.PCMA)
	a.setKeyTones(TonesAlways)
	a.p.KeyTones = TonesAlways
	f := newFeeder(codec.PCMA)
	codec.EncodeALaw(f.b[rtp.HeaderLen:], dtmf.Tone('5', 160))
	if got := testing.AllocsPerRun(1000, func() {
		sh.now += int64(20 * time.Millisecond)
		a.arrived(f.next(), from)
	}); got != 0 {
		t.Errorf("%v allocations a packet", got)
	}
}
