package media

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/tape"
	"hotline/media/tone"
)

// tones of the parties of a room.
var roomHz = []float64{430, 610, 790, 970, 1150, 1330, 1510, 1690}

// meeting is n phones in one room, each with its tone; those with odd numbers speak µ-law.
func meeting(r *rig, n int) (*Room, []*party) {
	room := r.engine.NewRoom(nil, nil)
	var all []*party
	for i := range n {
		p := r.phone(fmt.Sprintf("127.0.9.%d:4000", 10+i), []codec.Kind{codec.PCMA, codec.PCMU}[i%2], roomHz[i])
		p.sine = tone.NewSine(roomHz[i], -20)
		room.Join(p.stream, Terms{})
		all = append(all, p)
	}
	return room, all
}

// hears checks that a phone heard exactly some of the tones in the last while; earlier sound is forgotten.
func (p *party) hears(t *testing.T, name string, want ...float64) {
	t.Helper()
	_, pcm := p.heard()
	if len(want) == 0 {
		if level := tone.Level(pcm); len(pcm) > 0 && level > -60 {
			t.Errorf("%s: heard something at %.1f dBFS, want nothing", name, level)
		}
		return
	}
	if len(pcm) < 4000 {
		t.Errorf("%s: only %d samples came", name, len(pcm))
		return
	}
	pcm = pcm[len(pcm)-4000:]
	for _, hz := range append(roomHz, 440) {
		level := tone.Find(pcm, hz)
		if slices.Contains(want, hz) && level < -27 {
			t.Errorf("%s: does not hear %v Hz: %.1f dBFS", name, hz, level)
		}
		if !slices.Contains(want, hz) && level > -55 {
			t.Errorf("%s: hears %v Hz: %.1f dBFS", name, hz, level)
		}
	}
}

func without(all []float64, i int) []float64 { return slices.Delete(slices.Clone(all), i, i+1) }

// TestRoomEachHearsTheOthers: conferences of 3 to 8 phones of both laws; streams stay continuous.
func TestRoomEachHearsTheOthers(t *testing.T) {
	for n := 3; n <= 8; n++ {
		r := newRig(t)
		_, all := meeting(r, n)
		r.talk(1500*time.Millisecond, all...)
		for i, p := range all {
			packets, _ := p.heard()
			continuous(t, packets)
			p.read = 0
			p.hears(t, fmt.Sprintf("%d parties, party %d", n, i), without(roomHz[:n], i)...)
		}
	}
}

// TestSupervisorInARoom listens to a call, whispers to the agent, barges in, and goes; the call is a bridge again then.
func TestSupervisorInARoom(t *testing.T) {
	r := newRig(t)
	room, all := meeting(r, 3)
	caller, agent, supervisor := all[0], all[1], all[2]
	const c, a, s = 430.0, 610.0, 790.0
	steps := []struct {
		name                      string
		do                        func()
		caller, agent, supervisor []float64
	}{
		{"listens", func() { room.Join(supervisor.stream, Terms{To: []*Stream{}}) }, []float64{a}, []float64{c}, []float64{c, a}},
		{"whispers", func() { room.Join(supervisor.stream, Terms{To: []*Stream{agent.stream}}) }, []float64{a}, []float64{c, s}, []float64{c, a}},
		{"barges in", func() { room.Join(supervisor.stream, Terms{}) }, []float64{a, s}, []float64{c, s}, []float64{c, a}},
		{"hears the agent alone", func() { room.Join(supervisor.stream, Terms{From: []*Stream{agent.stream}}) }, []float64{a, s}, []float64{c, s}, []float64{a}},
		{"leaves", func() { room.Leave(supervisor.stream) }, []float64{a}, []float64{c}, nil},
		{"a bridge again", func() { caller.stream.Bridge(agent.stream) }, []float64{a}, []float64{c}, nil},
	}
	for _, step := range steps {
		step.do()
		r.talk(200*time.Millisecond, all...)
		for _, p := range all {
			p.heard()
		}
		r.talk(time.Second, all...)
		caller.hears(t, step.name+": caller", step.caller...)
		agent.hears(t, step.name+": agent", step.agent...)
		supervisor.hears(t, step.name+": supervisor", step.supervisor...)
	}
	if caller.stream.hearing != nil || caller.stream.seat != nil || room.timer.next != nil {
		t.Error("the empty room goes on working")
	}
}

