package media

import (
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/dtmf"
	"hotline/media/rtp"
)

const (
	callerAt = "127.0.9.2:4000"
	agentAt  = "127.0.9.3:5000"
)

func TestBridgeCarriesTonesBothWays(t *testing.T) {
	for _, row := range []struct {
		name          string
		caller, agent codec.Kind
		size          int
		snr           float64
	}{
		{"same law", codec.PCMA, codec.PCMA, 160, 36},
		{"A to µ", codec.PCMA, codec.PCMU, 160, 32},
		{"µ to A, 10 ms", codec.PCMU, codec.PCMA, 80, 32},
		{"60 ms", codec.PCMU, codec.PCMU, 480, 36},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t)
			caller, agent := r.phone(callerAt, row.caller, 700), r.phone(agentAt, row.agent, 1300)
			caller.size = row.size
			caller.stream.Bridge(agent.stream)
			r.run(2 * time.Millisecond)
			r.talk(time.Second, caller, agent)
			packets, pcm := agent.heard()
			continuous(t, packets)
			only(t, pcm[160:], 700, 1300, row.snr)
			if !packets[0].Marker || packets[1].Marker {
				t.Error("want the marker on the first packet of the talk spurt and only there")
			}
			if got := packets[0].PayloadType; got != row.agent.PayloadType() {
				t.Errorf("payload type %d, want %d", got, row.agent.PayloadType())
			}
			packets, pcm = caller.heard()
			continuous(t, packets)
			only(t, pcm[160:], 1300, 700, row.snr)
		})
	}
}

func TestStreamStaysOneThroughChanges(t *testing.T) {
	r := newRig(t)
	caller, agent, second := r.phone(callerAt, codec.PCMA, 700), r.phone(agentAt, codec.PCMA, 1300), r.phone("127.0.9.4:6000", codec.PCMU, 1900)
	music := NewSound(make([]int16, 8000))
	steps := []func(){
		func() { caller.stream.Play(Playback{Sounds: []*Sound{music}, Loop: true}) },
		func() { caller.stream.StopPlay() },
		func() { caller.stream.Bridge(agent.stream) },
		func() { caller.stream.Play(Playback{Sounds: []*Sound{music}, Loop: true}) },
		func() { caller.stream.StopPlay() },
		func() { caller.stream.Bridge(second.stream) },
		func() { caller.stream.SendDigit('5') },
		func() { caller.stream.Echo(true) },
		func() { caller.stream.Echo(false); caller.stream.Unbridge() },
		func() { second.stream.Bridge(caller.stream) },
	}
	for _, do := range steps {
		do()
		r.talk(300*time.Millisecond, caller, agent, second)
	}
	packets, _ := caller.heard()
	continuous(t, packets)
	if len(packets) < 100 {
		t.Errorf("caller heard %d packets, want more than 100", len(packets))
	}
	first, last := packets[0], packets[len(packets)-1]
	elapsed := int64(last.Timestamp-first.Timestamp) / 8
	if want := int64(2980); elapsed < want-40 || elapsed > want+20 {
		t.Errorf("timestamps say %d ms passed, want about %d", elapsed, want)
	}
	if caller.stream.peer != second.stream || agent.stream.peer != nil {
		t.Error("the first agent is still bridged")
	}
}

func TestHoldSendsOnlyMusic(t *testing.T) {
	r := newRig(t)
	caller, agent := r.phone(callerAt, codec.PCMA, 700), r.phone(agentAt, codec.PCMA, 1300)
	caller.stream.Bridge(agent.stream)
	r.talk(200*time.Millisecond, caller, agent)
	caller.stream.Play(Playback{Sounds: []*Sound{toneSound(440, time.Second)}, Loop: true})
	r.talk(40*time.Millisecond, caller, agent)
	caller.heard()
	r.talk(time.Second, caller, agent)
	packets, pcm := caller.heard()
	if len(packets) != 50 {
		t.Errorf("caller got %d packets in a second of hold, want 50", len(packets))
	}
	only(t, pcm, 440, 1300, 30)
}

