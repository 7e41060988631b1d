//go:build cgo

package opus

import (
	"context"
	"errors"
	"math"
	"sync"
	"testing"
	"time"
)

func TestLength(t *testing.T) {
	long := make([]byte, 1276)
	rows := []struct {
		name string
		b    []byte
		want int // 0: refused
	}{
		{"nothing", nil, 0},
		{"SILK 20 ms, no octets (DTX)", []byte{1 << 3}, 960},
		{"SILK 60 ms", []byte{3 << 3, 1, 2}, 2880},
		{"hybrid 10 ms", []byte{12 << 3, 1}, 480},
		{"hybrid 20 ms", []byte{15 << 3, 1}, 960},
		{"CELT 2.5 ms", []byte{16 << 3, 1}, 120},
		{"CELT 20 ms", []byte{31 << 3, 1}, 960},
		{"one frame of 1275", long, 480},
		{"one frame of 1276", make([]byte, 1277), 0},
		{"two equal", []byte{1<<3 | 1, 1, 2, 3, 4}, 1920},
		{"two equal, odd", []byte{1<<3 | 1, 1, 2, 3}, 0},
		{"two, 120 ms", []byte{3<<3 | 1, 1, 2}, 5760},
		{"two of different length", []byte{1<<3 | 2, 2, 1, 2, 3}, 1920},
		{"two, the first longer than the packet", []byte{1<<3 | 2, 9, 1, 2, 3}, 0},
		{"two, length cut", []byte{1<<3 | 2, 252}, 0},
		{"two, no length", []byte{1<<3 | 2}, 0},
		{"three, constant", []byte{1<<3 | 3, 3, 1, 2, 3}, 2880},
		{"three, constant, uneven", []byte{1<<3 | 3, 3, 1, 2}, 0},
		{"three, variable", []byte{1<<3 | 3, 0x83, 1, 1, 9, 9, 9}, 2880},
		{"three, variable, too long", []byte{1<<3 | 3, 0x83, 9, 9, 9, 9}, 0},
		{"no frames", []byte{1<<3 | 3, 0}, 0},
		{"no count", []byte{1<<3 | 3}, 0},
		{"49 frames", append([]byte{16<<3 | 3, 49}, make([]byte, 49)...), 0},
		{"48 frames of 2.5 ms", append([]byte{16<<3 | 3, 48}, make([]byte, 48)...), 5760},
		{"seven of 20 ms are 140 ms", append([]byte{1<<3 | 3, 7}, make([]byte, 7)...), 0},
		{"padded", []byte{1<<3 | 3, 0x41, 2, 7, 0, 0}, 960},
		{"more padding than packet", []byte{1<<3 | 3, 0x41, 200, 7}, 0},
		{"padding without end", []byte{1<<3 | 3, 0x41, 255, 255}, 0},
	}
	for _, row := range rows {
		got, err := Length(row.b)
		if got != row.want || (err == nil) != (row.want > 0) || err != nil && !errors.Is(err, ErrPacket) {
			t.Errorf("%s: Length = %d, %v; want %d", row.name, got, err, row.want)
		}
	}
}

func tone(n, from int) (pcm []int16) {
	for i := range n {
		pcm = append(pcm, int16(8000*math.Sin(2*math.Pi*700*float64(from+i)/Rate)))
	}
	return pcm
}

// encoded is n packets of 20 ms of a sound.
func encoded(t testing.TB, n int, sound func(n, from int) []int16) (packets [][]byte) {
	t.Helper()
	p := &Port{encodes: true}
	for i := range n {
		j := p.Begin()
		j.Kind, j.N = Encode, 160
		copy(j.PCM[:], sound(160, 160*i))
		p.Submit()
		p.work()
		j = p.Done()
		if j == nil || j.Octets == 0 {
			t.Fatalf("packet %d was not encoded", i)
		}
		packets = append(packets, append([]byte(nil), j.Packet[:j.Octets]...))
		p.Next()
	}
	return packets
}

