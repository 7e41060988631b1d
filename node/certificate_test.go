package node

import (
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"hotline/configs"
)

func TestOwnCertificateIsMadeOnce(t *testing.T) {
	var log strings.Builder
	c := configs.Defaults()
	c.Data = t.TempDir()
	c.SIP.TLS = []netip.AddrPort{netip.MustParseAddrPort("127.0.0.2:5061"), netip.MustParseAddrPort("[::1]:5061")}
	c.SIP.Advertise = "203.0.113.7"
	var first []byte
	for range 2 {
		n := &Node{config: c, log: slog.New(slog.NewTextHandler(&log, nil))}
		if err := n.ownCertificate(); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(n.config.SIP.Certificate)
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && string(b) != string(first) {
			t.Error("made anew at the second start")
		}
		first = b
		if !strings.Contains(n.certificateName(), "self-signed") {
			t.Errorf("got %q", n.certificateName())
		}
		if info, err := os.Stat(n.config.SIP.Key); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("key: %v %v", info.Mode(), err)
		}
	}
	if got := strings.Count(log.String(), "made a self-signed certificate"); got != 1 {
		t.Errorf("said %d times", got)
	}
	block, _ := pem.Decode(first)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.2", "::1", "203.0.113.7"} {
		if err := cert.VerifyHostname(host); err != nil {
			t.Error(err)
		}
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	if _, err := cert.Verify(x509.VerifyOptions{Roots: roots, DNSName: "127.0.0.2"}); err != nil {
		t.Errorf("who trusts it does not accept it: %v", err)
	}
	if cert.IsCA || time.Until(cert.NotAfter) < 9*365*24*time.Hour {
		t.Errorf("an authority: %v, until %s", cert.IsCA, cert.NotAfter)
	}
}

func TestNoOwnCertificateWhereNoneIsWanted(t *testing.T) {
	given := configs.Defaults()
	given.SIP.TLS = []netip.AddrPort{netip.MustParseAddrPort("127.0.0.2:5061")}
	given.SIP.Certificate = "given.pem"
	for name, c := range map[string]configs.Node{"no TLS": configs.Defaults(), "given": given} {
		c.Data = t.TempDir()
		n := &Node{config: c, log: slog.New(slog.DiscardHandler)}
		if err := n.ownCertificate(); err != nil {
			t.Fatal(err)
		}
		if left, _ := os.ReadDir(c.Data); len(left) != 0 || n.config.SIP.Certificate != c.SIP.Certificate {
			t.Errorf("%s: made %v", name, left)
		}
	}
}

func TestCertificateOfAListenerOnAllAddresses(t *testing.T) {
	found := false
	for _, a := range certAddrs([]netip.AddrPort{netip.MustParseAddrPort("0.0.0.0:5061")}, "") {
		found = found || a.IsLoopback()
		if a.IsUnspecified() || a.IsLinkLocalUnicast() {
			t.Errorf("got %s", a)
		}
	}
	if !found {
		t.Error("the loopback address is missing")
	}
}
