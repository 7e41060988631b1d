package transaction

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

	"hotline/sip/transport"
)

var (
	here   = netip.MustParseAddrPort("127.0.0.20:5060")
	phone  = transport.Peer{Network: "udp", Addr: netip.MustParseAddrPort("127.0.0.9:5060"), Local: here}
	phoneT = transport.Peer{Network: "tcp", Addr: netip.MustParseAddrPort("127.0.0.9:40001"), Local: here, Conn: 7}
)

// sent is one message the layer gave to the transport.
type sent struct {
	after time.Duration // since the desk was set up
	to    transport.Peer
	raw   string
}

// desk is a layer with a transport that remembers and a core made of functions.
type desk struct {
	*Layer
	mu      sync.Mutex
	began   time.Time
	sent    []sent
	fail    error // what send returns
	request func(*Server)
	acks    []*sip.Request
	strays  []*sip.Response
}

func (d *desk) Request(s *Server)                                 { d.request(s) }
func (d *desk) Ack(req *sip.Request, _ transport.Peer)            { d.acks = append(d.acks, req) }
func (d *desk) StrayResponse(res *sip.Response, _ transport.Peer) { d.strays = append(d.strays, res) }

func (d *desk) send(to transport.Peer, raw []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail != nil {
		return d.fail
	}
	d.sent = append(d.sent, sent{after: time.Since(d.began), to: to, raw: string(raw)})
	return nil
}

// failWith makes every send return err from now on; nil: none.
func (d *desk) failWith(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail = err
}

// core lets desk be a Core although Layer has a method Request too.
type core struct{ d *desk }

func (c core) Request(s *Server)                                    { c.d.request(s) }
func (c core) Ack(req *sip.Request, from transport.Peer)            { c.d.Ack(req, from) }
func (c core) StrayResponse(res *sip.Response, from transport.Peer) { c.d.StrayResponse(res, from) }

// atDesk runs f in a bubble of its own time with a running layer.
func atDesk(t *testing.T, c Config, f func(d *desk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{began: time.Now(), request: func(*Server) {}}
		if c.Logger == nil {
			c.Logger = slog.New(slog.DiscardHandler)
		}
		d.Layer = New(c, d.send, core{d})
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _ = d.Run(ctx) })
		f(d)
		cancel()
		wg.Wait()
	})
}

// receive gives the layer one message and lets everything settle.
func (d *desk) receive(from transport.Peer, raw string) {
	d.Receive(transport.Received{Peer: from, Raw: []byte(raw), At: time.Now()})
	synctest.Wait()
}

// on runs f on the lane of a Call-ID and waits.
func (d *desk) on(callID string, f func()) {
	d.Do(callID, f)
	synctest.Wait()
}

func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// lines is the first line of each message sent so far.
func (d *desk) lines() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]string, len(d.sent))
	for i, s := range d.sent {
		out[i], _, _ = strings.Cut(s.raw, "\r\n")
	}
	return out
}

// times is when messages beginning with a prefix were sent.
func (d *desk) times(prefix string) []time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []time.Duration
	for _, s := range d.sent {
		if strings.HasPrefix(s.raw, prefix) {
			out = append(out, s.after)
		}
	}
	return out
}

func (d *desk) last(t *testing.T) sent {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.sent) == 0 {
		t.Fatal("nothing was sent")
	}
	return d.sent[len(d.sent)-1]
}

func (d *desk) expect(t *testing.T, want ...string) {
	t.Helper()
	if got := strings.Join(d.lines(), "|"); got != strings.Join(want, "|") {
		t.Errorf("sent:\n got %s\nwant %s", got, strings.Join(want, "|"))
	}
}

// asked is the text of a request; the branch is "z9hG4bK" + branch.
func asked(method, branch, callID string, extra ...string) string {
	return fmt.Sprintf("%s sip:600@127.0.0.20 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.9:5060;branch=z9hG4bK%s;rport\r\n"+
		"From: <sip:1001@127.0.0.20>;tag=f1\r\nTo: <sip:600@127.0.0.20>\r\nCall-ID: %s\r\nCSeq: 1 %s\r\nMax-Forwards: 70\r\n"+
		"Contact: <sip:1001@127.0.0.9:5060>\r\n%sContent-Length: 0\r\n\r\n", method, branch, callID, method, strings.Join(extra, ""))
}

// reply text to a request that the layer sent.
func replyText(request string, code int, extra string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %d Word\r\n", code)
	for line := range strings.SplitSeq(request, "\r\n") {
		for _, name := range []string{"Via:", "From:", "Call-ID:", "CSeq:"} {
			if strings.HasPrefix(line, name) {
				b.WriteString(line + "\r\n")
			}
		}
		if strings.HasPrefix(line, "To:") {
			b.WriteString(line + ";tag=them\r\n")
		}
	}
	return b.String() + extra + "Content-Length: 0\r\n\r\n"
}

// tagIn is the tag in the value of a From or To.
func tagIn(v string) string {
	if end := strings.LastIndexByte(v, '>'); end >= 0 {
		v = v[end:]
	}
	for p := range strings.SplitSeq(v, ";") {
		if name, value, _ := strings.Cut(p, "="); strings.EqualFold(strings.TrimSpace(name), "tag") {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// outgoing is a request for the client side.
func outgoing(method sip.RequestMethod, callID string) *sip.Request {
	var uri sip.Uri
	if err := sip.ParseUri("sip:1001@127.0.0.9:5060", &uri); err != nil {
		panic(err)
	}
	req := sip.NewRequest(method, uri)
	id := sip.CallIDHeader(callID)
	req.AppendHeader(&sip.FromHeader{Address: uri, Params: sip.HeaderParams{{K: "tag", V: "us"}}})
	req.AppendHeader(&sip.ToHeader{Address: uri})
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: 5, MethodName: method})
	return req
}
