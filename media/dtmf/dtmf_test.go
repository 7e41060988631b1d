package dtmf

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// packet is one event packet under way.
type packet struct {
	stamp   uint32
	event   Event
	arrival int64
}

// press makes the packets of one key that goes down at stamp for so many updates.
func press(key byte, stamp uint32, updates int) (all []packet) {
	code, _ := Code(key)
	for i := 1; i <= updates; i++ {
		all = append(all, packet{stamp, Event{Code: code, Duration: uint16(i * Step)}, int64(stamp) + int64(i*Step)})
	}
	for i := range ends {
		e := Event{Code: code, End: true, Duration: uint16(updates * Step)}
		all = append(all, packet{stamp, e, int64(stamp) + int64((updates+i)*Step)})
	}
	return all
}

func receive(r *Receiver, all []packet) (got string) {
	for _, p := range all {
		if key, pressed := r.Packet(p.stamp, p.event, p.arrival); pressed {
			got += string(key)
		}
	}
	return got
}

func TestEventThereAndBack(t *testing.T) {
	want := Event{Code: 11, End: true, Volume: 10, Duration: 0x1234}
	b := make([]byte, PayloadLen)
	want.Put(b)
	if got, err := Parse(b); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := Parse(b[:3]); !errors.Is(err, ErrShort) {
		t.Errorf("three octets: %v", err)
	}
}

func TestKeysAndCodes(t *testing.T) {
	for i := range keys {
		code, ok := Code(keys[i])
		if key, known := (Event{Code: code}).Key(); !ok || !known || key != keys[i] || int(code) != i {
			t.Errorf("key %c: code %d, back %c", keys[i], code, key)
		}
	}
	if code, ok := Code('b'); !ok || code != 13 {
		t.Errorf("b: %d, %v", code, ok)
	}
	if _, ok := Code('x'); ok {
		t.Error("x is a key")
	}
	if _, ok := (Event{Code: 16}).Key(); ok {
		t.Error("flash is a key")
	}
}

func TestOnePressEach(t *testing.T) {
	five, again, hash := press('5', 1000, 5), press('5', 4000, 5), press('#', 7000, 5)
	long := press('1', 1000, 2)
	next := press('1', 1000+0xffff, 3)
	long[1].event.Duration = 0xffff
	long[1].arrival = next[0].arrival - Step
	moving := press('8', 1000, 5)
	for i := range moving[:5] {
		moving[i].stamp += uint32(i * Step)
	}
	stuck := slices.Concat(press('1', 0, 3), press('1', 0, 3), press('2', 0, 3))
	for i := range stuck {
		stuck[i].arrival = int64(i/6) * 10000
	}
	for _, row := range []struct {
		name string
		all  []packet
		want string
	}{
		{"whole", slices.Concat(five, again, hash), "55#"},
		{"ends lost", slices.Concat(five[:5], again[:5], hash[:5]), "55#"},
		{"starts lost", slices.Concat(five[5:], again[6:], hash[7:]), "55#"},
		{"one packet each", slices.Concat(five[2:3], again[1:2], hash[7:]), "55#"},
		{"doubled", slices.Concat(five, five, again, again), "55"},
		{"ends after the next key", slices.Concat(five[:5], again[:2], five[5:], again[2:]), "55"},
		{"reversed", []packet{five[7], five[3], five[0], five[1]}, "5"},
		{"segments of a long press", slices.Concat(long[:2], next), "1"},
		{"timestamp moves within the press", moving[:5], "8"},
		{"timestamp never moves", stuck, "112"},
		{"no key", []packet{{1, Event{Code: 16}, 1}}, ""},
	} {
		var r Receiver
		if got := receive(&r, row.all); got != row.want {
			t.Errorf("%s: heard %q, want %q", row.name, got, row.want)
		}
	}
}

