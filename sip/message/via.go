package message

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// TopVia reads the Via that an answer follows; nil when it says nothing usable.
func (r *Lines) TopVia() *sip.ViaHeader {
	v := r.value(hVia)
	h, _ := parseVia(strings.TrimSpace(v[:cutAt(v, ',')]))
	return h
}

// parseVia reads one Via value (RFC 3261 20.42). The header is usable to answer by whenever it is not nil, even beside an error.
func parseVia(s string) (*sip.ViaHeader, error) {
	name, rest, ok1 := strings.Cut(s, "/")
	version, rest, ok2 := strings.Cut(rest, "/")
	rest = strings.TrimLeft(rest, " \t")
	space := strings.IndexAny(rest, " \t")
	if !ok1 || !ok2 || space <= 0 {
		return nil, errVia
	}
	h := &sip.ViaHeader{ProtocolName: strings.TrimSpace(name), ProtocolVersion: strings.TrimSpace(version), Transport: rest[:space]}
	sentBy, params, more := strings.Cut(rest[space:], ";")
	host, port, err := hostPort(strings.TrimSpace(sentBy))
	if err != nil {
		return nil, err
	}
	h.Host, h.Port = host, port
	if !more {
		return h, nil
	}
	h.Params, err = parseParams(params, make(sip.HeaderParams, 0, 4))
	return h, err
}

// hostPort reads a sent-by. An IPv6 host keeps its brackets, because sipgo writes an IPv4-mapped one without them otherwise; the port is
// 0 when there is none.
func hostPort(s string) (host string, port int, err error) {
	host, digits := s, ""
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return "", 0, errVia
		}
		host, digits = s[:end+1], strings.TrimSpace(s[end+1:])
		if digits != "" && digits[0] != ':' {
			return "", 0, errVia
		}
		digits = strings.TrimPrefix(digits, ":")
	} else if i := strings.IndexByte(s, ':'); i >= 0 {
		host, digits = strings.TrimSpace(s[:i]), s[i+1:]
	}
	if digits = strings.TrimSpace(digits); digits != "" {
		n, err := strconv.ParseUint(digits, 10, 16)
		if err != nil {
			return "", 0, errVia
		}
		port = int(n)
	}
	if host == "" || strings.ContainsAny(host, " \t,;<>\"@") {
		return "", 0, errVia
	}
	return host, port, nil
}

// MarkVia notes in the top Via where a request really came from: received when the host differs (RFC 3261 18.2.1), both when rport asks
// for it (RFC 3581 4).
func MarkVia(v *sip.ViaHeader, from netip.AddrPort) {
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
