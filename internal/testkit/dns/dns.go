// Package dns is a DNS server on loopback for tests: it answers from a zone, and badly where it is told to. It is no part of a running
// switch.
package dns

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

// Zone is what a Server knows: the records of "name TYPE". A name without any has NXDOMAIN with the SOA.
type Zone map[string][]dnsmessage.ResourceBody

// Server is one DNS server. Its fields but Addr are changed with Set.
type Server struct {
	Addr netip.AddrPort // UDP and TCP

	mu    sync.Mutex
	Zone  Zone
	TTL   uint32           // of all records, in seconds
	Dead  bool             // asks are heard, and not answered
	Mute  dnsmessage.Type  // questions of this type are not answered
	Long  bool             // nothing fits into a datagram
	Lie   bool             // a forged answer comes first
	RCode dnsmessage.RCode // of every answer, unless 0
	asked map[string]int   // by "name TYPE"
}

// Start opens a server that answers until the test ends, with records that last 60 s.
func Start(t *testing.T, z Zone) *Server {
	t.Helper()
	udp, tcp := listen(t)
	d := &Server{Addr: udp.LocalAddr().(*net.UDPAddr).AddrPort(), Zone: z, TTL: 60}
	var wg sync.WaitGroup
	wg.Go(func() { d.serveUDP(udp) })
	wg.Go(func() { d.serveTCP(tcp) })
	t.Cleanup(func() { udp.Close(); tcp.Close(); wg.Wait() })
	return d
}

// listen binds one port for datagrams and connections. Another program may have the second of a port whose first was free.
func listen(t *testing.T) (*net.UDPConn, *net.TCPListener) {
	t.Helper()
	var err error
	for range 50 {
		var udp *net.UDPConn
		if udp, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
			break
		}
		var tcp *net.TCPListener
		if tcp, err = net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(udp.LocalAddr().(*net.UDPAddr).AddrPort())); err == nil {
			return udp, tcp
		}
		udp.Close()
	}
	t.Fatal(err)
	return nil, nil
}

// Set changes the server under its lock.
func (d *Server) Set(f func(*Server)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f(d)
}

// Count is how often each "name TYPE" was asked for.
func (d *Server) Count() map[string]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.asked)
}

func (d *Server) serveUDP(conn *net.UDPConn) {
	buf := make([]byte, 2048)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		for _, raw := range d.Answers(buf[:n], false) {
			_, _ = conn.WriteToUDPAddrPort(raw, from)
		}
	}
}

func (d *Server) serveTCP(ln *net.TCPListener) {
	for {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		var size [2]byte
		_, _ = io.ReadFull(conn, size[:])
		q := make([]byte, binary.BigEndian.Uint16(size[:]))
		_, _ = io.ReadFull(conn, q)
		for _, raw := range d.Answers(q, true) {
			_, _ = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(raw))), raw...))
		}
		conn.Close()
	}
}

// Answers are the messages that answer a question, as they are sent; none where it stays unanswered.
func (d *Server) Answers(raw []byte, tcp bool) (all [][]byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var q dnsmessage.Message
	if q.Unpack(raw) != nil || len(q.Questions) != 1 {
		return nil
	}
	ask := q.Questions[0]
	key := strings.ToLower(strings.TrimSuffix(ask.Name.String(), ".")) + " " + typeName(ask.Type)
	if d.asked == nil {
		d.asked = map[string]int{}
	}
	d.asked[key]++
	if d.Dead || d.Mute != 0 && d.Mute == ask.Type {
		return nil
	}
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: q.ID, Response: true, RCode: d.RCode, RecursionAvailable: true}, Questions: q.Questions}
	if d.Lie {
		f := m
		f.ID++
		f.Answers = []dnsmessage.Resource{{Header: d.header(ask.Name.String(), dnsmessage.TypeA), Body: A("203.0.113.66")}}
		all = append(all, pack(f), []byte("junk"))
	}
	if m.Truncated = d.Long && !tcp; !m.Truncated {
		d.fill(&m, key, ask.Name.String())
	}
	return append(all, pack(m))
}

// fill adds what the zone has, following an alias.
func (d *Server) fill(m *dnsmessage.Message, key, name string) {
	host, kind, _ := strings.Cut(key, " ")
	if alias, ok := d.Zone[host+" CNAME"]; ok {
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: d.header(name, dnsmessage.TypeCNAME), Body: alias[0]})
		name = alias[0].(*dnsmessage.CNAMEResource).CNAME.String()
		key = strings.TrimSuffix(name, ".") + " " + kind
	}
	for _, body := range d.Zone[key] {
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: d.header(name, typeOf(kind)), Body: body})
	}
	if len(m.Answers) == 0 {
		m.RCode = max(m.RCode, dnsmessage.RCodeNameError)
		soa := &dnsmessage.SOAResource{NS: fqdn("ns"), MBox: fqdn("mail"), MinTTL: 20}
		m.Authorities = []dnsmessage.Resource{{Header: d.header("test.", dnsmessage.TypeSOA), Body: soa}}
	}
}

func (d *Server) header(name string, t dnsmessage.Type) dnsmessage.ResourceHeader {
	return dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(name), Type: t, Class: dnsmessage.ClassINET, TTL: d.TTL}
}

func pack(m dnsmessage.Message) []byte {
	raw, err := m.Pack()
	if err != nil {
		panic(err) //nolint:forbidigo // a zone that cannot be written is the test's mistake
	}
	return raw
}

// typeNAPTR has no name in dnsmessage.
const typeNAPTR dnsmessage.Type = 35

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

// A is the data of one.
func A(addr string) *dnsmessage.AResource {
	return &dnsmessage.AResource{A: netip.MustParseAddr(addr).As4()}
}

// AAAA is the data of one.
func AAAA(addr string) *dnsmessage.AAAAResource {
	return &dnsmessage.AAAAResource{AAAA: netip.MustParseAddr(addr).As16()}
}

// SRV is the data of one (RFC 2782); target "" says that there is no such service.
func SRV(prio, weight, port uint16, target string) *dnsmessage.SRVResource {
	return &dnsmessage.SRVResource{Priority: prio, Weight: weight, Port: port, Target: fqdn(target)}
}

// CNAME is the data of one.
func CNAME(target string) *dnsmessage.CNAMEResource {
	return &dnsmessage.CNAMEResource{CNAME: fqdn(target)}
}

// NAPTR is the data of one (RFC 3403).
func NAPTR(order, preference uint16, flags, service, regexp, replacement string) *dnsmessage.UnknownResource {
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
