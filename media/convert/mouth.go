package convert

import (
	"hotline/media/codec"
	"hotline/media/opus"
)

// Mouth speaks one codec to one stream. Make it with NewMouth, and Close it.
type Mouth struct {
	pool *opus.Pool
	kind codec.Kind
	g722 *codec.G722Encoder
	port *opus.Port
}

// NewMouth returns a mouth. pool encodes Opus.
func NewMouth(pool *opus.Pool) *Mouth { return &Mouth{pool: pool} }

// Become sets the codec. What a worker still has of another one is dropped.
func (m *Mouth) Become(kind codec.Kind) {
	if m.kind == kind {
		return
	}
	m.Close()
	m.kind = kind
	switch kind {
	case codec.G722:
		m.g722 = codec.NewG722Encoder()
	case codec.Opus:
		m.port = m.pool.Encoder()
	default:
	}
}

// Close gives the worker back.
func (m *Mouth) Close() {
	if m.port != nil {
		m.port.Close()
	}
	m.kind, m.port, m.g722 = codec.None, nil, nil
}

// Encode writes the octets of pcm to dst and returns how many; 0 for Opus, see Post.
func (m *Mouth) Encode(dst []byte, pcm []int16) int {
	if m.g722 != nil {
		return m.g722.Narrow(dst, pcm)
	}
	return m.kind.Encode(dst, pcm)
}

// Wired says that a worker encodes: Post and Packet take the place of Encode.
func (m *Mouth) Wired() bool { return m.port != nil }

// Post gives 10, 20, 40 or 60 ms to the worker; flag comes back with the packet. False: the worker is behind, and the sound is lost.
func (m *Mouth) Post(pcm []int16, flag bool) bool {
	j := m.port.Begin()
	if j == nil {
		return false
	}
	j.Kind, j.Flag = opus.Encode, flag
	j.N = copy(j.PCM[:], pcm)
	m.port.Submit()
	return true
}

// Packet copies the next finished packet to dst: n octets, 0 for one that libopus refused, and the samples in it. ok is false when there is
// none yet.
func (m *Mouth) Packet(dst []byte) (n, samples int, flag, ok bool) {
	j := m.port.Done()
	if j == nil {
		return 0, 0, false, false
	}
	n, samples, flag = copy(dst, j.Packet[:j.Octets]), j.N, j.Flag
	m.port.Next()
	return n, samples, flag, true
}

// Waiting says that the worker still has something to encode or to be fetched.
func (m *Mouth) Waiting() bool {
	return m.port != nil && (m.port.Waiting() > 0 || m.port.Done() != nil)
}
