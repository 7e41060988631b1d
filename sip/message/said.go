package message

import (
	"cmp"
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// NewTag is a tag or Call-ID with 128 bits of chance (RFC 3261 19.3).
func NewTag() string { return strings.ToLower(rand.Text()) }

func tagOf(p sip.HeaderParams) string {
	for _, kv := range p {
		if strings.EqualFold(kv.K, "tag") {
			return kv.V
		}
	}
	return ""
}

// FromTag is the tag in From; "": there is none.
func FromTag(m sip.Message) string {
	if h := m.From(); h != nil {
		return tagOf(h.Params)
	}
	return ""
}

// ToTag is the tag in To; "": there is none.
func ToTag(m sip.Message) string {
	if h := m.To(); h != nil {
		return tagOf(h.Params)
	}
	return ""
}

// CallID is the value of that header; "": there is none.
func CallID(m sip.Message) string {
	if h := m.CallID(); h != nil {
		return h.Value()
	}
	return ""
}

// CSeq is the number of that header; 0: there is none.
func CSeq(m sip.Message) uint32 {
	if h := m.CSeq(); h != nil {
		return h.SeqNo
	}
	return 0
}

// Headers are all headers of a message, to be compared with Called. GetHeaders puts every name it passes into lower case: a dozen
// allocations a time.
func Headers(m sip.Message) []sip.Header {
	return m.(interface{ Headers() []sip.Header }).Headers()
}

// Called tells whether a header has a name, in any case.
func Called(h sip.Header, name string) bool { return strings.EqualFold(h.Name(), name) }

// Value is that of the first header of a name; "": there is none.
func Value(m sip.Message, name string) string {
	for _, h := range Headers(m) {
		if Called(h, name) {
			return h.Value()
		}
	}
	return ""
}

// Supports tells whether the sender knows an extension, and so whether it may be used towards it (RFC 3261 19.2).
func Supports(m sip.Message, tag string) bool { return Lists(m, tag, "Supported", "k", "Require") }

// Lists tells whether one of the named headers has a word in its list.
func Lists(m sip.Message, word string, names ...string) bool {
	for _, name := range names {
		for _, h := range Headers(m) {
			if !Called(h, name) {
				continue
			}
			for v := range strings.SplitSeq(h.Value(), ",") {
				if strings.EqualFold(strings.TrimSpace(v), word) {
					return true
				}
			}
		}
	}
	return false
}

// RetryAfter reads Retry-After (RFC 3261 20.33): seconds, then perhaps a comment and parameters. 0 where there is none to be read.
func RetryAfter(m sip.Message) time.Duration {
	value := strings.TrimSpace(Value(m, "Retry-After"))
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

// maxRoutes bounds the route set; more means a loop or an attack.
const maxRoutes = 32

// RecordRoutes are those of a message in their order, at most 32.
func RecordRoutes(m sip.Message) []sip.Uri {
	var routes []sip.Uri
	for _, h := range Headers(m) {
		if rr, ok := h.(*sip.RecordRouteHeader); ok && len(routes) < maxRoutes {
			routes = append(routes, *rr.Address.Clone())
		}
	}
	return routes
}

// mostContacts bounds how many contacts of a 3xx are looked at.
const mostContacts = 10

// Redirects are the contacts of a 3xx by their q, those that are equal in their order (RFC 3261 8.1.3.4).
func Redirects(res *sip.Response) []sip.Uri {
	if res.StatusCode/100 != 3 {
		return nil
	}
	type wish struct {
		uri sip.Uri
		q   float64
	}
	var all []wish
	for _, h := range res.GetHeaders("Contact") {
		c, ok := h.(*sip.ContactHeader)
		if !ok || c.Address.Wildcard || c.Address.Host == "" || len(all) == mostContacts {
			continue
		}
		q := 1.0
		if v, given := c.Params.Get("q"); given {
			if f, err := strconv.ParseFloat(v, 64); err == nil {
				q = f
			}
		}
		all = append(all, wish{*c.Address.Clone(), q})
	}
	slices.SortStableFunc(all, func(a, b wish) int { return cmp.Compare(b.q, a.q) })
	uris := make([]sip.Uri, 0, len(all))
	for _, w := range all {
		uris = append(uris, w.uri)
	}
	return uris
}

// RAck is a RAck header (RFC 3262 7.2).
type RAck struct {
	Seq, CSeq uint32
	Method    string
}

// ReadRAck reads its value.
func ReadRAck(v string) (RAck, bool) {
	words := strings.Fields(v)
	if len(words) != 3 {
		return RAck{}, false
	}
	seq, err1 := strconv.ParseUint(words[0], 10, 32)
	number, err2 := strconv.ParseUint(words[1], 10, 32)
	return RAck{uint32(seq), uint32(number), words[2]}, err1 == nil && err2 == nil
}
