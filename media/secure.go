package media

import (
	"time"

	"hotline/media/srtp"
)

// keyGrace is how long packets under the key before are taken after a new one was agreed: they are under way, and the peer may
// hear of the change later than we do.
const keyGrace = 3 * int64(time.Second)

// secure is the SRTP of one stream. Once on, what is not protected with the peer's key is dropped, and nothing goes out plain.
type secure struct {
	on     bool
	in     *srtp.In // kept, as out is, while the stream is plain again: a key must never begin anew
	out    *srtp.Out
	before *srtp.In // the key before in's, until then
	until  int64
	inKey  srtp.Key
	outKey srtp.Key
	forged uint64
}

// set takes the keys of a description. A key that stays keeps its state: hold and resume change nothing.
func (c *secure) set(s *Stream, p Params) {
	c.on = p.In.On() || p.Out.On()
	if p.In.On() && p.In != c.inKey {
		c.before, c.until, c.inKey = c.in, s.shard.now+keyGrace, p.In
		c.in = usable(srtp.NewIn(p.In, c.before))(s)
	}
	if p.Out.On() && p.Out != c.outKey {
		if c.out != nil {
			s.out.anew()
		}
		c.outKey = p.Out
		c.out = usable(srtp.NewOut(p.Out))(s)
	}
}

// usable logs why a key is not. The stream is then silent, never plain.
func usable[T any](v *T, err error) func(*Stream) *T {
	return func(s *Stream) *T {
		if err != nil {
			s.shard.log.Error("media stream has no key", "port", s.addr.Port(), "err", err)
			return nil
		}
		return v
	}
}

// open gives a packet without its protection, in memory of the shard's own; nil: it is not the peer's.
func (c *secure) open(s *Stream, b []byte, with func(*srtp.In, []byte, []byte) ([]byte, error)) []byte {
	sh := s.shard
	if c.in != nil && s.p.In.On() {
		if plain, err := with(c.in, sh.clear[:], b); err == nil {
			return plain
		}
	}
	if c.before != nil {
		if sh.now > c.until {
			c.before = nil
		} else if plain, err := with(c.before, sh.clear[:], b); err == nil {
			return plain
		}
	}
	c.forged++
	sh.counters.forged++
	return nil
}

// seal gives a packet with its protection, in memory of the shard's own; nil: it must not go out.
func (c *secure) seal(s *Stream, b []byte, with func(*srtp.Out, []byte, []byte) ([]byte, error)) []byte {
	if c.out == nil || !s.p.Out.On() {
		return nil
	}
	wire, err := with(c.out, s.shard.sealed[:], b)
	if err != nil {
		return nil
	}
	return wire
}
