package e2e

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// mill makes many short calls without sound: a carrier that calls the node, and a carrier that the node calls and that answers at once.
// It knows no more of SIP than that takes, so that the node and not the test is what works.
type mill struct {
	t      *testing.T
	node   netip.AddrPort
	near   *net.UDPConn // calls
	far    *net.UDPConn // is called
	number string
	talk   time.Duration
	run    string // part of every Call-ID

	mu    sync.Mutex
	open  map[string]*grain // by Call-ID
	slots chan struct{}

	answered, over, strange atomic.Int64
}

// grain is one call of the mill as its caller sees it. Only the caller's reader touches it after the INVITE.
type grain struct {
	acked            bool
	from, to, target string
}

const answerSDP = "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"

// newMill is a mill with at most so many calls at once.
func newMill(t *testing.T, n *node, number string, near, far netip.AddrPort, atOnce int) *mill {
	t.Helper()
	m := &mill{
		t: t, node: n.sip, number: number, talk: 200 * time.Millisecond, run: strconv.FormatInt(time.Now().UnixNano(), 36),
		open: map[string]*grain{}, slots: make(chan struct{}, atOnce),
	}
	m.near, m.far = listenAt(t, near), listenAt(t, far)
	return m
}

func listenAt(t *testing.T, at netip.AddrPort) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetReadBuffer(4 << 20)
	return conn
}

// grind makes calls at a rate and returns when all are over, or when nothing moves any more.
func (m *mill) grind(calls int, rate float64) {
	m.t.Helper()
	want := m.over.Load() + int64(calls)
	tick := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer tick.Stop()
	for i := range calls {
		<-tick.C
		select {
		case m.slots <- struct{}{}:
		case <-time.After(patience):
			m.t.Fatalf("no call ended within %v: %d of %d made", patience, i, calls)
		}
		m.invite(fmt.Sprintf("%s-%d", m.run, want-int64(calls)+int64(i)))
	}
	await(m.t, "the last calls to end", 2*patience, func() (int64, bool) { n := m.over.Load(); return n, n >= want })
}

// serve answers both sides until their sockets are closed.
func (m *mill) serve() {
	var wait sync.WaitGroup
	wait.Go(func() { m.read(m.near, m.caller) })
	wait.Go(func() { m.read(m.far, m.callee) })
	wait.Wait()
}

func (m *mill) read(conn *net.UDPConn, take func(message)) {
	b := make([]byte, 65536)
	for {
		n, err := conn.Read(b)
		if err != nil {
			return
		}
		take(message(b[:n]))
	}
}

func (m *mill) send(conn *net.UDPConn, text string) {
	if _, err := conn.WriteToUDPAddrPort([]byte(text), m.node); err != nil && m.t.Context().Err() == nil {
		m.t.Errorf("send: %v", err)
	}
}

func (m *mill) invite(id string) {
	host := m.near.LocalAddr().String()
	ip, _, _ := strings.Cut(host, ":")
	body := fmt.Sprintf(answerSDP, ip, ip)
	from := fmt.Sprintf("<sip:139%08d@%s>;tag=m", m.over.Load(), host)
	text := fmt.Sprintf("INVITE sip:%s@%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s\r\nMax-Forwards: 70\r\nFrom: %s\r\n"+
		"To: <sip:%s@%s>\r\nCall-ID: %s\r\nCSeq: 1 INVITE\r\nContact: <sip:mill@%s>\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s",
		m.number, m.node, host, id, from, m.number, m.node, id, host, len(body), body)
	m.mu.Lock()
	m.open[id] = &grain{from: from}
	m.mu.Unlock()
	m.send(m.near, text)
}

// caller takes what the node says to the caller: it acknowledges, and hangs up after a moment.
func (m *mill) caller(msg message) {
	id := msg.value("Call-ID")
	m.mu.Lock()
	g := m.open[id]
	m.mu.Unlock()
	code, cseq := msg.code(), msg.value("CSeq")
	switch {
	case g == nil:
	case code < 200:
	case code == 200 && strings.HasSuffix(cseq, "INVITE"):
		m.hear(id, g, msg)
	case code == 200 && strings.HasSuffix(cseq, "BYE"):
		m.end(id)
	default:
		m.strange.Add(1)
		m.end(id)
	}
}

func (m *mill) hear(id string, g *grain, msg message) {
	first := !g.acked
	g.acked = true
	g.to, g.target = msg.value("To"), strings.Trim(msg.value("Contact"), "<>")
	m.send(m.near, m.inside(id, g, "ACK", 1))
	if first {
		m.answered.Add(1)
		time.AfterFunc(m.talk, func() { m.send(m.near, m.inside(id, g, "BYE", 2)) })
	}
}

func (m *mill) inside(id string, g *grain, method string, seq int) string {
	host := m.near.LocalAddr().String()
	return fmt.Sprintf("%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s%s\r\nMax-Forwards: 70\r\nFrom: %s\r\nTo: %s\r\n"+
		"Call-ID: %s\r\nCSeq: %d %s\r\nContent-Length: 0\r\n\r\n",
		method, g.target, host, id, method, g.from, g.to, id, seq, method)
}

func (m *mill) end(id string) {
	m.mu.Lock()
	_, there := m.open[id]
	delete(m.open, id)
	m.mu.Unlock()
	if there {
		m.over.Add(1)
		<-m.slots
	}
}

// callee answers everything with 200 at once.
func (m *mill) callee(msg message) {
	method, _, _ := strings.Cut(string(msg[:min(len(msg), 16)]), " ")
	if method == "ACK" || strings.HasPrefix(method, "SIP/") {
		return
	}
	host := m.far.LocalAddr().String()
	ip, _, _ := strings.Cut(host, ":")
	body, kind := "", ""
	if method == "INVITE" {
		body, kind = fmt.Sprintf(answerSDP, ip, ip), "Content-Type: application/sdp\r\n"
	}
	to := msg.value("To")
	if !strings.Contains(to, "tag=") {
		to += ";tag=far"
	}
	m.send(m.far, fmt.Sprintf("SIP/2.0 200 OK\r\nVia: %s\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %s\r\n"+
		"Contact: <sip:far@%s>\r\n%sContent-Length: %d\r\n\r\n%s",
		msg.value("Via"), msg.value("From"), to, msg.value("Call-ID"), msg.value("CSeq"), host, kind, len(body), body))
}

// message is a SIP message as it came; value finds a header by the name that the node writes.
type message []byte

func (m message) value(name string) string {
	_, rest, ok := bytes.Cut(m, []byte("\r\n"+name+": "))
	if !ok {
		return ""
	}
	line, _, _ := bytes.Cut(rest, []byte("\r\n"))
	return string(line)
}

// code is the status of a response, 0 for a request.
func (m message) code() int {
	if len(m) < 12 || !bytes.HasPrefix(m, []byte("SIP/2.0 ")) {
		return 0
	}
	n, _ := strconv.Atoi(string(m[8:11]))
	return n
}
