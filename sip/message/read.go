// Package message reads what came off the wire: a tolerant reader takes it apart into Lines, which become sipgo's message or a Fault, and
// can be answered even where they cannot be understood. Rules check a request that could be read (RFC 3261 8.2). sipgo's own parser is
// lenient where two readings of one message are possible; it is used for URIs only.
//
// Those who work with sipgo's messages, sent or received, find here what these say: tags and lists (said.go), the description in a body,
// reasons, session intervals.
//
// It knows neither transactions nor whom a message came from, and keeps nothing from one message to the next.
package message

import (
	"bytes"
	"strconv"
	"strings"
)

// header names the header fields that this package looks into.
type header uint8

const (
	hOther header = iota
	hVia
	hFrom
	hTo
	hCallID
	hCSeq
	hMaxForwards
	hContentLength
	hContentType
	hContact
	hRoute
	hRecordRoute
	hRequire
	hContentEncoding
	hAccept
	headers
)

// headerNames are the full names in lower case, and the compact ones of RFC 3261 7.3.3 and later documents.
var headerNames = map[string]header{
	"via": hVia, "v": hVia, "from": hFrom, "f": hFrom, "to": hTo, "t": hTo, "call-id": hCallID, "i": hCallID, "cseq": hCSeq,
	"max-forwards": hMaxForwards, "content-length": hContentLength, "l": hContentLength, "content-type": hContentType, "c": hContentType,
	"contact": hContact, "m": hContact, "route": hRoute, "record-route": hRecordRoute, "require": hRequire,
	"content-encoding": hContentEncoding, "e": hContentEncoding, "accept": hAccept,
}

// longNames are the full names of compact forms, so that users of a message need to know only one.
var longNames = map[string]string{
	"a": "Accept-Contact", "b": "Referred-By", "d": "Request-Disposition", "e": "Content-Encoding", "j": "Reject-Contact",
	"k": "Supported", "n": "Identity-Info", "o": "Event", "r": "Refer-To", "s": "Subject", "u": "Allow-Events",
	"x": "Session-Expires", "y": "Identity",
}

// field is one header line, unfolded.
type field struct {
	id          header
	name, value string
}

// Lines is a message taken apart into lines: the tolerant reader. It understands as much as it can of anything, so that a message the
// parser refuses can still be answered. Its strings are parts of one copy of the header section. It is reused from message to message.
type Lines struct {
	IsRequest   bool   // or else a response
	Method, URI string // of a request line, as they stand there
	version     string
	code        int // of a status line
	reason      string
	badStart    bool // the start line is not as RFC 3261 7.1 or 7.2 wants it
	badLine     bool // some header line has no name or no colon, or the header has no end
	fields      []field
	count       [headers]int
	first       [headers]int // index into fields where count > 0
	body        []byte       // all octets after the header; part of raw
}

// Read takes raw apart. False means that it is no SIP message at all.
func (r *Lines) Read(raw []byte) bool {
	*r = Lines{fields: r.fields[:0]}
	raw = bytes.TrimLeft(raw, "\r\n") // RFC 3261 7.5
	end, skip := endOfHead(raw)
	text := string(raw[:end])
	r.body = raw[end+skip:]
	r.badLine = skip == 0
	line, rest := nextLine(text)
	if !r.startLine(line) {
		return false
	}
	for rest != "" {
		line, rest = nextLine(rest)
		if rest != "" && blank(rest[0]) {
			line, rest = unfold(line, rest)
		}
		r.headerLine(line)
	}
	return true
}

// From is the value of that header as it stands in the message; "": there is none.
func (r *Lines) From() string { return r.value(hFrom) }

// To is the value of that header; false: there is none.
func (r *Lines) To() (string, bool) { return r.value(hTo), r.count[hTo] > 0 }

// CallID is the value of that header; "": there is none.
func (r *Lines) CallID() string { return r.value(hCallID) }

// CSeq is the value of that header; "": there is none.
func (r *Lines) CSeq() string { return r.value(hCSeq) }

// Answerable says that a request which cannot be built may be answered, where its top Via can be read: ACK never is (RFC 3261 17).
func (r *Lines) Answerable() bool { return r.Method != "ACK" && isToken(r.Method) }

// value returns the first header of a kind, "" when there is none.
func (r *Lines) value(id header) string {
	if r.count[id] == 0 {
		return ""
	}
	return r.fields[r.first[id]].value
}

func (r *Lines) startLine(line string) bool {
	first, rest, ok := strings.Cut(line, " ")
	if !ok || first == "" {
		return false
	}
	if len(first) >= 4 && strings.EqualFold(first[:4], "SIP/") {
		r.version = first
		code, reason, _ := strings.Cut(rest, " ")
		n, err := strconv.ParseUint(code, 10, 16)
		r.code, r.reason = int(n), reason
		r.badStart = err != nil || n < 100 || n > 699 || !strings.EqualFold(first, "SIP/2.0")
		return true
	}
	r.IsRequest, r.Method = true, first
	// Exactly two spaces: the grammar has single SPs, and guessing where a URI ends invites two readings of one message.
	uri, version, _ := strings.Cut(rest, " ")
	r.URI, r.version = uri, version
	r.badStart = !isToken(first) || uri == "" || !isVersion(version)
	return true
}

