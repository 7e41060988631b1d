package media

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"hotline/internal/testkit/impair"
	"hotline/media/codec"
	"hotline/media/dtmf"
	"hotline/media/rtp"
	"hotline/media/tape"
)

// line is a bad network from a phone to its stream, in the rig's time.
type line struct {
	to      *party
	path    *impair.Path
	pending []letter // by arrival
}

// over puts a bad network between a phone and its stream.
func (p *party) over(profile impair.Profile, number uint64) *line {
	l := &line{to: p, path: impair.NewPath(profile, number)}
	p.rig.lines = append(p.rig.lines, l)
	return l
}

// send puts octets on the way at a time that need not be a tick's.
func (l *line) send(b []byte, at int64) (arrive bool) {
	fates := l.path.Fate(time.Duration(at))
	for _, due := range fates {
		l.pending = append(l.pending, letter{octets: slices.Clone(b), from: l.to.addr, at: int64(due)})
	}
	slices.SortStableFunc(l.pending, func(a, b letter) int { return cmp.Compare(a.at, b.at) })
	return len(fates) > 0
}

// carry delivers what is due.
func (r *rig) carry() {
	for _, l := range r.lines {
		n := 0
		for n < len(l.pending) && l.pending[n].at <= r.now {
			l.to.wire.in = append(l.to.wire.in, l.pending[n])
			n++
		}
		l.pending = slices.Delete(l.pending, 0, n)
	}
}

// weather is the network of a bad day, by loss.
func weather(loss, burst float64, seed uint64) impair.Profile {
	return impair.Profile{
		Seed: seed, Loss: loss, Burst: burst, Delay: 40 * time.Millisecond, Jitter: 30 * time.Millisecond, Reorder: 0.05, Duplicate: 0.02,
	}
}

// TestLossJitterReorderAndDoubles: a minute of a recorded call at each loss, random and in bursts. What was lost is counted
// to the packet, nothing of what came is passed on twice, and at 3 % a good conversation is still estimated.
func TestLossJitterReorderAndDoubles(t *testing.T) {
	for i, loss := range []float64{0, 0.01, 0.03, 0.05, 0.1} {
		for j, burst := range []float64{1, 3} {
			profile := weather(loss, burst, uint64(10*i+j))
			t.Run(fmt.Sprintf("%v %% in bursts of %v", 100*loss, burst), func(t *testing.T) {
				r := newRig(t)
				caller, agent := r.phone(callerAt, codec.PCMA, 700), r.phone(agentAt, codec.PCMU, 1300)
				up := caller.over(profile, 1)
				caller.stream.Bridge(agent.stream)
				caller.stream.Tap(tape.New(16384), tape.Left)
				first, last := -1, 0
				for n := range 3000 {
					if up.send(caller.packet(), r.now) {
						last = n
						if first < 0 {
							first = n
						}
					}
					r.run(20 * time.Millisecond)
				}
				r.run(200 * time.Millisecond)
				caller.stream.rtt = 2 * profile.Delay // as reports of a real phone would tell
				q := caller.stream.quality()
				t.Logf("%s: %+v", profile, q)
				arrived := uint64(up.path.Sent - up.path.Lost)
				if q.Received != arrived || q.Lost != uint64(last-first+1)-arrived || q.Duplicates != uint64(up.path.Doubled) {
					t.Errorf("received %d lost %d doubled %d of %d sent, %d lost, %d doubled", q.Received, q.Lost, q.Duplicates,
						up.path.Sent, up.path.Lost, up.path.Doubled)
				}
				if loss <= 0.03 && q.MOS < 3.6 {
					t.Errorf("MOS %.2f, want 3.6 or more", q.MOS)
				}
				passedOnce(t, agent, arrived)
			})
		}
	}
}

// passedOnce wants each packet once at the phone, which sorts them by number.
func passedOnce(t *testing.T, p *party, want uint64) {
	t.Helper()
	packets, _ := p.heard()
	seen := map[uint16]bool{}
	for _, k := range packets {
		if seen[k.Sequence] {
			t.Fatalf("sequence number %d was sent twice", k.Sequence)
		}
		seen[k.Sequence] = true
	}
	if got := uint64(len(packets)); got > want || got < want-10 { // those that come late before the first have no number
		t.Errorf("%d packets passed on, %d arrived", got, want)
	}
}

// TestKeysThroughBadWeather: 200 keys a run by RFC 4733, in order and none twice, at the switch and at the phone behind it.
// With 5 % of loss all are heard; in harder bursts all of which any packet came.
func TestKeysThroughBadWeather(t *testing.T) {
	for _, row := range []struct {
		loss, burst, inBurst float64
		all                  bool
	}{
		{0.05, 1, 0, true},
		{0.05, 6, 0.5, true}, // Gilbert-Elliott
		{0.05, 3, 0, false},  // 60 ms without anything, on average
		{0.10, 3, 0, false},
		{0.30, 5, 0, false},
	} {
		for seed := range uint64(3) {
			profile := weather(row.loss, row.burst, 100+seed)
			profile.InBurst = row.inBurst
			sent, arrived, keys, far := pressMany(t, profile, 200)
			if keys != arrived || far != arrived {
				t.Errorf("%s: of %d keys of which a packet came the switch heard %d, the phone behind it %d, or others", profile,
					len(arrived), len(keys), len(far))
			}
			if row.all && arrived != sent {
				t.Errorf("%s: %d of %d keys came, want all", profile, len(arrived), len(sent))
			}
		}
	}
}

