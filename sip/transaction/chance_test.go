package transaction

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transport"
)

// story is one random life of a desk: what it heard of each request it sent, and which requests its user saw.
type story struct {
	t       *testing.T
	d       *desk
	random  *rand.Rand
	from    transport.Peer
	clients []*Client
	heard   []*heard
	invites []bool
	servers []*Server
	seen    map[string]int // requests at the core, by method and branch
	gone    map[*Server]int
}

// Whatever comes in whatever order: no panic, each request ends once for its user and is seen once, and in the end nothing is left.
func TestAnyOrder(t *testing.T) {
	for seed := range uint64(150) {
		atDesk(t, Config{Lanes: 1}, func(d *desk) {
			s := &story{
				t: t, d: d, random: rand.New(rand.NewPCG(seed, 7)), from: phone, seen: map[string]int{}, gone: map[*Server]int{},
			}
			if seed%3 == 0 {
				s.from = phoneT
			}
			d.request = s.request
			for range 60 {
				s.act()
			}
			d.failWith(nil)
			wait(20 * time.Minute)
			s.check(fmt.Sprint("seed ", seed))
		})
		if t.Failed() {
			return
		}
	}
}

func (s *story) request(srv *Server) {
	branch, _ := srv.Request.Via().Params.Get("branch")
	s.seen[string(srv.Request.Method)+" "+branch]++
	s.servers = append(s.servers, srv)
	srv.OnGone = func(error) { s.gone[srv]++ }
	if s.random.IntN(3) == 0 {
		srv.OnCancel = func(*sip.Request) { srv.Respond(srv.Response(487, "Request Terminated", nil)) }
	}
}

func (s *story) act() {
	codes := []int{100, 180, 183, 200, 202, 302, 404, 486, 487, 500, 603}
	code := codes[s.random.IntN(len(codes))]
	branch := string(rune('a' + s.random.IntN(4)))
	switch s.random.IntN(10) {
	case 0:
		s.send(sip.INVITE)
	case 1:
		s.send([]sip.RequestMethod{sip.BYE, sip.INFO, sip.OPTIONS}[s.random.IntN(3)])
	case 2, 3:
		s.reply(code)
	case 4:
		if n := len(s.clients); n > 0 {
			c := s.clients[s.random.IntN(n)]
			s.d.on("c", func() { c.Cancel() })
		}
	case 5, 6:
		methods := []string{"INVITE", "INVITE", "OPTIONS", "BYE", "CANCEL", "ACK"}
		s.d.receive(s.from, asked(methods[s.random.IntN(len(methods))], branch, "c"+branch))
	case 7:
		if n := len(s.servers); n > 0 {
			srv := s.servers[s.random.IntN(n)]
			s.d.on(string(*srv.Request.CallID()), func() { srv.Respond(srv.Response(code, "Word", nil)) })
		}
	case 8:
		wait(time.Duration(s.random.IntN(20_000)) * time.Millisecond)
	case 9:
		s.trouble()
	}
}

func (s *story) send(method sip.RequestMethod) {
	h := &heard{}
	s.heard = append(s.heard, h)
	s.invites = append(s.invites, method == sip.INVITE)
	s.clients = append(s.clients, s.d.ask(outgoing(method, "c"), s.from, h))
}

// reply answers a message that the desk sent, now or long ago.
func (s *story) reply(code int) {
	s.d.mu.Lock()
	var raw string
	if n := len(s.d.sent); n > 0 {
		raw = s.d.sent[s.random.IntN(n)].raw
	}
	s.d.mu.Unlock()
	if raw == "" || strings.HasPrefix(raw, "SIP/2.0") || strings.HasPrefix(raw, "ACK") {
		return
	}
	s.d.receive(s.from, replyText(raw, code, ""))
}

// trouble makes sending fail for a while, or ends a lost request.
func (s *story) trouble() {
	switch s.random.IntN(3) {
	case 0:
		s.d.failWith([]error{nil, nil, transport.ErrQueueFull, transport.ErrConnections}[s.random.IntN(4)])
	case 1:
		s.d.failWith(nil)
	case 2:
		s.d.mu.Lock()
		var raw []byte
		if n := len(s.d.sent); n > 0 {
			raw = []byte(s.d.sent[s.random.IntN(n)].raw)
		}
		s.d.mu.Unlock()
		s.d.Failed(s.from, raw, transport.ErrClosed)
		wait(0)
	}
}

func (s *story) check(name string) {
	c := s.d.Counters()
	ln := s.d.lanes[0]
	if c.Panics != 0 || c.Clients != 0 || c.Servers != 0 {
		// An INVITE may ring, and be rung, for ever: only those may be left.
		s.left(name, c)
	}
	if len(ln.clients) != int(c.Clients) || len(ln.servers) != int(c.Servers) || len(ln.merged) > len(ln.servers) {
		s.t.Errorf("%s: counted %d and %d, held %d and %d, %d merge keys", name, c.Clients, c.Servers, len(ln.clients), len(ln.servers), len(ln.merged))
	}
	for i, h := range s.heard {
		if err := wellFormed(*h, s.invites[i]); err != "" {
			s.t.Errorf("%s: request %d heard %q: %s", name, i, *h, err)
		}
	}
	for srv, n := range s.gone {
		if n > 1 {
			s.t.Errorf("%s: a server was gone %d times: %s", name, n, srv.Request.StartLine())
		}
	}
}

// left allows what may ring for ever: an INVITE that heard a provisional, and one whose user gave no final response.
func (s *story) left(name string, c Counters) {
	ln := s.d.lanes[0]
	for _, t := range ln.clients {
		if t.method != sip.INVITE || t.cancelled {
			s.t.Errorf("%s: left over: %s, cancelled %v", name, t.method, t.cancelled)
		}
	}
	for _, t := range ln.servers {
		if !t.invite || t.answered {
			s.t.Errorf("%s: left over: a server of an INVITE %v, answered %v", name, t.invite, t.answered)
		}
	}
	if c.Panics != 0 {
		s.t.Errorf("%s: %d panics", name, c.Panics)
	}
	if len(ln.alarms) != 0 {
		s.t.Errorf("%s: %d alarms left", name, len(ln.alarms))
	}
}

// wellFormed is the law of Reply: provisionals, then one end, then nothing but further 2xx of an INVITE.
func wellFormed(words heard, invite bool) string {
	end := ""
	for _, w := range words {
		switch {
		case end == "" && strings.HasPrefix(w, "1"):
		case end == "":
			end = w
		case invite && strings.HasPrefix(end, "2") && strings.HasPrefix(w, "2"):
		default:
			return fmt.Sprintf("%s came after the end, %s", w, end)
		}
	}
	if end == "" && !invite {
		return "no end"
	}
	return ""
}
