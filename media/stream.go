package media

import (
	"net/netip"
	"strconv"
	"time"

	"hotline/media/codec"
	"hotline/media/dtmf"
	"hotline/media/rtp"
	"hotline/media/srtp"
	"hotline/media/tape"

	"hotline/media/socket"
)

// Params is what an offer and answer decided about one stream.
type Params struct {
	Remote      netip.AddrPort // where to send RTP; invalid or unspecified: nowhere until learned
	RemoteRTCP  netip.AddrPort // invalid: Remote's port + 1 (RFC 3550 section 11)
	Codec       codec.Kind     // both ways; of PCMA and PCMU the other one is understood too under its static number
	PayloadType uint8          // of the codec in what we send
	TakeType    uint8          // of the codec in what we get; 0: PayloadType
	EventType   uint8          // of telephone-event (RFC 4733) in what we send; 0: the peer has none
	TakeEvent   uint8          // of telephone-event in what we get; 0: EventType
	EventClock  int            // of telephone-event's timestamps, both ways; 0: 8000
	Ptime       time.Duration  // of what we make ourselves, 10..60 ms; 0: 20 ms
	Send        bool           // false: held, nothing is sent
	Receive     bool           // false: what comes is dropped and silence is not told
	Mux         bool           // RTCP on the RTP port (RFC 5761)
	KeyTones    KeyTones       // whether keys are looked for in the speech too
	Noise       bool           // comfort noise was agreed (RFC 3389): pauses are told. What comes of it is understood in any case
	Learn       bool           // the peer may send from another address than Remote (NAT)
	In, Out     srtp.Key       // of SRTP: what the peer protects with, and we; both zero: plain RTP. One alone lets nothing through
}

// Playback is a sequence of sounds to play without gaps.
type Playback struct {
	ID     int // comes back in PlayDone
	Sounds []*Sound
	Loop   bool // for ever; PlayDone never comes
}

// Stream is one side's RTP session. All methods may be called from any goroutine, post a command to the shard and never
// wait; commands are carried out in order, within a tick (16 ms on a shard where nothing is sounding). On a closed stream they do
// nothing.
type Stream struct {
	shard  *shard
	addr   netip.AddrPort
	events func(Event)

	// The rest belongs to the shard's thread.
	slot      int32 // in shard.streams; -1: not there
	unwatched bool  // the poller does not know the socket now; see look
	shared    bool  // no port of its own; the next four are of such a stream
	spread    uint32
	local     netip.AddrPort
	plugged   netip.AddrPort
	foreign   func([]byte, netip.AddrPort)
	rtp, rtcp socket.Conn
	p         Params
	frame     int   // samples of a packet of our making
	period    int64 // the same in ns
	phase     int64 // where in the period this stream plays, ns

	latch  latch
	secure secure
	in     rtp.Stats
	heard  int64 // last packet, or since when we listen, ns
	first  bool  // a packet came
	paused bool  // the newest sound was comfort noise: reports are signs of life
	looked int64 // when the socket was read last while it is unwatched, ns
	keys   dtmf.Receiver
	ear    *keyEar // nil: tones are no keys

	peer *Stream
	echo bool
	tap  *tape.Tap
	side tape.Side

	seat     *seat     // in a room; nil: in none
	hearing  *hearing  // nil: what comes is not decoded
	speaking *speaking // nil: no sound was encoded yet
	passing  event
	pausing  pausing

	out    sender
	play   playback
	digits digits
	rtcpState

	playTimer, digitTimer, silenceTimer, rtcpTimer timer
	strangers, junk                                uint64
	last                                           Quality
}

