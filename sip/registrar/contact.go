package registrar

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/emiago/sipgo/sip"
)

// wish is one Contact of a REGISTER.
type wish struct {
	uri      sip.Uri
	expires  time.Duration // -1: not said
	q        float32
	instance string
}

// maxContactLen bounds what is kept of one URI.
const maxContactLen = 512

// refusal is an answer to a REGISTER other than 200.
type refusal struct {
	code   int
	reason string
	header sip.Header
}

// wishes reads the Contacts of a REGISTER (RFC 3261 10.3 step 6). star: the one Contact is "*".
func wishes(req *sip.Request, limit int) (list []wish, star bool, no *refusal) {
	header := expiresHeader(req)
	hs := req.GetHeaders("Contact")
	for _, h := range hs {
		c, ok := h.(*sip.ContactHeader)
		if !ok {
			return nil, false, &refusal{400, "Bad Contact", nil}
		}
		if c.Address.Wildcard {
			if len(hs) != 1 || header != 0 {
				return nil, false, &refusal{400, "Bad Wildcard", nil}
			}
			return nil, true, nil
		}
		if !callable(&c.Address) {
			return nil, false, &refusal{400, "Bad Contact", nil}
		}
		list = append(list, readWish(c, header))
	}
	if len(list) > limit {
		return nil, false, &refusal{403, "Too Many Contacts", nil}
	}
	return list, false, nil
}

// callable says that a contact can be called, and written into a header again. A line end never comes this far from the wire; one that
// did would let a contact add headers to our answers.
func callable(u *sip.Uri) bool {
	text := u.String()
	return (u.Scheme == "sip" || u.Scheme == "sips") && u.Host != "" && len(text) <= maxContactLen && !strings.ContainsFunc(text, unicode.IsControl)
}

func readWish(c *sip.ContactHeader, header time.Duration) wish {
	w := wish{uri: *c.Address.Clone(), expires: header, q: 1}
	regID := ""
	for _, p := range c.Params {
		switch strings.ToLower(p.K) {
		case "expires":
			w.expires = seconds(p.V)
		case "q":
			if q, err := strconv.ParseFloat(strings.TrimSpace(p.V), 32); err == nil && q >= 0 && q <= 1 {
				w.q = float32(q)
			}
		case "+sip.instance":
			w.instance = strings.Trim(p.V, `"`)
		case "reg-id":
			regID = p.V
		}
	}
	if w.instance != "" && regID != "" {
		w.instance += "#" + regID
	}
	if len(w.instance) > maxContactLen {
		w.instance = ""
	}
	return w
}

// expiresHeader is the Expires of the request, -1 where there is none.
func expiresHeader(req *sip.Request) time.Duration {
	hs := req.GetHeaders("Expires")
	if len(hs) == 0 {
		return -1
	}
	return seconds(hs[0].Value())
}

// seconds reads a delta-seconds; what cannot be read counts as not said (RFC 3261 20.19).
func seconds(s string) time.Duration {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 32)
	if err != nil {
		return -1
	}
	return time.Duration(n) * time.Second
}

// sameURI compares two contact URIs for the purposes of RFC 3261 10.3: its 19.1.4 without the parameters that only
// some sides of a comparison must have.
func sameURI(a, b sip.Uri) bool {
	if !strings.EqualFold(a.Scheme, b.Scheme) || a.User != b.User || !strings.EqualFold(a.Host, b.Host) || a.Port != b.Port {
		return false
	}
	for _, name := range []string{"user", "ttl", "method", "maddr", "transport"} {
		if !strings.EqualFold(param(a, name), param(b, name)) {
			return false
		}
	}
	for _, p := range a.UriParams { // any other parameter must agree where both have it
		if v, ok := b.UriParams.Get(p.K); ok && !strings.EqualFold(v, p.V) {
			return false
		}
	}
	return true
}

func param(u sip.Uri, name string) string {
	for _, p := range u.UriParams {
		if strings.EqualFold(p.K, name) {
			return p.V
		}
	}
	return ""
}

// header writes a binding for the 200 with what is left of its time, rounded up so that it is never 0.
func (c Contact) header(now time.Time) sip.Header {
	left := int64((c.Expires.Sub(now) + time.Second - 1) / time.Second)
	v := "<" + c.URI.String() + ">;expires=" + strconv.FormatInt(left, 10)
	if c.Q != 1 {
		v += ";q=" + strconv.FormatFloat(float64(c.Q), 'f', -1, 32)
	}
	if id, reg, _ := strings.Cut(c.Instance, "#"); id != "" {
		v += `;+sip.instance="` + id + `"`
		if reg != "" {
			v += ";reg-id=" + reg
		}
	}
	return sip.NewHeader("Contact", v)
}
