// Package convert turns packets of any codec into even sound and back: an Ear hears one stream, a Mouth speaks to one. Who mixes,
// records, listens for tones or joins two codecs uses them; who passes packets through needs neither.
//
// Sound is mono PCM at 8 kHz in frames of 20 ms. G.711 and G.722 are done on the spot, Opus by a worker (media/opus), which
// adds 20 ms to what is heard, and up to 80 where the machine is too busy to do it sooner. Both are for one goroutine, take the clock as an argument, never wait, and allocate
// nothing once the first packet of a codec has come.
package convert

import (
	"hotline/media/codec"
	"hotline/media/jitter"
	"hotline/media/opus"
	"hotline/media/rtp"
)

// FrameLen is the samples of a frame: 20 ms.
const FrameLen = 160

const (
	fifoLen      = 2*opus.MaxSamples + 2*FrameLen // what a late worker may bring at once, and two frames
	shortestPast = 2 * FrameLen                   // a shortened stretch begins as long as this
	mostLead     = 4 * FrameLen                   // asked of a worker ahead of time
	calmAfter    = 500                            // frames in time after which it is asked less far ahead: 10 s
	unitsPerOpus = opus.ClockRate / opus.Rate
)

// Piece is decoded sound at the place in time that its sender gave it.
type Piece struct {
	Kind        codec.Kind
	SSRC, Stamp uint32 // Stamp in samples, whatever the codec's clock
	At          int64  // when the packet arrived, ns
	PCM         []int16
}

// Ear hears one stream. Make it with NewEar, and Close it.
type Ear struct {
	// Heard is told of each piece as it is decoded, invented ones in the place of lost packets too; nil: nobody listens. PCM is the ear's.
	Heard func(Piece)

	// Behind counts the frames that a worker brought too late.
	Behind uint64

	pool    *opus.Pool
	buffer  *jitter.Buffer
	wired   bool // to a worker: the stream is Opus
	port    *opus.Port
	g722    *codec.G722Decoder
	conceal codec.Concealer
	noise   noise

	fifo    [fifoLen]int16
	n       int  // samples in fifo
	loud    int  // of them, up to the last that is not a pause
	talks   bool // what came last was no pause
	asked   int  // samples that the worker still owes
	lead    int  // samples that it is asked for ahead of time
	calm    int  // frames since it was late
	excess  int  // samples to shorten by
	frame   [FrameLen]int16
	scratch [opus.MaxSamples]int16

	clock  uint32 // Opus: the last timestamp, and where it is in a time that does not wrap
	passed int64
}

// NewEar returns an ear that has heard nothing. pool decodes Opus.
func NewEar(pool *opus.Pool) *Ear {
	return &Ear{pool: pool, buffer: jitter.New(codec.SampleRate), lead: FrameLen}
}

// Buffer is the jitter buffer, for its figures.
func (e *Ear) Buffer() *jitter.Buffer { return e.buffer }

// Close gives the worker back.
func (e *Ear) Close() {
	if e.port != nil {
		e.port.Close()
		e.port = nil
	}
}

// Put takes a packet that arrived now, in ns. It reports whether the packet will be heard: not when it is malformed, too late, doubled.
func (e *Ear) Put(h *rtp.Header, kind codec.Kind, payload []byte, now int64) bool {
	length := len(payload)
	if kind == codec.Opus {
		n, err := opus.Length(payload)
		if err != nil {
			return false
		}
		length = n
	}
	if kind == codec.None {
		return false
	}
	if wired := kind == codec.Opus; wired != e.wired {
		e.become(wired)
	}
	return e.buffer.Put(h, uint8(kind), length, payload, now)
}

// Skip says that a packet of the stream carried no sound: it is no loss.
func (e *Ear) Skip(h *rtp.Header) { e.buffer.Skip(h) }

// Noise takes the payload of a comfort noise packet (RFC 3389): its noise fills the pause that follows.
func (e *Ear) Noise(payload []byte) { e.noise.set(payload) }

// become changes between what is decoded here and what a worker decodes.
func (e *Ear) become(wired bool) {
	e.Close()
	e.wired, e.n, e.loud, e.asked, e.excess, e.talks = wired, 0, 0, 0, 0, false
	e.conceal.Reset()
	if wired {
		e.port = e.pool.Decoder()
		e.buffer.Reset(opus.ClockRate)
		return
	}
	e.buffer.Reset(codec.SampleRate)
}

// Frame is the next 20 ms, the ear's until the next call; ask every 20 ms. sound is false where the sender pauses: pcm is silence then.
func (e *Ear) Frame(now int64) (pcm []int16, sound bool) {
	if e.wired {
		e.collect()
		e.ask(now)
	} else {
		e.decode(now)
	}
	e.shorten()
	n := min(e.n, FrameLen)
	copy(e.frame[:], e.fifo[:n])
	copy(e.fifo[:], e.fifo[n:e.n])
	sound = e.loud > 0
	e.n, e.loud = e.n-n, max(0, e.loud-n)
	rest := e.frame[n:]
	clear(rest)
	if len(rest) > 0 && e.asked > 0 && e.talks {
		sound = true
		e.Behind++
		e.lead, e.calm = min(e.lead+FrameLen, mostLead), 0
		e.conceal.Lost(rest)
	}
	if !sound && e.noise.on {
		e.noise.fill(e.frame[:])
		sound = true
	}
	return e.frame[:], sound
}

// shorten leaves a pitch period out where the buffer holds more than it needs.
func (e *Ear) shorten() {
	if e.excess == 0 || e.n < shortestPast {
		return
	}
	e.n = len(codec.Shorten(e.fifo[:e.n], e.excess))
	e.loud, e.excess = min(e.loud, e.n), 0
}

// need is how many samples must be there: of a stretch that is to be shortened more than a frame.
func (e *Ear) need() int {
	if e.excess > 0 {
		return shortestPast
	}
	return FrameLen
}

// decode fills the fifo on the spot.
func (e *Ear) decode(now int64) {
	for e.n < e.need() {
		op, p := e.buffer.Take(now, FrameLen)
		pcm := e.scratch[:min(p.Length, len(e.scratch))]
		switch op {
		case jitter.Play:
			pcm = pcm[:e.decoded(codec.Kind(p.Type), pcm, p.Payload)]
			e.conceal.Good(pcm)
			e.noise.on = false
			e.excess = max(e.excess, p.Excess)
		case jitter.Conceal:
			e.conceal.Lost(pcm)
		default:
			clear(pcm)
			e.conceal.Reset()
		}
		if p.Placed {
			e.tell(codec.Kind(p.Type), p.SSRC, p.Stamp, p.At, pcm)
		}
		e.push(pcm, op != jitter.Silence)
		if len(pcm) == 0 {
			return
		}
	}
}

func (e *Ear) decoded(kind codec.Kind, pcm []int16, payload []byte) int {
	if kind != codec.G722 {
		return kind.Decode(pcm, payload)
	}
	if e.g722 == nil {
		e.g722 = codec.NewG722Decoder()
	}
	return e.g722.Narrow(pcm, payload)
}

func (e *Ear) tell(kind codec.Kind, ssrc, stamp uint32, at int64, pcm []int16) {
	if e.Heard != nil && len(pcm) > 0 {
		e.Heard(Piece{Kind: kind, SSRC: ssrc, Stamp: stamp, At: at, PCM: pcm})
	}
}

// push appends to the fifo; what does not fit is lost.
func (e *Ear) push(pcm []int16, sound bool) {
	e.n += copy(e.fifo[e.n:], pcm)
	e.talks = sound
	if sound {
		e.loud = e.n
	}
}
