package media

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"hotline/media/codec"
	"hotline/media/rtp"
	"hotline/media/srtp"

	"hotline/media/socket"
)

const (
	reportEvery  = 5 * int64(time.Second) // RFC 3550 section 6.2; the time between is 0.5 to 1.5 of it
	bufferDelay  = 40 * time.Millisecond  // packetization and a jitter buffer's least, for the E-model
	bufferJitter = 2                      // jitter buffers hold about twice the jitter
)

// rtcpState is what a stream knows from and for RTCP.
type rtcpState struct {
	cname  string
	rtcpTo netip.AddrPort
	spoke  bool // a report went out: goodbye must follow
	deaf   bool // the port for reports could not be had

	sentBefore uint64 // packets sent at the last report
	lastSR     uint32 // middle of the peer's last sender report
	lastSRAt   int64

	rtt       time.Duration
	farLoss   float64
	farJitter time.Duration
}

// rtcpAddress decides where reports go: where the SDP said, or beside the address that was learned.
func (s *Stream) rtcpAddress(p Params) {
	to := p.RemoteRTCP
	if !to.IsValid() || to.Addr().IsUnspecified() || s.latch.remote != s.latch.named {
		r := s.latch.remote
		to = netip.AddrPortFrom(r.Addr(), r.Port()+1)
	}
	s.rtcpTo = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
}

// openRTCP opens the port for reports, the one above that of the sound (RFC 3550 section 11), once there is sound: a call that ends
// before needs none, nor does one whose reports come on the port of the sound (RFC 5761). That saves such a leg six system calls
// and 2.7 kB in the kernel. Should another program have taken the port meanwhile, the stream goes on without reports.
func (s *Stream) openRTCP() {
	if s.rtcp != nil || s.shared || s.p.Mux || s.deaf {
		return
	}
	c, err := socket.Listen(netip.AddrPortFrom(s.addr.Addr(), s.addr.Port()+1))
	if err == nil {
		if err = s.shard.poll.Add(c, s.slot<<1|1); err != nil {
			c.Close()
		}
	}
	if err != nil {
		s.deaf = true
		s.shard.log.Warn("a media stream goes without RTCP", "port", s.addr.Port(), "err", err)
		return
	}
	s.rtcp = c
}

func (s *Stream) readableRTCP() {
	sh := s.shard
	for range extraReads {
		n, from, ok := s.rtcp.Read(sh.buf[:])
		if !ok || s.rtcpArrived(sh.buf[:n], from) {
			return
		}
	}
}

func (s *Stream) rtcpArrived(b []byte, from netip.AddrPort) bool {
	if !rtp.IsRTCP(b) {
		return s.discard()
	}
	if !s.reportFrom(b, from) {
		return false
	}
	if s.latch.locked && from.Addr() == s.latch.remote.Addr() {
		s.rtcpTo = from
	}
	return true
}

// reportFrom believes reports from the host that the sound comes from.
func (s *Stream) reportFrom(b []byte, from netip.AddrPort) bool {
	if from.Addr() != s.latch.remote.Addr() && from != s.rtcpTo {
		s.strangers++
		s.shard.counters.strangers++
		return false
	}
	if s.secure.on {
		if b = s.secure.open(s, b, (*srtp.In).RTCP); b == nil {
			return false
		}
	}
	r := &s.shard.report
	if r.Read(b) != nil || r.SSRC == s.out.ssrc {
		return s.discard()
	}
	now := s.shard.now
	if s.paused {
		s.heard = now
	}
	if r.HasSender && r.SSRC == s.in.SSRC {
		s.lastSR, s.lastSRAt = r.Sender.NTP.Middle(), now
	}
	if block, ok := r.About(s.out.ssrc); ok {
		s.hear(block, now)
	}
	return true
}

func (s *Stream) hear(b rtp.Block, now int64) {
	if rtt, ok := b.RTT(s.ntp(now)); ok {
		s.rtt = rtt
	}
	if s.out.packets > 0 {
		s.farLoss = min(100, max(0, 100*float64(b.Lost)/float64(s.out.packets)))
	}
	s.farJitter = time.Duration(min(int64(b.Jitter), int64(10*s.out.rate)) * int64(time.Second) / int64(s.out.rate))
}

func (s *Stream) ntp(now int64) rtp.NTP { return rtp.NTPOf(s.shard.engine.wall + now) }

func (s *Stream) rtcpWait() int64 { return reportEvery/2 + rand.Int64N(reportEvery) }

// sendReport is the RTCP timer: a report to the peer, and the next appointment.
func (s *Stream) sendReport(now int64) {
	s.shard.wheel.set(&s.rtcpTimer, now+s.rtcpWait())
	if s.latch.remote.IsValid() && s.out.packets+s.in.Received > 0 {
		s.openRTCP()
		s.sendRTCP(s.compound(now))
		s.spoke = true
	}
}

// compound is a sender or receiver report with the CNAME (RFC 3550 section 6.1).
func (s *Stream) compound(now int64) []byte {
	var blocks [1]rtp.Block
	n := 0
	if s.in.Received > 0 {
		blocks[0] = s.in.Report()
		if s.lastSRAt > 0 {
			blocks[0].LSR = s.lastSR
			blocks[0].DLSR = uint32((now - s.lastSRAt) << 10 / (1_000_000_000 >> 6))
		}
		n = 1
	}
	b := s.shard.out[:0]
	if s.out.packets > s.sentBefore {
		s.sentBefore = s.out.packets
		b = rtp.AppendReport(b, s.out.ssrc, &rtp.Sender{NTP: s.ntp(now), Timestamp: s.out.clock(now),
			Packets: uint32(s.out.packets), Octets: uint32(s.out.octets)}, blocks[:n]...)
	} else {
		b = rtp.AppendReport(b, s.out.ssrc, nil, blocks[:n]...)
	}
	return rtp.AppendCNAME(b, s.out.ssrc, s.cname)
}

func (s *Stream) sendRTCP(b []byte) {
	if s.secure.on {
		if b = s.secure.seal(s, b, (*srtp.Out).RTCP); b == nil {
			return
		}
	}
	switch {
	case s.p.Mux:
		s.rtp.Write(b, s.latch.remote)
	case s.rtcp != nil:
		s.rtcp.Write(b, s.rtcpTo)
	}
}

// sendBye says goodbye to a peer that has heard of us (RFC 3550 section 6.3.7).
func (s *Stream) sendBye() {
	if s.latch.remote.IsValid() && (s.spoke || s.out.packets > 0) {
		s.sendRTCP(rtp.AppendBye(s.compound(s.shard.now), s.out.ssrc))
	}
}

// quality sums the stream up.
func (s *Stream) quality() Quality {
	q := Quality{
		Received: s.in.Received, Sent: s.out.packets, Lost: s.in.Lost(), LossPct: s.in.LossPct(),
		Jitter: s.in.Jitter(), RTT: s.rtt, FarLossPct: s.farLoss, FarJitter: s.farJitter,
		SRTP: s.p.In.Suite().String(), Strangers: s.strangers, Forged: s.secure.forged, Junk: s.junk, Duplicates: s.in.Duplicates, Reorders: s.in.Reorders,
	}
	if s.p.Codec != codec.None {
		q.Codec = s.p.Codec.String()
	}
	if q.Received > 0 {
		delay := s.rtt/2 + bufferDelay + bufferJitter*q.Jitter
		q.MOS = rtp.Path{LossPct: q.LossPct, BurstRatio: s.in.BurstRatio(), Delay: delay}.MOS()
	}
	return q
}
