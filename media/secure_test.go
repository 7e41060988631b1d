package media

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/rtp"
	"hotline/media/srtp"
	"hotline/media/tape"
)

// locked is a phone that speaks SRTP.
type locked struct {
	*party
	t       *testing.T
	in, out srtp.Key // as the stream has them
	seal    *srtp.Out
	open    *srtp.In
	seen    int // letters of wire.out
}

func (r *rig) locked(addr string, law codec.Kind, hz float64, suite srtp.Suite) *locked {
	r.t.Helper()
	p := &locked{party: r.phone(addr, law, hz), t: r.t}
	p.keys(srtp.NewKey(suite), srtp.NewKey(suite))
	p.stream.Set(p.params())
	r.run(2 * time.Millisecond)
	return p
}

// keys gives the phone new ones.
func (p *locked) keys(in, out srtp.Key) {
	p.t.Helper()
	var err error
	p.in, p.out = in, out
	if p.seal, err = srtp.NewOut(in); err != nil {
		p.t.Fatal(err)
	}
	if p.open, err = srtp.NewIn(out, p.open); err != nil {
		p.t.Fatal(err)
	}
}

func (p *locked) params() Params {
	params := p.party.params()
	params.In, params.Out = p.in, p.out
	return params
}

func (p *locked) protect(b []byte) []byte {
	p.t.Helper()
	sealed, err := p.seal.RTP(make([]byte, len(b)+srtp.Overhead), b)
	if err != nil {
		p.t.Fatal(err)
	}
	return sealed
}

func (p *locked) say(b []byte) { p.send(p.protect(b)) }

// heard opens what came since the last time.
func (p *locked) heard() (packets []rtp.Packet, pcm []int16) {
	p.t.Helper()
	for _, l := range p.wire.out[p.seen:] {
		if rtp.IsRTCP(l.octets) {
			continue
		}
		b, err := p.open.RTP(make([]byte, len(l.octets)), l.octets)
		if err != nil {
			p.t.Fatalf("the phone got a packet that it cannot open: %v", err)
		}
		var k rtp.Packet
		if err := k.Read(b); err != nil {
			p.t.Fatal(err)
		}
		packets = append(packets, k)
		out := make([]int16, k.End-k.Start)
		switch k.PayloadType {
		case 0:
			codec.DecodeULaw(out, b[k.Start:k.End])
		case 8:
			codec.DecodeALaw(out, b[k.Start:k.End])
		default:
			out = nil
		}
		pcm = append(pcm, out...)
	}
	p.seen = len(p.wire.out)
	return packets, pcm
}

// both lets a locked phone and a plain or locked one speak for d.
func (r *rig) both(d time.Duration, a *locked, b *party, bSays func([]byte)) {
	for end := r.now + int64(d); r.now < end; {
		a.say(a.packet())
		bSays(b.packet())
		r.run(20 * time.Millisecond)
	}
}

func TestSRTPIsBridged(t *testing.T) {
	for _, suite := range srtp.Suites {
		t.Run(suite.String()+" to plain", func(t *testing.T) {
			r := newRig(t)
			caller, agent := r.locked(callerAt, codec.PCMU, 700, suite), r.phone(agentAt, codec.PCMA, 1300)
			tap := tape.New(4096)
			caller.stream.Tap(tap, tape.Left)
			agent.stream.Tap(tap, tape.Right)
			caller.stream.Bridge(agent.stream)
			r.run(2 * time.Millisecond)
			r.both(2*time.Second, caller, agent, agent.send) // the phone's sequence numbers go round in this time
			packets, pcm := agent.heard()
			continuous(t, packets)
			only(t, pcm[160:], 700, 1300, 32)
			packets, pcm = caller.heard()
			continuous(t, packets)
			only(t, pcm[160:], 1300, 700, 32)
			var sides [2][]int16
			var frame tape.Frame
			for tap.Read(&frame) {
				out := make([]int16, len(frame.Payload))
				codec.DecodeALaw(out, frame.Payload)
				sides[frame.Side] = append(sides[frame.Side], out...)
			}
			only(t, sides[tape.Left], 700, 1300, 32)
			only(t, sides[tape.Right], 1300, 700, 32)
			for _, b := range caller.key('7') {
				caller.say(b)
				r.run(20 * time.Millisecond)
			}
			if got := caller.party.keys(); got != "7" {
				t.Errorf("key %q was heard, want 7", got)
			}
			if q := r.quality(caller.party); q.SRTP != suite.String() || q.Forged != 0 || q.Lost != 0 {
				t.Errorf("quality %+v", q)
			}
		})
	}
	for _, other := range srtp.Suites {
		t.Run("GCM to "+other.String(), func(t *testing.T) {
			r := newRig(t)
			caller, agent := r.locked(callerAt, codec.PCMA, 700, srtp.GCM128), r.locked(agentAt, codec.PCMA, 1300, other)
			caller.stream.Bridge(agent.stream)
			r.run(2 * time.Millisecond)
			r.both(time.Second, caller, agent.party, agent.say)
			_, pcm := agent.heard()
			only(t, pcm[160:], 700, 1300, 36)
			_, pcm = caller.heard()
			only(t, pcm[160:], 1300, 700, 36)
		})
	}
}

