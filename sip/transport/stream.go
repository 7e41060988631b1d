package transport

import (
	"bytes"
	"errors"
)

// Reasons to close a stream: after them nobody can tell where the next message begins.
var (
	errNotSIP  = errors.New("stream does not carry SIP")
	errHead    = errors.New("header section too large")
	errLength  = errors.New("Content-Length unreadable")
	errBodyBig = errors.New("body too large")
)

// stream cuts messages out of the bytes of a connection. It owns its buffer.
type stream struct {
	maxHead, maxBody int

	buf     []byte
	scanned int // octets already searched for the end of the header
	need    int // length of the whole message once its header was read; 0: not yet
}

const firstBuffer = 2048

// room returns the space to read into.
func (s *stream) room() []byte {
	if cap(s.buf)-len(s.buf) < firstBuffer/2 {
		grown := make([]byte, len(s.buf), max(firstBuffer, 2*cap(s.buf)))
		copy(grown, s.buf)
		s.buf = grown
	}
	return s.buf[len(s.buf):cap(s.buf)]
}

func (s *stream) filled(n int) { s.buf = s.buf[:len(s.buf)+n] }

// begun says that part of a message waits for the rest.
func (s *stream) begun() bool {
	for _, c := range s.buf {
		if c != '\r' && c != '\n' {
			return true
		}
	}
	return false
}

// drop removes n octets from the front; an empty buffer that grew large goes back to the collector.
func (s *stream) drop(n int) {
	rest := copy(s.buf, s.buf[n:])
	s.buf, s.scanned, s.need = s.buf[:rest], 0, 0
	if rest == 0 && cap(s.buf) > 8*firstBuffer {
		s.buf = nil
	}
}

// next returns the next whole message as a copy of its own, or nil when more octets are needed. pings counts the double CRLFs before
// it, each of which wants a CRLF back (RFC 5626 4.4.1). With an error the stream is over, and a message beside it is the header of the
// one that could not be framed, so that its sender can be told.
func (s *stream) next() (message []byte, pings int, err error) {
	pings = s.skipBlank()
	if len(s.buf) == 0 {
		return nil, pings, nil
	}
	if s.need == 0 {
		if message, err = s.readHead(); err != nil {
			return message, pings, err
		}
	}
	if s.need == 0 || len(s.buf) < s.need {
		return nil, pings, nil
	}
	message = append(make([]byte, 0, s.need), s.buf[:s.need]...)
	s.drop(s.need)
	return message, pings, nil
}

// skipBlank removes line ends before a start line (RFC 3261 7.5). A lone CRLF may be half a ping and is kept until more comes.
func (s *stream) skipBlank() (pings int) {
	n := 0
	for n < len(s.buf) {
		rest := s.buf[n:]
		switch {
		case len(rest) >= 4 && string(rest[:4]) == "\r\n\r\n":
			pings, n = pings+1, n+4
		case rest[0] == '\n':
			n++
		case rest[0] == '\r' && len(rest) > 2 && string(rest) != "\r\n\r":
			n++
		default:
			if n > 0 {
				s.drop(n)
			}
			return pings
		}
	}
	s.drop(n)
	return pings
}

// readHead finds the end of the header and sets need.
func (s *stream) readHead() (head []byte, err error) {
	if s.buf[0] == '\r' {
		return nil, nil
	}
	if !tokenChar(s.buf[0]) {
		return nil, errNotSIP
	}
	end, searched := headEnd(s.buf, s.scanned), s.scanned
	s.scanned = len(s.buf)
	if end < 0 && len(s.buf) <= s.maxHead {
		if line := bytes.IndexByte(s.buf, '\n'); line >= searched && !saneLine(s.buf[:line]) {
			return nil, errNotSIP
		}
		return nil, nil
	}
	if end < 0 || end > s.maxHead {
		return nil, errHead
	}
	if !sane(s.buf[:end]) {
		return nil, errNotSIP
	}
	n, kind := contentLength(s.buf[:end], s.maxBody)
	switch kind {
	case lengthBad:
		return append([]byte(nil), s.buf[:end]...), errLength
	case lengthHuge:
		return append([]byte(nil), s.buf[:end]...), errBodyBig
	default: // a missing Content-Length counts as 0: what follows then has to look like SIP
		s.need = end + n
		return nil, nil
	}
}
