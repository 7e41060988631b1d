package switchboard

import (
	"context"

	"hotline/call"
	"hotline/ivr"
	"hotline/media"
)

// meet arranges the room of a call.
func (b *Switchboard) meet(p *plugs, a call.Meet) {
	p.meet(a)
	if m := p.meeting; a.Tone != "" && m != nil && m.room != nil {
		m.room.Play(media.Playback{Sounds: b.Sounds.find(context.Background(), "", []ivr.Prompt{{File: a.Tone}})})
	}
}

// meeting is the room in which more than two legs of a call hear each other, and who sits there.
type meeting struct {
	room  *media.Room
	seats map[call.LegID]*media.Stream
}

// meet arranges the room as the call wants it. A leg without sound is passed over.
func (p *plugs) meet(a call.Meet) {
	if p.meeting == nil {
		p.meeting = &meeting{seats: map[call.LegID]*media.Stream{}}
	}
	m := p.meeting
	named := map[call.LegID]bool{}
	for _, seat := range a.Seats {
		named[seat.Leg] = true
		p.sound(seat.Leg, func(s *media.Stream) {
			if m.room == nil {
				m.room = s.NewRoom(nil)
			}
			if m.seats[seat.Leg] != s {
				p.silence(seat.Leg)
			}
			m.seats[seat.Leg] = s
			m.room.Join(s, p.terms(seat))
		})
	}
	for leg, s := range m.seats {
		if !named[leg] {
			m.room.Leave(s)
			delete(m.seats, leg)
		}
	}
	if len(m.seats) == 0 {
		p.meeting = nil
	}
}

// terms are who hears a seat. Legs that have no sound hear nothing anyway.
func (p *plugs) terms(seat call.Seat) media.Terms {
	var t media.Terms
	if seat.Listens {
		t.To = []*media.Stream{}
	}
	for _, id := range seat.To {
		p.sound(id, func(s *media.Stream) { t.To = append(t.To, s) })
	}
	if len(seat.To) > 0 && t.To == nil {
		t.To = []*media.Stream{}
	}
	return t
}
