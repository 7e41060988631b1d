package rtp

import (
	"encoding/binary"
	"errors"
	"time"
)

// RTCP packet types (RFC 3550 section 12.1).
const (
	typeSR   = 200
	typeRR   = 201
	typeSDES = 202
	typeBye  = 203
)

const (
	blockLen  = 24
	cnameItem = 1
	maxBlocks = 31
)

// ErrRTCP means that the octets are no RTCP compound packet (RFC 3550 A.2).
var ErrRTCP = errors.New("malformed RTCP packet")

// NTP is a 64 bit NTP timestamp (RFC 3550 section 4): seconds since 1900 and their fraction.
type NTP uint64

const ntpEpoch = 2208988800 // 1970 in seconds since 1900

// NTPOf converts a Unix time in nanoseconds.
func NTPOf(unixNano int64) NTP {
	sec, ns := unixNano/1e9, unixNano%1e9
	if ns < 0 {
		sec, ns = sec-1, ns+1e9
	}
	return NTP(uint64(sec+ntpEpoch)<<32 | uint64(ns)<<32/1e9)
}

// Middle is the middle 32 bits, in 1/65536 s: what LSR and DLSR are made of.
func (n NTP) Middle() uint32 { return uint32(n >> 16) }

// Sender is the sender's part of a report (RFC 3550 section 6.4.1).
type Sender struct {
	NTP             NTP
	Timestamp       uint32
	Packets, Octets uint32
}

// Block is one report block (RFC 3550 section 6.4.1).
type Block struct {
	SSRC     uint32 // the source that is reported on
	Fraction uint8  // lost since the last report, of 256
	Lost     int32  // cumulative, 24 bits
	Highest  uint32 // extended highest sequence number
	Jitter   uint32 // timestamp units
	LSR      uint32 // Middle of the last sender report; 0: none came
	DLSR     uint32 // time since then in 1/65536 s
}

// RTT is the time that a report block received at now says a round trip takes; false when it cannot tell (RFC 3550 section 6.4.1).
func (b Block) RTT(now NTP) (time.Duration, bool) {
	if b.LSR == 0 {
		return 0, false
	}
	d := int32(now.Middle() - b.LSR - b.DLSR)
	if d < 0 {
		if d < -1<<10 { // more than 16 ms before it was sent is nonsense, less is rounding of clocks
			return 0, false
		}
		d = 0
	}
	if d > 60<<16 {
		return 0, false
	}
	return time.Duration(d) * time.Second >> 16, true
}

// Report is what a compound RTCP packet said, as far as Hotline cares.
type Report struct {
	SSRC      uint32 // of who reports
	HasSender bool
	Sender    Sender
	Blocks    [maxBlocks]Block
	N         int // how many of Blocks are valid
	Bye       bool
}

// Read parses a compound packet after the checks of RFC 3550 A.2. Types it does not know are passed over. Errors: ErrRTCP.
func (r *Report) Read(b []byte) error {
	r.SSRC, r.HasSender, r.N, r.Bye = 0, false, 0, false
	if len(b) < 8 || b[0]&0xe0 != version<<6 || (b[1] != typeSR && b[1] != typeRR) {
		return ErrRTCP
	}
	for len(b) > 0 {
		if len(b) < 4 || b[0]>>6 != version {
			return ErrRTCP
		}
		n := 4 * (int(binary.BigEndian.Uint16(b[2:])) + 1)
		if n > len(b) {
			return ErrRTCP
		}
		if !r.part(b[:n]) {
			return ErrRTCP
		}
		b = b[n:]
	}
	return nil
}

