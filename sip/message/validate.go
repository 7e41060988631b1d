package message

import (
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// Rules are what is allowed, in the form in which requests are checked and answered.
type Rules struct {
	allow     []sip.RequestMethod
	supported []string
	bodies    []string
	allowLine string // whole header lines
	bodyLine  string
}

var (
	defaultAllow  = []sip.RequestMethod{sip.INVITE, sip.ACK, sip.CANCEL, sip.BYE, sip.OPTIONS, sip.REGISTER, sip.INFO, sip.UPDATE}
	defaultBodies = []string{"application/sdp", "multipart/mixed"}
	// knownMethods are refused with 405 where they are not allowed; any other with 501 (RFC 3261 21.4.6, 21.5.2).
	knownMethods = []sip.RequestMethod{
		sip.INVITE, sip.ACK, sip.CANCEL, sip.BYE, sip.OPTIONS, sip.REGISTER, sip.INFO, sip.UPDATE,
		sip.PRACK, sip.SUBSCRIBE, sip.NOTIFY, sip.REFER, sip.MESSAGE, sip.PUBLISH,
	}
)

// NewRules allows some methods, option tags that a Require header may name, and media types an INVITE may carry; nil: see
// transaction.Config, whose fields these are.
func NewRules(allow []sip.RequestMethod, supported, bodies []string) Rules {
	r := Rules{allow: allow, supported: supported, bodies: bodies}
	if r.allow == nil {
		r.allow = defaultAllow
	}
	if r.bodies == nil {
		r.bodies = defaultBodies
	}
	names := make([]string, len(r.allow))
	for i, m := range r.allow {
		names[i] = string(m)
	}
	r.allowLine = "Allow: " + strings.Join(names, ", ") + "\r\n"
	r.bodyLine = "Accept: " + strings.Join(r.bodies, ", ") + "\r\n"
	return r
}

// Check is RFC 3261 8.2.1 to 8.2.3 for a request that could be read, and 16.3 as far as it concerns who passes calls on. nil: nothing is
// wrong with it.
func (r *Rules) Check(req *sip.Request, rd *Lines) *Fault {
	cseq := req.CSeq()
	switch {
	case cseq.MethodName != req.Method:
		return bad("CSeq Method Mismatch")
	case !slices.Contains(r.allow, req.Method) && slices.Contains(knownMethods, req.Method):
		return &Fault{Code: 405, Reason: "Method Not Allowed", Header: r.allowLine}
	case !slices.Contains(r.allow, req.Method):
		return &Fault{Code: 501, Reason: "Not Implemented", Header: r.allowLine}
	case len(req.Recipient.Headers) > 0: // RFC 3261 19.1.1, table 1
		return bad("Headers In Request-URI")
	case tooManyHops(req):
		return &Fault{Code: 483, Reason: "Too Many Hops"}
	case req.Method == sip.CANCEL || req.Method == sip.ACK:
		return nil // 8.2.2.3: Require does not count in them, and they carry no offer
	}
	if f := r.checkRequire(rd); f != nil {
		return f
	}
	switch to := req.To().Address.Scheme; {
	case req.Method == sip.REGISTER && to != "sip" && to != "sips": // 10.3 step 3: the address-of-record is a SIP or SIPS URI
		return bad("To Is No SIP URI")
	case req.Method == sip.INVITE:
		return r.checkOffer(req, rd)
	}
	return nil
}

// tooManyHops refuses what we would have to pass on: an OPTIONS to us ends here, and so does what belongs to a dialog with us.
func tooManyHops(req *sip.Request) bool {
	hops := req.MaxForwards()
	return hops != nil && *hops == 0 && (req.Method == sip.INVITE || req.Method == sip.REGISTER) && !req.To().Params.Has("tag")
}

// checkRequire is RFC 3261 8.2.2.3.
func (r *Rules) checkRequire(rd *Lines) *Fault {
	if rd.count[hRequire] == 0 {
		return nil
	}
	var unknown []string
	rd.each(hRequire, func(tag string) {
		if tag != "" && !slices.ContainsFunc(r.supported, func(s string) bool { return strings.EqualFold(s, tag) }) {
			unknown = append(unknown, tag)
		}
	})
	if unknown == nil {
		return nil
	}
	return &Fault{Code: 420, Reason: "Bad Extension", Header: "Unsupported: " + strings.Join(unknown, ", ") + "\r\n"}
}

// checkOffer is RFC 3261 8.2.3 for the body of an INVITE, and 20.1 for what its sender can take back.
func (r *Rules) checkOffer(req *sip.Request, rd *Lines) *Fault {
	if len(req.Body()) > 0 {
		if e := rd.value(hContentEncoding); e != "" && !strings.EqualFold(e, "identity") {
			return &Fault{Code: 415, Reason: "Unsupported Media Type", Header: "Accept-Encoding: identity\r\n"}
		}
		t := withoutParams(rd.value(hContentType))
		if t != "" && !slices.ContainsFunc(r.bodies, func(s string) bool { return strings.EqualFold(s, t) }) {
			return &Fault{Code: 415, Reason: "Unsupported Media Type", Header: r.bodyLine}
		}
	}
	if rd.count[hAccept] == 0 {
		return nil
	}
	acceptable := false
	rd.each(hAccept, func(s string) {
		switch t := strings.ToLower(withoutParams(s)); t {
		case "application/sdp", "application/*", "*/*":
			acceptable = true
		}
	})
	if !acceptable {
		return &Fault{Code: 406, Reason: "Not Acceptable", Header: r.bodyLine}
	}
	return nil
}

// each calls f for every value of a list header.
func (r *Lines) each(id header, f func(value string)) {
	for i := range r.fields {
		if r.fields[i].id == id {
			_ = eachPart(r.fields[i].value, ',', func(s string) error { f(s); return nil })
		}
	}
}

func withoutParams(s string) string {
	t, _, _ := strings.Cut(s, ";")
	return strings.TrimSpace(t)
}
