// Package srtp protects RTP and RTCP packets and opens protected ones (RFC 3711, RFC 7714), and reads and writes the keys
// that SDP carries for them (RFC 4568).
//
// The ciphers are the standard library's; what is here is where their keys, vectors and tags come from and go. A packet costs no allocation, good or
// forged; keys are not printed by accident; what one peer may make us keep is bounded; a source goes on counting under a new key, as some peers do. It
// opens no socket and negotiates nothing: see media/sdp and media.
package srtp

import (
	"errors"
	"strings"
)

// Suite is how packets are protected. The zero value is none.
type Suite uint8

// The suites, best first: with AES in hardware, which every server has, GCM costs a fifth of what HMAC-SHA1 does without SHA in hardware.
const (
	None   Suite = iota
	GCM128       // AEAD_AES_128_GCM (RFC 7714)
	GCM256       // AEAD_AES_256_GCM (RFC 7714)
	SHA80        // AES_CM_128_HMAC_SHA1_80 (RFC 4568 section 6.2.1), which every phone has
	SHA32        // AES_CM_128_HMAC_SHA1_32 (RFC 4568 section 6.2.2): a short tag on RTP, a long one on RTCP
)

// Suites are all suites, best first.
var Suites = [...]Suite{GCM128, GCM256, SHA80, SHA32}

// size is the length of a suite's master key and salt, and of the tag on RTP, in octets, and its name in SDP.
type size struct {
	name           string
	key, salt, tag int
}

var sizes = [...]size{
	None:   {},
	GCM128: {"AEAD_AES_128_GCM", 16, 12, 16},
	GCM256: {"AEAD_AES_256_GCM", 32, 12, 16},
	SHA80:  {"AES_CM_128_HMAC_SHA1_80", 16, 14, 10},
	SHA32:  {"AES_CM_128_HMAC_SHA1_32", 16, 14, 4},
}

// String is the suite's name in SDP; "" for None.
func (s Suite) String() string {
	if int(s) < len(sizes) {
		return sizes[s].name
	}
	return ""
}

// SuiteNamed is the suite that SDP calls so, in any case; None for the suites that we do not have.
func SuiteNamed(name string) Suite {
	for _, s := range Suites {
		if strings.EqualFold(sizes[s].name, name) {
			return s
		}
	}
	return None
}

// Overhead is the most octets that protection adds to a packet: RTCP with a GCM tag and its index.
const Overhead = 24

// Why a packet was not opened. Compare with errors.Is.
var (
	ErrForged   = errors.New("SRTP packet is not the peer's: its tag is wrong, or it has none")
	ErrReplayed = errors.New("SRTP packet came before, or is too old to tell")
	ErrSpent    = errors.New("SRTP key has protected all the packets that it may")
)
