package dialog

import (
	"bytes"
	"crypto/rand"
	"io"
	"mime"
	"mime/multipart"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

const sdpType = "application/sdp"

// newTag is a tag or Call-ID with 128 bits of chance (RFC 3261 19.3).
func newTag() string { return strings.ToLower(rand.Text()) }

func tagOf(p sip.HeaderParams) string {
	for _, kv := range p {
		if strings.EqualFold(kv.K, "tag") {
			return kv.V
		}
	}
	return ""
}

func fromTag(m sip.Message) string {
	if h := m.From(); h != nil {
		return tagOf(h.Params)
	}
	return ""
}

func toTag(m sip.Message) string {
	if h := m.To(); h != nil {
		return tagOf(h.Params)
	}
	return ""
}

func callID(m sip.Message) string {
	if h := m.CallID(); h != nil {
		return h.Value()
	}
	return ""
}

func cseq(m sip.Message) uint32 {
	if h := m.CSeq(); h != nil {
		return h.SeqNo
	}
	return 0
}

// headersOf are all headers of a message, to be compared with called. GetHeaders puts every name it passes into lower case: a dozen
// allocations a time.
func headersOf(m sip.Message) []sip.Header {
	return m.(interface{ Headers() []sip.Header }).Headers()
}

func called(h sip.Header, name string) bool { return strings.EqualFold(h.Name(), name) }

func header(m sip.Message, name string) string {
	for _, h := range headersOf(m) {
		if called(h, name) {
			return h.Value()
		}
	}
	return ""
}

func mediaType(m sip.Message) string {
	v := header(m, "Content-Type")
	if v == "" {
		v = header(m, "c")
	}
	t, _, _ := strings.Cut(v, ";")
	return strings.ToLower(strings.TrimSpace(t))
}

// sdpOf is the session description of a message: its body, or that part of a multipart body. nil: none.
func sdpOf(m sip.Message) []byte {
	body := m.Body()
	if len(body) == 0 {
		return nil
	}
	switch t := mediaType(m); {
	case t == sdpType:
		return body
	case strings.HasPrefix(t, "multipart/"):
		return sdpPart(header(m, "Content-Type"), body)
	}
	return nil
}

// maxParts bounds how many parts of a multipart body are looked at.
const maxParts = 16

func sdpPart(contentType string, body []byte) []byte {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || params["boundary"] == "" {
		return nil
	}
	r := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for range maxParts {
		p, err := r.NextRawPart()
		if err != nil {
			return nil
		}
		if t, _, _ := strings.Cut(p.Header.Get("Content-Type"), ";"); !strings.EqualFold(strings.TrimSpace(t), sdpType) {
			continue
		}
		if sdp, err := io.ReadAll(p); err == nil {
			return sdp
		}
	}
	return nil
}

func setSDP(m interface {
	AppendHeader(sip.Header)
	SetBody([]byte)
}, sdp []byte,
) {
	if sdp == nil {
		return
	}
	t := sip.ContentTypeHeader(sdpType)
	m.AppendHeader(&t)
	m.SetBody(sdp)
}

// cause is what a Reason header (RFC 3326) says.
type cause struct {
	q850 int
	sip  int
	text string
}

// readReason reads all Reason values of a message; where both protocols are there the text of Q.850 is kept.
func readReason(m sip.Message) cause {
	var c cause
	for _, h := range headersOf(m) {
		if !called(h, "Reason") {
			continue
		}
		for _, v := range splitOutsideQuotes(h.Value(), ',') {
			c.read(v)
		}
	}
	return c
}

func (c *cause) read(value string) {
	parts := splitOutsideQuotes(value, ';')
	protocol := strings.ToUpper(strings.TrimSpace(parts[0]))
	code, text := 0, ""
	for _, p := range parts[1:] {
		name, v, _ := strings.Cut(p, "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "cause":
			code, _ = strconv.Atoi(strings.TrimSpace(v))
		case "text":
			text = strings.Trim(strings.TrimSpace(v), `"`)
		}
	}
	switch protocol {
	case "Q.850":
		c.q850 = min(max(code, 0), 127)
		if text != "" {
			c.text = text
		}
	case "SIP":
		c.sip = code
		if c.text == "" {
			c.text = text
		}
	}
}

func splitOutsideQuotes(s string, sep byte) []string {
	var parts []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == sep && !quoted:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

// reasonHeader is nil where there is nothing to say.
func reasonHeader(q850 int, text string) sip.Header {
	if q850 <= 0 || q850 > 127 {
		return nil
	}
	v := "Q.850;cause=" + strconv.Itoa(q850)
	if text = quotable(text); text != "" {
		v += `;text="` + text + `"`
	}
	return sip.NewHeader("Reason", v)
}

// elsewhere is Q.850's "non-selected user clearing": another device answered.
const elsewhere = 26

// cancelReasons are the Reason headers of a CANCEL. That the call was answered elsewhere is also said in SIP's terms: phones look for
// those, and do not list the call as missed (RFC 3326 2).
func cancelReasons(q850 int, text string) (all []sip.Header) {
	if q850 == elsewhere {
		all = append(all, sip.NewHeader("Reason", `SIP;cause=200;text="Call completed elsewhere"`))
	}
	if h := reasonHeader(q850, text); h != nil {
		all = append(all, h)
	}
	return all
}

// quotable makes a text safe between quotation marks on one line: nothing a caller chose can add a header.
func quotable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	if !strings.ContainsAny(s, `\"`) { // nearly always; a replacer takes 3 kB to make
		return s
	}
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)
}

// safeUser escapes what may not stand in the user part of a URI (RFC 3261 25.1).
func safeUser(s string) string {
	const free = "-_.!~*'()&=+$,;?/%"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte(free, c) >= 0 {
			b.WriteByte(c)
		} else {
			b.WriteString("%" + strings.ToUpper(strconv.FormatUint(uint64(c)|0x100, 16)[1:]))
		}
	}
	return b.String()
}

// phrases are the reason phrases of responses made here.
var phrases = map[int]string{
	100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress", 200: "OK", 202: "Accepted",
	301: "Moved Permanently", 302: "Moved Temporarily",
	400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
	407: "Proxy Authentication Required", 408: "Request Timeout", 410: "Gone", 415: "Unsupported Media Type",
	422: "Session Interval Too Small", 480: "Temporarily Unavailable",
	481: "Call/Transaction Does Not Exist", 482: "Loop Detected", 484: "Address Incomplete", 486: "Busy Here", 487: "Request Terminated",
	488: "Not Acceptable Here", 489: "Bad Event", 491: "Request Pending",
	500: "Server Internal Error", 501: "Not Implemented", 503: "Service Unavailable", 504: "Server Time-out",
	600: "Busy Everywhere", 603: "Decline", 604: "Does Not Exist Anywhere",
}

func phrase(code int, said string) string {
	if said != "" {
		return strings.Map(func(r rune) rune {
			if r < ' ' {
				return -1
			}
			return r
		}, said)
	}
	if p := phrases[code]; p != "" {
		return p
	}
	return "Status " + strconv.Itoa(code)
}

// retryAfterOf reads Retry-After (RFC 3261 20.33): seconds, then perhaps a comment and parameters. 0 where there is none to be read.
func retryAfterOf(m sip.Message) time.Duration {
	value := strings.TrimSpace(header(m, "Retry-After"))
	end := strings.IndexFunc(value, func(r rune) bool { return r < '0' || r > '9' })
	if end >= 0 {
		value = value[:end]
	}
	n, err := strconv.ParseUint(value, 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}