// TestRoomRecordsEachInTheirChannel: taps hear the parties themselves, not the mix.
func TestRoomRecordsEachInTheirChannel(t *testing.T) {
	r := newRig(t)
	_, all := meeting(r, 3)
	tap := tape.New(4096)
	all[0].stream.Tap(tap, tape.Left)
	all[1].stream.Tap(tap, tape.Right)
	r.talk(time.Second, all...)
	var sides [2][]int16
	var f tape.Frame
	for tap.Read(&f) {
		pcm := make([]int16, len(f.Payload))
		codec.DecodeALaw(pcm, f.Payload)
		sides[f.Side] = append(sides[f.Side], pcm...)
	}
	only(t, sides[tape.Left], 430, 610, 30)
	only(t, sides[tape.Right], 610, 430, 30)
}

// TestRoomPlays: a beep is heard by all beside the voices, and its end is told once. An announcement to one stream keeps the room out of it.
func TestRoomPlays(t *testing.T) {
	r := newRig(t)
	var done []Event
	room := r.engine.NewRoom(nil, func(e Event) { done = append(done, e) })
	_, all := meeting(r, 3)
	for _, p := range all {
		room.Join(p.stream, Terms{})
	}
	r.talk(500*time.Millisecond, all...)
	for _, p := range all {
		p.heard()
	}
	room.Play(Playback{ID: 7, Sounds: []*Sound{toneSound(440, 1200*time.Millisecond)}})
	r.talk(time.Second, all...)
	for i, p := range all {
		p.hears(t, fmt.Sprint("during the beep, party ", i), append(without(roomHz[:3], i), 440)...)
	}
	if len(done) != 0 {
		t.Error("done too soon")
	}
	r.talk(500*time.Millisecond, all...)
	if len(done) != 1 || done[0] != (PlayDone{ID: 7}) {
		t.Errorf("told %v", done)
	}
	all[0].stream.Play(Playback{Sounds: []*Sound{toneSound(440, 5*time.Second)}})
	r.talk(100*time.Millisecond, all...)
	all[0].heard()
	r.talk(time.Second, all...)
	all[0].hears(t, "announcement to one", 440)
	all[1].hears(t, "beside the announcement", 430, 790)
	room.Play(Playback{ID: 8, Sounds: []*Sound{toneSound(440, time.Second)}, Loop: true})
	r.talk(100*time.Millisecond, all...)
	room.StopPlay()
	room.Close()
	r.run(100 * time.Millisecond)
	if room.timer.next != nil || len(done) != 1 {
		t.Errorf("the closed room goes on: %v", done)
	}
}

// TestRoomJoinAndLeaveDoNotClick: no step in what a member hears is larger than the tones make.
func TestRoomJoinAndLeaveDoNotClick(t *testing.T) {
	r := newRig(t)
	room, all := meeting(r, 3)
	low := []float64{203.7, 317.3} // slow tones: a step of their height stands out
	all[1].sine, all[2].sine = tone.NewSine(low[0], -20), tone.NewSine(low[1], -20)
	r.talk(500*time.Millisecond, all...)
	all[0].heard()
	for range 6 {
		room.Leave(all[2].stream)
		r.talk(130*time.Millisecond, all...)
		room.Join(all[2].stream, Terms{})
		r.talk(170*time.Millisecond, all...)
	}
	_, pcm := all[0].heard()
	most := 0.0
	for _, hz := range low {
		most += tone.Amplitude(-20) * 2 * math.Pi * hz / 8000
	}
	for i := 1; i < len(pcm); i++ {
		if step := math.Abs(float64(pcm[i]) - float64(pcm[i-1])); step > 1.25*most { // G.711 adds its own
			t.Fatalf("a step of %.0f at %d ms, the tones make %.0f at most", step, i/8, most)
		}
	}
	if len(pcm) < 13000 || tone.Find(pcm, low[0]) < -22 {
		t.Errorf("%d samples came, the other party at %.1f dBFS", len(pcm), tone.Find(pcm, low[0]))
	}
}

// TestRoomTakesAndRefuses: eight speak and seven listen, the next is refused; seats are free again when streams end.
func TestRoomTakesAndRefuses(t *testing.T) {
	r := newRig(t)
	room, all := meeting(r, 8)
	for i := range RoomSeats - 8 {
		p := r.phone(fmt.Sprintf("127.0.9.%d:4000", 100+i), codec.PCMA, 300)
		room.Join(p.stream, Terms{To: []*Stream{}})
		all = append(all, p)
	}
	extra := r.phone("127.0.9.200:4000", codec.PCMA, 300)
	room.Join(extra.stream, Terms{})
	r.talk(time.Second, all...)
	if extra.stream.seat != nil {
		t.Error("a sixteenth stream got a seat")
	}
	all[10].hears(t, "a listener", roomHz...)
	all[0].hears(t, "a party beside listeners", roomHz[1:]...)
	for _, p := range all[1:] { // hang up
		p.stream.Close(nil)
	}
	r.talk(100*time.Millisecond, all[0])
	all[0].heard()
	r.talk(500*time.Millisecond, all[0])
	all[0].hears(t, "alone")
	count := 0
	for _, s := range room.seats {
		if s != nil {
			count++
		}
	}
	if count != 1 || r.shard.counters.decoding != 1 {
		t.Errorf("%d seats taken, %d streams decoded; want 1 and 1", count, r.shard.counters.decoding)
	}
	room.Join(extra.stream, Terms{})
	r.run(4 * time.Millisecond)
	if extra.stream.seat == nil {
		t.Error("a free seat was refused")
	}
}

