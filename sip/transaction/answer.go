package transaction

import (
	"bytes"
	"hash/maphash"
	"net/netip"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transport"
)

const magic = "z9hG4bK" // RFC 3261 8.1.1.7

// topVia reads the Via that an answer follows; nil when it says nothing usable.
func (r *reading) topVia() *sip.ViaHeader {
	v := r.value(hVia)
	h, _ := parseVia(strings.TrimSpace(v[:cutAt(v, ',')]))
	return h
}

// markVia notes in the top Via where a request really came from: received when the host differs (RFC 3261 18.2.1), both when rport asks
// for it (RFC 3581 4).
func markVia(v *sip.ViaHeader, from netip.AddrPort) {
	ip := from.Addr().Unmap()
	wants := v.Params.Has("rport")
	if !wants && sameHost(v.Host, ip) {
		return
	}
	v.Params.Add("received", ip.WithZone("").String())
	if wants {
		v.Params.Add("rport", strconv.Itoa(int(from.Port())))
	}
}

func sameHost(host string, ip netip.Addr) bool {
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	return err == nil && a.Unmap() == ip.WithZone("")
}

// replyTo is where responses go (RFC 3261 18.2.2, RFC 3581 4): over a connection, back through it; over UDP to the source address, and
// the source port if rport asked for it, else the port of the Via. maddr is not followed: it would let anyone aim us at anyone.
func replyTo(v *sip.ViaHeader, from transport.Peer) transport.Peer {
	if from.Reliable() || v == nil || v.Params.Has("rport") {
		return from
	}
	port := uint16(5060)
	if v.Port > 0 && v.Port < 1<<16 {
		port = uint16(v.Port)
	}
	from.Addr = netip.AddrPortFrom(from.Addr.Addr(), port)
	return from
}

// answer writes a response straight from the lines of the request, so that even a request that cannot be parsed is echoed as it was.
func (r *reading) answer(b *bytes.Buffer, via *sip.ViaHeader, f *fault, tag, agent string) {
	b.Reset()
	b.WriteString("SIP/2.0 ")
	b.WriteString(strconv.Itoa(f.code))
	b.WriteByte(' ')
	b.WriteString(f.reason)
	b.WriteString("\r\n")
	writeVia(b, via)
	r.otherVias(b)
	r.echo(b, "From: ", hFrom, "")
	if f.code > 100 {
		r.echo(b, "To: ", hTo, tag)
	} else {
		r.echo(b, "To: ", hTo, "")
	}
	r.echo(b, "Call-ID: ", hCallID, "")
	r.echo(b, "CSeq: ", hCSeq, "")
	b.WriteString(f.header)
	if agent != "" {
		b.WriteString("Server: ")
		b.WriteString(agent)
		b.WriteString("\r\n")
	}
	b.WriteString("Content-Length: 0\r\n\r\n")
}

func (r *reading) echo(b *bytes.Buffer, name string, id headerID, tag string) {
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
func (r *reading) otherVias(b *bytes.Buffer) {
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

func writeVia(b *bytes.Buffer, v *sip.ViaHeader) {
	b.WriteString("Via: ")
	b.WriteString(v.ProtocolName)
	b.WriteByte('/')
	b.WriteString(v.ProtocolVersion)
	b.WriteByte('/')
	b.WriteString(v.Transport)
	b.WriteByte(' ')
	b.WriteString(v.Host)
	if v.Port > 0 {
		b.WriteByte(':')
		b.WriteString(strconv.Itoa(v.Port))
	}
	for _, p := range v.Params {
		b.WriteByte(';')
		b.WriteString(p.K)
		if p.V != "" {
			b.WriteByte('=')
			b.WriteString(p.V)
		}
	}
	b.WriteString("\r\n")
}

// tagFor makes the To tag of our answers to a request: the same for each copy of it, so that answers kept nowhere still agree
// (RFC 3261 8.2.7), and not to be guessed without the seed.
func tagFor(seed maphash.Seed, parts ...string) string {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, p := range parts {
		h.WriteString(p)
		h.WriteByte(0)
	}
	return strconv.FormatUint(h.Sum64(), 36)
}