func TestHeldStreamSendsNothing(t *testing.T) {
	r := newRig(t)
	caller, agent := r.phone(callerAt, codec.PCMA, 700), r.phone(agentAt, codec.PCMA, 1300)
	caller.stream.Bridge(agent.stream)
	p := agent.params()
	p.Send, p.Receive = false, false
	agent.stream.Set(p)
	r.talk(200*time.Millisecond, caller, agent)
	if packets, _ := agent.heard(); len(packets) != 0 {
		t.Errorf("a held phone got %d packets", len(packets))
	}
	if packets, _ := caller.heard(); len(packets) != 0 {
		t.Errorf("the caller heard %d packets of a phone that is not listened to", len(packets))
	}
	agent.stream.Set(agent.params())
	r.talk(200*time.Millisecond, caller, agent)
	if packets, _ := agent.heard(); len(packets) < 9 {
		t.Errorf("after the hold %d packets came, want 10", len(packets))
	}
}

func TestKeysPassWithTypeAndTime(t *testing.T) {
	r := newRig(t)
	caller, agent := r.phone(callerAt, codec.PCMA, 700), r.phone(agentAt, codec.PCMU, 1300)
	p := agent.params()
	p.EventType = 96
	agent.stream.Set(p)
	caller.stream.Bridge(agent.stream)
	r.talk(100*time.Millisecond, caller)
	before, _ := agent.heard()
	for _, b := range caller.key('7') {
		caller.send(b)
		r.run(20 * time.Millisecond)
	}
	r.talk(100*time.Millisecond, caller)
	packets, _ := agent.heard()
	var keys int
	for _, k := range packets {
		if k.PayloadType == 96 {
			keys++
			want := before[len(before)-1].Timestamp + 160
			if k.Timestamp != want {
				t.Errorf("event at %d, want %d: where the sound stopped", k.Timestamp, want)
			}
		}
	}
	if keys != dtmf.TotalSteps || caller.keys() != "7" {
		t.Errorf("%d event packets and keys %q, want %d and 7", keys, caller.keys(), dtmf.TotalSteps)
	}
	last := packets[len(packets)-1]
	if got, want := last.Timestamp-before[len(before)-1].Timestamp, uint32(dtmf.TotalSteps+3+5)*160; got != want {
		t.Errorf("sound after the key is %d later, want %d", got, want)
	}
}

func TestJunkIsDropped(t *testing.T) {
	r := newRig(t)
	caller, agent := r.phone(callerAt, codec.PCMA, 700), r.phone(agentAt, codec.PCMA, 1300)
	caller.stream.Bridge(agent.stream)
	r.talk(100*time.Millisecond, caller)
	agent.heard()
	rows := []struct {
		name string
		bend func([]byte) []byte
	}{
		{"short", func(b []byte) []byte { return b[:11] }},
		{"version 1", func(b []byte) []byte { b[0] = 0x40; return b }},
		{"CSRCs beyond the end", func(b []byte) []byte { b[0] |= 15; return b[:20] }},
		{"extension beyond the end", func(b []byte) []byte { b[0] |= 0x10; b[14], b[15] = 0xff, 0xff; return b }},
		{"padding too long", func(b []byte) []byte { b[0] |= 0x20; b[len(b)-1] = 200; return b }},
		{"padding zero", func(b []byte) []byte { b[0] |= 0x20; b[len(b)-1] = 0; return b }},
		{"G.729", func(b []byte) []byte { b[1] = 18; return b }},
		{"our own packet", func(b []byte) []byte {
			own := rtp.Header{PayloadType: 8, Sequence: 1, SSRC: caller.stream.out.ssrc}
			own.Put(b)
			return b
		}},
		{"RTCP junk", func(b []byte) []byte { b[1] = 200; return b[:9] }},
	}
	for i, row := range rows {
		caller.send(row.bend(caller.packet()))
		r.run(20 * time.Millisecond)
		if packets, _ := agent.heard(); len(packets) != 0 {
			t.Errorf("%s: was passed on", row.name)
		}
		if got := caller.stream.junk; got != uint64(i+1) {
			t.Errorf("%s: junk count %d, want %d", row.name, got, i+1)
		}
	}
	caller.send(append([]byte{0x80, 13}, caller.packet()[2:13]...))
	r.run(20 * time.Millisecond)
	if packets, _ := agent.heard(); len(packets) != 0 || caller.stream.junk != uint64(len(rows)) {
		t.Error("comfort noise must be left out without being junk")
	}
}

