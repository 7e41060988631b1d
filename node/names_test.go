package node

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
	"golang.org/x/net/dns/dnsmessage"

	"hotline/configs"
	"hotline/internal/testkit"
	"hotline/internal/testkit/dns"
	"hotline/queue"
	"hotline/sip/transport"
)

// TestCarrierByName: calls come in from an address that only DNS names, requests inside its dialogs go where its names lead, and nobody
// else can make the node look for one.
func TestCarrierByName(t *testing.T) {
	carrier := trunkAt.Addr()
	d := dns.Start(t, dns.Zone{
		"carrier.test A": {dns.A(carrier.String())}, "edge.test A": {dns.A("127.0.42.9")},
		"both.test A": []dnsmessage.ResourceBody{dns.A("127.0.42.9"), dns.A(carrier.String())},
	})
	centre := strings.Replace(smallCentre, "sources: [127.0.42.2]", "sources: [carrier.test], targets: [{address: carrier.test:5060}]", 1)
	n := runNode(t, smallData(t, centre), func(c *configs.Node) { c.SIP.DNS = []string{d.Addr.String()} })
	eventually(t, "the carrier's address", func() bool { // as that of a source: the name is looked up as a target too, which may be known first
		_, known := n.trunks.BySource(carrier)
		return known
	})
	anna(t, n)
	caller := person(t, testkit.Config{Bind: trunkAt, Server: n.sipAt(), User: "13800138000"})
	talk, err := caller.Call("4001", "13800138000")
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "two who talk", func() bool { return agentState(n, "anna") == queue.Talking })
	talk.Hangup()
	until(t, talk, "ended")

	last := transport.Peer{Network: "udp", Addr: netip.AddrPortFrom(carrier, 5066)}
	hop := func(host string, from transport.Peer) (transport.Peer, bool) {
		return n.hop(sip.Uri{Scheme: "sip", Host: host}, from)
	}
	eventually(t, "the next hop", func() bool {
		p, ok := hop("edge.test", last)
		return ok && p.Network == "udp" && p.Addr.String() == "127.0.42.9:5060"
	})
	hop("both.test", last)
	eventually(t, "the answer about a name that the flow belongs to", func() bool { return d.Count()["both.test A"] > 0 })
	phone := transport.Peer{Network: "udp", Addr: netip.AddrPortFrom(deskAt.Addr(), 5060)}
	for _, c := range []struct {
		host string
		from transport.Peer
	}{{"both.test", last}, {"df7jal23ls0d.invalid", last}, {"127.0.42.9", last}, {"phone.test", phone}} {
		if p, ok := hop(c.host, c.from); ok {
			t.Errorf("%s from %s: got %v", c.host, c.from.Addr, p)
		}
	}
	for asked := range d.Count() {
		if strings.Contains(asked, "invalid") || strings.Contains(asked, "phone") {
			t.Errorf("asked for %s", asked)
		}
	}
}
