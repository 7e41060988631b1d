package media

import (
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/dtmf"
	"hotline/media/rtp"
	"hotline/media/tone"
)

func toneSound(hz float64, d time.Duration) *Sound { return NewSound(tone.Make(hz, -12, d)) }

func (p *party) done() (ids []int) {
	for _, e := range p.events {
		if d, ok := e.(PlayDone); ok {
			ids = append(ids, d.ID)
		}
	}
	return ids
}

func TestPlaySequenceWithoutGaps(t *testing.T) {
	r := newRig(t)
	p := r.phone(callerAt, codec.PCMU, 700)
	pcm := tone.Make(600, -12, 205*time.Millisecond)
	a, b := NewSound(pcm[:333]), NewSound(pcm[333:])
	p.stream.Play(Playback{ID: 9, Sounds: []*Sound{a, nil, NewSound(nil), b}})
	r.run(300 * time.Millisecond)
	packets, heard := p.heard()
	continuous(t, packets)
	if len(packets) != 11 {
		t.Fatalf("%d packets for 205 ms, want 11", len(packets))
	}
	if got := tone.SNR(heard[:len(pcm)], 600); got < 33 {
		t.Errorf("SNR over the seam is %.1f dB, want 33", got)
	}
	for i := len(pcm); i < len(heard); i++ {
		if heard[i] > 16 || heard[i] < -16 {
			t.Fatalf("sample %d after the end is %d, want silence", i, heard[i])
		}
	}
	for i := 1; i < len(p.wire.out); i++ {
		if gap := p.wire.out[i].at - p.wire.out[i-1].at; gap != int64(20*time.Millisecond) {
			t.Errorf("packet %d came after %v, want 20 ms", i, time.Duration(gap))
		}
		if step := packets[i].Timestamp - packets[i-1].Timestamp; step != 160 {
			t.Errorf("packet %d: timestamp step %d", i, step)
		}
	}
	if got := p.done(); len(got) != 1 || got[0] != 9 {
		t.Errorf("PlayDone %v, want [9]", got)
	}
}

func TestLoopUntilStopped(t *testing.T) {
	r := newRig(t)
	p := r.phone(callerAt, codec.PCMA, 700)
	p.stream.Play(Playback{ID: 1, Sounds: []*Sound{toneSound(500, 130*time.Millisecond)}, Loop: true})
	r.run(2 * time.Second)
	packets, _ := p.heard()
	if len(packets) < 98 || len(packets) > 100 {
		t.Errorf("%d packets in 2 s of loop, want 99", len(packets))
	}
	p.stream.StopPlay()
	r.run(time.Second)
	if packets, _ = p.heard(); len(packets) != 0 {
		t.Errorf("%d packets after the stop", len(packets))
	}
	if got := p.done(); len(got) != 0 {
		t.Errorf("PlayDone %v of a loop that was stopped", got)
	}
}

func TestPlayNothingIsDoneAtOnce(t *testing.T) {
	r := newRig(t)
	p := r.phone(callerAt, codec.PCMA, 700)
	p.stream.Play(Playback{ID: 4, Loop: true})
	r.run(30 * time.Millisecond)
	if got := p.done(); len(got) != 1 || got[0] != 4 {
		t.Errorf("PlayDone %v, want [4]", got)
	}
}

func TestPlaysAreSpreadOverTicks(t *testing.T) {
	r := newRig(t)
	ticks := map[int64]int{}
	sound := toneSound(500, time.Second)
	for range 40 {
		p := r.phone(callerAt, codec.PCMA, 700)
		p.stream.Play(Playback{Sounds: []*Sound{sound}})
		r.run(60 * time.Millisecond)
		ticks[p.wire.out[0].at%int64(20*time.Millisecond)]++
	}
	for at, n := range ticks {
		if n > 16 {
			t.Errorf("%d of 40 streams play at %v of the period", n, time.Duration(at))
		}
	}
	if len(ticks) < 5 {
		t.Errorf("streams use %d of 10 ticks, want most", len(ticks))
	}
}

func TestPtimeIsKept(t *testing.T) {
	for _, ms := range []int{10, 30, 60} {
		r := newRig(t)
		p := r.phone(callerAt, codec.PCMA, 700)
		params := p.params()
		params.Ptime = time.Duration(ms) * time.Millisecond
		p.stream.Set(params)
		p.stream.Play(Playback{Sounds: []*Sound{toneSound(500, 600*time.Millisecond)}})
		r.run(time.Second)
		packets, pcm := p.heard()
		continuous(t, packets)
		if len(packets) != 600/ms {
			t.Errorf("ptime %d ms: %d packets, want %d", ms, len(packets), 600/ms)
		}
		only(t, pcm, 500, 700, 33)
	}
}

