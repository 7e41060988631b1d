package media

import (
	"fmt"
	"math/rand/v2"
	"net/netip"

	"hotline/media/socket"
)

// Browsers come to one port, whatever their number (RFC 8843), so that one hole in a firewall is enough. Once ICE has found
// the way, the stream takes its own socket on that port, connected to the browser: the kernel then hands it what the browser
// sends, STUN and DTLS too, and everybody else's packets go on to whoever listens on the port. Sound takes the same way as
// that of any phone.

// OpenShared opens a stream on near's shard (nil: the one with the fewest) without a port of its own: it is deaf and dumb until Plug.
// events as in Open. Errors: ErrClosed.
func (e *Engine) OpenShared(near *Stream, events func(Event)) (*Stream, error) {
	sh := e.quietest()
	if near != nil {
		sh = near.shard
	}
	if sh.over.Load() {
		return nil, ErrClosed
	}
	s := newStream(sh, unplugged{}, unplugged{}, netip.AddrPort{}, events)
	s.shared, s.spread = true, rand.Uint32()
	s.pace()
	sh.assigned.Add(1)
	if !sh.box.put(command{stream: s, do: sh.adopt}) {
		sh.assigned.Add(-1)
		return nil, ErrClosed
	}
	return s, nil
}

// Plug gives a shared stream its way: a socket on local, a port to which others are bound too (they and this one with
// SO_REUSEADDR), connected to remote. A second Plug takes the place of the first. foreign hears, on the shard's thread, every
// datagram that is neither RTP nor RTCP (RFC 7983 section 7) or came from elsewhere; b is valid until it returns. A socket that
// cannot be had is told as Failed.
func (s *Stream) Plug(local, remote netip.AddrPort, foreign func(b []byte, from netip.AddrPort)) {
	s.post(func(s *Stream) {
		if s.shared {
			s.plug(local, remote, foreign)
		}
	})
}

// Rehome returns a stream beside near that goes on where this shared one ends: with its way and keys, and as the same source to the peer, who
// notices nothing. Taps, rooms and what played do not come along. Errors: ErrClosed.
func (s *Stream) Rehome(near *Stream) (*Stream, error) {
	next, err := s.shard.engine.OpenShared(near, s.events)
	if err != nil {
		return nil, err
	}
	s.post(func(s *Stream) {
		p, secure, out, in, spoke := s.p, s.secure, s.out, s.in, s.spoke
		local, remote, foreign := s.local, s.plugged, s.foreign
		s.shard.release(s) // without a goodbye: the source goes on
		next.post(func(n *Stream) {
			n.secure, n.out, n.in, n.spoke = secure, out, in, spoke
			n.out.mapped = false
			n.set(p)
			if foreign != nil {
				n.plug(local, remote, foreign)
			}
		})
	})
	return next, nil
}

func (s *Stream) plug(local, remote netip.AddrPort, foreign func(b []byte, from netip.AddrPort)) {
	s.rtp.Close()
	s.rtp, s.foreign = unplugged{}, nil
	c, err := socket.Share(local, remote)
	if err == nil {
		err = s.shard.poll.Add(c, s.slot<<1)
	}
	if err != nil {
		if c != nil {
			c.Close()
		}
		s.shard.drop(s, fmt.Sprintf("plug into %s: %v", local, err))
		return
	}
	s.rtp, s.foreign, s.local, s.plugged = steady{c}, foreign, local, remote
}

// theirs passes on what is no sound of the peer's.
func (s *Stream) theirs(b []byte, from netip.AddrPort) bool {
	if s.foreign == nil || len(b) > 0 && b[0] >= 128 && b[0] < 192 && from == s.plugged {
		return false
	}
	s.foreign(b, from)
	return true
}

// unplugged is the socket of a stream that has none.
type unplugged struct{}

func (unplugged) Read([]byte) (int, netip.AddrPort, bool) { return 0, netip.AddrPort{}, false }
func (unplugged) Write([]byte, netip.AddrPort) bool       { return false }
func (unplugged) Connect(netip.AddrPort) bool             { return true }
func (unplugged) Close()                                  {}

// steady is a socket that stays connected: on a shared port a loose one would take everybody's packets.
type steady struct{ socket.Conn }

func (steady) Connect(netip.AddrPort) bool { return true }
