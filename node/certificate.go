package node

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"

	"hotline/sip/transport"
)

// Files of the certificate that a node makes for itself, in the data folder.
const (
	ownCertFile = "sip-certificate.pem"
	ownKeyFile  = "sip-key.pem"
)

// ownYears is how long it is good: phones have it put in by hand.
const ownYears = 10

// ownCertificate makes a self-signed certificate when TLS or WSS is asked for without one; that of an earlier start is used again.
func (n *Node) ownCertificate() error {
	c := &n.config.SIP
	if len(c.TLS)+len(c.WSS) == 0 || c.Certificate != "" {
		return nil
	}
	c.Certificate, c.Key = filepath.Join(n.config.Data, ownCertFile), filepath.Join(n.config.Data, ownKeyFile)
	_, err := os.Stat(c.Certificate)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	cert, key, err := selfSigned(certAddrs(slices.Concat(c.TLS, c.WSS), c.Advertise), time.Now())
	if err != nil {
		return fmt.Errorf("make a certificate for SIP over TLS: %w", err)
	}
	if err := os.WriteFile(c.Key, key, 0o600); err != nil {
		return fmt.Errorf("keep the key for SIP over TLS: %w", err)
	}
	if err := os.WriteFile(c.Certificate, cert, 0o644); err != nil { //nolint:gosec // phones are given it to trust
		return fmt.Errorf("keep the certificate for SIP over TLS: %w", err)
	}
	n.log.Info("made a self-signed certificate for SIP over TLS; phones must be given it to trust, or sip.certificate be set", "file", c.Certificate)
	return nil
}

// certificateName is the file of the certificate, for people.
func (n *Node) certificateName() string {
	if name := n.config.SIP.Certificate; name != filepath.Join(n.config.Data, ownCertFile) {
		return name
	}
	return n.config.SIP.Certificate + " (self-signed: phones must be given it to trust)"
}

// certAddrs are the addresses that a certificate for the listeners must be good for: theirs, all of the machine where one listens on
// all, and the advertised one.
func certAddrs(listen []netip.AddrPort, advertise string) []netip.Addr {
	var all []netip.Addr
	if a, err := netip.ParseAddr(advertise); err == nil {
		all = append(all, a)
	}
	for _, l := range listen {
		if !l.Addr().IsUnspecified() {
			all = append(all, l.Addr())
			continue
		}
		ifaces, _ := net.InterfaceAddrs() // none known is no reason not to start
		for _, i := range ifaces {
			if p, err := netip.ParsePrefix(i.String()); err == nil && !p.Addr().IsLinkLocalUnicast() {
				all = append(all, p.Addr())
			}
		}
	}
	slices.SortFunc(all, netip.Addr.Compare)
	return slices.Compact(all)
}

// selfSigned makes a P-256 certificate and its key, both in PEM.
func selfSigned(addrs []netip.Addr, now time.Time) (cert, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, nil, err
	}
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Hotline"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(ownYears, 0, 0), // a phone's clock may be a little behind
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true, // and no authority: who trusts it trusts this node alone
	}
	for _, a := range addrs {
		c.IPAddresses = append(c.IPAddresses, a.WithZone("").AsSlice())
	}
	if host, err := os.Hostname(); err == nil {
		c.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, private.Public(), private)
	if err != nil {
		return nil, nil, err
	}
	rest, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: rest}), nil
}

// tlsServer says what a server reached over TLS must prove: what its trunk says, else the name that it was found by, else its address.
func (n *Node) tlsServer(a netip.AddrPort) transport.Server {
	t, ok := n.trunks.TLSTarget(a)
	if !ok {
		return transport.Server{Name: n.names.NameFor(a)}
	}
	return transport.Server{Name: t.ServerName, Insecure: t.Insecure}
}
