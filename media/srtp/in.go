package srtp

import (
	"encoding/binary"
	"errors"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	pion "github.com/pion/srtp/v3"
)

const (
	window     = 128 // packets that may come late (RFC 3711 section 3.3.2 wants 64 at least)
	leastRTCP  = 12  // octets of a header and the index
	maxSources = 64  // SSRCs under one key; a peer that mixes or transfers has a few in a call
)

// In opens what the peer sends under one key. Not for several goroutines at once.
type In struct {
	context *pion.Context
	rtp     rtp.Header
	rtcp    rtcp.Header
	tag     int    // octets behind an RTP packet, and the least behind an RTCP packet, with the MKI
	opened  uint64 // RTP packets
	last    uint32 // SSRC of the newest of them
	life    uint64
	sources [maxSources]uint32
	known   int // of sources

	// The source as the key before this one left it: its count of rounds goes on under the new key with most peers.
	before rounds
}

type rounds struct {
	ssrc, count uint32
}

// NewIn prepares a key that takes the place of an earlier one; nil: there was none. Errors: ErrKey.
func NewIn(k Key, before *In) (*In, error) {
	options := []pion.ContextOption{pion.SRTPReplayProtection(window), pion.SRTCPReplayProtection(window)}
	if k.mki != "" {
		options = append(options, pion.MasterKeyIndicator([]byte(k.mki)))
	}
	c, err := newContext(k, options...)
	if err != nil {
		return nil, err
	}
	i := &In{context: c, life: k.life, tag: sizes[k.suite].tag + len(k.mki)}
	if i.life == 0 {
		i.life = mostLife
	}
	if before != nil && before.opened > 0 {
		i.before.ssrc = before.last
		i.before.count, _ = before.context.ROC(i.before.ssrc)
	}
	return i, nil
}

// RTP opens a packet into dst, which must have room for len(packet) octets and be no part of it. Errors: ErrForged, ErrReplayed, ErrSpent.
func (i *In) RTP(dst, packet []byte) ([]byte, error) {
	if i.opened >= i.life {
		return nil, ErrSpent
	}
	n, err := i.rtp.Unmarshal(packet)
	if err != nil || len(packet) < n+i.tag || !i.room(i.rtp.SSRC) {
		return nil, ErrForged
	}
	b, err := i.context.DecryptRTP(dst[:0], packet, &i.rtp)
	if err != nil && i.opened == 0 && i.before.count > 0 && i.rtp.SSRC == i.before.ssrc {
		b, err = i.continued(dst, packet)
	}
	if err != nil {
		return nil, reason(err)
	}
	i.opened++
	i.last = i.rtp.SSRC
	i.keep(i.last)
	return b, nil
}

// continued tries the rounds that the source had made under the key before, and one more.
func (i *In) continued(dst, packet []byte) (b []byte, err error) {
	for _, count := range [...]uint32{i.before.count, i.before.count + 1} {
		i.context.SetROC(i.before.ssrc, count)
		if b, err = i.context.DecryptRTP(dst[:0], packet, &i.rtp); err == nil {
			return b, nil
		}
	}
	i.context.SetROC(i.before.ssrc, 0)
	return nil, err
}

// RTCP is RTP for a compound RTCP packet.
func (i *In) RTCP(dst, packet []byte) ([]byte, error) {
	if len(packet) < leastRTCP+i.tag {
		return nil, ErrForged
	}
	ssrc := binary.BigEndian.Uint32(packet[4:])
	if !i.room(ssrc) {
		return nil, ErrForged
	}
	b, err := i.context.DecryptRTCP(dst[:0], packet, &i.rtcp)
	if err != nil {
		return nil, reason(err)
	}
	i.keep(ssrc)
	return b, nil
}

// room says that the source is known, or that there is place for one more.
func (i *In) room(ssrc uint32) bool { return i.known < maxSources || i.has(ssrc) }

func (i *In) has(ssrc uint32) bool {
	for n := i.known - 1; n >= 0; n-- { // the newest is the one that speaks
		if i.sources[n] == ssrc {
			return true
		}
	}
	return false
}

// keep remembers a source that has proved itself.
func (i *In) keep(ssrc uint32) {
	if !i.has(ssrc) && i.known < maxSources {
		i.sources[i.known] = ssrc
		i.known++
	}
}

// reason puts pion's errors into ours. What was long enough, and is not forged, has come before.
func reason(err error) error {
	if errors.Is(err, pion.ErrFailedToVerifyAuthTag) || errors.Is(err, pion.ErrMKINotFound) {
		return ErrForged
	}
	return ErrReplayed
}
