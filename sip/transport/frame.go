package transport

import (
	"bytes"
	"strings"
)

// maxDatagram is the most that UDP over IPv4 carries.
const maxDatagram = 65_507

// sane is the check before the parser: raw begins with a line that looks like a request line or a status line, and has a header. It
// reads the first line only and allocates nothing. Messages that are nearly right pass: they get an answer that says what is wrong.
func sane(raw []byte) bool {
	if len(raw) < 16 || len(raw) > 1<<17 || !tokenChar(raw[0]) {
		return false
	}
	end := bytes.IndexByte(raw, '\n')
	if end < 0 || raw[len(raw)-1] != '\n' && headEnd(raw, 0) < 0 {
		return false
	}
	return saneLine(raw[:end])
}

// saneLine is the part of sane that a stream can ask before the header is complete.
func saneLine(line []byte) bool {
	space := bytes.IndexByte(line, ' ')
	if space <= 0 {
		return false
	}
	for _, c := range line[:space] {
		if !tokenChar(c) && c != '/' {
			return false
		}
	}
	return hasVersion(line)
}

// hasVersion looks for "SIP/" in any case.
func hasVersion(line []byte) bool {
	for i := 3; i < len(line); i++ {
		if line[i] == '/' && line[i-3]|0x20 == 's' && line[i-2]|0x20 == 'i' && line[i-1]|0x20 == 'p' {
			return true
		}
	}
	return false
}

// tokenChar is the token of RFC 3261 25.1.
func tokenChar(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return c != 0 && strings.IndexByte("-.!%*_+`'~", c) >= 0
}

// keepAlive says that a datagram is one of the fillers that keep a NAT open: nothing, CRLFs, NULs, or Cisco's "PNG".
func keepAlive(raw []byte) bool {
	if len(raw) > 16 {
		return false
	}
	return len(bytes.Trim(raw, "\r\n\x00 ")) == 0 || bytes.Equal(raw, []byte("PNG\r\n\r\n"))
}

// headEnd returns the length of start line and header with the blank line, or -1; from is where an earlier search of the same bytes
// gave up. A blank line of bare LFs ends a header too: some senders do so, and reading on would take the next message for a header.
func headEnd(b []byte, from int) int {
	for i := max(0, from-3); i < len(b); {
		j := bytes.IndexByte(b[i:], '\n')
		if j < 0 {
			return -1
		}
		i += j + 1
		switch {
		case i < len(b) && b[i] == '\n':
			return i + 1
		case i+1 < len(b) && b[i] == '\r' && b[i+1] == '\n':
			return i + 2
		}
	}
	return -1
}

// lengthKind is what a header says about the body.
type lengthKind uint8

const (
	lengthMissing lengthKind = iota
	lengthGiven
	lengthBad // not a number, or several that differ
	lengthHuge
)

// contentLength reads Content-Length, or its compact form l, from a header section that ends with a blank line.
func contentLength(head []byte, limit int) (int, lengthKind) {
	n, kind := 0, lengthMissing
	for len(head) > 0 {
		var line []byte
		line, head = cutLine(head)
		value, ok := lengthValue(line)
		if !ok {
			continue
		}
		for len(value) == 0 && len(head) > 0 && blank(head[0]) { // folded after the colon (RFC 3261 7.3.1)
			line, head = cutLine(head)
			value = bytes.TrimSpace(line)
		}
		m, k := number(value, limit)
		if kind != lengthMissing && (k != kind || m != n) {
			return 0, lengthBad
		}
		n, kind = m, k
	}
	return n, kind
}

func cutLine(b []byte) (line, rest []byte) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return b, nil
	}
	return b[:i], b[i+1:]
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

func lengthValue(line []byte) ([]byte, bool) {
	if len(line) == 0 || line[0]|0x20 != 'c' && line[0]|0x20 != 'l' {
		return nil, false
	}
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		return nil, false
	}
	name := bytes.TrimRight(line[:colon], " \t")
	if len(name) != 1 && len(name) != len("content-length") {
		return nil, false
	}
	if len(name) == 1 && name[0]|0x20 != 'l' || len(name) > 1 && !bytes.EqualFold(name, []byte("content-length")) {
		return nil, false
	}
	return bytes.TrimSpace(line[colon+1:]), true
}

// number reads digits only: a sign, a fraction or a second word makes it bad.
func number(b []byte, limit int) (int, lengthKind) {
	if len(b) == 0 {
		return 0, lengthBad
	}
	n, kind := 0, lengthGiven
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, lengthBad
		}
		if n = n*10 + int(c-'0'); n > limit {
			n, kind = limit+1, lengthHuge
		}
	}
	return n, kind
}
