package session

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
	"hotline/sip/transaction"
	"hotline/sip/transport"
)

// hop is how long a message takes over the wire of the tests.
const hop = 10 * time.Millisecond

var (
	addrA = netip.MustParseAddrPort("127.0.0.11:5060")
	addrB = netip.MustParseAddrPort("127.0.0.12:5060")
)

// wire joins ends in memory; it keeps order, and loses or delays what lose says.
type wire struct {
	t    *testing.T
	done <-chan struct{}
	run  func(f func(context.Context) error) // beside the test, until it is done
	wg   sync.WaitGroup
	mu   sync.Mutex
	ends map[netip.AddrPort]chan parcel
	name map[netip.AddrPort]string
	said []string // "A>B INVITE", in the order of sending
	lose func(line string, m sip.Message) bool
}

type parcel struct {
	at   time.Time
	from netip.AddrPort
	raw  []byte
}

// world runs f in a bubble of fake time with a wire, and takes all down after it.
func world(t *testing.T, f func(w *wire)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w := &wire{t: t, done: ctx.Done(), ends: map[netip.AddrPort]chan parcel{}, name: map[netip.AddrPort]string{}}
		w.run = func(f func(context.Context) error) { w.wg.Go(func() { _ = f(ctx) }) }
		defer w.wg.Wait()
		defer cancel()
		f(w)
	})
}

// end joins one end; got runs for each message that arrives.
func (w *wire) end(name string, at netip.AddrPort, got func(from netip.AddrPort, raw []byte)) {
	in := make(chan parcel, 10000)
	w.mu.Lock()
	w.ends[at], w.name[at] = in, name
	w.mu.Unlock()
	w.wg.Go(func() {
		for {
			select {
			case <-w.done:
				return
			case p := <-in:
				time.Sleep(time.Until(p.at))
				got(p.from, p.raw)
			}
		}
	})
}

func (w *wire) send(from, to netip.AddrPort, raw []byte) error {
	m, err := sip.NewParser().ParseSIP(raw)
	if err != nil {
		w.t.Errorf("unreadable message sent: %v\n%s", err, raw)
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	line := w.name[from] + ">" + w.name[to] + " " + short(m)
	w.said = append(w.said, line)
	if w.lose != nil && w.lose(line, m) {
		return nil
	}
	if in := w.ends[to]; in != nil {
		in <- parcel{time.Now().Add(hop), from, raw}
	}
	return nil
}

func short(m sip.Message) string {
	if r, ok := m.(*sip.Request); ok {
		return string(r.Method)
	}
	return fmt.Sprintf("%d %s", m.(*sip.Response).StatusCode, m.CSeq().MethodName)
}

// ladder is what was sent so far, without 100.
func (w *wire) ladder() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var lines []string
	for _, l := range w.said {
		if !strings.Contains(l, " 100 ") {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "\n")
}

func (w *wire) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = nil
}

func (w *wire) count(line string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, l := range w.said {
		if l == line {
			n++
		}
	}
	return n
}

func (w *wire) want(lines ...string) {
	w.t.Helper()
	if got, want := w.ladder(), strings.Join(lines, "\n"); got != want {
		w.t.Errorf("ladder:\n%s\nwant:\n%s", got, want)
	}
}

// node is our side: sessions over a transaction layer.
type node struct {
	w        *wire
	at       netip.AddrPort
	ss       *Sessions
	sessions chan *Session
}