func TestRoomAllocatesNothing(t *testing.T) {
	room, streams, turn := roomOf(t, 3)
	for range 20 {
		turn()
	}
	if got := testing.AllocsPerRun(200, turn); got != 0 {
		t.Errorf("%v allocations a turn", got)
	}
	if room.seats[0] == nil || streams[0].out.packets < 150 {
		t.Errorf("nothing was sent: %d packets", streams[0].out.packets)
	}
}

// roomOf is a room of streams over sockets that cost nothing; turn lets 20 ms pass in which each gets a packet.
func roomOf(tb testing.TB, n int) (*Room, []*Stream, func()) {
	sh, a, b, from := pair(tb, codec.PCMA, codec.PCMA)
	streams := []*Stream{a, b}
	for len(streams) < n {
		streams = append(streams, another(tb, sh))
	}
	room := sh.engine.NewRoom(a, nil)
	feeders := make([]*feeder, n)
	for i, s := range streams[:n] {
		s.latch.name(from, true)
		room.join(s, Terms{})
		feeders[i] = newFeeder(codec.PCMA)
		pcm := tone.Make(roomHz[i%8], -20, 20*time.Millisecond)
		codec.EncodeALaw(feeders[i].b[12:], pcm)
	}
	return room, streams, func() {
		for i, s := range streams {
			s.arrived(feeders[i].next(), from)
		}
		for range 10 {
			sh.now += int64(2 * time.Millisecond)
			sh.wheel.advance(sh.now, sh.fire)
		}
	}
}

// another is a stream over a socket that costs nothing.
func another(tb testing.TB, sh *shard) *Stream {
	tb.Helper()
	port, err := sh.engine.ports.Take()
	if err != nil {
		tb.Fatal(err)
	}
	s := newStream(sh, &nullConn{}, &nullConn{}, netip.AddrPortFrom(sh.engine.config.Addr, port), nil)
	s.slot = int32(len(sh.streams))
	sh.streams = append(sh.streams, s)
	s.set(Params{Remote: netip.MustParseAddrPort(callerAt), Codec: codec.PCMA, PayloadType: 8, Send: true, Receive: true})
	return s
}

// BenchmarkRoomLeg is one leg of a conference for 20 ms: a packet in, decoded, mixed, encoded, a packet out, without the kernel.
func BenchmarkRoomLeg(b *testing.B) {
	for _, n := range []int{3, 8} {
		b.Run(fmt.Sprint(n, " parties"), func(b *testing.B) {
			_, _, turn := roomOf(b, n)
			b.ReportAllocs()
			for b.Loop() {
				turn()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/leg")
		})
	}
}

// TestRoomOfAllCodecs: four phones of four codecs hear each other.
func TestRoomOfAllCodecs(t *testing.T) {
	r := newRig(t)
	room := r.engine.NewRoom(nil, nil)
	var all []*party
	for i, kind := range []codec.Kind{codec.PCMA, codec.PCMU, codec.G722, codec.Opus} {
		p := r.phone(fmt.Sprintf("127.0.9.%d:4000", 10+i), kind, roomHz[i])
		p.sine = tone.NewSine(roomHz[i], -20)
		room.Join(p.stream, Terms{})
		all = append(all, p)
	}
	r.talk(2*time.Second, all...)
	for i, p := range all {
		_, pcm := p.heard()
		if len(pcm) < 12000 {
			t.Fatalf("%v: %d samples came", p.law, len(pcm))
		}
		pcm = pcm[len(pcm)-8000:]
		for j, other := range all {
			switch level := tone.Find(pcm, roomHz[j]); {
			case i == j && level > -45:
				t.Errorf("%v hears itself: %.1f dBFS", p.law, level)
			case i != j && level < -27:
				t.Errorf("%v does not hear %v: %.1f dBFS", p.law, other.law, level)
			}
		}
	}
}
