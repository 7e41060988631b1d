package message

import (
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// Fault is why a message is refused: the status and reason of the answer, and headers it carries. The few other answers that are made from
// Lines, such as 100, are written like one.
type Fault struct {
	Code   int
	Reason string
	Header string // whole lines, each ended by CRLF
}

// appender is the part of a message that building needs.
type appender interface{ AppendHeader(h sip.Header) }

// singles must not appear twice (RFC 3261 7.3.1).
var singles = [...]struct {
	id   header
	name string
}{
	{hFrom, "From"}, {hTo, "To"}, {hCallID, "Call-ID"}, {hCSeq, "CSeq"}, {hMaxForwards, "Max-Forwards"},
	{hContentLength, "Content-Length"}, {hContentType, "Content-Type"},
}

func bad(reason string) *Fault { return &Fault{Code: 400, Reason: reason} }

// BuildRequest makes sipgo's message from the lines; stream: it came over a connection, which the transport cuts off where a body is too
// large. Its method keeps its case: methods differ by case (RFC 3261 7.1).
func (r *Lines) BuildRequest(stream bool) (*sip.Request, *Fault) {
	if f := r.checkLines(); f != nil {
		return nil, f
	}
	if scheme, _, ok := strings.Cut(r.URI, ":"); ok && isToken(scheme) && !strings.EqualFold(scheme, "sip") && !strings.EqualFold(scheme, "sips") {
		return nil, &Fault{Code: 416, Reason: "Unsupported URI Scheme"} // RFC 3261 8.2.2.1
	}
	var uri sip.Uri
	if err := parseURI(r.URI, &uri); err != nil || uri.Wildcard {
		return nil, bad("Bad Request-URI")
	}
	req := sip.NewRequest(sip.RequestMethod(r.Method), sip.Uri{})
	req.Recipient, req.SipVersion = uri, "SIP/2.0"
	if f := r.addHeaders(req); f != nil {
		return nil, f
	}
	body, f := r.cutBody(stream)
	if f != nil {
		return nil, f
	}
	if len(body) > 0 {
		req.SetBody(body)
	}
	return req, nil
}

// BuildResponse is BuildRequest for a response; its faults are nobody's to hear.
func (r *Lines) BuildResponse(stream bool) (*sip.Response, *Fault) {
	if r.badStart {
		return nil, bad("Bad Status-Line")
	}
	if f := r.checkLines(); f != nil {
		return nil, f
	}
	res := sip.NewResponse(r.code, r.reason)
	if f := r.addHeaders(res); f != nil {
		return nil, f
	}
	body, f := r.cutBody(stream)
	if f != nil {
		return nil, f
	}
	if len(body) > 0 {
		res.SetBody(body)
	}
	return res, nil
}

// checkLines refuses what no message may look like, before any value is read.
func (r *Lines) checkLines() *Fault {
	switch {
	case r.badStart:
		return bad("Bad Start-Line")
	case r.IsRequest && r.version != "SIP/2.0" && r.version != "sip/2.0" && r.version != "Sip/2.0":
		return &Fault{Code: 505, Reason: "Version Not Supported"}
	case r.badLine:
		return bad("Bad Header Line")
	}
	for _, s := range singles {
		if r.count[s.id] > 1 {
			return bad("Duplicate " + s.name)
		}
		if r.count[s.id] == 0 && s.id <= hCSeq {
			return bad("Missing " + s.name)
		}
	}
	if r.count[hVia] == 0 {
		return bad("Missing Via")
	}
	return nil
}

func (r *Lines) addHeaders(m appender) *Fault {
	for i := range r.fields {
		f := &r.fields[i]
		if err := addHeader(m, f); err != nil {
			return bad("Bad " + f.name)
		}
	}
	return nil
}

// addHeader turns one line into one header, or one for each value of a list.
func addHeader(m appender, f *field) error {
	switch f.id {
	case hVia:
		if f.value == "" {
			return errVia
		}
		return eachPart(f.value, ',', func(s string) error {
			h, err := parseVia(s)
			if err == nil {
				m.AppendHeader(h)
			}
			return err
		})
	case hContact, hRoute, hRecordRoute:
		return eachPart(f.value, ',', func(s string) error { return addAddress(m, f.id, s) })
	case hFrom, hTo:
		return addAddress(m, f.id, f.value)
	case hCallID:
		h := sip.CallIDHeader(f.value)
		m.AppendHeader(&h)
		if h == "" {
			return errAddress
		}
	case hCSeq:
		h, err := parseCSeq(f.value)
		if err != nil {
			return err
		}
		m.AppendHeader(h)
	case hContentType:
		h := sip.ContentTypeHeader(f.value)
		m.AppendHeader(&h)
	case hMaxForwards, hContentLength:
		return addNumber(m, f)
	default:
		m.AppendHeader(sip.NewHeader(f.name, f.value))
	}
	return nil
}

func addAddress(m appender, id header, s string) error {
	a, err := parseAddress(s)
	if err != nil {
		return err
	}
	if a.uri.Wildcard && id != hContact { // RFC 3261 10.2.2
		return errAddress
	}
	switch id {
	case hFrom:
		m.AppendHeader(&sip.FromHeader{DisplayName: a.display, Address: a.uri, Params: a.params})
	case hTo:
		m.AppendHeader(&sip.ToHeader{DisplayName: a.display, Address: a.uri, Params: a.params})
	case hContact:
		m.AppendHeader(&sip.ContactHeader{DisplayName: a.display, Address: a.uri, Params: a.params})
	case hRoute:
		m.AppendHeader(&sip.RouteHeader{Address: a.uri})
	default: // hRecordRoute
		m.AppendHeader(&sip.RecordRouteHeader{Address: a.uri})
	}
	return nil
}

func addNumber(m appender, f *field) error {
	bits := 32
	if f.id == hMaxForwards {
		bits = 8 // RFC 3261 20.22: 0 to 255
	}
	n, err := strconv.ParseUint(f.value, 10, bits)
	if err != nil {
		return errNumber
	}
	if f.id == hMaxForwards {
		h := sip.MaxForwardsHeader(n)
		m.AppendHeader(&h)
		return nil
	}
	h := sip.ContentLengthHeader(n)
	m.AppendHeader(&h)
	return nil
}

// maxBody is the largest body worth a 413 instead of a 400: the transport cut a stream off there.
const maxBody = 65_536

// cutBody applies Content-Length (RFC 3261 18.3): a datagram may have more octets, which are ignored, but not fewer.
func (r *Lines) cutBody(stream bool) ([]byte, *Fault) {
	if r.count[hContentLength] == 0 {
		return r.body, nil
	}
	n, err := strconv.ParseUint(r.value(hContentLength), 10, 32)
	switch {
	case err != nil:
		return nil, bad("Bad Content-Length")
	case n > maxBody && stream:
		return nil, &Fault{Code: 413, Reason: "Request Entity Too Large"} // RFC 3261 21.4.11: it is the body
	case n > uint64(len(r.body)):
		return nil, bad("Content-Length Larger Than Message")
	}
	return r.body[:n], nil
}
