package media

import (
	"slices"

	"hotline/media/codec"
	"hotline/media/convert"
	"hotline/media/mix"
	"hotline/media/tape"
)

// minutes are what some of a room say, mixed and written down for a recording: of a conference, all but who has the other channel.
type minutes struct {
	tap    *tape.Tap
	side   tape.Side
	whom   []*Stream
	stamp  uint32
	octets [convert.FrameLen]byte
}

// minutesPlace is the mixer's place that hears for the minutes.
const minutesPlace = mix.Places - 2

// Tap writes what the streams named say in the room, mixed, to t as the given side, from now on in the place of what it wrote before; a nil t
// ends it. Who speaks to some of the room alone is not heard. A tap belongs to the shard that saw it first, which must be the room's.
func (r *Room) Tap(t *tape.Tap, side tape.Side, whom ...*Stream) {
	whom = slices.Clone(whom)
	r.post(func() {
		if t != nil && !t.Attach(r.shard, side, r.shard.now) {
			r.shard.log.Error("media room cannot be tapped: the tap belongs to another shard")
			return
		}
		r.minutes = minutes{tap: t, side: side, whom: whom}
		r.arrange()
	})
}

// minuted are the places that the minutes hear.
func (r *Room) minuted() (whom mix.Set) {
	for i, s := range r.seats {
		if s != nil && !s.leaving && s.terms.To == nil && slices.Contains(r.minutes.whom, s.stream) {
			whom |= mix.Of(i)
		}
	}
	return whom
}

// write takes down one turn.
func (r *Room) write(now int64) {
	m := &r.minutes
	if m.tap == nil {
		return
	}
	m.stamp += convert.FrameLen
	if r.mixer.Mix(minutesPlace, r.out[:]) {
		codec.EncodeALaw(m.octets[:], r.out[:])
		r.shard.counters.tapLost += m.tap.Write(m.side, 0, m.stamp, m.octets[:], codec.PCMA, now)
	}
}