func newStream(sh *shard, rtpConn, rtcpConn socket.Conn, addr netip.AddrPort, events func(Event)) *Stream {
	s := &Stream{shard: sh, addr: addr, events: events, slot: -1, spread: uint32(addr.Port() / 2), rtp: rtpConn, rtcp: rtcpConn, out: newSender()}
	s.cname = strconv.FormatUint(uint64(s.out.ssrc)<<16|uint64(addr.Port()), 36)
	s.pace()
	s.playTimer = timer{stream: s, fire: (*Stream).playNext}
	s.digitTimer = timer{stream: s, fire: (*Stream).digitNext}
	s.silenceTimer = timer{stream: s, fire: (*Stream).checkSilence}
	s.pausing.timer = timer{stream: s, fire: (*Stream).checkPause}
	s.rtcpTimer = timer{stream: s, fire: (*Stream).sendReport}
	return s
}

// Addr is the address and RTP port of our side, for SDP.
func (s *Stream) Addr() netip.AddrPort { return s.addr }

// Set applies a negotiated description. A new Remote starts latching anew; an invalid or unspecified one after a valid one
// is a hold of old (RFC 2543): nothing is sent until the next Set.
func (s *Stream) Set(p Params) { s.post(func(s *Stream) { s.set(p) }) }

// Bridge joins the two streams both ways and takes each out of the bridge or room it was in. Both must have been opened on one
// shard (Open's near); otherwise nothing happens but an error in the log.
func (s *Stream) Bridge(peer *Stream) { s.post(func(s *Stream) { s.bridge(peer) }) }

// Unbridge parts the stream from its peer, both ways.
func (s *Stream) Unbridge() { s.post((*Stream).part) }

// Beside tells whether both streams live on one shard, so that they can be bridged.
func (s *Stream) Beside(other *Stream) bool { return s.shard == other.shard }

// Echo sends what comes back to where it came from while on. It goes before a bridge.
func (s *Stream) Echo(on bool) {
	s.post(func(s *Stream) {
		s.echo = on
		s.rewire()
	})
}

// Play replaces what is being played. While it plays, neither bridge nor echo are heard by this stream's peer.
func (s *Stream) Play(p Playback) { s.post(func(s *Stream) { s.startPlay(p) }) }

// StopPlay ends the playback at once; no PlayDone comes.
func (s *Stream) StopPlay() { s.post((*Stream).stopPlay) }

// SendDigit sends one key by RFC 4733, or as a tone when the peer has no telephone-event. Up to 32 keys queue; others than
// 0-9*#A-D are ignored.
func (s *Stream) SendDigit(key byte) { s.post(func(s *Stream) { s.sendDigit(key) }) }

// Tap copies what is received to t as the given side; nil ends it. A tap belongs to the shard that saw it first: both sides
// must be streams of one shard, otherwise nothing happens but an error in the log.
func (s *Stream) Tap(t *tape.Tap, side tape.Side) { s.post(func(s *Stream) { s.tapTo(t, side) }) }

// Close ends the stream, returns its ports, and calls final (nil: nobody) with its quality, on the shard's thread, where it
// must not wait. Closing again tells the same quality again.
func (s *Stream) Close(final func(Quality)) {
	if s.shard.box.put(command{stream: s, do: func(s *Stream) { s.close(final) }}) {
		return
	}
	if final != nil { // the engine has ended and wrote last before it closed its box
		final(s.last)
	}
}

// post hands a command to the shard; it is ignored when the stream is closed by then.
func (s *Stream) post(do func(*Stream)) {
	s.shard.box.put(command{stream: s, do: func(s *Stream) {
		if s.slot >= 0 {
			do(s)
		}
	}})
}

func (s *Stream) tell(e Event) {
	if s.events != nil {
		s.events(e)
	}
}

func (s *Stream) set(p Params) {
	valid := p.Remote.IsValid() && !p.Remote.Addr().IsUnspecified() && p.Remote.Port() != 0
	if !valid && s.latch.remote.IsValid() {
		p.Send = false
		s.latch.learn = p.Learn
	} else if s.latch.name(p.Remote, p.Learn) {
		s.rtp.Connect(netip.AddrPort{})
	}
	s.rtcpAddress(p)
	s.secure.set(s, p)
	was := s.p
	s.p = p
	s.setKeyTones(p.KeyTones)
	s.recode()
	s.watchPauses()
	if p.Receive && !was.Receive {
		s.heard = s.shard.now
		s.shard.wheel.set(&s.silenceTimer, s.heard+int64(s.shard.engine.config.SilenceAfter))
	}
	if s.rtcpTimer.next == nil {
		s.shard.wheel.set(&s.rtcpTimer, s.shard.now+s.rtcpWait()/2) // RFC 3550 section 6.2: the first comes sooner
	}
}