// isVersion accepts any SIP version: another one than 2.0 gets 505, not 400.
func isVersion(s string) bool {
	if len(s) < 7 || !strings.EqualFold(s[:4], "SIP/") {
		return false
	}
	for _, c := range []byte(s[4:]) {
		if c != '.' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func (r *Lines) headerLine(line string) {
	name, value, ok := strings.Cut(line, ":")
	name = strings.TrimRight(name, " \t")
	if !ok || !isToken(name) || strings.IndexByte(value, '\r') >= 0 {
		r.badLine = true
		return
	}
	id := identify(name)
	if id == hOther && len(name) == 1 {
		if long, ok := longNames[strings.ToLower(name)]; ok {
			name = long
		}
	}
	if r.count[id] == 0 {
		r.first[id] = len(r.fields)
	}
	r.count[id]++
	r.fields = append(r.fields, field{id: id, name: name, value: strings.TrimSpace(value)})
}

func identify(name string) header {
	var buf [16]byte
	if len(name) > len(buf) {
		return hOther
	}
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		buf[i] = c
	}
	return headerNames[string(buf[:len(name)])]
}

// endOfHead finds the blank line, of CRLFs or bare LFs: the length of what is before it, and of the line end itself (0: there is none).
func endOfHead(raw []byte) (end, skip int) {
	for i := 0; ; {
		j := bytes.IndexByte(raw[i:], '\n')
		if j < 0 {
			return len(raw), 0
		}
		i += j + 1
		switch {
		case i < len(raw) && raw[i] == '\n':
			return i, 1
		case i+1 < len(raw) && raw[i] == '\r' && raw[i+1] == '\n':
			return i, 2
		}
	}
}

func nextLine(s string) (line, rest string) {
	line, rest, _ = strings.Cut(s, "\n")
	return strings.TrimSuffix(line, "\r"), rest
}

// unfold joins the lines that begin with a blank to the one before (RFC 3261 7.3.1).
func unfold(line, rest string) (string, string) {
	var b strings.Builder
	b.WriteString(line)
	for rest != "" && blank(rest[0]) {
		line, rest = nextLine(rest)
		b.WriteByte(' ')
		b.WriteString(strings.Trim(line, " \t"))
	}
	return b.String(), rest
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

func isToken(s string) bool {
	for i := range len(s) {
		if !tokenChar(s[i]) {
			return false
		}
	}
	return s != ""
}

func tokenChar(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return c != 0 && strings.IndexByte("-.!%*_+`'~", c) >= 0
}

// Peek finds the Call-ID of a message without taking it apart, to choose its lane. It must agree with Read, or a message would
// meet the wrong lane: the same trimming, and a folded value is unfolded.
func Peek(raw []byte) (callID string, request bool, method string) {
	raw = bytes.TrimLeft(raw, "\r\n")
	first, rest := cutLine(raw)
	word, _, _ := bytes.Cut(first, []byte{' '})
	request = len(word) < 4 || !bytes.EqualFold(word[:4], []byte("SIP/"))
	if request {
		method = knownMethod(word)
	}
	for len(rest) > 0 {
		var line []byte
		line, rest = cutLine(rest)
		if len(line) == 0 {
			break
		}
		if line[0]|0x20 != 'c' && line[0]|0x20 != 'i' {
			continue
		}
		name, value, ok := bytes.Cut(line, []byte{':'})
		name = bytes.TrimRight(name, " \t")
		if !ok || !bytes.EqualFold(name, []byte("call-id")) && !bytes.EqualFold(name, []byte{'i'}) || bytes.IndexByte(value, '\r') >= 0 {
			continue
		}
		if len(rest) > 0 && blank(rest[0]) {
			text, _ := unfold(string(value), string(rest))
			if strings.IndexByte(text, '\r') >= 0 {
				continue
			}
			return strings.TrimSpace(text), request, method
		}
		return string(bytes.TrimSpace(value)), request, method
	}
	return "", request, method
}

func cutLine(b []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(b, []byte{'\n'})
	return bytes.TrimSuffix(line, []byte{'\r'}), rest
}

// knownMethod returns the methods that admission treats apart without copying; "" for all others.
func knownMethod(word []byte) string {
	switch string(word) {
	case "INVITE":
		return "INVITE"
	case "ACK":
		return "ACK"
	case "CANCEL":
		return "CANCEL"
	case "BYE":
		return "BYE"
	}
	return ""
}