// quality closes the stream of a phone.
func (r *rig) quality(p *party) (q Quality) {
	p.stream.Close(func(last Quality) { q = last })
	r.run(2 * time.Millisecond)
	return q
}

func TestSRTPStreamPlaysAndSendsKeys(t *testing.T) {
	r := newRig(t)
	caller := r.locked(callerAt, codec.PCMA, 700, srtp.GCM128)
	caller.stream.Play(Playback{Sounds: []*Sound{toneSound(440, time.Second)}})
	r.run(1100 * time.Millisecond)
	packets, pcm := caller.heard()
	continuous(t, packets)
	only(t, pcm[:7800], 440, 700, 30)
	caller.stream.SendDigit('5')
	r.run(300 * time.Millisecond)
	if packets, _ := caller.heard(); len(packets) < 5 || packets[0].PayloadType != 101 {
		t.Errorf("%d packets of a key", len(packets))
	}
}

// TestWhoHasNotTheKeyIsNotHeard: plain sound, sound under another key, and the phone's own packets again.
func TestWhoHasNotTheKeyIsNotHeard(t *testing.T) {
	r := newRig(t)
	caller, agent := r.locked(callerAt, codec.PCMA, 700, srtp.SHA80), r.phone(agentAt, codec.PCMA, 1300)
	stranger := r.locked("127.0.9.9:9000", codec.PCMA, 1900, srtp.SHA80)
	caller.stream.Bridge(agent.stream)
	r.run(2 * time.Millisecond)
	for range 50 {
		caller.send(caller.packet())
		caller.send(stranger.protect(stranger.packet()))
		r.run(20 * time.Millisecond)
	}
	if packets, _ := agent.heard(); len(packets) != 0 {
		t.Fatalf("%d packets passed without the key", len(packets))
	}
	good := caller.protect(caller.packet())
	for range 10 {
		caller.send(bytes.Clone(good))
		r.run(20 * time.Millisecond)
	}
	if packets, _ := agent.heard(); len(packets) != 1 {
		t.Errorf("%d packets passed, want the good one once", len(packets))
	}
	if q := r.quality(caller.party); q.Forged != 109 || q.Received != 1 {
		t.Errorf("%d forged and %d received, want 109 and 1", q.Forged, q.Received)
	}
}

// TestSRTPIsNotStolen: a stranger sends whatever it can before, while and after the phone speaks; it gets nothing.
func TestSRTPIsNotStolen(t *testing.T) {
	r := newRig(t)
	caller, agent := r.locked(callerAt, codec.PCMA, 700, srtp.GCM128), r.phone(agentAt, codec.PCMA, 1300)
	stranger := r.locked("198.51.100.9:9000", codec.PCMA, 1900, srtp.GCM128)
	caller.stream.Bridge(agent.stream)
	r.run(2 * time.Millisecond)
	var last []byte
	attack := func(speaks bool) {
		for range 100 {
			for _, b := range [][]byte{stranger.packet(), stranger.protect(stranger.packet()), last} {
				if b != nil {
					caller.wire.in = append(caller.wire.in, letter{octets: bytes.Clone(b), from: stranger.addr})
					caller.rtcp.in = append(caller.rtcp.in, letter{octets: rtp.AppendReport(nil, 1, nil), from: stranger.addr})
				}
			}
			if speaks {
				last = caller.protect(caller.packet())
				caller.send(bytes.Clone(last))
			}
			agent.send(agent.packet())
			r.run(20 * time.Millisecond)
		}
	}
	attack(false)
	attack(true)
	attack(false)
	for _, w := range []*wire{caller.wire, caller.rtcp} {
		for _, l := range w.out {
			if l.to.Addr() == stranger.addr.Addr() {
				t.Fatalf("%d octets went to the stranger", len(l.octets))
			}
		}
	}
	if packets, pcm := agent.heard(); len(packets) != 100 {
		t.Errorf("%d packets passed, want 100", len(packets))
	} else {
		only(t, pcm, 700, 1900, 36)
	}
}