func decodeOne(p *Port, kind Kind, packet []byte, n int) *Job {
	j := p.Begin()
	j.Kind, j.N, j.Octets = kind, n, copy(j.Packet[:], packet)
	p.Submit()
	p.work()
	j = p.Done()
	p.Next()
	return j
}

// snr of a 700 Hz tone against everything else.
func snr(pcm []int16) float64 {
	var c, s, all float64
	for i, x := range pcm {
		phase := 2 * math.Pi * 700 * float64(i) / Rate
		c, s, all = c+float64(x)*math.Cos(phase), s+float64(x)*math.Sin(phase), all+float64(x)*float64(x)
	}
	signal := 2 * (c*c + s*s) / float64(len(pcm))
	return 10 * math.Log10(signal/max(1, all-signal))
}

func TestRoundTrip(t *testing.T) {
	p := &Port{}
	var heard []int16
	for _, packet := range encoded(t, 50, tone) {
		j := decodeOne(p, Decode, packet, 0)
		if j.N != 160 {
			t.Fatalf("decoded %d samples, want 160", j.N)
		}
		heard = append(heard, j.PCM[:j.N]...)
	}
	if got := snr(heard[1600:]); got < 20 {
		t.Errorf("the tone stands %.1f dB above the rest, want 20", got)
	}
}

// voice is something like speech: a gliding pitch with overtones, in syllables.
func voice(n, from int) (pcm []int16) {
	for i := range n {
		at := float64(from+i) / Rate
		phase := 2 * math.Pi * (140*at - 30*math.Cos(2*math.Pi*1.3*at)/(2*math.Pi*1.3))
		var x float64
		for k := 1; k <= 12; k++ {
			x += math.Sin(float64(k)*phase+float64(k*k)) / float64(k)
		}
		pcm = append(pcm, int16(4000*x*(0.6+0.4*math.Sin(2*math.Pi*3*at))))
	}
	return pcm
}

// TestRecover: lost packets come back from the copies in the next ones, nearer to what was said than by guessing, and both
// last as long as asked.
func TestRecover(t *testing.T) {
	packets := encoded(t, 200, voice)
	distance := func(kind Kind) (noise float64) {
		whole, lossy := &Port{}, &Port{}
		for i, packet := range packets {
			var want [160]int16
			copy(want[:], decodeOne(whole, Decode, packet, 0).PCM[:160])
			if i%10 != 5 {
				decodeOne(lossy, Decode, packet, 0)
				continue
			}
			j := decodeOne(lossy, kind, packets[i+1], 160)
			if j.N != 160 {
				t.Fatalf("kind %d: %d samples, want 160", kind, j.N)
			}
			for k, x := range want {
				noise += math.Pow(float64(x)-float64(j.PCM[k]), 2)
			}
		}
		return noise
	}
	recovered, guessed := distance(Recover), distance(Conceal)
	t.Logf("recovered is %.1f dB nearer than guessed", 10*math.Log10(guessed/recovered))
	if recovered > guessed/1.5 {
		t.Errorf("noise %.0f recovered, %.0f guessed: want 1.8 dB less", recovered, guessed)
	}
}

// TestJunk: what is no packet never reaches libopus, and every job still has a result of a length that makes sense.
func TestJunk(t *testing.T) {
	p := &Port{}
	for _, row := range []struct {
		kind   Kind
		packet []byte
		n      int
	}{
		{Decode, nil, 160}, {Decode, []byte{1<<3 | 3, 0}, 160}, {Recover, []byte{1<<3 | 1, 1}, 160}, {Conceal, nil, 7}, {Conceal, nil, -5},
		{Conceal, nil, 100_000}, {Recover, []byte{8, 1, 2}, 13},
	} {
		if j := decodeOne(p, row.kind, row.packet, row.n); j == nil || j.N < 0 || j.N > MaxSamples {
			t.Errorf("%+v: result %+v", row, j)
		}
	}
	e := &Port{encodes: true}
	j := e.Begin()
	j.N = 123
	e.Submit()
	e.work()
	if j = e.Done(); j.Octets != 0 || e.Failed() != 1 {
		t.Errorf("123 samples were encoded to %d octets", j.Octets)
	}
}

