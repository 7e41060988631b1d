package media

import (
	"hotline/media/codec"
	"hotline/media/dtmf"
	"hotline/media/rtp"
)

// KeyTones says when a stream listens for keys as tones in the speech, beside telephone-events.
type KeyTones uint8

// When tones are listened for. A key that comes both ways is told once.
const (
	TonesNever  KeyTones = iota
	TonesAlone           // while the stream is in no bridge: enough for menus and PINs, and costs nothing during a talk
	TonesAlways          // in a bridge too
)

const (
	sameKey    = 500 * 1_000_000 // ns by which the event and the tone of one press may be apart
	unmatched  = 4               // keys of one way that wait for the other
	newSpeech  = 100 * 8         // samples missing after which what was heard before is forgotten
	oldSamples = 8000            // timestamps this far back are a new source, not a late packet
)

// keyEar is the part of a stream that finds tone keys; nil when it does not listen.
type keyEar struct {
	detector dtmf.Detector
	next     uint32 // timestamp after the newest packet
	once     once
}

func (s *Stream) setKeyTones(when KeyTones) {
	switch {
	case when == TonesNever:
		s.ear = nil
	case s.ear == nil:
		s.ear = &keyEar{}
	}
}

// hearKeys listens to a packet of G.711.
func (s *Stream) hearKeys(p *rtp.Packet, payload []byte, law codec.Kind) {
	if !s.awaitsTones() {
		return
	}
	sh := s.shard
	if s.ear.follows(p.Timestamp, len(payload)) {
		s.toneKeys(sh.pcm[:law.Decode(sh.pcm[:], payload)])
	}
}

// awaitsTones says whether tones are keys now. Other codecs than G.711 are listened to as they are decoded (see hearNext).
func (s *Stream) awaitsTones() bool {
	return s.ear != nil && (s.p.KeyTones != TonesAlone || s.peer == nil && s.seat == nil)
}

// toneKeys tells the keys whose tones are in pcm, which follows what was given before.
func (s *Stream) toneKeys(pcm []int16) {
	for len(pcm) > 0 {
		rest, key, pressed := s.ear.detector.Next(pcm)
		if pcm = rest; pressed {
			s.pressed(key, byTone)
		}
	}
}

// follows says whether a packet is to be heard: not one that comes late. A lost one in between is passed over; after a longer
// gap listening begins anew, so that two presses of one key are not taken for one.
func (e *keyEar) follows(stamp uint32, samples int) bool {
	gap := int32(stamp - e.next)
	if gap < 0 && gap > -oldSamples {
		return false
	}
	if gap < 0 || gap > newSpeech {
		e.detector.Reset()
	}
	e.next = stamp + uint32(samples)
	return true
}

// pressed tells a key, unless the other way told the same press already.
func (s *Stream) pressed(key byte, by way) {
	if s.ear == nil || s.ear.once.first(key, by, s.shard.now) {
		s.tell(DigitPressed{Key: key})
	}
}

// way is how a key comes.
type way uint8

const (
	byEvent way = iota
	byTone
)

// once pairs the two ways in which one press may come.
type once struct {
	told [2][unmatched]struct { // by way: keys told that the other way did not bring yet
		key byte
		at  int64
	}
	next [2]int
}

// first is false when this press was told already.
func (o *once) first(key byte, by way, now int64) bool {
	other := &o.told[1-by]
	oldest := -1
	for i := range other {
		if other[i].key == key && now-other[i].at < sameKey && (oldest < 0 || other[i].at < other[oldest].at) {
			oldest = i
		}
	}
	if oldest >= 0 {
		other[oldest].key = 0
		return false
	}
	own := &o.told[by][o.next[by]]
	own.key, own.at = key, now
	o.next[by] = (o.next[by] + 1) % unmatched
	return true
}
