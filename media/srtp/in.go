package srtp

import (
	"crypto/subtle"
	"encoding/binary"
)

const (
	clearRTCP  = 8  // octets of an RTCP packet that stay in the clear
	maxSources = 64 // SSRCs under one key; a peer that mixes or transfers has a few in a call
)

// In opens what the peer sends under one key. Not for several goroutines at once.
type In struct {
	sound, reports *session
	tag            int // octets of the tag behind RTP
	mki            string
	opened, life   uint64 // RTP packets: so far, and at most
	sources        sources
	before         source // as the key before this one left it: its count of rounds goes on under the new key with most peers
}

// NewIn prepares a key that takes the place of an earlier one; nil: there was none. Errors: ErrKey.
func NewIn(k Key, before *In) (*In, error) {
	sound, reports, err := sessions(&k)
	if err != nil {
		return nil, err
	}
	i := &In{sound: sound, reports: reports, tag: sizes[k.suite].tag, mki: k.mki, life: k.life}
	if i.life == 0 {
		i.life = mostLife
	}
	if before != nil && before.opened > 0 {
		i.before = before.sources.all[before.sources.last]
	}
	return i, nil
}

// RTP opens a packet into dst, which must have room for len(packet) octets and be no part of it. Errors: ErrForged, ErrReplayed, ErrSpent.
func (i *In) RTP(dst, packet []byte) ([]byte, error) {
	if i.opened >= i.life {
		return nil, ErrSpent
	}
	n := headerLen(packet)
	if n < 0 || len(packet) < n+i.tag+len(i.mki) {
		return nil, ErrForged
	}
	from := source{ssrc: binary.BigEndian.Uint32(packet[8:])}
	at := i.sources.find(from.ssrc)
	switch {
	case at >= 0:
		from = i.sources.all[at]
	case len(i.sources.all) >= maxSources:
		return nil, ErrForged
	}
	index := from.index(binary.BigEndian.Uint16(packet[2:]))
	if !from.sound.fresh(index) {
		return nil, ErrReplayed
	}
	plain := i.openRTP(dst, packet, n, index)
	if plain == nil && i.opened == 0 && from.ssrc == i.before.ssrc {
		plain, index = i.continued(dst, packet, n, index)
	}
	if plain == nil {
		return nil, ErrForged
	}
	i.opened++
	i.sources.keep(from.ssrc).sound.note(index)
	return plain, nil
}

// openRTP opens a packet that has this index, whose header has n octets; nil: it is forged.
func (i *In) openRTP(dst, packet []byte, n int, index uint64) []byte {
	ssrc, rounds, s := binary.BigEndian.Uint32(packet[8:]), uint32(index>>16), i.sound
	if s.aead != nil { // the MKI comes last (RFC 7714 section 8)
		end := len(packet) - len(i.mki)
		if string(packet[end:]) != i.mki {
			return nil
		}
		if _, err := s.aead.Open(dst[n:n], s.vectorGCM(ssrc, rounds, uint16(index)), packet[n:end], packet[:n]); err != nil {
			return nil
		}
		copy(dst[:n], packet[:n])
		return dst[:end-tagGCM]
	}
	end := len(packet) - i.tag - len(i.mki)
	if string(packet[end:end+len(i.mki)]) != i.mki {
		return nil
	}
	if subtle.ConstantTimeCompare(s.tag(packet[:end], s.rounds(rounds))[:i.tag], packet[end+len(i.mki):]) != 1 {
		return nil
	}
	copy(dst[:n], packet[:n])
	s.crypt(dst[n:end], packet[n:end], ssrc, index)
	return dst[:end]
}

// continued tries the rounds that the source had made under the key before, and one more.
func (i *In) continued(dst, packet []byte, n int, index uint64) ([]byte, uint64) {
	for rounds := uint64(i.before.rounds()); rounds > 0 && rounds <= uint64(i.before.rounds())+1; rounds++ {
		index = rounds<<16 | index&0xffff
		if plain := i.openRTP(dst, packet, n, index); plain != nil {
			return plain, index
		}
	}
	return nil, 0
}

// RTCP is RTP for a compound RTCP packet.
func (i *In) RTCP(dst, packet []byte) ([]byte, error) {
	s, tag := i.reports, tagSHA
	if s.aead != nil {
		tag = tagGCM
	}
	if len(packet) < clearRTCP+tag+indexLen+len(i.mki) {
		return nil, ErrForged
	}
	ssrc := binary.BigEndian.Uint32(packet[4:])
	at := i.sources.find(ssrc)
	if at < 0 && len(i.sources.all) >= maxSources {
		return nil, ErrForged
	}
	end := len(packet) - len(i.mki) - indexLen // where the word with the index stands: before the MKI, and with AES-CM before the tag
	if s.aead == nil {
		end -= tag
	}
	word := binary.BigEndian.Uint32(packet[end:])
	index := word &^ flagEncrypted
	if at >= 0 && !i.sources.all[at].told.fresh(uint64(index)) {
		return nil, ErrReplayed
	}
	var plain []byte
	if word&flagEncrypted != 0 && string(packet[end+indexLen:end+indexLen+len(i.mki)]) == i.mki {
		plain = i.openRTCP(dst, packet, end, word)
	}
	if plain == nil {
		return nil, ErrForged
	}
	i.keepReport(ssrc, index)
	return plain, nil
}

// openRTCP opens a report whose word with the index stands at end; nil: it is forged.
func (i *In) openRTCP(dst, packet []byte, end int, word uint32) []byte {
	ssrc, index, s := binary.BigEndian.Uint32(packet[4:]), word&^flagEncrypted, i.reports
	if s.aead != nil {
		if _, err := s.aead.Open(dst[clearRTCP:clearRTCP], s.vectorRTCP(ssrc, index), packet[clearRTCP:end], s.associated(packet, word)); err != nil {
			return nil
		}
		copy(dst[:clearRTCP], packet)
		return dst[:end-tagGCM]
	}
	if subtle.ConstantTimeCompare(s.tag(packet[:end+indexLen], nil)[:tagSHA], packet[end+indexLen+len(i.mki):]) != 1 {
		return nil
	}
	copy(dst[:clearRTCP], packet)
	s.crypt(dst[clearRTCP:end], packet[clearRTCP:end], ssrc, uint64(index))
	return dst[:end]
}

// keepReport takes a report's number in; who speaks now is for sound alone to say.
func (i *In) keepReport(ssrc, index uint32) {
	last := i.sources.last
	i.sources.keep(ssrc).told.note(uint64(index))
	if i.opened > 0 {
		i.sources.last = last
	}
}
