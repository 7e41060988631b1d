package media

import (
	"testing"
	"time"

	"hotline/media/tape"
	"hotline/media/tone"
)

// TestRoomIsTapped: the minutes have those who are named, mixed and without gaps, not who only listens, and nobody once they are ended.
func TestRoomIsTapped(t *testing.T) {
	r := newRig(t)
	room, all := meeting(r, 4)
	room.Join(all[3].stream, Terms{To: []*Stream{}})
	tap := tape.New(2000)
	all[0].stream.Tap(tap, tape.Left)
	room.Tap(tap, tape.Right, all[1].stream, all[2].stream, all[3].stream)
	r.talk(2*time.Second, all...)
	room.Tap(tap, tape.Right, all[2].stream)
	r.talk(time.Second, all...)
	var a track
	a.drain(tap)
	if a.gaps[tape.Right] > 0 {
		t.Errorf("%d gaps in the mixed channel", a.gaps[tape.Right])
	}
	for _, part := range []struct {
		name string
		pcm  []int16
		want [4]bool
	}{
		{"the left channel", a.pcm[tape.Left][4000:12000], [4]bool{true}},
		{"the right channel", a.pcm[tape.Right][4000:12000], [4]bool{false, true, true}},
		{"the right channel of one", a.pcm[tape.Right][len(a.pcm[tape.Right])-4000:], [4]bool{false, false, true}},
	} {
		for i, want := range part.want {
			if level := tone.Find(part.pcm, roomHz[i]); want != (level > -30) || !want && level > -50 {
				t.Errorf("%s has %v Hz at %.1f dBFS", part.name, roomHz[i], level)
			}
		}
	}
	room.Tap(nil, tape.Right)
	n := len(a.pcm[tape.Right])
	r.talk(500*time.Millisecond, all...)
	a.drain(tap)
	if more := len(a.pcm[tape.Right]) - n; more > 400 {
		t.Errorf("%d samples after the end", more)
	}
}
