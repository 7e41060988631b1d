package message

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// Answer writes a response straight from the lines of the request, so that even a request that cannot be parsed is echoed as it was.
// via is the top Via, marked (MarkVia); tag goes into a To without one, unless it is a 100; agent "": no Server header.
func (r *Lines) Answer(b *bytes.Buffer, via *sip.ViaHeader, f *Fault, tag, agent string) {
	b.Reset()
	b.WriteString("SIP/2.0 ")
	b.WriteString(strconv.Itoa(f.Code))
	b.WriteByte(' ')
	b.WriteString(f.Reason)
	b.WriteString("\r\n")
	writeVia(b, via)
	r.otherVias(b)
	r.echo(b, "From: ", hFrom, "")
	if f.Code > 100 {
		r.echo(b, "To: ", hTo, tag)
	} else {
		r.echo(b, "To: ", hTo, "")
	}
	r.echo(b, "Call-ID: ", hCallID, "")
	r.echo(b, "CSeq: ", hCSeq, "")
	b.WriteString(f.Header)
	if agent != "" {
		b.WriteString("Server: ")
		b.WriteString(agent)
		b.WriteString("\r\n")
	}
	b.WriteString("Content-Length: 0\r\n\r\n")
}

func (r *Lines) echo(b *bytes.Buffer, name string, id header, tag string) {
	if r.count[id] == 0 {
		return
	}
	b.WriteString(name)
	v := r.value(id)
	b.WriteString(v)
	if tag != "" && toTag(v) == "" {
		b.WriteString(";tag=")
		b.WriteString(tag)
	}
	b.WriteString("\r\n")
}

// otherVias copies the Vias below the top one as they came.
func (r *Lines) otherVias(b *bytes.Buffer) {
	for i := range r.fields {
		f := &r.fields[i]
		if f.id != hVia {
			continue
		}
		v := f.value
		if i == r.first[hVia] {
			v = v[min(len(v), cutAt(v, ',')+1):]
		}
		if v = strings.TrimSpace(v); v != "" {
			b.WriteString("Via: ")
			b.WriteString(v)
			b.WriteString("\r\n")
		}
	}
}

// toTag finds the tag parameter of a From or To as it stands in the message; "" when there is none.
func toTag(v string) string {
	if end := strings.LastIndexByte(v, '>'); end >= 0 {
		v = v[end:]
	}
	_, params, ok := strings.Cut(v, ";")
	for ok && params != "" {
		i := cutAt(params, ';')
		name, value, _ := strings.Cut(params[:i], "=")
		if strings.EqualFold(strings.TrimSpace(name), "tag") {
			return strings.TrimSpace(value)
		}
		params = params[min(len(params), i+1):]
	}
	return ""
}
