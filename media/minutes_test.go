package media

import (
	"testing"
	"time"

	"hotline/media/tone"
)

// TestRoomIsTapped: the minutes have those who are named, mixed and without gaps, not who only listens, and nobody once they are ended.
func TestRoomIsTapped(t *testing.T) {
	r := newRig(t)
	room, all := meeting(r, 4)
	room.Join(all[3].stream, Terms{To: []*Stream{}})
	tap := NewTap(2000)
	all[0].stream.Tap(tap, Left)
	room.Tap(tap, Right, all[1].stream, all[2].stream, all[3].stream)
	r.talk(2*time.Second, all...)
	room.Tap(tap, Right, all[2].stream)
	r.talk(time.Second, all...)
	var a tape
	a.drain(tap)
	if a.gaps[Right] > 0 {
		t.Errorf("%d gaps in the mixed channel", a.gaps[Right])
	}
	for _, part := range []struct {
		name string
		pcm  []int16
		want [4]bool
	}{
		{"the left channel", a.pcm[Left][4000:12000], [4]bool{true}},
		{"the right channel", a.pcm[Right][4000:12000], [4]bool{false, true, true}},
		{"the right channel of one", a.pcm[Right][len(a.pcm[Right])-4000:], [4]bool{false, false, true}},
	} {
		for i, want := range part.want {
			if level := tone.Find(part.pcm, roomHz[i]); want != (level > -30) || !want && level > -50 {
				t.Errorf("%s has %v Hz at %.1f dBFS", part.name, roomHz[i], level)
			}
		}
	}
	room.Tap(nil, Right)
	n := len(a.pcm[Right])
	r.talk(500*time.Millisecond, all...)
	a.drain(tap)
	if more := len(a.pcm[Right]) - n; more > 400 {
		t.Errorf("%d samples after the end", more)
	}
}
