package session

import (
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
	"hotline/sip/transport"
)

// directory is a Resolve that knows some hosts.
type directory struct {
	mu    sync.Mutex
	known map[string]netip.AddrPort
	asked []string
}

func (d *directory) resolve(next sip.Uri, last transport.Peer) (transport.Peer, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, next.Host)
	last.Addr = d.known[next.Host]
	return last, last.Addr.IsValid()
}

func (d *directory) learn(host string, at netip.AddrPort) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.known[host] = at
}

// was gives what was asked for since, each host once in a row.
func (d *directory) was() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []string
	for _, host := range d.asked {
		if len(all) == 0 || all[len(all)-1] != host {
			all = append(all, host)
		}
	}
	d.asked = nil
	return strings.Join(all, " ")
}

// A hop that is a name is asked for when it comes to be known, and not only when there is something to send; until its address is known,
// requests go where the peer's messages come from.
func TestHopByName(t *testing.T) {
	world(t, func(w *wire) {
		d := &directory{known: map[string]netip.AddrPort{}}
		a, p := w.node("A", addrA, func(c *Config) { c.Resolve = d.resolve }), w.script("P", addrB)
		edge := w.script("E", netip.MustParseAddrPort("127.0.0.13:5060"))
		p.say("INVITE", 1, "ft", "", "offer", "Contact: <sip:x@first.test>")
		s, _ := a.taken()
		if got := d.was(); got != "first.test" {
			t.Errorf("the INVITE's contact: asked for %q", got)
		}
		s.Answer([]byte("answer"))
		tag := message.ToTag(p.response("200 INVITE"))
		p.say("ACK", 1, "ft", tag, "")
		p.say("UPDATE", 2, "ft", tag, "", "Contact: <sip:x@second.test>")
		p.response("200 UPDATE")
		if got := d.was(); !strings.HasSuffix(got, "second.test") {
			t.Errorf("the UPDATE's contact: asked for %q", got)
		}
		s.Offer([]byte("offer"))
		again := p.request("INVITE")
		p.reply(again, 200, "", "answer", "Contact: <sip:x@third.test>")
		p.request("ACK")
		if got := d.was(); !strings.HasSuffix(got, "third.test") {
			t.Errorf("the answer's contact: asked for %q", got)
		}
		d.learn("third.test", edge.at)
		s.Hangup(0, "")
		bye := edge.request("BYE")
		if bye.Recipient.Host != "third.test" {
			t.Errorf("BYE for %s", bye.Recipient.Host)
		}
		edge.reply(bye, 200, "", "")
		time.Sleep(time.Second)
		p.silent(time.Second)
	})
}

// The first route is the hop where there are any, as a Record-Route of the answer made them.
func TestRouteByName(t *testing.T) {
	world(t, func(w *wire) {
		d := &directory{known: map[string]netip.AddrPort{}}
		a, p := w.node("A", addrA, func(c *Config) { c.Resolve = d.resolve }), w.script("P", addrB)
		edge := w.script("E", netip.MustParseAddrPort("127.0.0.13:5060"))
		s, _ := a.dial(addrB, "offer", nil)
		invite := p.request("INVITE")
		if got := d.was(); got != "" {
			t.Errorf("before there is a dialog: asked for %q", got)
		}
		p.reply(invite, 180, "st", "", "Record-Route: <sip:proxy.test;lr>", "Contact: <sip:x@far.test>")
		time.Sleep(time.Second)
		if got := d.was(); got != "proxy.test" {
			t.Errorf("a provisional's route: asked for %q", got)
		}
		d.learn("proxy.test", edge.at)
		p.reply(invite, 200, "st", "answer", "Record-Route: <sip:proxy.test;lr>", "Contact: <sip:x@far.test>")
		ack := edge.request("ACK")
		if ack.Recipient.Host != "far.test" || ack.Route() == nil || ack.Route().Address.Host != "proxy.test" {
			t.Errorf("got %s", ack)
		}
		s.Hangup(0, "")
		edge.reply(edge.request("BYE"), 200, "", "")
		time.Sleep(time.Second)
	})
}