func TestOddHeadersArePassedClean(t *testing.T) {
	r := newRig(t)
	caller, agent := r.phone(callerAt, codec.PCMA, 700), r.phone(agentAt, codec.PCMA, 1300)
	caller.stream.Bridge(agent.stream)
	plain := caller.packet()
	b := append([]byte{0x80 | 0x20 | 0x10 | 2}, plain[1:12]...)
	b = append(b, make([]byte, 8)...)           // two CSRCs
	b = append(b, 0xbe, 0xde, 0, 1, 1, 2, 3, 4) // extension of one word
	b = append(b, plain[12:]...)                // payload
	b = append(b, 0, 0, 0, 4)                   // padding
	caller.send(b)
	r.run(4 * time.Millisecond)
	packets, _ := agent.heard()
	if len(packets) != 1 || packets[0].Start != 12 || packets[0].End-packets[0].Start != 160 {
		t.Fatalf("got %+v, want one packet of 160 octets without extras", packets)
	}
	if got := agent.wire.out[0].octets[12:]; string(got) != string(plain[12:]) {
		t.Error("payload changed")
	}
}

func TestSourceJumpsAreSmoothed(t *testing.T) {
	r := newRig(t)
	caller, agent := r.phone(callerAt, codec.PCMA, 700), r.phone(agentAt, codec.PCMA, 1300)
	caller.stream.Bridge(agent.stream)
	r.talk(200*time.Millisecond, caller)
	caller.ssrc, caller.seq, caller.stamp = 0xabcdef, 9, 1
	r.talk(200*time.Millisecond, caller)
	caller.seq += 20000
	r.talk(200*time.Millisecond, caller)
	caller.stamp += 1 << 30
	r.talk(200*time.Millisecond, caller)
	packets, _ := agent.heard()
	continuous(t, packets)
	if len(packets) != 39 { // the first packet after the jump in sequence numbers is not believed
		t.Errorf("got %d packets, want 39", len(packets))
	}
}

func TestLossAndReorderStayVisible(t *testing.T) {
	r := newRig(t)
	caller, agent := r.phone(callerAt, codec.PCMA, 700), r.phone(agentAt, codec.PCMA, 1300)
	caller.stream.Bridge(agent.stream)
	r.talk(100*time.Millisecond, caller)
	agent.heard()
	one, two, _, four := caller.packet(), caller.packet(), caller.packet(), caller.packet()
	for _, b := range [][]byte{two, one, one, four} {
		caller.send(b)
		r.run(2 * time.Millisecond)
	}
	packets, _ := agent.heard()
	if len(packets) != 3 {
		t.Fatalf("got %d packets, want 3: the duplicate is dropped", len(packets))
	}
	base := packets[1].Sequence
	got := []uint16{packets[0].Sequence - base, packets[1].Sequence - base, packets[2].Sequence - base}
	if got[0] != 1 || got[1] != 0 || got[2] != 3 {
		t.Errorf("relative sequence numbers %v, want [1 0 3]", got)
	}
	if packets[0].Timestamp-packets[1].Timestamp != 160 {
		t.Error("timestamps of reordered packets moved")
	}
}

func TestComfortNoiseLeavesNoHole(t *testing.T) {
	r := newRig(t)
	caller, agent := r.phone(callerAt, codec.PCMA, 700), r.phone(agentAt, codec.PCMA, 1300)
	caller.stream.Bridge(agent.stream)
	for i := range 30 {
		b := caller.packet()
		if i%3 == 2 {
			b[1] = comfortNoise
			b = b[:13]
		}
		caller.send(b)
		r.run(20 * time.Millisecond)
	}
	packets, _ := agent.heard()
	continuous(t, packets)
	if len(packets) != 20 {
		t.Errorf("%d packets passed, want 20", len(packets))
	}
}
