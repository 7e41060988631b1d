package opus

import (
	"testing"
	"time"
)

func TestPackets(t *testing.T) {
	if !Available {
		if _, err := Packets(make([]int16, 160), 160); err == nil {
			t.Error("encoded without a library")
		}
		return
	}
	all, err := Packets(make([]int16, 8000+100), 160)
	if err != nil || len(all) != 50 {
		t.Fatalf("%d packets, %v", len(all), err)
	}
	for i, p := range all {
		if n, err := Length(p); err != nil || n != 960 {
			t.Errorf("packet %d lasts %d, %v", i, n, err)
		}
	}
	if _, err := Packets(make([]int16, 1000), 100); err == nil {
		t.Error("a length that Opus has not was encoded")
	}
}

// BenchmarkPackets is a minute of sound.
func BenchmarkPackets(b *testing.B) {
	pcm := make([]int16, int(time.Minute/time.Second)*Rate)
	for i := range pcm {
		pcm[i] = int16(i*i%7001 - 3500)
	}
	for b.Loop() {
		if _, err := Packets(pcm, 160); err != nil {
			b.Skip(err)
		}
	}
}
