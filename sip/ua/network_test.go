package ua

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
		if network, port := networkOf(uri); network != want.network || port != want.port {
			t.Errorf("%s: got %s %d, want %s %d", text, network, port, want.network, want.port)
		}
	}
}
