//go:build cgo && unix

package media

import (
	"net/netip"
	"syscall"
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/tape"
)

// cpuTime is what the process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// conversions are the ways on which sound is decoded or encoded.
var conversions = []struct{ caller, agent codec.Kind }{
	{codec.PCMA, codec.G722}, {codec.G722, codec.PCMU}, {codec.Opus, codec.PCMA}, {codec.PCMA, codec.Opus}, {codec.G722, codec.Opus},
}

// period lets 20 ms pass in which both sides get a packet, tick by tick, with the Opus workers' part done by others.
func period(sh *shard, now *int64, both ...func()) {
	for range 10 {
		*now += int64(2 * time.Millisecond)
		sh.now = *now
		for _, f := range both {
			f()
		}
		both = nil
		sh.wheel.advance(sh.now, sh.fire)
	}
}

func TestConversionAllocatesNothing(t *testing.T) {
	for _, row := range conversions {
		sh, a, b, from := pair(t, row.caller, row.agent)
		tap := tape.New(4096)
		a.tapTo(tap, tape.Left)
		b.tapTo(tap, tape.Right)
		toA, toB := newFeeder(row.caller), newFeeder(row.agent)
		agent := netip.MustParseAddrPort(agentAt)
		now := int64(0)
		put := func() { a.arrived(toA.next(), from); b.arrived(toB.next(), agent) }
		step := func() {
			period(sh, &now, put)
			sh.engine.opus.Work()
		}
		for range 10 {
			step() // coders are made with the first packets
		}
		sent := b.rtp.(*nullConn).sent
		if got := testing.AllocsPerRun(500, step); got != 0 {
			t.Errorf("%v to %v: %v allocations in 20 ms", row.caller, row.agent, got)
		}
		if got := b.rtp.(*nullConn).sent - sent; got < 495 {
			t.Errorf("%v to %v: %d packets sent of 500", row.caller, row.agent, got)
		}
	}
}

func TestPlayToCodecsAllocatesNothing(t *testing.T) {
	for _, kind := range []codec.Kind{codec.G722, codec.Opus} {
		sh, a, _, _ := pair(t, kind, kind)
		a.startPlay(Playback{Sounds: []*Sound{toneSound(500, 90*time.Millisecond)}, Loop: true})
		now := int64(0)
		step := func() {
			period(sh, &now)
			sh.engine.opus.Work()
		}
		step()
		if got := testing.AllocsPerRun(500, step); got != 0 {
			t.Errorf("%v: %v allocations in 20 ms", kind, got)
		}
	}
}

// BenchmarkConvert is 20 ms of a recorded call, both ways: the shard's part and, with Opus, the workers'. calls/core is by the process's own
// time, which other programs leave alone.
func BenchmarkConvert(b *testing.B) {
	for _, row := range conversions {
		b.Run(row.caller.String()+"-"+row.agent.String(), func(b *testing.B) {
			sh, one, other, from := pair(b, row.caller, row.agent)
			one.bridge(other)
			toA, toB := newFeeder(row.caller), newFeeder(row.agent)
			agent := netip.MustParseAddrPort(agentAt)
			now, ports := int64(0), sh.engine.opus
			put := func() { one.arrived(toA.next(), from); other.arrived(toB.next(), agent) }
			b.ReportAllocs()
			before := cpuTime()
			for b.Loop() {
				period(sh, &now, put)
				ports.Work()
			}
			if used := cpuTime() - before; used > 0 {
				b.ReportMetric(float64(20*time.Millisecond)*float64(b.N)/float64(used), "calls/core")
			}
		})
	}
}