func (w *wire) node(name string, at netip.AddrPort, edit func(*Config)) *node {
	n := &node{w: w, at: at, sessions: make(chan *Session, 100)}
	log := slog.New(slog.DiscardHandler)
	c := Config{
		Logger: log, Contact: func(transport.Peer) string { return "sip:" + at.String() },
		Invite: func(s *Session) { n.sessions <- s },
	}
	if edit != nil {
		edit(&c)
	}
	n.ss = New(c, nil)
	tx := transaction.New(transaction.Config{
		Lanes: 2, Logger: log, Supported: n.ss.Extensions(),
		Allow: []sip.RequestMethod{"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "INFO", "UPDATE", "REFER", "SUBSCRIBE", "NOTIFY", "MESSAGE", "PRACK"},
	}, func(to transport.Peer, raw []byte) error { return w.send(at, to.Addr, raw) }, n.ss)
	n.ss.Bind(tx)
	w.run(tx.Run)
	w.end(name, at, func(from netip.AddrPort, raw []byte) {
		tx.Receive(transport.Received{Peer: transport.Peer{Network: "udp", Addr: from, Local: at}, Raw: raw, At: time.Now()})
	})
	return n
}

func (n *node) peer(to netip.AddrPort) transport.Peer {
	return transport.Peer{Network: "udp", Addr: to, Local: n.at}
}

// dial calls another end; edit may change what is dialled.
func (n *node) dial(to netip.AddrPort, sdp string, edit func(*Dialling)) (*Session, *sink) {
	k := &sink{t: n.w.t}
	d := Dialling{
		To: sip.Uri{Scheme: "sip", User: "1002", Host: to.Addr().String(), Port: int(to.Port())}, Peer: n.peer(to),
		FromHeader: sip.FromHeader{Address: sip.Uri{Scheme: "sip", User: "1001", Host: n.at.Addr().String()}},
	}
	if sdp != "" {
		d.SDP = []byte(sdp)
	}
	if edit != nil {
		edit(&d)
	}
	return n.ss.Dial(d, k.hear), k
}

// taken is the next session that came in, with a sink.
func (n *node) taken() (*Session, *sink) {
	n.w.t.Helper()
	select {
	case s := <-n.sessions:
		k := &sink{t: n.w.t}
		s.SetSink(k.hear)
		return s, k
	case <-time.After(time.Second):
		n.w.t.Fatal("no INVITE came in")
		return nil, nil
	}
}

// sink writes down events and minds the rule of the one Ended.
type sink struct {
	t      *testing.T
	mu     sync.Mutex
	events []Event
	on     func(Event)
}

func (k *sink) hear(ev Event) {
	k.mu.Lock()
	if n := len(k.events); n > 0 {
		if _, over := k.events[n-1].(Ended); over {
			k.t.Errorf("%s after Ended", name(ev))
		}
	}
	k.events = append(k.events, ev)
	on := k.on
	k.mu.Unlock()
	if on != nil {
		on(ev)
	}
}

// react sets what the sink does with an event besides writing it down.
func (k *sink) react(f func(Event)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.on = f
}

// name is an event in a word or two.
func name(ev Event) string {
	switch e := ev.(type) {
	case Rang:
		return fmt.Sprintf("rang %d", e.Code)
	case Early:
		return fmt.Sprintf("early %d %s", e.Code, e.SDP)
	case AnsweredBy:
		return "answered " + string(e.SDP)
	case Established:
		return strings.TrimSpace("established " + string(e.SDP))
	case Offered:
		return strings.TrimSpace("offered " + string(e.SDP))
	case Accepted:
		return strings.TrimSpace("accepted " + string(e.SDP))
	case Refused:
		return fmt.Sprintf("refused %d", e.Code)
	case Info:
		return "info " + string(e.Body)
	case Sought:
		return "sought"
	case Referred:
		return "referred " + e.To.String()
	case Ended:
		s := "ended"
		if e.ByPeer {
			s += " by peer"
		}
		if e.Code != 0 {
			s += fmt.Sprint(" ", e.Code)
		}
		if e.Q850 != 0 {
			s += fmt.Sprint(" q850=", e.Q850)
		}
		if e.Err != nil {
			s += " error"
		}
		return s
	}
	return fmt.Sprintf("%T", ev)
}

func (k *sink) want(names ...string) {
	k.t.Helper()
	synctest.Wait()
	k.mu.Lock()
	defer k.mu.Unlock()
	var got []string
	for _, ev := range k.events {
		got = append(got, name(ev))
	}
	if g, w := strings.Join(got, ", "), strings.Join(names, ", "); g != w {
		k.t.Errorf("events: %s\nwant:   %s", g, w)
	}
}

func (k *sink) last() Event {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.events) == 0 {
		return nil
	}
	return k.events[len(k.events)-1]
}

func (k *sink) nth(i int) Event {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.events[i]
}

func (k *sink) ended() Ended {
	k.t.Helper()
	e, ok := k.last().(Ended)
	if !ok {
		k.t.Fatalf("last event is %v, want Ended", k.last())
	}
	return e
}

// script is a peer whose messages the test writes itself.
type script struct {
	w   *wire
	at  netip.AddrPort
	got chan sip.Message
	id  string
	n   int
}

func (w *wire) script(name string, at netip.AddrPort) *script {
	p := &script{w: w, at: at, got: make(chan sip.Message, 1000), id: "call-" + name + "@test"}
	seen := map[string]bool{}
	w.end(name, at, func(_ netip.AddrPort, raw []byte) {
		m, err := sip.NewParser().ParseSIP(raw)
		if err != nil {
			return
		}
		if r, ok := m.(*sip.Request); ok { // retransmissions are the transaction layer's tests
			key := r.Via().Value() + string(r.Method)
			if seen[key] {
				return
			}
			seen[key] = true
		}
		p.got <- m
	})
	return p
}

