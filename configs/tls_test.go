package configs

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestTLSOfANode(t *testing.T) {
	n, err := ParseNode("/etc/hotline/hotline.yml", []byte("sip:\n  tls: [127.0.0.2:5061]\n  certificate: a.pem\n  key: /keys/a.key\n  ca: ca.pem\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join([]string{n.SIP.TLS[0].String(), n.SIP.Certificate, n.SIP.Key, n.SIP.CA}, " ")
	if want := "127.0.0.2:5061 /etc/hotline/a.pem /keys/a.key /etc/hotline/ca.pem"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := ParseNode("h.yml", []byte("sip:\n  key: a.key\n")); err == nil || !strings.Contains(err.Error(), "certificate and key together") {
		t.Errorf("a key alone: %v", err)
	}
	if _, err := ParseNode("h.yml", []byte("sip:\n  udp: []\n  tcp: []\n  tls: [127.0.0.2:5061]\n")); err != nil {
		t.Errorf("TLS alone: %v", err)
	}
}

func TestTLSOfATrunk(t *testing.T) {
	read := func(target string) (*Data, error) {
		return ReadDataFS(fstest.MapFS{"data.yml": {Data: []byte("trunks:\n  - id: a\n    targets: [{" + target + "}]\n")}}, "data.yml", "")
	}
	d, err := read("address: 127.0.0.2:5061, transport: tls, server_name: sbc.test, insecure: true")
	if err != nil {
		t.Fatal(err)
	}
	b, err := d.Build(nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.Trunks[0].Targets[0]; got.Network != "tls" || got.ServerName != "sbc.test" || !got.Insecure {
		t.Errorf("got %+v", got)
	}
	for _, bad := range []string{"transport: sctp", "transport: tcp, insecure: true", "server_name: sbc.test"} {
		if _, err := read("address: 127.0.0.2:5061, " + bad); err == nil {
			t.Errorf("%s: taken", bad)
		}
	}
}