// TestRing: a shard that is faster than the worker gets no job rather than another's.
func TestRing(t *testing.T) {
	p := &Port{}
	for range portSlots {
		j := p.Begin()
		j.Kind, j.N, j.Octets = Conceal, 160, 0
		p.Submit()
	}
	if p.Begin() != nil || p.Waiting() != portSlots || p.Done() != nil {
		t.Error("a full ring gave another job")
	}
	p.work()
	p.Done()
	p.Next()
	if p.Begin() == nil || p.Waiting() != 0 {
		t.Error("no job after one was taken")
	}
}

// TestPool: jobs of many ports are done; closed ports are forgotten; the workers end with the context.
func TestPool(t *testing.T) {
	pool := NewPool(2)
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() { pool.Run(ctx); close(over) }()
	var ports []*Port
	for range 10 {
		p := pool.Encoder()
		j := p.Begin()
		j.Kind, j.N = Encode, 160
		p.Submit()
		ports = append(ports, p)
	}
	deadline := time.Now().Add(30 * time.Second)
	for _, p := range ports {
		for p.Done() == nil {
			if time.Now().After(deadline) {
				t.Fatal("a job was not done within 30 s")
			}
			<-time.After(time.Millisecond)
		}
		p.Close()
	}
	for pool.Ports() > 0 {
		if time.Now().After(deadline) {
			t.Fatalf("%d ports are still open", pool.Ports())
		}
		<-time.After(time.Millisecond)
	}
	cancel()
	<-over
}

func FuzzLength(f *testing.F) {
	f.Add([]byte{1<<3 | 3, 0x83, 1, 1, 9, 9, 9})
	f.Add([]byte{1<<3 | 3, 0x41, 255, 255})
	p := &Port{}
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := Length(b)
		if err == nil && (n <= 0 || n > maxUnits || n%120 != 0) {
			t.Fatalf("Length = %d", n)
		}
		if j := decodeOne(p, Decode, b, 160); j.N < 0 || j.N > MaxSamples {
			t.Fatalf("N = %d", j.N)
		}
	})
}

func TestAllocatesNothing(t *testing.T) {
	packet := encoded(t, 1, tone)[0]
	d, e := &Port{}, &Port{encodes: true}
	pcm := tone(160, 0)
	step := func() {
		decodeOne(d, Decode, packet, 0)
		j := e.Begin()
		j.N = copy(j.PCM[:], pcm)
		e.Submit()
		e.work()
		e.Done()
		e.Next()
	}
	step()
	if got := testing.AllocsPerRun(100, step); got != 0 {
		t.Errorf("%v allocations", got)
	}
}

// BenchmarkLeg is 20 ms of one leg, both ways. legs/core is how many a core carries.
func BenchmarkLeg(b *testing.B) {
	packets := encoded(b, 50, voice)
	d, e := &Port{}, &Port{encodes: true}
	pcm := voice(160*50, 0)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		decodeOne(d, Decode, packets[i%50], 0)
		j := e.Begin()
		j.N = copy(j.PCM[:160], pcm[160*(i%50):])
		e.Submit()
		e.work()
		e.Done()
		e.Next()
		i++
	}
	b.ReportMetric(20e6/(float64(b.Elapsed().Nanoseconds())/float64(b.N)), "legs/core")
}

// TestPortsClosedInMidRoundAreCounted: ports closed while their worker works leave the count right.
func TestPortsClosedInMidRoundAreCounted(t *testing.T) {
	pool := NewPool(1)
	for range 50 {
		var closing sync.WaitGroup
		var ports []*Port
		for range 40 {
			ports = append(ports, pool.Decoder())
		}
		closing.Go(func() {
			for _, p := range ports {
				p.Close()
			}
		})
		pool.Work()
		closing.Wait()
		pool.Work()
		if n := pool.Ports(); n != 0 {
			t.Fatalf("%d ports are still open", n)
		}
	}
}