func TestEchoComesBack(t *testing.T) {
	r := newRig(t)
	p := r.phone(callerAt, codec.PCMA, 700)
	p.stream.Echo(true)
	r.talk(time.Second, p)
	packets, pcm := p.heard()
	continuous(t, packets)
	only(t, pcm, 700, 1300, 36)
}

func TestSendDigits(t *testing.T) {
	r := newRig(t)
	p := r.phone(callerAt, codec.PCMA, 700)
	p.stream.Play(Playback{Sounds: []*Sound{toneSound(500, time.Second)}, Loop: true})
	r.run(100 * time.Millisecond)
	p.heard()
	p.stream.SendDigit('5')
	p.stream.SendDigit('5')
	p.stream.SendDigit('#')
	p.stream.SendDigit('x')
	r.run(time.Second)
	var d dtmf.Receiver
	got, markers := "", 0
	packets, _ := p.heard()
	continuous(t, packets[:1])
	var last rtp.Packet
	for i, k := range packets {
		l := p.wire.out[len(p.wire.out)-len(packets)+i]
		if k.PayloadType != 101 {
			continue
		}
		e, err := dtmf.Parse(l.octets[k.Start:])
		if err != nil {
			t.Fatal(err)
		}
		if k.Marker {
			markers++
		}
		if key, pressed := d.Packet(k.Timestamp, e, l.at/nsPerSample); pressed {
			got += string(key)
			if last.SSRC != 0 && k.Timestamp-last.Timestamp < 1000 {
				t.Errorf("key %c begins %d after the one before", key, k.Timestamp-last.Timestamp)
			}
			last = k
		}
	}
	if got != "55#" || markers != 3 {
		t.Errorf("sent %q with %d markers, want 55# with 3", got, markers)
	}
}

func TestDigitAsToneWithoutEvents(t *testing.T) {
	r := newRig(t)
	p := r.phone(callerAt, codec.PCMU, 700)
	params := p.params()
	params.EventType = 0
	p.stream.Set(params)
	p.stream.SendDigit('9')
	r.run(300 * time.Millisecond)
	packets, pcm := p.heard()
	continuous(t, packets)
	got := tone.Heard(pcm, 697, 770, 852, 941, 1209, 1336, 1477, 1633)
	if len(packets) != dtmf.ToneSteps || len(got) != 2 || got[0]+got[1] != 852+1477 {
		t.Errorf("heard %v in %d packets, want 852 and 1477 in %d", got, len(packets), dtmf.ToneSteps)
	}
}

func TestBridgedKeyBecomesToneForAPeerWithoutEvents(t *testing.T) {
	r := newRig(t)
	caller, agent := r.phone(callerAt, codec.PCMA, 700), r.phone(agentAt, codec.PCMA, 1300)
	params := agent.params()
	params.EventType = 0
	agent.stream.Set(params)
	caller.stream.Bridge(agent.stream)
	for _, b := range caller.key('1') {
		caller.send(b)
		r.run(20 * time.Millisecond)
	}
	r.run(200 * time.Millisecond)
	_, pcm := agent.heard()
	if got := tone.Heard(pcm, 697, 770, 852, 941, 1209, 1336, 1477, 1633); len(got) != 2 || got[0]+got[1] != 697+1209 {
		t.Errorf("heard %v, want 697 and 1209", got)
	}
}

func TestSilenceIsToldAgainAndAgain(t *testing.T) {
	r := newRig(t)
	p := r.phone(callerAt, codec.PCMA, 700)
	r.talk(time.Second, p)
	r.run(31 * time.Second)
	var got []time.Duration
	for _, e := range p.events {
		if s, ok := e.(Silent); ok {
			got = append(got, s.For.Round(time.Second))
		}
	}
	if len(got) != 3 || got[0] != 10*time.Second || got[2] != 30*time.Second {
		t.Errorf("told of silences %v, want 10 s, 20 s, 30 s", got)
	}
	if _, ok := p.events[0].(FirstPacket); !ok {
		t.Errorf("first event is %T, want FirstPacket", p.events[0])
	}
	held := p.params()
	held.Receive = false
	p.stream.Set(held)
	p.events = nil
	r.run(time.Minute)
	if len(p.events) != 0 {
		t.Errorf("a held stream told %v", p.events)
	}
}

func TestSleepDoesNotBurst(t *testing.T) {
	r := newRig(t)
	p := r.phone(callerAt, codec.PCMA, 700)
	p.stream.Play(Playback{Sounds: []*Sound{toneSound(500, 10*time.Second)}})
	r.run(200 * time.Millisecond)
	p.heard()
	r.now += int64(3 * time.Second)
	r.shard.tick(r.now)
	packets, _ := p.heard()
	if len(packets) > 2 {
		t.Errorf("%d packets at once after 3 s asleep, want 1", len(packets))
	}
	r.run(time.Second)
	packets, _ = p.heard()
	continuous(t, packets)
	if len(packets) < 49 || len(packets) > 51 {
		t.Errorf("%d packets in the next second, want 50", len(packets))
	}
}