// TestSRTPPhoneMayBeAnywhere: its key proves it, so that NAT needs no time to be believed.
func TestSRTPPhoneMayBeAnywhere(t *testing.T) {
	r := newRig(t)
	caller, agent := r.locked("203.0.113.5:4000", codec.PCMA, 700, srtp.GCM128), r.phone(agentAt, codec.PCMA, 1300)
	caller.stream.Bridge(agent.stream)
	r.run(2 * time.Millisecond)
	for _, at := range []string{"198.51.100.7:7000", "198.51.100.8:7002"} {
		caller.addr = netip.MustParseAddrPort(at)
		r.both(200*time.Millisecond, caller, agent, agent.send)
		if l := caller.wire.out[len(caller.wire.out)-1]; l.to != caller.addr {
			t.Errorf("sound goes to %s, want %s", l.to, caller.addr)
		}
	}
	if packets, pcm := agent.heard(); len(packets) != 20 {
		t.Errorf("%d packets passed, want all 20", len(packets))
	} else {
		only(t, pcm, 700, 1300, 36)
	}
}

// TestNewKeysWithoutAGap: packets under the old key are taken for a while, and no more; the sound goes on both ways.
func TestNewKeysWithoutAGap(t *testing.T) {
	r := newRig(t)
	caller, agent := r.locked(callerAt, codec.PCMA, 700, srtp.SHA80), r.phone(agentAt, codec.PCMA, 1300)
	caller.stream.Bridge(agent.stream)
	r.run(2 * time.Millisecond)
	r.both(time.Second, caller, agent, agent.send)
	_, before := caller.heard()
	ssrc := caller.stream.out.ssrc
	old := caller.seal
	caller.keys(srtp.NewKey(srtp.GCM128), srtp.NewKey(srtp.GCM128))
	fresh := caller.seal
	caller.stream.Set(caller.params())
	caller.seal = old
	r.both(time.Second, caller, agent, agent.send) // the phone hears of it late
	caller.seal = fresh
	r.both(time.Second, caller, agent, agent.send)
	packets, pcm := agent.heard()
	if len(packets) != 150 {
		t.Errorf("%d packets passed, want all 150", len(packets))
	}
	only(t, pcm, 700, 1300, 30)
	packets, after := caller.heard()
	if len(packets) < 99 || packets[0].SSRC == ssrc {
		t.Errorf("%d packets came under the new key, of source %x; before it was %x", len(packets), packets[0].SSRC, ssrc)
	}
	only(t, before[160:], 1300, 700, 36)
	only(t, after, 1300, 700, 36)
	r.run(4 * time.Second)
	caller.seal = old
	r.both(time.Second, caller, agent, agent.send)
	if packets, _ := agent.heard(); len(packets) != 0 {
		t.Errorf("%d packets passed under a key of long ago", len(packets))
	}
}

// TestHoldKeepsTheKeys: the same keys again, or none for a while, do not begin anew.
func TestHoldKeepsTheKeys(t *testing.T) {
	r := newRig(t)
	caller, agent := r.locked(callerAt, codec.PCMA, 700, srtp.GCM128), r.phone(agentAt, codec.PCMA, 1300)
	caller.stream.Bridge(agent.stream)
	r.run(2 * time.Millisecond)
	r.both(time.Second, caller, agent, agent.send)
	out := caller.stream.secure.out
	held := caller.params()
	held.Send = false
	plain := caller.party.params()
	for _, p := range []Params{held, caller.params(), held, plain, caller.params()} {
		caller.stream.Set(p)
		r.run(100 * time.Millisecond)
	}
	r.both(time.Second, caller, agent, agent.send)
	if caller.stream.secure.out != out {
		t.Error("the key began anew")
	}
	packets, _ := caller.heard()
	continuous(t, packets)
	if packets, pcm := agent.heard(); len(packets) != 100 {
		t.Errorf("%d packets passed, want all 100", len(packets))
	} else {
		only(t, pcm, 700, 1300, 30)
	}
}

// TestOneKeyAloneLetsNothingThrough: a description with half the keys is a fault, and never plain sound.
func TestOneKeyAloneLetsNothingThrough(t *testing.T) {
	r := newRig(t)
	caller, agent := r.locked(callerAt, codec.PCMA, 700, srtp.GCM128), r.phone(agentAt, codec.PCMA, 1300)
	caller.stream.Bridge(agent.stream)
	for _, p := range []Params{{In: caller.in}, {Out: caller.out}} {
		params := caller.party.params()
		params.In, params.Out = p.In, p.Out
		caller.stream.Set(params)
		r.run(2 * time.Millisecond)
		sent := len(caller.wire.out)
		for range 20 {
			caller.send(caller.packet())
			agent.send(agent.packet())
			r.run(20 * time.Millisecond)
		}
		if packets, _ := agent.heard(); len(packets) != 0 {
			t.Errorf("%d plain packets passed", len(packets))
		}
		if !p.Out.On() && len(caller.wire.out) != sent {
			t.Errorf("%d packets went out without a key", len(caller.wire.out)-sent)
		}
	}
}

