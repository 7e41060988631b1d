package sdp

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// The bounds of what is read. A browser's offer, the largest that is seen, has some 200 lines and 6 kB.
const (
	maxBytes   = 64 << 10
	maxLine    = 4 << 10
	maxLines   = 1000
	maxMedia   = 32
	maxFormats = 128
)

// ErrSyntax is wrapped by every error of Parse and by that of Body: the description cannot be used.
var ErrSyntax = errors.New("not a session description")

// Parse reads a description. It forgives what phones get wrong (line ends, order, missing s= and t=, blanks, unknown
// lines, broken attributes, which it takes as absent) and refuses, wrapping ErrSyntax, what has no meaning: no v=0, a broken m=
// line, or more than 64 kB, 1000 lines, 32 media or 128 formats.
func Parse(body []byte) (*Session, error) {
	if len(body) > maxBytes {
		return nil, fmt.Errorf("%w: %d bytes are too many", ErrSyntax, len(body))
	}
	r := reader{session: &Session{}}
	number := 0
	for line := range strings.FieldsFuncSeq(string(body), func(c rune) bool { return c == '\r' || c == '\n' }) {
		number++
		if number > maxLines || len(line) > maxLine {
			return nil, fmt.Errorf("%w: line %d is too much", ErrSyntax, number)
		}
		if err := r.line(line); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrSyntax, number, err)
		}
	}
	if !r.versioned {
		return nil, fmt.Errorf("%w: no v=0", ErrSyntax)
	}
	r.inherit()
	return r.session, nil
}

// reader holds the description while its lines come.
type reader struct {
	session   *Session
	versioned bool
}

// media is the line that attributes belong to now; nil while still at session level.
func (r *reader) media() *Media {
	if n := len(r.session.Media); n > 0 {
		return &r.session.Media[n-1]
	}
	return nil
}

// line takes one line in. Lines that are not type=value, and types that Hotline has no use for, are passed over.
func (r *reader) line(line string) error {
	letter, value, found := strings.Cut(strings.TrimSpace(line), "=")
	value = strings.TrimSpace(value)
	if !found {
		return nil
	}
	if !r.versioned && letter != "v" {
		return errors.New("v=0 must be first")
	}
	switch letter {
	case "v":
		r.versioned = true
		if value != "0" {
			return fmt.Errorf("version %q", value)
		}
	case "o":
		r.session.Origin = parseOrigin(value)
	case "t":
		r.session.Times = append(r.session.Times, value)
	case "c":
		r.conn(parseConn(value))
	case "m":
		return r.addMedia(value)
	case "a":
		r.attribute(value)
	}
	return nil
}

func (r *reader) conn(c Conn) {
	if m := r.media(); m != nil {
		m.Conn = c
		return
	}
	r.session.Conn = c
}

// addMedia reads "audio 49170/2 RTP/AVP 8 0 101".
func (r *reader) addMedia(value string) error {
	if len(r.session.Media) == maxMedia {
		return errors.New("too many media")
	}
	fields := strings.Fields(value)
	if len(fields) < 4 || len(fields) > 3+maxFormats {
		return fmt.Errorf("media with %d fields", len(fields))
	}
	first, _, _ := strings.Cut(fields[1], "/")
	port, ok := parseNumber(first, 65535)
	if !ok {
		return fmt.Errorf("port %q", fields[1])
	}
	r.session.Media = append(r.session.Media, Media{Type: fields[0], Port: uint16(port), Profile: fields[2], Formats: fields[3:]})
	return nil
}

// attribute takes in "name" or "name:value".
func (r *reader) attribute(attribute string) {
	name, value, _ := strings.Cut(attribute, ":")
	name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
	m := r.media()
	if d, ok := directionNamed(name); ok {
		if m == nil {
			r.session.Direction = d
		} else {
			m.Direction, m.directed = d, true
		}
		return
	}
	if m == nil {
		return
	}
	switch name {
	case "rtpmap":
		if line, ok := parseMap(value); ok && len(m.Maps) < maxFormats {
			m.Maps = append(m.Maps, line)
		}
	case "ptime":
		m.Ptime = parseMilliseconds(value)
	case "maxptime":
		m.MaxPtime = parseMilliseconds(value)
	case "crypto":
		if line, ok := parseCrypto(value); ok && len(m.Cryptos) < maxCrypto {
			m.Cryptos = append(m.Cryptos, line)
		}
	case "rtcp-mux":
		m.Mux = true
	case "rtcp":
		m.RTCPPort, m.RTCPAddr = parseRTCP(value)
	}
}

// inherit gives each media line what only the session said.
func (r *reader) inherit() {
	for i := range r.session.Media {
		m := &r.session.Media[i]
		if m.Conn.Host == "" {
			m.Conn = r.session.Conn
		}
		if !m.directed {
			m.Direction = r.session.Direction
		}
	}
}

// parseOrigin reads "user id version IN IP4 host"; fields that are missing stay empty.
func parseOrigin(value string) Origin {
	fields := append(strings.Fields(value), "", "", "", "", "", "")
	return Origin{User: fields[0], ID: fields[1], Version: fields[2], Host: fields[5]}
}

// parseConn reads "IN IP4 192.0.2.1/127"; the part after the slash belongs to multicast and is dropped.
func parseConn(value string) Conn {
	fields := strings.Fields(value)
	if len(fields) < 3 {
		return Conn{}
	}
	host, _, _ := strings.Cut(fields[2], "/")
	return Conn{Host: host, Addr: parseAddr(host)}
}

// parseAddr is the address in host, without a zone and with IPv4 as IPv4; invalid for names.
func parseAddr(host string) netip.Addr {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	return addr.WithZone("").Unmap()
}

// parseMap reads "8 PCMA/8000/1".
func parseMap(value string) (Map, bool) {
	fields := strings.Fields(value)
	if len(fields) < 2 {
		return Map{}, false
	}
	payload, ok := parseNumber(fields[0], 127)
	parts := strings.Split(fields[1], "/")
	if !ok || len(parts) < 2 {
		return Map{}, false
	}
	rate, ok := parseNumber(parts[1], 1_000_000)
	channels := 1
	if ok && len(parts) > 2 {
		channels, ok = parseNumber(parts[2], 255)
	}
	return Map{PayloadType: uint8(payload), Name: parts[0], Rate: rate, Channels: channels}, ok
}

// parseRTCP reads "53020" or "53020 IN IP6 2001:db8::1" (RFC 3605 section 2.1).
func parseRTCP(value string) (uint16, netip.Addr) {
	fields := strings.Fields(value)
	if len(fields) == 0 {
		return 0, netip.Addr{}
	}
	port, ok := parseNumber(fields[0], 65535)
	if !ok {
		return 0, netip.Addr{}
	}
	if len(fields) < 4 {
		return uint16(port), netip.Addr{}
	}
	return uint16(port), parseAddr(fields[3])
}

// parseMilliseconds reads a packet time of up to ten seconds, 0 for anything else. Some phones write "20.0".
func parseMilliseconds(value string) time.Duration {
	whole, _, _ := strings.Cut(value, ".")
	ms, ok := parseNumber(whole, 10_000)
	if !ok {
		return 0
	}
	return time.Duration(ms) * time.Millisecond
}

// parseNumber reads decimal digits, and nothing else, up to limit.
func parseNumber(s string, limit int) (int, bool) {
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil || n > uint64(limit) {
		return 0, false
	}
	return int(n), true
}