// pressMany presses random keys while nobody speaks. It returns them, those of which a packet came, those that the switch told, and
// those that the other phone hears.
func pressMany(t *testing.T, profile impair.Profile, n int) (sent, arrived, keys, far string) {
	t.Helper()
	r := newRig(t)
	caller, agent := r.phone(callerAt, codec.PCMA, 700), r.phone(agentAt, codec.PCMA, 1300)
	up := caller.over(profile, 1)
	caller.stream.Bridge(agent.stream)
	rnd := rand.New(rand.NewPCG(profile.Seed, 2))
	r.run(2 * time.Millisecond)
	for range 10 { // so that the address is known
		caller.send(caller.packet())
		r.run(20 * time.Millisecond)
	}
	for range n {
		key := "0123456789*#ABCD"[rnd.IntN(16)]
		sent += string(key)
		came := false
		for _, b := range caller.key(key) {
			came = up.send(b, r.now) || came
			r.run(20 * time.Millisecond)
		}
		if came {
			arrived += string(key)
		}
		r.run(60 * time.Millisecond)
	}
	r.run(200 * time.Millisecond)
	return sent, arrived, caller.keys(), agent.heardKeys(t)
}

// heardKeys are the keys that a phone finds in what was sent to it.
func (p *party) heardKeys(t *testing.T) (keys string) {
	t.Helper()
	var receiver dtmf.Receiver
	for _, l := range p.wire.out {
		var k rtp.Packet
		if rtp.IsRTCP(l.octets) || k.Read(l.octets) != nil || k.PayloadType != 101 {
			continue
		}
		e, err := dtmf.Parse(l.octets[k.Start:k.End])
		if err != nil {
			t.Fatal(err)
		}
		if key, pressed := receiver.Packet(k.Timestamp, e, l.at/nsPerSample); pressed {
			keys += string(key)
		}
	}
	return keys
}

// clocked is a phone whose packets carry their number, sent by its own clock.
type clocked struct {
	*party
	up   *line
	step float64 // ns between packets
	n    uint32
}

func (c *clocked) speak() {
	for ; float64(c.n)*c.step <= float64(c.rig.now); c.n++ {
		b := make([]byte, rtp.HeaderLen+c.size)
		c.header(codec.PCMA.PayloadType(), c.stamp).Put(b)
		c.stamp += uint32(c.size)
		binary.BigEndian.PutUint32(b[rtp.HeaderLen:], c.n)
		c.up.send(b, int64(float64(c.n)*c.step))
	}
}

// TestRecordedLegsStayAligned: ten minutes in which both phones send by clocks 150 ppm apart through bad weather.
// Sound that was made at one moment lies at one place in the recording, within 40 ms, and it does not drift away.
func TestRecordedLegsStayAligned(t *testing.T) {
	const length, allowed = 10 * time.Minute, 40 * 8
	profile := weather(0.03, 3, 200)
	r := newRig(t)
	tap := tape.New(1024)
	both := [2]*clocked{}
	for i, at := range []string{callerAt, agentAt} {
		p := r.phone(at, codec.PCMA, 700)
		both[i] = &clocked{party: p, up: p.over(profile, uint64(i)), step: 20e6 * (1 + float64(i)*150e-6)}
		p.stream.Tap(tap, tape.Side(i))
	}
	both[0].stream.Bridge(both[1].stream)
	var worst [2]int64
	low, high := [2]int64{1 << 40, 1 << 40}, [2]int64{}
	var f tape.Frame
	for r.now < int64(length) {
		both[0].speak()
		both[1].speak()
		r.run(20 * time.Millisecond)
		for tap.Read(&f) {
			n := binary.BigEndian.Uint32(f.Payload)
			made := int64(float64(n) * both[f.Side].step / float64(nsPerSample))
			if r.now > int64(time.Minute) {
				low[f.Side], high[f.Side] = min(low[f.Side], f.At-made), max(high[f.Side], f.At-made)
			}
		}
		both[0].wire.out, both[1].wire.out = nil, nil
	}
	worst[0], worst[1] = high[0]-low[1], high[1]-low[0]
	if tap.Lost() > 0 || worst[0] > allowed || worst[1] > allowed {
		t.Errorf("%s: legs up to %d and %d ms apart, want 40; %d frames lost", profile, worst[0]/8, worst[1]/8, tap.Lost())
	}
	t.Logf("%s: sound lies %d to %d and %d to %d ms after it was made", profile, low[0]/8, high[0]/8, low[1]/8, high[1]/8)
}