// recode follows what was agreed: clocks, packet size, and what has to be decoded and encoded now.
func (s *Stream) recode() {
	p := &s.p
	if p.TakeType == 0 {
		p.TakeType = p.PayloadType
	}
	if p.TakeEvent == 0 {
		p.TakeEvent = p.EventType
	}
	s.out.retime(p.Codec.ClockRate(), s.shard.now)
	s.in.Retime(p.Codec.ClockRate())
	s.pace()
	if s.speaking != nil {
		s.speaking.become(p.Codec)
	}
	s.rewire()
}

func (p *Params) eventClock() int {
	if p.EventClock == 0 {
		return rtp.ClockRate
	}
	return p.EventClock
}

// pace sets the packet size of what we make. The phase spreads streams over the ticks of a period.
func (s *Stream) pace() {
	ptime := s.p.Ptime.Truncate(10 * time.Millisecond)
	if ptime < 10*time.Millisecond || ptime > 60*time.Millisecond {
		ptime = 20 * time.Millisecond
	}
	if odd := ptime == 30*time.Millisecond || ptime == 50*time.Millisecond; odd && s.p.Codec == codec.Opus {
		ptime -= 10 * time.Millisecond // Opus has no frames of that length (RFC 6716 section 2.1.4)
	}
	s.period, s.frame = int64(ptime), codec.Samples(ptime)
	s.phase = int64(s.spread) * int64(s.shard.engine.config.Tick) % s.period
}

func (s *Stream) bridge(peer *Stream) {
	if peer == nil || peer == s || peer.shard != s.shard {
		s.shard.log.Error("media streams cannot be bridged: not of one shard", "port", s.addr.Port())
		return
	}
	if peer.slot < 0 || s.peer == peer {
		return
	}
	s.part()
	peer.part()
	s.standUp()
	peer.standUp()
	s.peer, peer.peer = peer, s
	s.rewire()
}

func (s *Stream) part() {
	if peer := s.peer; peer != nil {
		peer.peer, peer.out.mapped = nil, false
		s.peer, s.out.mapped = nil, false
		s.rewire()
		peer.rewire()
	}
}

func (s *Stream) tapTo(t *tape.Tap, side tape.Side) {
	if t != nil && !t.Attach(s.shard, side, s.shard.now) {
		s.shard.log.Error("media tap refused: it belongs to another shard", "port", s.addr.Port())
		return
	}
	s.tap, s.side = t, side
	s.rewire()
}

func (s *Stream) stopTimers() {
	s.playTimer.stop()
	s.digitTimer.stop()
	s.silenceTimer.stop()
	s.rtcpTimer.stop()
	s.pausing.timer.stop()
}

func (s *Stream) close(final func(Quality)) {
	if s.slot >= 0 {
		s.sendBye()
		s.last = s.quality()
		s.shard.release(s)
	}
	if final != nil {
		final(s.last)
	}
}

// checkSilence looks whether packets still come; the time of the last one moves the timer, not each packet.
func (s *Stream) checkSilence(now int64) {
	if !s.p.Receive {
		return
	}
	after := int64(s.shard.engine.config.SilenceAfter)
	due := s.heard + after
	if now >= due {
		due = now + after
		if s.p.Learn {
			s.latch.forget()
			s.rtp.Connect(netip.AddrPort{})
		}
		s.tell(Silent{For: time.Duration(now - s.heard)})
	}
	s.shard.wheel.set(&s.silenceTimer, due)
}
