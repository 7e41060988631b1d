package media

import "time"

// A stream that plays to a caller while nobody listens to them (menus, announcements, hold music) leaves the poller and reads its
// socket with its own packets, two at a time: what comes is counted and watched for keys, which may be this late. It saves a
// seventh of such a call.

// glance is how long what comes to a stream that nobody listens to may lie.
const glance = int64(40 * time.Millisecond)

// glances is the most that is read at once: as much as a phone sends in that time at 10 ms a packet, and once more.
const glances = 8

// unheard says that of what comes only keys matter to anybody.
func (s *Stream) unheard() bool {
	return s.play.on && s.first && !s.shared && s.slot >= 0 &&
		s.peer == nil && !s.echo && s.tap == nil && s.seat == nil && s.hearing == nil && s.ear == nil
}

// look is called with each packet that is played.
func (s *Stream) look(now int64) {
	switch {
	case !s.unheard():
		s.watch()
	case !s.unwatched:
		s.shard.poll.Remove(s.rtp, s.slot<<1)
		s.unwatched, s.looked = true, now
	case now-s.looked >= glance:
		s.looked = now
		s.readAll()
	}
}

// readAll takes what lies in the socket.
func (s *Stream) readAll() {
	sh := s.shard
	for range glances {
		n, from, ok := s.rtp.Read(sh.buf[:])
		if !ok {
			return
		}
		s.arrived(sh.buf[:n], from)
		if !s.unwatched {
			return // what a packet set off gave the socket back to the poller, or closed it
		}
	}
}

// watch gives the socket back to the poller, which finds what lies in it. For a stream that was not taken from it, it does nothing.
func (s *Stream) watch() {
	if !s.unwatched {
		return
	}
	s.unwatched = false
	if s.slot < 0 {
		return
	}
	if err := s.shard.poll.Add(s.rtp, s.slot<<1); err != nil {
		s.shard.drop(s, err.Error())
	}
}
