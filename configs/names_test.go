package configs

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"hotline/sip/trunk"
)

const namedTrunk = `
trunks:
  - id: t
    sources: [sip.carrier.example, 192.0.2.1]
    targets: [{address: sip.carrier.example, weight: 2}, {address: "sbc.carrier.example:5071", transport: tls}, {address: "192.0.2.1:5060"}]
    user: u
    password: p
    register: {contact: us}
`

func TestTrunkByName(t *testing.T) {
	d, err := ReadDataFS(fstest.MapFS{"data.yml": {Data: []byte(namedTrunk)}}, "data.yml", "")
	if err != nil {
		t.Fatal(err)
	}
	b, err := d.Build(nil)
	if err != nil {
		t.Fatal(err)
	}
	got := b.Trunks[0]
	want := []trunk.Target{
		{URI: "sip:sip.carrier.example", Name: "sip.carrier.example", Weight: 2},
		{URI: "sip:sbc.carrier.example:5071", Name: "sbc.carrier.example", Port: 5071, Network: "tls"},
	}
	for i, w := range want {
		if got.Targets[i] != w {
			t.Errorf("got %+v, want %+v", got.Targets[i], w)
		}
	}
	if x := got.Targets[2]; x.Network != "udp" || x.Name != "" || x.Addr.String() != "192.0.2.1:5060" {
		t.Errorf("got %+v", x)
	}
	if fmt.Sprint(got.Sources, got.SourceNames) != "[192.0.2.1/32] [sip.carrier.example]" || got.Register.Domain != "sip.carrier.example" {
		t.Errorf("got %v %v %+v", got.Sources, got.SourceNames, got.Register)
	}
	for _, bad := range []string{"sip..example", "203.0.113", "sbc.example:0", "sbc.example:70000", "sbc.example:", "df7jal23ls0d.invalid", "2001:db8::1"} {
		text := strings.Replace(namedTrunk, "address: sip.carrier.example,", "address: '"+bad+"',", 1)
		_, err := ReadDataFS(fstest.MapFS{"data.yml": {Data: []byte(text)}}, "data.yml", "")
		if err == nil || !strings.Contains(err.Error(), "data.yml:5: trunks[0].targets[0].address") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestDNSServers(t *testing.T) {
	n, err := ParseNode("hotline.yml", []byte("sip:\n  dns: [192.0.2.1, '192.0.2.2:5353', '2001:db8::1']\n"))
	if got := fmt.Sprint(n.SIP.DNSServers()); err != nil || got != "[192.0.2.1:53 192.0.2.2:5353 [2001:db8::1]:53]" {
		t.Errorf("got %s, %v", got, err)
	}
	if Defaults().SIP.DNSServers() != nil {
		t.Error("the default is not the system's")
	}
	_, err = ParseNode("hotline.yml", []byte("sip:\n  dns: [dns.example]\n"))
	if err == nil || !strings.Contains(err.Error(), `hotline.yml:2: sip.dns[0]: "dns.example" is no IP address`) {
		t.Errorf("got %v", err)
	}
}