// next gives the next message but a 100, waiting up to ten minutes.
func (p *script) next(want string) sip.Message {
	p.w.t.Helper()
	limit := time.After(10 * time.Minute)
	for {
		select {
		case m := <-p.got:
			if short(m) == "100 INVITE" && want != "100 INVITE" {
				continue
			}
			if short(m) != want {
				p.w.t.Fatalf("got %s, want %s", short(m), want)
			}
			return m
		case <-limit:
			p.w.t.Fatalf("got nothing, want %s", want)
		}
	}
}

func (p *script) request(want string) *sip.Request {
	p.w.t.Helper()
	return p.next(want).(*sip.Request)
}

func (p *script) response(want string) *sip.Response {
	p.w.t.Helper()
	return p.next(want).(*sip.Response)
}

// silent fails where anything comes within d.
func (p *script) silent(d time.Duration) {
	p.w.t.Helper()
	select {
	case m := <-p.got:
		p.w.t.Errorf("got %s, want silence", short(m))
	case <-time.After(d):
	}
}

// reply sends a response to a request of ours; extra are whole header lines.
func (p *script) reply(req *sip.Request, code int, tag, sdp string, extra ...string) {
	res := sip.NewResponse(code, "Test")
	for _, h := range []string{"Via", "Record-Route", "From", "To", "Call-ID", "CSeq"} {
		sip.CopyHeaders(h, req, res)
	}
	if tag != "" && !res.To().Params.Has("tag") {
		res.To().Params.Add("tag", tag)
	}
	contact := "<sip:" + p.at.String() + ">"
	for _, x := range extra {
		k, v, _ := strings.Cut(x, ": ")
		if k == "Contact" {
			contact = v
			continue
		}
		res.AppendHeader(sip.NewHeader(k, v))
	}
	res.AppendHeader(sip.NewHeader("Contact", contact))
	if sdp != "" {
		message.SetSDP(res, []byte(sdp))
	} else {
		res.SetBody(nil)
	}
	_ = p.w.send(p.at, addrA, []byte(res.String()))
}

// say sends a request to A; to and from are tags, extra whole header lines.
func (p *script) say(method string, seq int, from, to, body string, extra ...string) string {
	p.n++
	branch := fmt.Sprintf("z9hG4bKs%d", p.n)
	p.sayBranch(branch, method, seq, from, to, body, extra...)
	return branch
}

func (p *script) sayBranch(branch, method string, seq int, from, to, body string, extra ...string) {
	if to != "" {
		to = ";tag=" + to
	}
	kind := ""
	if body != "" && !strings.Contains(strings.Join(extra, "\n"), "Content-Type") {
		kind = "Content-Type: application/sdp\r\n"
	}
	for _, x := range extra {
		kind += x + "\r\n"
	}
	if method != "ACK" && method != "CANCEL" && !strings.Contains(kind, "Contact:") {
		kind += "Contact: <sip:" + p.at.String() + ">\r\n"
	}
	raw := fmt.Sprintf("%s sip:1001@%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=%s;rport\r\nFrom: <sip:1002@%s>;tag=%s\r\nTo: <sip:1001@%s>%s\r\n"+
		"Call-ID: %s\r\nCSeq: %d %s\r\nMax-Forwards: 70\r\n%sContent-Length: %d\r\n\r\n%s",
		method, addrA, p.at, branch, p.at.Addr(), from, addrA.Addr(), to, p.id, seq, method, kind, len(body), body)
	_ = p.w.send(p.at, addrA, []byte(raw))
}

// established makes a call from the script to A and acknowledges it; it returns our tag.
func (p *script) established(a *node, seq int) (s *Session, k *sink, tag string) {
	p.w.t.Helper()
	p.say("INVITE", seq, "ft", "", "offer")
	s, k = a.taken()
	s.Answer([]byte("answer"))
	tag = message.ToTag(p.response("200 INVITE"))
	p.say("ACK", seq, "ft", tag, "")
	time.Sleep(2 * hop)
	p.w.forget()
	return s, k, tag
}

// answered makes a call from A to the script, which answers it; it returns the INVITE.
func (p *script) answered(a *node, edit func(*Dialling)) (s *Session, k *sink, invite *sip.Request) {
	p.w.t.Helper()
	s, k = a.dial(p.at, "offer", edit)
	invite = p.request("INVITE")
	p.id = message.CallID(invite)
	p.reply(invite, 200, "st", "answer")
	p.request("ACK")
	time.Sleep(2 * hop)
	p.w.forget()
	return s, k, invite
}
