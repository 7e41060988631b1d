package agentphone

import (
	"log/slog"
	"net"
	"net/netip"
	"testing"

	"hotline/media/socket"
)

// TestEveryAddressOffered: a stream's socket can be plugged into each address that browsers are told, on a machine with whatever networks.
func TestEveryAddressOffered(t *testing.T) {
	port, err := OpenPort(netip.MustParseAddrPort("[::]:0"), netip.AddrPort{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Skip("no IPv6 here: ", err)
	}
	t.Cleanup(func() { port.Close() })
	all := port.mux.GetListenAddresses()
	if len(all) == 0 {
		t.Fatal("browsers are told no address")
	}
	for _, a := range all {
		ip := a.(*net.UDPAddr).AddrPort().Addr().Unmap()
		c, err := socket.Share(port.plugAt(ip), netip.AddrPortFrom(ip, 9))
		if err != nil {
			t.Errorf("browsers are told %s: %v", ip, err)
			continue
		}
		c.Close()
	}
}

func TestBeyondLink(t *testing.T) {
	for ip, want := range map[string]bool{
		"fe80::1": false, "febf::1": false, "fec0::1": true, "fd00::2": true, "2001:db8::1": true, "::1": true,
		"192.168.1.10": true, "169.254.3.4": true, "::ffff:169.254.3.4": true, "127.0.0.1": true,
	} {
		if got := beyondLink(net.ParseIP(ip)); got != want {
			t.Errorf("%s: got %v, want %v", ip, got, want)
		}
	}
}
