package trunk

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

// Heard is what an INVITE of a trunk says of who calls whom.
type Heard struct {
	Raw      string // the caller's number as it stands there
	Name     string // the caller's; "" for none
	CallerAt string // the place that Raw was read from
	Caller   string // Raw by CallerIn
	Rule     int    // of CallerIn; -1: none fits
	Private  bool   // the caller does not want the number shown (RFC 3325 7, RFC 3323 4.2): it is for routing and the record only
	Called   string // the dialled number
	CalledAt string // the place that it was read from
}

// Read finds the numbers of an INVITE where the trunk says to look: what it says nothing of is as CallerOf and the Request-URI have it. A
// header that is not there, or hides its number, is passed over.
func (t Trunk) Read(req *sip.Request) Heard {
	h := Heard{Private: private(req)}
	h.Raw, h.Name, h.CallerAt = CallerOf(req)
	for _, where := range t.CallerFrom {
		if user, name, ok := numberIn(req, where); ok {
			h.Raw, h.Name, h.CallerAt = user, name, where
			break
		}
	}
	h.Caller, h.Rule = Try(t.CallerIn, h.Raw)
	h.Called, h.CalledAt = t.dialled(req)
	for _, where := range t.CalledFrom {
		user, _, ok := numberIn(req, where)
		if contact := t.Register; ok && (contact == nil || user != contact.Contact) {
			h.Called, h.CalledAt = user, where
			break
		}
	}
	return h
}

// dialled is the Request-URI's number, but where a registrar put our Contact there, P-Called-Party-ID (RFC 7315 section 4.2) or To has it.
func (t Trunk) dialled(req *sip.Request) (called, at string) {
	user := req.Recipient.User
	if t.Register == nil || user != t.Register.Contact {
		return user, RequestURI
	}
	if h := req.GetHeader(CalledParty); h != nil {
		if called, _, ok := asserted(h.Value()); ok {
			return called, CalledParty
		}
	}
	if to := req.To(); to != nil && to.Address.User != "" {
		return to.Address.User, To
	}
	return user, RequestURI
}

// CallerOf reads the caller's number and name, and says where: From, or P-Asserted-Identity (RFC 3325) where From hides it.
func CallerOf(req *sip.Request) (number, name, at string) {
	at = From
	if from := req.From(); from != nil {
		number, name = from.Address.User, from.DisplayName
		if from.Address.Scheme == "tel" { // as carriers with an IMS send it
			number, _, _ = asserted(from.Address.String())
		}
	}
	if h := req.GetHeader(Asserted); h != nil && (number == "" || strings.EqualFold(number, anonymous)) {
		if user, display, ok := asserted(h.Value()); ok {
			number, name, at = user, display, Asserted
		}
	}
	return number, name, at
}

// private is true where the caller asked that the identity be withheld: by Privacy, or by the privacy of Remote-Party-ID.
func private(req *sip.Request) bool {
	for _, h := range req.GetHeaders("Privacy") {
		for word := range strings.SplitSeq(h.Value(), ";") {
			switch strings.ToLower(strings.TrimSpace(word)) {
			case "id", "user":
				return true
			}
		}
	}
	h := req.GetHeader(Remote)
	if h == nil {
		return false
	}
	for param := range strings.SplitSeq(h.Value(), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
		if strings.EqualFold(name, "privacy") && (strings.EqualFold(value, "full") || strings.EqualFold(value, "uri")) {
			return true
		}
	}
	return false
}

// numberIn reads the number in one place of a request: the first of a list, which is who forwarded last in Diversion (RFC 5806 section 4)
// and who was called first in History-Info (RFC 7044 section 5).
func numberIn(req *sip.Request, where string) (user, name string, ok bool) {
	if where == RequestURI {
		return req.Recipient.User, "", req.Recipient.User != ""
	}
	h := req.GetHeader(where)
	if h == nil {
		return "", "", false
	}
	user, name, ok = asserted(firstOf(h.Value()))
	return user, name, ok && !strings.EqualFold(user, anonymous)
}

// asserted reads one P-Asserted-Identity: a sip URI, or the tel URI that stands alone or beside it (RFC 3325 section 9.1).
func asserted(value string) (user, name string, ok bool) {
	if _, tel, found := strings.Cut(value, "tel:"); found && !strings.Contains(value, "sip:") {
		end := strings.IndexAny(tel, ">;, ")
		if end < 0 {
			end = len(tel)
		}
		return strings.NewReplacer("-", "", ".", "", "(", "", ")", "").Replace(tel[:end]), "", end > 0
	}
	var uri sip.Uri
	var params sip.HeaderParams
	name, err := sip.ParseAddressValue(value, &uri, &params)
	return uri.User, name, err == nil && uri.User != ""
}

// firstOf is the first of a list of addresses: it ends at a comma outside quotes and angle brackets.
func firstOf(list string) string {
	quoted, inside := false, false
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == '<' || c == '>'):
			inside = c == '<'
		case c == ',' && !quoted && !inside:
			return list[:i]
		}
	}
	return list
}
