package resolve

import (
	"testing"

	"github.com/emiago/sipgo/sip"
)

func TestNetworkOfAURI(t *testing.T) {
	for text, want := range map[string]struct {
		network string
		port    uint16
	}{
		"sip:a@127.0.0.2":                    {"udp", 5060},
		"sip:a@127.0.0.2:5070;transport=udp": {"udp", 5070},
		"sip:a@127.0.0.2;transport=TCP":      {"tcp", 5060},
		"sip:a@127.0.0.2;transport=tls":      {"tls", 5061},
		"sip:a@127.0.0.2:5060;transport=tls": {"tls", 5060},
		"sips:a@127.0.0.2":                   {"tls", 5061},
		"sips:a@127.0.0.2;transport=tcp":     {"tls", 5061},
	} {
		var uri sip.Uri
		if err := sip.ParseUri(text, &uri); err != nil {
			t.Fatal(err)
		}
		if s, ok := QueryOf(uri).Literal(); !ok || s.Network != want.network || s.Addr.Port() != want.port {
			t.Errorf("%s: got %s %v, want %s %d", text, s.Network, s.Addr, want.network, want.port)
		}
	}
}

func TestIsName(t *testing.T) {
	for text, want := range map[string]bool{
		"sip.carrier.example": true, "SBC": true, "sbc1.carrier.example.": true, "a_b.example": true, "4com": true,
		"203.0.113.7": false, "203.0.113": false, "2001:db8::1": false, "carrier..example": false, "df7jal23ls0d.invalid": false, "": false, "a b": false,
	} {
		if got := IsName(text); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
	var uri sip.Uri
	if err := sip.ParseUri("sip:x@carrier.test;transport=sctp", &uri); err != nil {
		t.Fatal(err)
	}
	if got := QueryOf(uri); got != (Query{Host: "carrier.test"}) {
		t.Errorf("got %+v", got)
	}
}
