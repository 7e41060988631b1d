package srtp

import "encoding/binary"

const (
	flagEncrypted = 1 << 31 // of the word with the SRTCP index (RFC 3711 section 3.4)
	leastRTP      = 12      // octets of a header without CSRCs and extension
)

// Out protects what we send under one key. Not for several goroutines at once. A key must have one Out in its life: a second
// one would begin with the same key stream, which gives the sound away.
type Out struct {
	sound, reports *session
	tag            int // octets behind RTP
	sources        sources
}

// NewOut prepares a key. Errors: ErrKey.
func NewOut(k Key) (*Out, error) {
	sound, reports, err := sessions(&k)
	if err != nil {
		return nil, err
	}
	return &Out{sound: sound, reports: reports, tag: sizes[k.suite].tag}, nil
}

// RTP writes the protected packet to dst, which must have room for len(packet) + Overhead octets and be no part of it, and returns it.
// Errors: ErrForged for what is no RTP, ErrSpent.
func (o *Out) RTP(dst, packet []byte) ([]byte, error) {
	n := headerLen(packet)
	if n < 0 {
		return nil, ErrForged
	}
	ssrc, seq := binary.BigEndian.Uint32(packet[8:]), binary.BigEndian.Uint16(packet[2:])
	from := o.sources.keep(ssrc)
	index := from.index(seq)
	if index >= mostLife {
		return nil, ErrSpent
	}
	if !from.sound.any || index > from.sound.newest {
		from.sound.note(index)
	}
	rounds := uint32(index >> 16)
	dst = dst[:len(packet)]
	copy(dst, packet[:n])
	s := o.sound
	if s.aead != nil {
		s.aead.Seal(dst[n:n], s.vectorGCM(ssrc, rounds, seq), packet[n:], dst[:n])
		return dst[:len(packet)+tagGCM], nil
	}
	s.crypt(dst[n:], packet[n:], ssrc, index)
	return append(dst, s.tag(dst, s.rounds(rounds))[:o.tag]...), nil
}

// RTCP is RTP for a compound RTCP packet.
func (o *Out) RTCP(dst, packet []byte) ([]byte, error) {
	if len(packet) < clearRTCP {
		return nil, ErrForged
	}
	ssrc := binary.BigEndian.Uint32(packet[4:])
	from := o.sources.keep(ssrc)
	if from.report >= flagEncrypted-1 {
		return nil, ErrSpent
	}
	from.report++
	word := from.report | flagEncrypted
	dst = dst[:len(packet)]
	copy(dst, packet[:clearRTCP])
	s := o.reports
	if s.aead != nil {
		s.aead.Seal(dst[clearRTCP:clearRTCP], s.vectorRTCP(ssrc, from.report), packet[clearRTCP:], s.associated(packet, word))
		return binary.BigEndian.AppendUint32(dst[:len(packet)+tagGCM], word), nil
	}
	s.crypt(dst[clearRTCP:], packet[clearRTCP:], ssrc, uint64(from.report))
	dst = binary.BigEndian.AppendUint32(dst, word)
	return append(dst, s.tag(dst, nil)[:tagSHA]...), nil
}

// sessions are those of a key for RTP and RTCP.
func sessions(k *Key) (sound, reports *session, err error) {
	if !k.On() {
		return nil, nil, errNoKey
	}
	if sound, err = newSession(k, 0); err != nil {
		return nil, nil, err
	}
	reports, err = newSession(k, labelsRTCP)
	return sound, reports, err
}

// headerLen is the length of an RTP packet's header with CSRCs and extension, which stay in the clear (RFC 3711 section 3.1); -1 for what is no RTP.
func headerLen(b []byte) int {
	if len(b) < leastRTP || b[0]>>6 != 2 {
		return -1
	}
	n := leastRTP + 4*int(b[0]&0x0f)
	if b[0]&0x10 != 0 {
		if len(b) < n+4 {
			return -1
		}
		n += 4 + 4*int(binary.BigEndian.Uint16(b[n+2:]))
	}
	if n > len(b) {
		return -1
	}
	return n
}