// TestLossAndDisorder: 1,000 keys at 5 to 30 % loss, 2 % doubled, 5 % late by 40 ms. Every key of which a packet came is heard once, in order.
func TestLossAndDisorder(t *testing.T) {
	for _, loss := range []float64{0.05, 0.1, 0.2, 0.3} {
		rnd := rand.New(rand.NewPCG(uint64(loss*100), 4733))
		var sent, want string
		var all []packet
		for i := range 1000 {
			key := keys[rnd.IntN(12)]
			sent += string(key)
			before := len(all)
			for _, p := range press(key, uint32(i)*2000, ToneSteps) {
				if rnd.Float64() < loss {
					continue
				}
				if rnd.Float64() < 0.05 {
					p.arrival += 320
				}
				all = append(all, p)
				if rnd.Float64() < 0.02 {
					all = append(all, p)
				}
			}
			if len(all) > before {
				want += string(key)
			}
		}
		slices.SortStableFunc(all, func(a, b packet) int { return int(a.arrival - b.arrival) })
		var r Receiver
		got := receive(&r, all)
		if got != want {
			t.Errorf("loss %v: heard %d keys of %d that arrived, or in another order", loss, len(got), len(want))
		}
		if loss == 0.05 && got != sent {
			t.Errorf("loss %v: %d of %d keys heard, want all", loss, len(got), len(sent))
		}
	}
}

func TestSenderFollowsTheRFC(t *testing.T) {
	var s Sender
	if s.Active() || s.Start('x') {
		t.Error("nothing or x can be sent")
	}
	s.Start('9')
	var got []Event
	for s.Active() {
		e, first := s.Next()
		if first != (len(got) == 0) {
			t.Errorf("packet %d: first is %v", len(got), first)
		}
		got = append(got, e)
	}
	if len(got) != TotalSteps {
		t.Fatalf("%d packets, want %d", len(got), TotalSteps)
	}
	for i, e := range got {
		end := i >= len(got)-ends
		want := uint16(min(i+1, ToneSteps) * Step)
		if e.Code != 9 || e.End != end || e.Duration != want {
			t.Errorf("packet %d is %+v, want end %v and duration %d", i, e, end, want)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	var r Receiver
	all := press('5', 1, 5)
	if got := testing.AllocsPerRun(100, func() { receiveQuietly(&r, all) }); got != 0 {
		t.Errorf("%v allocations", got)
	}
}

func receiveQuietly(r *Receiver, all []packet) {
	for _, p := range all {
		r.Packet(p.stamp, p.event, p.arrival)
	}
}

func TestTones(t *testing.T) {
	for i := range keys {
		low, high := Frequencies(keys[i])
		if low < 697 || low > 941 || high < 1209 || high > 1633 {
			t.Errorf("key %c: %v and %v Hz", keys[i], low, high)
		}
		pcm := Tone(keys[i], ToneSamples)
		if len(pcm) != ToneSamples || pcm[0] != 0 || slices.Max(pcm) < 9000 {
			t.Errorf("key %c: %d samples from %d, peak %d", keys[i], len(pcm), pcm[0], slices.Max(pcm))
		}
	}
	if l, h := Frequencies('d'); l != 941 || h != 1633 {
		t.Errorf("d is %v and %v Hz", l, h)
	}
	if Tone('x', 10) != nil {
		t.Error("x has a tone")
	}
}

func FuzzReceiver(f *testing.F) {
	f.Add([]byte{5, 0x8a, 3, 0x20, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var r Receiver
		for n := int64(0); len(b) >= 8; b, n = b[8:], n+160 {
			e, err := Parse(b)
			if err != nil {
				t.Fatal(err)
			}
			stamp := uint32(b[6])<<8 | uint32(b[7])
			key, pressed := r.Packet(stamp, e, n)
			if _, known := Code(key); pressed && !known {
				t.Fatalf("pressed %q", key)
			}
			if _, twice := r.Packet(stamp, e, n); twice {
				t.Fatal("the same packet pressed twice")
			}
		}
	})
}
