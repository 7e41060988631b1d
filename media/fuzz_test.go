package media

import (
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/rtp"
	"hotline/media/tape"
)

// FuzzArrived throws datagrams at a bridged, recorded stream. The first octet of each is its length.
func FuzzArrived(f *testing.F) {
	speech := newFeeder(codec.PCMA).next()[:60]
	key := append([]byte{0x80, 101, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1}, 5, 0x8a, 3, 0x20)
	report := rtp.AppendReport(nil, 1, &rtp.Sender{NTP: 1 << 32})
	for _, b := range [][]byte{speech, key, report} {
		f.Add(append([]byte{byte(len(b))}, b...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		sh, a, _, from := pair(t, codec.PCMA, codec.PCMU)
		tap := tape.New(16)
		a.tapTo(tap, tape.Left)
		for len(b) > 0 {
			n := min(int(b[0]), len(b)-1)
			sh.now += int64(20 * time.Millisecond)
			if n > 0 {
				a.arrived(append([]byte(nil), b[1:1+n]...), from)
			}
			b = b[1+n:]
			sh.wheel.advance(sh.now, sh.fire)
		}
		var frame tape.Frame
		for tap.Read(&frame) {
			if frame.At < 0 || len(frame.Payload) > 161 {
				t.Fatalf("frame at %d with %d samples", frame.At, len(frame.Payload))
			}
		}
		if q := a.quality(); q.LossPct < 0 || q.LossPct > 100 || q.MOS < 0 || q.MOS > 4.5 {
			t.Fatalf("quality %+v", q)
		}
	})
}
