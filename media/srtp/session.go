package srtp

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the HMAC of RFC 3711; nothing else is agreed for it
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"hash"
)

// The labels of key derivation (RFC 3711 section 4.3.2); RTCP's are three higher.
const (
	labelKey = iota
	labelAuth
	labelSalt
	labelsRTCP = 3
)

const (
	tagGCM   = 16
	tagSHA   = 10 // octets; AES_CM_128_HMAC_SHA1_32 has it on RTCP too
	authKey  = 20
	indexLen = 4 // of the E flag and SRTCP index
	chunk    = 256
)

// session is the cipher of one direction for RTP or for RTCP, with the memory that a packet needs: nothing is allocated for one.
type session struct {
	aead  cipher.AEAD  // GCM; nil with AES-CM
	block cipher.Block // AES-CM
	auth  hash.Hash
	salt  [16]byte
	iv    [16]byte
	tail  [16]byte // associated data of RTCP, or the count of rounds
	sum   [sha1.Size]byte
	flow  [chunk]byte // key stream
}

// newSession derives the session keys (RFC 3711 section 4.3, with a derivation rate of zero). labels is 0 for RTP, labelsRTCP for RTCP.
func newSession(k *Key, labels byte) (*session, error) {
	master, err := aes.NewCipher(k.master())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	s := &session{}
	key := derive(master, k.salt(), labels+labelKey, len(k.master()))
	copy(s.salt[:], derive(master, k.salt(), labels+labelSalt, len(k.salt())))
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	if k.suite == GCM128 || k.suite == GCM256 {
		if s.aead, err = cipher.NewGCM(block); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrKey, err)
		}
		return s, nil
	}
	s.block = block
	s.auth = hmac.New(sha1.New, derive(master, k.salt(), labels+labelAuth, authKey))
	return s, nil
}

// derive is the pseudo-random function of RFC 3711 section 4.3.3: AES in counter mode over the salt and the label.
func derive(master cipher.Block, salt []byte, label byte, n int) []byte {
	var in [aes.BlockSize]byte
	copy(in[:], salt)
	in[7] ^= label
	out := make([]byte, 0, n+aes.BlockSize)
	for i := uint16(0); len(out) < n; i++ {
		binary.BigEndian.PutUint16(in[14:], i)
		out = out[:len(out)+aes.BlockSize]
		master.Encrypt(out[len(out)-aes.BlockSize:], in[:])
	}
	return out[:n]
}

// vectorGCM is the initialization vector of RFC 7714 section 8.1: SSRC, rounds and sequence number over the salt.
func (s *session) vectorGCM(ssrc, rounds uint32, seq uint16) []byte {
	iv := s.iv[:12]
	copy(iv, s.salt[:12])
	binary.BigEndian.PutUint32(iv[2:], binary.BigEndian.Uint32(iv[2:])^ssrc)
	binary.BigEndian.PutUint32(iv[6:], binary.BigEndian.Uint32(iv[6:])^rounds)
	binary.BigEndian.PutUint16(iv[10:], binary.BigEndian.Uint16(iv[10:])^seq)
	return iv
}

// vectorRTCP is that of RFC 7714 section 9.1, which ends with the SRTCP index.
func (s *session) vectorRTCP(ssrc, index uint32) []byte {
	iv := s.iv[:12]
	copy(iv, s.salt[:12])
	binary.BigEndian.PutUint32(iv[2:], binary.BigEndian.Uint32(iv[2:])^ssrc)
	binary.BigEndian.PutUint32(iv[8:], binary.BigEndian.Uint32(iv[8:])^index)
	return iv
}

// crypt is AES in counter mode (RFC 3711 section 4.1.1) from src to dst, both ways the same; index is the packet's, 48 bits.
func (s *session) crypt(dst, src []byte, ssrc uint32, index uint64) {
	s.iv = s.salt
	binary.BigEndian.PutUint32(s.iv[4:], binary.BigEndian.Uint32(s.iv[4:])^ssrc)
	binary.BigEndian.PutUint64(s.iv[8:], binary.BigEndian.Uint64(s.iv[8:])^index<<16)
	count := uint16(0)
	for len(src) > 0 {
		n := min(len(src), chunk)
		for at := 0; at < n; at += aes.BlockSize {
			binary.BigEndian.PutUint16(s.iv[14:], count) // the salt has nothing here
			s.block.Encrypt(s.flow[at:at+aes.BlockSize], s.iv[:])
			count++
		}
		subtle.XORBytes(dst, src[:n], s.flow[:n])
		dst, src = dst[n:], src[n:]
	}
}

// tag is the HMAC over a packet and what follows it unsent; valid until the next one.
func (s *session) tag(packet, more []byte) []byte {
	s.auth.Reset()
	_, _ = s.auth.Write(packet) // a hash never fails
	_, _ = s.auth.Write(more)
	return s.auth.Sum(s.sum[:0])
}

// rounds is the count as it goes into the tag of RTP (RFC 3711 section 4.2).
func (s *session) rounds(n uint32) []byte {
	binary.BigEndian.PutUint32(s.tail[:], n)
	return s.tail[:4]
}

// associated is what GCM proves of RTCP beside the packet (RFC 7714 section 9.2): its first words and the index with the flag.
func (s *session) associated(packet []byte, word uint32) []byte {
	copy(s.tail[:8], packet)
	binary.BigEndian.PutUint32(s.tail[8:], word)
	return s.tail[:12]
}