func (r *Report) part(b []byte) bool {
	count := int(b[0] & 0x1f)
	switch b[1] {
	case typeSR:
		if len(b) < 28+count*blockLen {
			return false
		}
		r.SSRC = binary.BigEndian.Uint32(b[4:])
		r.HasSender = true
		r.Sender = Sender{
			NTP:       NTP(binary.BigEndian.Uint64(b[8:])),
			Timestamp: binary.BigEndian.Uint32(b[16:]),
			Packets:   binary.BigEndian.Uint32(b[20:]),
			Octets:    binary.BigEndian.Uint32(b[24:]),
		}
		r.blocks(b[28:], count)
	case typeRR:
		if len(b) < 8+count*blockLen {
			return false
		}
		r.SSRC = binary.BigEndian.Uint32(b[4:])
		r.blocks(b[8:], count)
	case typeBye:
		r.Bye = true
	}
	return true
}

func (r *Report) blocks(b []byte, count int) {
	for range count {
		if r.N == len(r.Blocks) {
			return
		}
		r.Blocks[r.N] = Block{
			SSRC:     binary.BigEndian.Uint32(b),
			Fraction: b[4],
			Lost:     int32(binary.BigEndian.Uint32(b[4:])<<8) >> 8,
			Highest:  binary.BigEndian.Uint32(b[8:]),
			Jitter:   binary.BigEndian.Uint32(b[12:]),
			LSR:      binary.BigEndian.Uint32(b[16:]),
			DLSR:     binary.BigEndian.Uint32(b[20:]),
		}
		r.N++
		b = b[blockLen:]
	}
}

// About finds the block that reports on ssrc.
func (r *Report) About(ssrc uint32) (Block, bool) {
	for _, b := range r.Blocks[:r.N] {
		if b.SSRC == ssrc {
			return b, true
		}
	}
	return Block{}, false
}

// AppendReport appends a sender report (sender not nil) or receiver report with the blocks, at most 31 (RFC 3550 section 6.4).
func AppendReport(b []byte, ssrc uint32, sender *Sender, blocks ...Block) []byte {
	kind, words := byte(typeRR), 1+6*len(blocks)
	if sender != nil {
		kind, words = typeSR, words+5
	}
	b = append(b, version<<6|byte(len(blocks)), kind, byte(words>>8), byte(words))
	b = binary.BigEndian.AppendUint32(b, ssrc)
	if sender != nil {
		b = binary.BigEndian.AppendUint64(b, uint64(sender.NTP))
		b = binary.BigEndian.AppendUint32(b, sender.Timestamp)
		b = binary.BigEndian.AppendUint32(b, sender.Packets)
		b = binary.BigEndian.AppendUint32(b, sender.Octets)
	}
	for _, k := range blocks {
		b = binary.BigEndian.AppendUint32(b, k.SSRC)
		b = binary.BigEndian.AppendUint32(b, uint32(k.Fraction)<<24|uint32(k.Lost)&0xffffff)
		b = binary.BigEndian.AppendUint32(b, k.Highest)
		b = binary.BigEndian.AppendUint32(b, k.Jitter)
		b = binary.BigEndian.AppendUint32(b, k.LSR)
		b = binary.BigEndian.AppendUint32(b, k.DLSR)
	}
	return b
}

// AppendCNAME appends a source description with the canonical name, at most 255 octets of it (RFC 3550 section 6.5.1).
func AppendCNAME(b []byte, ssrc uint32, cname string) []byte {
	cname = cname[:min(255, len(cname))]
	size := 4 + 2 + len(cname) + 1 // SSRC, item, end of the list
	words := (size + 3) / 4
	b = append(b, version<<6|1, typeSDES, byte(words>>8), byte(words))
	b = binary.BigEndian.AppendUint32(b, ssrc)
	b = append(b, cnameItem, byte(len(cname)))
	b = append(b, cname...)
	for range 4*words - size + 1 {
		b = append(b, 0)
	}
	return b
}

// AppendBye appends a goodbye (RFC 3550 section 6.6).
func AppendBye(b []byte, ssrc uint32) []byte {
	b = append(b, version<<6|1, typeBye, 0, 1)
	return binary.BigEndian.AppendUint32(b, ssrc)
}
