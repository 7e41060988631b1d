package trunk

import (
	"iter"
	"strings"

	"github.com/emiago/sipgo/sip"
)

const (
	mostDiverted    = 5   // entries of Diversion that are passed on
	mostHistory     = 10  // entries of History-Info; a longer way is a loop, and none of it is passed on
	longestDiverted = 256 // octets of one
)

// Earlier is by whom a call was sent on before it came here: entries as they were written.
type Earlier struct {
	Diversion []string // the latest first (RFC 5806 section 4); at most five, and what cannot be read is left out
	History   []string // the way of the call from the start, each with its index (RFC 7044 section 5); none where part of it cannot be read
}

// EarlierOf reads what a call came with. It holds no line ends.
func EarlierOf(req *sip.Request) (e Earlier) {
	for entry := range entries(req, Diversion) {
		if readable(entry) && len(e.Diversion) < mostDiverted {
			e.Diversion = append(e.Diversion, entry)
		}
	}
	for entry := range entries(req, History) {
		if !readable(entry) || indexOf(entry) == "" || len(e.History) == mostHistory {
			return Earlier{Diversion: e.Diversion}
		}
		e.History = append(e.History, entry)
	}
	if len(e.History) > 0 && keepsWay(req) {
		for i, entry := range e.History {
			e.History[i] = unnamed(entry)
		}
	}
	return e
}

// entries are the parts of the lists in all headers of a name.
func entries(req *sip.Request, name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, h := range req.GetHeaders(name) {
			for list := h.Value(); list != ""; {
				entry := firstOf(list)
				list = strings.TrimPrefix(list[len(entry):], ",")
				if entry = strings.TrimSpace(entry); entry != "" && !yield(entry) {
					return
				}
			}
		}
	}
}

func readable(entry string) bool {
	_, _, ok := asserted(entry)
	return ok && len(entry) <= longestDiverted && !strings.ContainsAny(entry, "\r\n\x00")
}

// passOn adds the entries of Diversion that came with the call behind ours. One of the number that sends it on now is ours already; one that
// is to be kept private goes to a carrier that is trusted with it, and to no other.
func (t Trunk) passOn(s *Sent, c Calling) {
	for _, entry := range c.Earlier.Diversion {
		user, _, _ := asserted(entry)
		if user != c.Forwards && (t.Form.Trusted || !guarded(entry)) {
			s.add(Diversion, entry)
		}
	}
}

// way is the History-Info of a call that is sent on (RFC 7044 sections 9 and 10): what came with it, who sends it on unless that is its end
// already, and where it goes for what cause. What is to be kept private is shown to a carrier that is trusted with it, and unnamed to others.
func (t Trunk) way(s *Sent, c Calling, who, cause string) string {
	var all []string
	index, last := "", ""
	for _, entry := range c.Earlier.History {
		index = indexOf(entry)
		last, _, _ = asserted(entry)
		if !t.Form.Trusted && secretive(entry) {
			entry = unnamed(entry)
		}
		all = append(all, entry)
	}
	if index == "" || last != c.Forwards {
		index = strings.TrimPrefix(index+".1", ".")
		all = append(all, who+";index="+index)
	}
	return strings.Join(append(all, t.address(s.Called.Result, s.to, ";cause="+cause)+";index="+index+".1;mp="+index), ", ")
}

// indexOf is the index of an entry of History-Info, such as 1.2.1; "" where it has none.
func indexOf(entry string) string {
	_, params, _ := strings.Cut(entry, ">")
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
		if !strings.EqualFold(strings.TrimSpace(name), "index") {
			continue
		}
		if value = strings.TrimSpace(value); strings.Trim(value, "0123456789.") == "" && !strings.Contains("."+value+".", "..") {
			return value
		}
	}
	return ""
}

// unnamed is an entry without whom it is about (RFC 7044 section 10.1.2).
func unnamed(entry string) string {
	return "<sip:" + anonymous + "@" + nowhere + ">;index=" + indexOf(entry)
}

// secretive is true for an entry of History-Info whose URI asks for privacy (RFC 7044 section 10.1.1).
func secretive(entry string) bool {
	uri, _, _ := strings.Cut(entry, ">")
	_, headers, _ := strings.Cut(strings.ToLower(uri), "?")
	for header := range strings.SplitSeq(headers, "&") {
		if name, value, _ := strings.Cut(header, "="); name == "privacy" && value != "none" {
			return true
		}
	}
	return false
}

// keepsWay is true for a call whose whole way is private (RFC 7044 section 10.1.1, RFC 3323 section 4.2).
func keepsWay(req *sip.Request) bool {
	h := req.GetHeader("Privacy")
	if h == nil {
		return false
	}
	for asked := range strings.SplitSeq(strings.ToLower(h.Value()), ";") {
		switch strings.TrimSpace(asked) {
		case "history", "session", "header":
			return true
		}
	}
	return false
}

// guarded is true for an entry whose privacy parameter is anything but off.
func guarded(entry string) bool {
	_, params, _ := strings.Cut(entry, ">")
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
		if strings.EqualFold(strings.TrimSpace(name), "privacy") {
			return !strings.EqualFold(strings.Trim(strings.TrimSpace(value), `"`), "off")
		}
	}
	return false
}
