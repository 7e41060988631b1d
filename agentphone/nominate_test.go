package agentphone

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/stun/v4"

	"hotline/media/codec"
)

// adapter is one of the networks of a browser that has several: a socket that answers checks and makes them.
type adapter struct {
	conn     *net.UDPConn
	priority uint32
	pwd      string // the browser's
}

func (n *adapter) addr() netip.AddrPort { return n.conn.LocalAddr().(*net.UDPAddr).AddrPort() }

// answer takes what comes until the socket is closed, and answers checks (RFC 8445 section 7.3).
func (n *adapter) answer() {
	for b := make([]byte, 2048); ; {
		size, from, err := n.conn.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		m := &stun.Message{Raw: append([]byte(nil), b[:size]...)}
		if m.Decode() != nil || m.Type != stun.BindingRequest {
			continue
		}
		success, err := stun.Build(m, stun.BindingSuccess, &stun.XORMappedAddress{IP: from.Addr().AsSlice(), Port: int(from.Port())},
			stun.NewShortTermIntegrity(n.pwd), stun.Fingerprint)
		if err == nil {
			_, _ = n.conn.WriteToUDPAddrPort(success.Raw, from)
		}
	}
}

// nominate makes one check that says that this network is the one.
func (n *adapter) nominate(t *testing.T, to netip.AddrPort, user, pwd string) {
	t.Helper()
	m, err := stun.Build(stun.BindingRequest, stun.TransactionID, stun.NewUsername(user), ice.PriorityAttr(n.priority), ice.UseCandidate(), ice.AttrControlling(7),
		stun.NewShortTermIntegrity(pwd), stun.Fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.conn.WriteToUDPAddrPort(m.Raw, to); err != nil {
		t.Fatal(err)
	}
}

// A browser with two networks nominates the better one, then the worse one, as Chromium does when the first gets slow. Its sound goes that
// way from then on, and so does ours, whichever side of ICE we are.
func TestTheBrowserDecidesOnItsNetwork(t *testing.T) {
	for _, full := range []bool{false, true} {
		t.Run(fmt.Sprintf("full %v", full), func(t *testing.T) {
			port, err := OpenPort(netip.MustParseAddrPort("127.0.0.1:0"), netip.AddrPort{}, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = port.Close() })
			cert, err := newCertificate()
			if err != nil {
				t.Fatal(err)
			}
			o, err := readOffer(chromium, []codec.Kind{codec.PCMA})
			if err != nil {
				t.Fatal(err)
			}
			var networks []*adapter
			o.candidates = nil
			for _, priority := range []uint32{2122260223, 1122260223} {
				conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
				if err != nil {
					t.Fatal(err)
				}
				n := &adapter{conn: conn, priority: priority, pwd: o.pwd}
				t.Cleanup(func() { _ = conn.Close() })
				go n.answer() // until the socket is closed
				networks = append(networks, n)
				o.candidates = append(o.candidates, fmt.Sprintf("%d 1 udp %d 127.0.0.1 %d typ host", priority%100, priority, n.addr().Port()))
			}
			w, _, err := newWay(t.Context(), &Config{Port: port, FullICE: full, Logger: slog.New(slog.DiscardHandler)}, cert, o)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = w.agent.Close() })
			ufrag, pwd, err := w.agent.GetLocalUserCredentials()
			if err != nil {
				t.Fatal(err)
			}
			go func() { _, _ = w.agent.Accept(context.WithoutCancel(t.Context()), o.ufrag, o.pwd) }() // until the agent is closed
			for i, n := range []*adapter{networks[0], networks[1], networks[0]} {
				end := time.Now().Add(30 * time.Second)
				for w.there() != n.addr() {
					if time.Now().After(end) {
						t.Fatalf("nomination %d: the sound goes to %s, want %s", i, w.there(), n.addr())
					}
					n.nominate(t, port.Addr(), ufrag+":"+o.ufrag, pwd)
					<-time.After(50 * time.Millisecond)
				}
			}
		})
	}
}

// there is where the sound goes.
func (w *way) there() netip.AddrPort {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.remote
}