// TestReportsAreProtected both ways, on a port of their own and on the sound's.
func TestReportsAreProtected(t *testing.T) {
	for _, mux := range []bool{false, true} {
		for _, suite := range srtp.Suites {
			r := newRig(t)
			caller := r.locked(callerAt, codec.PCMA, 700, suite)
			params := caller.params()
			params.Mux = mux
			caller.stream.Set(params)
			caller.stream.Echo(true)
			own, from := caller.rtcp, netip.AddrPortFrom(caller.addr.Addr(), caller.addr.Port()+1)
			if mux {
				own, from = caller.wire, caller.addr
			}
			r.both(10*time.Second, caller, caller.party, func([]byte) {})
			got := 0
			for _, l := range own.out {
				if !rtp.IsRTCP(l.octets) {
					continue
				}
				b, err := caller.open.RTCP(make([]byte, len(l.octets)), l.octets)
				var report rtp.Report
				if err != nil || report.Read(b) != nil || !report.HasSender || report.Blocks[0].SSRC != caller.ssrc {
					t.Fatalf("%s: report %+v, %v", suite, report, err)
				}
				got++
			}
			if got == 0 {
				t.Fatalf("%s, mux %v: no report in ten seconds", suite, mux)
			}
			block := rtp.Block{SSRC: caller.stream.out.ssrc, Jitter: 80}
			plain := rtp.AppendReport(nil, caller.ssrc, &rtp.Sender{NTP: 1 << 32}, block)
			own.in = append(own.in, letter{octets: plain, from: from})
			r.run(10 * time.Millisecond)
			if caller.stream.farJitter != 0 {
				t.Errorf("%s: a plain report was believed", suite)
			}
			sealed, err := caller.seal.RTCP(make([]byte, len(plain)+srtp.Overhead), plain)
			if err != nil {
				t.Fatal(err)
			}
			own.in = append(own.in, letter{octets: sealed, from: from})
			r.run(10 * time.Millisecond)
			if caller.stream.farJitter != 10*time.Millisecond {
				t.Errorf("%s, mux %v: the peer's report was not read", suite, mux)
			}
		}
	}
}

func TestSRTPPathAllocatesNothing(t *testing.T) {
	for _, suite := range srtp.Suites {
		sh, a, b, from := pair(t, codec.PCMU, codec.PCMA)
		seal := secureBoth(t, a, b, suite)
		f := newFeeder(codec.PCMU)
		wire := make([]byte, bufferLen)
		got := testing.AllocsPerRun(1000, func() {
			sh.now += int64(20 * time.Millisecond)
			sealed, err := seal.RTP(wire, f.next())
			if err != nil {
				t.Fatal(err)
			}
			a.arrived(sealed, from)
		})
		if got != 0 || b.rtp.(*nullConn).sent < 1000 {
			t.Errorf("%s: %v allocations a packet, %d sent", suite, got, b.rtp.(*nullConn).sent)
		}
	}
}

// secureBoth gives both streams of a pair keys, and returns what the caller protects with.
func secureBoth(tb testing.TB, a, b *Stream, suite srtp.Suite) *srtp.Out {
	tb.Helper()
	for _, s := range []*Stream{a, b} {
		p := s.p
		p.Remote, p.In, p.Out = s.latch.named, srtp.NewKey(suite), srtp.NewKey(suite)
		s.set(p)
	}
	seal, err := srtp.NewOut(a.p.In)
	if err != nil {
		tb.Fatal(err)
	}
	return seal
}

// BenchmarkForwardSRTP is our part of a packet from one protected stream to another, the phone's own part left out by a plain run.
func BenchmarkForwardSRTP(b *testing.B) {
	for _, suite := range srtp.Suites {
		b.Run(suite.String(), func(b *testing.B) {
			sh, from, to, at := pair(b, codec.PCMA, codec.PCMA)
			seal := secureBoth(b, from, to, suite)
			f := newFeeder(codec.PCMA)
			const ahead = 4096
			var all [ahead][]byte
			n := ahead
			b.ReportAllocs()
			for b.Loop() {
				if n == ahead {
					b.StopTimer()
					for i := range all {
						all[i], _ = seal.RTP(make([]byte, 256), f.next())
					}
					n = 0
					b.StartTimer()
				}
				sh.now += int64(20 * time.Millisecond)
				from.arrived(all[n], at)
				n++
			}
		})
	}
}
