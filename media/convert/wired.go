package convert

import (
	"hotline/media/codec"
	"hotline/media/jitter"
	"hotline/media/opus"
)

// collect takes in what the worker has done.
func (e *Ear) collect() {
	for j := e.port.Done(); j != nil; j = e.port.Next() {
		e.asked = max(0, e.asked-int(j.Units))
		pcm := j.PCM[:j.N]
		if j.Flag {
			e.tell(codec.Opus, j.SSRC, j.Stamp, j.At, pcm)
		}
		e.conceal.Good(pcm)
		e.push(pcm, j.Kind != opus.Quiet)
	}
}

// ask gives the worker what the frames after this one need: one as long as it is in time. What came late is played all the same, so
// that the sound grows longer by what was invented meanwhile; the jitter buffer sees to it that it does not stay so.
func (e *Ear) ask(now int64) {
	if e.calm++; e.calm > calmAfter && e.lead > FrameLen {
		e.lead, e.calm = e.lead-FrameLen, 0
	}
	for e.n+e.asked < e.lead+e.need() {
		j := e.port.Begin()
		if j == nil {
			return
		}
		op, p := e.buffer.Take(now, FrameLen*unitsPerOpus)
		j.N, j.Octets = p.Length/unitsPerOpus, 0
		switch op {
		case jitter.Play:
			j.Kind, j.Octets = opus.Decode, copy(j.Packet[:], p.Payload)
			e.noise.on = false
			e.excess = max(e.excess, p.Excess/unitsPerOpus)
		case jitter.Conceal:
			j.N = max(whole, j.N/whole*whole)
			j.Kind, j.Octets = opus.Conceal, copy(j.Packet[:], p.Payload)
			if j.Octets > 0 {
				j.Kind = opus.Recover
			}
		default:
			j.Kind = opus.Quiet
		}
		j.N = min(j.N, opus.MaxSamples)
		j.Units = int32(j.N)
		j.SSRC, j.At, j.Flag = p.SSRC, p.At, p.Placed
		if p.Placed {
			j.Stamp = e.unwrapped(p.Stamp)
		}
		e.asked += j.N
		e.port.Submit()
	}
}

// whole is the grain of what the decoder makes up: 2.5 ms.
const whole = opus.Rate / 400

// unwrapped turns a timestamp of the Opus clock into samples: a sixth of it would jump where the timestamp wraps.
func (e *Ear) unwrapped(stamp uint32) uint32 {
	if e.passed == 0 {
		e.clock, e.passed = stamp, unitsPerOpus<<40
	}
	e.passed += int64(int32(stamp - e.clock))
	e.clock = stamp
	return uint32(e.passed / unitsPerOpus)
}
