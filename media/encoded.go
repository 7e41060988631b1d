package media

import (
	"sync"
	"sync/atomic"

	"hotline/media/codec"
	"hotline/media/opus"
	"hotline/media/rtp"
)

// Hold music goes to all who wait. In G.711 they share its octets; in G.722 and Opus, which remember what went before, they share packets that
// were encoded once: a decoder that comes in the middle has caught up within a few of them.

const (
	mostEncodings = 8                          // of one sound: two codecs in four packet sizes
	longestMusic  = 10 * 60 * codec.SampleRate // samples; what is longer is encoded for each stream
)

// packets are a sound in one codec and packet size. What is left over at its end is left out.
type packets struct {
	kind  codec.Kind
	frame int // samples
	all   [][]byte
}

// encodings are the packets that a sound has already. The zero value has none.
type encodings struct {
	ready  atomic.Pointer[[]*packets]
	mu     sync.Mutex
	begun  int
	making map[packetKind]bool
}

type packetKind struct {
	kind  codec.Kind
	frame int
}

// find gives the packets of a kind; nil: there are none yet.
func (e *encodings) find(k packetKind) *packets {
	if all := e.ready.Load(); all != nil {
		for _, p := range *all {
			if p.kind == k.kind && p.frame == k.frame {
				return p
			}
		}
	}
	return nil
}

// begin says whether the packets of a kind are to be made now, by who asks.
func (e *encodings) begin(k packetKind) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.making[k] || e.begun == mostEncodings {
		return false
	}
	if e.making == nil {
		e.making = map[packetKind]bool{}
	}
	e.begun++
	e.making[k] = true
	return true
}

func (e *encodings) add(p *packets) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []*packets
	if old := e.ready.Load(); old != nil {
		all = append(all, *old...)
	}
	all = append(all, p)
	e.ready.Store(&all)
}

// together finds the packets that the stream shares with all who play a sound for ever, or has them made for the next who do.
func (s *Stream) together(p Playback) *packets {
	if !p.Loop || len(p.Sounds) != 1 || p.Sounds[0] == nil || s.p.Codec == codec.None || s.p.Codec.Law() {
		return nil
	}
	sound, k := p.Sounds[0], packetKind{s.p.Codec, s.frame}
	if n := len(sound.ALaw); n < s.frame || n > longestMusic {
		return nil
	}
	found := sound.encodings.find(k)
	if found == nil && sound.encodings.begin(k) {
		s.shard.engine.encode(sound, k)
	}
	return found
}

// encode makes packets beside the shards: a minute of music takes a second or two in Opus.
func (e *Engine) encode(sound *Sound, k packetKind) {
	e.encoding.Go(func() {
		pcm := make([]int16, len(sound.ALaw)/k.frame*k.frame)
		codec.DecodeALaw(pcm, sound.ALaw)
		p := &packets{kind: k.kind, frame: k.frame}
		var err error
		if k.kind == codec.Opus {
			p.all, err = opus.Packets(pcm, k.frame)
		} else {
			encoder := codec.NewG722Encoder()
			for ; len(pcm) > 0; pcm = pcm[k.frame:] {
				octets := make([]byte, k.frame)
				p.all = append(p.all, octets[:encoder.Narrow(octets, pcm[:k.frame])])
			}
		}
		if err != nil {
			e.log.Error("music is encoded for each who hears it", "codec", k.kind, "err", err)
			return
		}
		sound.encodings.add(p)
	})
}

// playShared sends the packet that all send who are at this place of the sound; false where the description has changed since it began to play.
func (s *Stream) playShared(now int64) bool {
	p := &s.play
	if p.packets == nil || p.packets.kind != s.p.Codec || p.packets.frame != s.frame {
		return false
	}
	i := p.offset / s.frame % len(p.packets.all)
	p.offset = (i + 1) * s.frame
	if !s.sending() || s.digits.busy() {
		p.spurt = true
		return true
	}
	b := s.shard.out[:rtp.HeaderLen+len(p.packets.all[i])]
	copy(b[rtp.HeaderLen:], p.packets.all[i])
	h := rtp.Header{PayloadType: s.p.PayloadType}
	s.out.own(&h, now, s.frame*s.out.rate/codec.SampleRate, p.spurt)
	p.spurt = false
	h.Put(b)
	s.transmit(b)
	return true
}
