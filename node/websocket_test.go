package node

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"hotline/internal/testkit"
	"hotline/queue"
	"hotline/sip/transaction"
)

// page registers the agent's phone over WebSocket on the web port, and runs until close is called.
func page(t *testing.T, n *Node, c testkit.Config) (p *testkit.Phone, close func()) {
	t.Helper()
	c.Bind, c.Server, c.Network, c.User, c.Password = deskAt, netip.MustParseAddrPort(n.web.Addr().String()), "ws", "1001", "pw1001"
	p, err := testkit.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer func() { done <- struct{}{} }(); _ = p.Run(ctx) }()
	gone := false
	close = func() {
		if !gone {
			gone = true
			stop()
			<-done
		}
	}
	t.Cleanup(close)
	if err := p.Register(ctx, time.Hour); err != nil {
		t.Fatal(err)
	}
	return p, close
}

// TestPhoneOnWebSocket calls an agent whose phone is a page: everything goes back on its flow, though Contact and Via name no host
// (RFC 7118 section 5), and without the flow there is no phone.
func TestPhoneOnWebSocket(t *testing.T) {
	n := runNode(t, smallData(t, smallCentre))
	rung := make(chan *testkit.Talk, 1)
	seen := make(chan string, 1000)
	_, close := page(t, n, testkit.Config{
		Ring: func(talk *testkit.Talk) { talk.Answer(); rung <- talk },
		Observe: func(o transaction.Observation) {
			if line, _, _ := strings.Cut(string(o.Raw), "\r\n"); !o.Out {
				seen <- line
			}
		},
	})
	got := n.registrar.Contacts("1001")
	if len(got) != 1 || !strings.HasSuffix(got[0].URI.Host, ".invalid") || got[0].Peer.Network != "ws" || got[0].Peer.Conn == 0 {
		t.Fatalf("contacts %+v", got)
	}
	caller := person(t, testkit.Config{Bind: trunkAt, Server: n.sipAt(), User: "13800138000"})
	talk, err := caller.Call("4001", "13800138000")
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "two who talk", func() bool { return agentState(n, "anna") == queue.Talking })
	agent := <-rung
	talk.Hangup()
	until(t, agent, "ended") // by a BYE on the flow
	methods := map[string]bool{}
	for len(seen) > 0 {
		word, _, _ := strings.Cut(<-seen, " ")
		methods[word] = true
	}
	for _, m := range []string{"INVITE", "ACK", "BYE"} {
		if !methods[m] {
			t.Errorf("the page never saw %s: %v", m, methods)
		}
	}
	close()
	eventually(t, "the registration's end", func() bool { return len(n.registrar.Contacts("1001")) == 0 })
	eventually(t, "the agent's leave", func() bool { return agentState(n, "anna") == queue.Offline })
}
