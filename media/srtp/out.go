package srtp

import (
	"fmt"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	pion "github.com/pion/srtp/v3"
)

var profiles = [...]pion.ProtectionProfile{
	GCM128: pion.ProtectionProfileAeadAes128Gcm,
	GCM256: pion.ProtectionProfileAeadAes256Gcm,
	SHA80:  pion.ProtectionProfileAes128CmHmacSha1_80,
	SHA32:  pion.ProtectionProfileAes128CmHmacSha1_32,
}

// Out protects what we send under one key. Not for several goroutines at once. A key must have one Out in its life: a second
// one would begin with the same key stream, which gives the sound away.
type Out struct {
	context *pion.Context
	rtp     rtp.Header
	rtcp    rtcp.Header
}

// NewOut prepares a key. Errors: ErrKey.
func NewOut(k Key) (*Out, error) {
	c, err := newContext(k)
	if err != nil {
		return nil, err
	}
	return &Out{context: c}, nil
}

func newContext(k Key, options ...pion.ContextOption) (*pion.Context, error) {
	if !k.On() {
		return nil, fmt.Errorf("%w: there is none", ErrKey)
	}
	c, err := pion.CreateContext(k.master(), k.salt(), profiles[k.suite], options...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return c, nil
}

// RTP writes the protected packet to dst, which must have room for len(packet) + Overhead octets, and returns it. Errors: ErrSpent.
func (o *Out) RTP(dst, packet []byte) ([]byte, error) {
	b, err := o.context.EncryptRTP(dst[:0], packet, &o.rtp)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSpent, err)
	}
	return b, nil
}

// RTCP is RTP for a compound RTCP packet.
func (o *Out) RTCP(dst, packet []byte) ([]byte, error) {
	b, err := o.context.EncryptRTCP(dst[:0], packet, &o.rtcp)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSpent, err)
	}
	return b, nil
}
