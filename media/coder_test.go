package media

import (
	"hotline/media/codec"
	"hotline/media/opus"
	"hotline/media/rtp"
)

// coder is a phone's end of a codec other than G.711.
type coder struct {
	up   *codec.G722Encoder
	down *codec.G722Decoder
	pool *opus.Pool
	enc  *opus.Port
	dec  *opus.Port

	still bool   // say the same packet again and again: encoding is what takes a long test's time
	said  []byte // that packet's payload
}

// coded is the phone's next packet with pcm in it.
func (p *party) coded(pcm []int16) []byte {
	b := make([]byte, rtp.HeaderLen+1300)
	n := copy(b[rtp.HeaderLen:], p.said)
	if n == 0 {
		n = p.encode(b[rtp.HeaderLen:], pcm)
	}
	if p.still {
		p.said = append(p.said[:0], b[rtp.HeaderLen:rtp.HeaderLen+n]...)
	}
	p.header(p.law.PayloadType(), p.stamp).Put(b)
	p.stamp += uint32(p.size * p.law.ClockRate() / codec.SampleRate)
	return b[:rtp.HeaderLen+n]
}

// encode writes pcm to b in the phone's codec.
func (p *party) encode(b []byte, pcm []int16) (n int) {
	switch p.law {
	case codec.G722:
		if p.up == nil {
			p.up = codec.NewG722Encoder()
		}
		n = p.up.Narrow(b, pcm)
	case codec.Opus:
		p.ports()
		j := p.enc.Begin()
		j.Kind, j.N = opus.Encode, copy(j.PCM[:], pcm)
		p.enc.Submit()
		p.pool.Work()
		n = copy(b, p.enc.Done().Packet[:p.enc.Done().Octets])
		p.enc.Next()
	default:
	}
	return n
}

// decoded is what the phone hears of a payload.
func (p *party) decoded(payloadType uint8, payload []byte) []int16 {
	switch payloadType {
	case codec.G722.PayloadType():
		if p.down == nil {
			p.down = codec.NewG722Decoder()
		}
		pcm := make([]int16, len(payload))
		p.down.Narrow(pcm, payload)
		return pcm
	case codec.OpusType:
		p.ports()
		j := p.dec.Begin()
		j.Kind, j.Octets = opus.Decode, copy(j.Packet[:], payload)
		p.dec.Submit()
		p.pool.Work()
		pcm := append([]int16(nil), p.dec.Done().PCM[:p.dec.Done().N]...)
		p.dec.Next()
		return pcm
	}
	return nil
}

func (p *party) ports() {
	if p.pool == nil {
		p.pool = opus.NewPool(1)
		p.enc, p.dec = p.pool.Encoder(), p.pool.Decoder()
	}
}
