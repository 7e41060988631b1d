package media

import (
	"slices"

	"hotline/media/convert"
	"hotline/media/mix"
)

// RoomSeats is the most streams in a room.
const RoomSeats = mix.Places - 2

const playPlace = mix.Places - 1 // what the room plays has a place of its own

// Room lets several streams of one shard hear each other, each without itself, whatever their codecs. Its methods may be called from
// any goroutine and never wait, like those of Stream. An empty room costs nothing and need not be closed.
type Room struct {
	shard  *shard
	events func(Event)

	// The rest belongs to the shard's thread.
	seats   [RoomSeats]*seat
	mixer   mix.Mixer
	timer   timer
	next    int64 // when the next turn is due, ns
	play    playback
	minutes minutes
	played  [convert.FrameLen]int16
	out     [convert.FrameLen]int16
}

// Terms is how a stream takes part in a room. A hears B when A wants to hear B and B speaks to A.
type Terms struct {
	To   []*Stream // who may hear it; nil: everybody; empty: nobody, so that it only listens
	From []*Stream // whom it wants to hear; nil: everybody
}

// seat is one stream in a room.
type seat struct {
	room    *Room
	place   int
	stream  *Stream
	terms   Terms
	frame   [convert.FrameLen]int16
	fresh   bool // frame is of this turn
	leaving bool // it fades in one more turn
}

// NewRoom returns an empty room on near's shard (nil: the quietest). events is told PlayDone of the room's playback, on the shard's thread,
// and must not wait; nil: nobody.
func (e *Engine) NewRoom(near *Stream, events func(Event)) *Room {
	sh := e.quietest()
	if near != nil {
		sh = near.shard
	}
	r := &Room{shard: sh, events: events}
	r.timer = timer{fire: func(_ *Stream, now int64) { r.turn(now) }}
	return r
}

// NewRoom is Engine.NewRoom beside the stream.
func (s *Stream) NewRoom(events func(Event)) *Room { return s.shard.engine.NewRoom(s, events) }

// Join takes a stream in, out of the bridge or room it was in; of a stream that is in already it changes the terms. Streams of another
// shard, and more than RoomSeats, are refused with an error in the log.
func (r *Room) Join(s *Stream, t Terms) {
	t.To, t.From = slices.Clone(t.To), slices.Clone(t.From)
	r.post(func() { r.join(s, t) })
}

// Leave takes a stream out. It belongs to nothing then.
func (r *Room) Leave(s *Stream) {
	r.post(func() {
		if s.seat != nil && s.seat.room == r {
			s.standUp()
		}
	})
}

// Play lets everybody in the room hear sounds beside the voices: a beep, an announcement. It replaces what was played.
func (r *Room) Play(p Playback) {
	r.post(func() {
		total := 0
		for _, sound := range p.Sounds {
			if sound != nil {
				total += len(sound.ALaw)
			}
		}
		r.play = playback{id: p.ID, sounds: p.Sounds, loop: p.Loop && total > 0, on: true, over: total == 0}
		r.start()
	})
}

// StopPlay ends the room's playback; no PlayDone comes.
func (r *Room) StopPlay() { r.post(func() { r.play = playback{} }) }

// Close takes everybody out.
func (r *Room) Close() {
	r.post(func() {
		r.play = playback{}
		for _, seat := range r.seats {
			if seat != nil && !seat.leaving {
				seat.stream.standUp()
			}
		}
	})
}

func (r *Room) post(do func()) { r.shard.box.put(command{do: func(*Stream) { do() }}) }

func (r *Room) join(s *Stream, t Terms) {
	if s.shard != r.shard {
		r.shard.log.Error("media stream cannot enter the room: not of one shard", "port", s.addr.Port())
		return
	}
	if s.slot < 0 {
		return
	}
	if s.seat == nil || s.seat.room != r {
		place := slices.Index(r.seats[:], nil)
		if place < 0 {
			r.shard.log.Error("media stream cannot enter the room: it is full", "port", s.addr.Port())
			return
		}
		s.part()
		s.standUp()
		s.seat = &seat{room: r, place: place, stream: s}
		r.seats[place] = s.seat
		s.listen(s.seat)
		s.out.mapped = false
	}
	s.seat.terms = t
	r.arrange()
	r.start()
}

// standUp takes a stream out of its room, where its voice fades in one more turn.
func (s *Stream) standUp() {
	if s.seat == nil {
		return
	}
	s.seat.leaving = true
	r := s.seat.room
	s.seat = nil
	s.out.mapped = false
	r.arrange()
}

// arrange tells the mixer who hears whom.
func (r *Room) arrange() {
	for i, one := range r.seats {
		if one == nil {
			continue
		}
		whom := mix.Of(playPlace)
		for j, other := range r.seats {
			if other != nil && i != j && one.hears(other) {
				whom |= mix.Of(j)
			}
		}
		r.mixer.Hear(i, whom)
	}
	r.mixer.Hear(minutesPlace, r.minuted())
}

func (s *seat) hears(other *seat) bool {
	return !s.leaving && !other.leaving && named(other.terms.To, s.stream) && named(s.terms.From, other.stream)
}

func named(list []*Stream, s *Stream) bool { return list == nil || slices.Contains(list, s) }

// hear keeps a frame for the next turn; it is the listener's.
func (s *seat) hear(_ *Stream, pcm []int16, sound bool, _ int64) {
	if s.fresh = sound; sound {
		copy(s.frame[:], pcm)
	}
}

// start lets the turns begin.
func (r *Room) start() {
	if r.timer.next == nil {
		r.next = r.shard.now + hearPeriod
		r.shard.wheel.set(&r.timer, r.next)
	}
}

// turn is 20 ms of the room.
func (r *Room) turn(now int64) {
	r.next += hearPeriod
	if late := now - r.next; late > patience {
		r.next += (late/hearPeriod + 1) * hearPeriod
	}
	r.shard.wheel.set(&r.timer, r.next)
	r.mixer.Begin()
	for i, s := range r.seats {
		if s != nil && s.fresh {
			r.mixer.Voice(i, s.frame[:])
		}
	}
	r.perform()
	for i, s := range r.seats {
		if s != nil && !s.leaving {
			s.fresh = false
			sound := r.mixer.Mix(i, r.out[:])
			s.stream.speak(r.out[:], sound, now)
		}
	}
	r.write(now)
	r.tidy()
}

// tidy frees the seats of those who left, after their voices have faded, and ends the turns of an empty room.
func (r *Room) tidy() {
	empty := true
	for i, s := range r.seats {
		switch {
		case s == nil:
		case s.leaving:
			r.seats[i] = nil
			s.stream.ignore(s)
			r.mixer.Clear(i)
		default:
			empty = false
		}
	}
	if empty && !r.play.on {
		r.timer.stop()
	}
}

// perform adds what the room plays.
func (r *Room) perform() {
	p := &r.play
	switch {
	case !p.on:
	case p.over:
		id := p.id
		*p = playback{}
		if r.events != nil {
			r.events(PlayDone{ID: id})
		}
	default:
		p.over = p.decode(r.played[:])
		r.mixer.Voice(playPlace, r.played[:])
	}
}
