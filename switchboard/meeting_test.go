package switchboard

import (
	"testing"
	"time"

	"hotline/call"
	"hotline/media/tone"
)

// TestMeet: a supervisor listens to a bridged call, whispers to the agent, speaks to both, and goes; then the two are a bridge again.
func TestMeet(t *testing.T) {
	r := newRig(t)
	const agent, supervisor = call.LegID("leg2"), call.LegID("leg3")
	id, legs := r.bare(call.CallerLeg, agent, supervisor)
	hz := map[call.LegID]float64{call.CallerLeg: 450, agent: 700, supervisor: 1300}
	for leg, l := range legs {
		l.phone.play(hz[leg])
	}
	r.b.Do(id, call.Bridge{A: call.CallerLeg, B: agent})
	both := []call.Seat{{Leg: call.CallerLeg}, {Leg: agent}}
	for _, step := range []struct {
		name string
		do   call.Action
		want map[call.LegID][]call.LegID
	}{
		{"listens", call.Meet{Seats: append(both[:2:2], call.Seat{Leg: supervisor, Listens: true})},
			map[call.LegID][]call.LegID{call.CallerLeg: {agent}, agent: {call.CallerLeg}, supervisor: {call.CallerLeg, agent}}},
		{"whispers", call.Meet{Seats: append(both[:2:2], call.Seat{Leg: supervisor, To: []call.LegID{agent}})},
			map[call.LegID][]call.LegID{call.CallerLeg: {agent}, agent: {call.CallerLeg, supervisor}, supervisor: {call.CallerLeg, agent}}},
		{"whispers to nobody who is there", call.Meet{Seats: append(both[:2:2], call.Seat{Leg: supervisor, To: []call.LegID{"gone"}})},
			map[call.LegID][]call.LegID{call.CallerLeg: {agent}, agent: {call.CallerLeg}, supervisor: {call.CallerLeg, agent}}},
		{"barges in", call.Meet{Seats: append(both[:2:2], call.Seat{Leg: supervisor})},
			map[call.LegID][]call.LegID{call.CallerLeg: {agent, supervisor}, agent: {call.CallerLeg, supervisor}, supervisor: {call.CallerLeg, agent}}},
		{"leaves", call.Meet{Seats: both},
			map[call.LegID][]call.LegID{call.CallerLeg: {agent}, agent: {call.CallerLeg}, supervisor: {}}},
		{"over", call.Meet{}, map[call.LegID][]call.LegID{call.CallerLeg: {}, agent: {}, supervisor: {}}},
		{"a bridge again", call.Bridge{A: call.CallerLeg, B: agent}, map[call.LegID][]call.LegID{call.CallerLeg: {agent}, agent: {call.CallerLeg}, supervisor: {}}},
	} {
		r.b.Do(id, step.do)
		for leg, others := range step.want {
			hearsExactly(t, step.name+", "+string(leg), legs[leg].phone, hz, others)
		}
	}
	if r.b.plugsOf(id).meeting != nil {
		t.Error("the meeting is kept after its end")
	}
}

// hearsExactly waits until a phone hears the tones of some legs and of no other for 300 ms; of none, that nothing comes.
func hearsExactly(t *testing.T, name string, p *phone, hz map[call.LegID]float64, want []call.LegID) {
	t.Helper()
	var got []float64
	exact := func(pcm []int16) bool {
		if len(want) == 0 {
			return len(pcm) == 0 || tone.Level(pcm) < -55
		}
		got = got[:0]
		for leg, f := range hz {
			level, wanted := tone.Find(pcm, f), false
			for _, w := range want {
				wanted = wanted || w == leg
			}
			got = append(got, level)
			if wanted && level < -22 || !wanted && level > -45 {
				return false
			}
		}
		return len(pcm) >= 1600
	}
	p.recent()
	good, tick := 0, time.NewTicker(300*time.Millisecond)
	defer tick.Stop()
	for range 40 {
		<-tick.C
		if good++; !exact(p.recent()) {
			good = 0
		}
		if good == 1 {
			return
		}
	}
	t.Fatalf("%s: wants to hear %v; the tones are at %v dBFS", name, want, got)
}
