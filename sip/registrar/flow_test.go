package registrar

import (
	"net/netip"
	"testing"

	"hotline/sip/transport"
)

// flow is a phone that registers over a connection.
func (d *desk) flow(user, network, from, contact string, conn uint64) transport.Peer {
	p := d.phone(user)
	p.network, p.from, p.contact, p.conn, p.callID = network, from, contact, conn, from
	p.want(200)
	return transport.Peer{Network: network, Addr: netip.MustParseAddrPort(from), Conn: conn}
}

func TestPhoneIsGoneWithItsTLSConnection(t *testing.T) {
	k := &drawer{kept: map[string][]Contact{}}
	world(t, Config{Keeper: k}, func(d *desk) {
		p := d.flow("1001", "tls", "127.0.0.21:40001", "<sip:1001@127.0.0.21:40001;transport=tls>", 7)
		d.flow("1001", "tls", "127.0.0.22:40001", "<sip:1001@127.0.0.22:40001;transport=tls>", 8)
		d.flow("1002", "tls", "127.0.0.21:40001", "<sip:1002@127.0.0.21:40001;transport=tls>", 7)
		d.Closed(transport.Peer{Network: "udp", Addr: p.Addr})
		d.Closed(transport.Peer{Network: "tls", Addr: p.Addr, Conn: 9})
		d.wantTold("1001 true", "1002 true")
		d.Closed(p)
		d.wantTold("1001 true", "1002 true", "1002 false")
		if got, want := d.uris("1001"), "sip:1001@127.0.0.22:40001;transport=tls"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if len(d.table.flows) != 1 {
			t.Errorf("%d connections remembered, want 1", len(d.table.flows))
		}
		d.Closed(transport.Peer{Network: "tls", Conn: 8})
		d.wantTold("1001 true", "1002 true", "1002 false", "1001 false")
	})
	if len(k.kept) != 0 {
		t.Errorf("kept %+v", k.kept)
	}
}

// A refreshed registration moves to the new connection; the end of the old one is then nothing to it.
func TestPhoneThatCameBackStays(t *testing.T) {
	world(t, Config{}, func(d *desk) {
		contact := `<sip:1001@127.0.0.21:5062;transport=tls>;+sip.instance="<urn:uuid:1>";reg-id=1`
		old := d.flow("1001", "tls", "127.0.0.21:40001", contact, 7)
		d.flow("1001", "tls", "127.0.0.21:40002", contact, 8)
		d.Closed(old)
		if c := d.Contacts("1001"); len(c) != 1 || c[0].Peer.Conn != 8 {
			t.Errorf("got %+v", c)
		}
		d.wantTold("1001 true")
	})
}

func TestTCPPhoneIsReachedWhereItListens(t *testing.T) {
	tests := map[string]struct{ contact, want string }{
		"port":       {"<sip:1001@127.0.0.21:5070;transport=tcp>", "127.0.0.21:5070"},
		"no port":    {"<sip:1001@127.0.0.21;transport=tcp>", "127.0.0.21:5060"},
		"behind NAT": {"<sip:1001@192.168.1.9:5070;transport=tcp>", ""},
		"a name":     {"<sip:1001@phone.invalid:5070;transport=tcp>", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			world(t, Config{}, func(d *desk) {
				d.Closed(d.flow("1001", "tcp", "127.0.0.21:40001", tt.contact, 7))
				got := ""
				if c := d.Contacts("1001"); len(c) == 1 && c[0].Peer.Conn == 0 {
					got = c[0].Peer.Addr.String()
				}
				if got != tt.want {
					t.Errorf("got %q, want %q", got, tt.want)
				}
			})
		})
	}
}

// No connection outlives the process.
func TestTLSPhonesAreGoneAfterARestart(t *testing.T) {
	k := &drawer{kept: map[string][]Contact{}}
	world(t, Config{Keeper: k}, func(d *desk) {
		d.flow("1001", "tls", "127.0.0.21:40001", "<sip:1001@127.0.0.21:40001;transport=tls>", 7)
		d.flow("1002", "udp", "127.0.0.21:5062", "<sip:1002@127.0.0.21:5062>", 0)
	})
	world(t, Config{Keeper: k}, func(d *desk) { d.wantTold("1002 true") })
}
