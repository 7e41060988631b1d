package media

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/tape"
)

// TestShortStreamsLeaveNothing: 3,000 streams that were bridged, seated in rooms, taped, played to and listened to are closed in the middle
// of it. No port, timer, ear, seat or memory stays.
func TestShortStreamsLeaveNothing(t *testing.T) {
	r := newRig(t)
	rnd := rand.New(rand.NewPCG(21, 21))
	room := r.engine.NewRoom(nil, nil)
	music := toneSound(440, time.Second)
	kinds := []codec.Kind{codec.PCMA, codec.PCMU, codec.G722, codec.Opus}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var before uint64
	for round := range 300 {
		if round == 100 {
			before = heap()
		}
		var all []*party
		for i := range 10 {
			p := r.phone(fmt.Sprintf("127.0.9.%d:4000", 10+i), kinds[rnd.IntN(4)], 700)
			params := p.params()
			params.KeyTones = KeyTones(rnd.IntN(3))
			p.stream.Set(params)
			all = append(all, p)
		}
		for range 20 {
			p, other := all[rnd.IntN(10)].stream, all[rnd.IntN(10)].stream
			switch rnd.IntN(8) {
			case 0:
				p.Bridge(other)
			case 1:
				room.Join(p, Terms{To: []*Stream{other}})
			case 2:
				room.Leave(p)
			case 3:
				p.Play(Playback{Sounds: []*Sound{music}, Loop: true})
			case 4:
				p.Tap(tape.New(16), tape.Side(rnd.IntN(2)))
			case 5:
				p.Echo(rnd.IntN(2) == 0)
			case 6:
				p.SendDigit('5')
			default:
				p.Unbridge()
			}
			a := all[rnd.IntN(10)]
			a.send(a.packet())
			r.run(2 * time.Millisecond)
		}
		for _, p := range all {
			p.stream.Close(nil)
		}
		r.run(60 * time.Millisecond)
	}
	timers := 0
	for i := range r.shard.wheel.slots {
		for slot, x := &r.shard.wheel.slots[i], r.shard.wheel.slots[i].next; x != slot; x = x.next {
			timers++
		}
	}
	if l := r.engine.Load(); l.PortsUsed != 0 || r.shard.open != 0 || r.shard.counters.decoding != 0 || timers != 0 || room.seats != [RoomSeats]*seat{} {
		t.Errorf("%d ports, %d streams, %d ears, %d timers are left; seats %v", l.PortsUsed, r.shard.open, r.shard.counters.decoding, timers, room.seats)
	}
	r.wires.all = map[int32]*wire{}
	if after := heap(); after > before+before/10+1<<20 {
		t.Errorf("%d kB of memory after 3,000 streams, %d kB after 1,000", after>>10, before>>10)
	}
}
