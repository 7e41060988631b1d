package resolve

import (
	"encoding/binary"
	"io"
	"maps"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// zone is what a test's DNS server knows: the records of "name TYPE". A name without any has NXDOMAIN with the SOA.
type zone map[string][]dnsmessage.ResourceBody

// dns is a DNS server on loopback.
type dns struct {
	addr netip.AddrPort

	mu    sync.Mutex
	zone  zone
	ttl   uint32
	dead  bool              // asks are heard, and not answered
	mute  dnsmessage.Type   // questions of this type are not answered
	long  bool              // nothing fits into a datagram
	lie   bool              // a forged answer comes first
	rcode dnsmessage.RCode  // of every answer, unless 0
	asked map[string]int    // by "name TYPE"
	types []dnsmessage.Type // in the order asked
}

func startDNS(t *testing.T, z zone) *dns {
	t.Helper()
	udp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	d := &dns{addr: udp.LocalAddr().(*net.UDPAddr).AddrPort(), zone: z, ttl: 60, asked: map[string]int{}}
	tcp, err := net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(d.addr))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() { d.serveUDP(udp) })
	wg.Go(func() { d.serveTCP(tcp) })
	t.Cleanup(func() { udp.Close(); tcp.Close(); wg.Wait() })
	return d
}

// set changes the server under its lock.
func (d *dns) set(f func(*dns)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f(d)
}

func (d *dns) count() map[string]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.asked)
}

func (d *dns) serveUDP(conn *net.UDPConn) {
	buf := make([]byte, 2048)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		for _, raw := range d.answers(buf[:n], false) {
			_, _ = conn.WriteToUDPAddrPort(raw, from)
		}
	}
}

func (d *dns) serveTCP(ln *net.TCPListener) {
	for {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		var size [2]byte
		_, _ = io.ReadFull(conn, size[:])
		q := make([]byte, binary.BigEndian.Uint16(size[:]))
		_, _ = io.ReadFull(conn, q)
		for _, raw := range d.answers(q, true) {
			_, _ = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(raw))), raw...))
		}
		conn.Close()
	}
}

func (d *dns) answers(raw []byte, tcp bool) (all [][]byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var q dnsmessage.Message
	if q.Unpack(raw) != nil || len(q.Questions) != 1 {
		return nil
	}
	ask := q.Questions[0]
	key := strings.ToLower(strings.TrimSuffix(ask.Name.String(), ".")) + " " + typeName(ask.Type)
	d.asked[key]++
	d.types = append(d.types, ask.Type)
	if d.dead || d.mute != 0 && d.mute == ask.Type {
		return nil
	}
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: q.ID, Response: true, RCode: d.rcode, RecursionAvailable: true}, Questions: q.Questions}
	if d.lie {
		f := m
		f.ID++
		f.Answers = []dnsmessage.Resource{{Header: d.header(ask.Name.String(), dnsmessage.TypeA), Body: a("203.0.113.66")}}
		all = append(all, pack(f), []byte("junk"))
	}
	if m.Truncated = d.long && !tcp; !m.Truncated {
		d.fill(&m, key, ask.Name.String())
	}
	return append(all, pack(m))
}

// fill adds what the zone has, following an alias.
func (d *dns) fill(m *dnsmessage.Message, key, name string) {
	host, kind, _ := strings.Cut(key, " ")
	if alias, ok := d.zone[host+" CNAME"]; ok {
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: d.header(name, dnsmessage.TypeCNAME), Body: alias[0]})
		name = alias[0].(*dnsmessage.CNAMEResource).CNAME.String()
		key = strings.TrimSuffix(name, ".") + " " + kind
	}
	for _, body := range d.zone[key] {
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: d.header(name, typeOf(kind)), Body: body})
	}
	if len(m.Answers) == 0 {
		m.RCode = max(m.RCode, dnsmessage.RCodeNameError)
		soa := &dnsmessage.SOAResource{NS: fqdn("ns"), MBox: fqdn("mail"), MinTTL: 20}
		m.Authorities = []dnsmessage.Resource{{Header: d.header("test.", dnsmessage.TypeSOA), Body: soa}}
	}
}

func (d *dns) header(name string, t dnsmessage.Type) dnsmessage.ResourceHeader {
	return dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(name), Type: t, Class: dnsmessage.ClassINET, TTL: d.ttl}
}

func pack(m dnsmessage.Message) []byte {
	raw, err := m.Pack()
	if err != nil {
		panic(err)
	}
	return raw
}

var typeNames = map[dnsmessage.Type]string{dnsmessage.TypeA: "A", dnsmessage.TypeAAAA: "AAAA", dnsmessage.TypeSRV: "SRV", typeNAPTR: "NAPTR"}

func typeName(t dnsmessage.Type) string { return typeNames[t] }

func typeOf(name string) dnsmessage.Type {
	for t, n := range typeNames {
		if n == name {
			return t
		}
	}
	return 0
}

func fqdn(name string) dnsmessage.Name { return dnsmessage.MustNewName(name + ".") }

func a(addr string) *dnsmessage.AResource {
	return &dnsmessage.AResource{A: netip.MustParseAddr(addr).As4()}
}

func aaaa(addr string) *dnsmessage.AAAAResource {
	return &dnsmessage.AAAAResource{AAAA: netip.MustParseAddr(addr).As16()}
}

func srv(prio, weight, port uint16, target string) *dnsmessage.SRVResource {
	return &dnsmessage.SRVResource{Priority: prio, Weight: weight, Port: port, Target: fqdn(target)}
}

func cname(target string) *dnsmessage.CNAMEResource {
	return &dnsmessage.CNAMEResource{CNAME: fqdn(target)}
}

// naptrBody is the data of a NAPTR record.
func naptrBody(order, preference uint16, flags, service, regexp, replacement string) *dnsmessage.UnknownResource {
	b := binary.BigEndian.AppendUint16(nil, order)
	b = binary.BigEndian.AppendUint16(b, preference)
	for _, s := range []string{flags, service, regexp} {
		b = append(append(b, byte(len(s))), s...)
	}
	for label := range strings.SplitSeq(replacement, ".") {
		if label != "" {
			b = append(append(b, byte(len(label))), label...)
		}
	}
	return &dnsmessage.UnknownResource{Type: typeNAPTR, Data: append(b, 0)}
}
