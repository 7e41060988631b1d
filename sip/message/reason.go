package message

import (
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// Cause is what a Reason header (RFC 3326) says.
type Cause struct {
	Q850 int
	SIP  int
	Text string
}

// CauseOf reads all Reason values of a message; where both protocols are there the text of Q.850 is kept.
func CauseOf(m sip.Message) Cause {
	var c Cause
	for _, h := range Headers(m) {
		if !Called(h, "Reason") {
			continue
		}
		for _, v := range splitOutsideQuotes(h.Value(), ',') {
			c.read(v)
		}
	}
	return c
}

func (c *Cause) read(value string) {
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
		c.Q850 = min(max(code, 0), 127)
		if text != "" {
			c.Text = text
		}
	case "SIP":
		c.SIP = code
		if c.Text == "" {
			c.Text = text
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

// ReasonHeader is nil where there is nothing to say.
func ReasonHeader(q850 int, text string) sip.Header {
	if q850 <= 0 || q850 > 127 {
		return nil
	}
	v := "Q.850;cause=" + strconv.Itoa(q850)
	if text = Quotable(text); text != "" {
		v += `;text="` + text + `"`
	}
	return sip.NewHeader("Reason", v)
}

// elsewhere is Q.850's "non-selected user clearing": another device answered.
const elsewhere = 26

// CancelReasons are the Reason headers of a CANCEL. That the call was answered elsewhere is also said in SIP's terms: phones look for
// those, and do not list the call as missed (RFC 3326 2).
func CancelReasons(q850 int, text string) (all []sip.Header) {
	if q850 == elsewhere {
		all = append(all, sip.NewHeader("Reason", `SIP;cause=200;text="Call completed elsewhere"`))
	}
	if h := ReasonHeader(q850, text); h != nil {
		all = append(all, h)
	}
	return all
}

// Quotable makes a text safe between quotation marks on one line: nothing a caller chose can add a header.
func Quotable(s string) string {
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

// SafeUser escapes what may not stand in the user part of a URI (RFC 3261 25.1).
func SafeUser(s string) string {
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

// Phrase is what was said, on one line, or else the usual reason phrase of a status.
func Phrase(code int, said string) string {
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
