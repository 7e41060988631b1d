package transport

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// cert writes a self-signed certificate for names and addresses into a folder and returns its two files.
func cert(t *testing.T, dir string, until time.Time, names ...string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<60))
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "test"},
		NotBefore: until.AddDate(-1, 0, 0), NotAfter: until,
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, n)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	rest, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writeFile(t, certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	writeFile(t, keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: rest}))
	return certFile, keyFile
}

func writeFile(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func nextYear() time.Time { return time.Now().AddDate(0, 6, 0) }

// startTLS runs a layer that listens on TLS with a certificate for 127.0.0.1 and pbx.test.
func startTLS(t *testing.T, c Config) *node {
	t.Helper()
	c.TLS = []netip.AddrPort{anyPort}
	c.UDP = []netip.AddrPort{anyPort}
	if c.Certificate == "" {
		c.Certificate, c.Key = cert(t, t.TempDir(), nextYear(), "127.0.0.1", "pbx.test")
	}
	return start(t, c)
}

// dialTLS connects without looking at the certificate.
func dialTLS(t *testing.T, n *node) *tls.Conn {
	t.Helper()
	c, err := tls.Dial("tcp", n.Addrs("tls")[0].String(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestTLSFramesAndAnswersOnTheSameConnection(t *testing.T) {
	n := startTLS(t, Config{})
	c := dialTLS(t, n)
	one := options("one", "hello")
	for i := range len(one) {
		write(t, c, one[i:i+1])
	}
	r := n.next(t)
	if got := string(r.Raw); got != one || r.Peer.Network != "tls" || r.Peer.Conn == 0 || !r.Peer.Reliable() || r.Peer.Local != n.Addrs("tls")[0] {
		t.Errorf("got %q from %+v", got, r.Peer)
	}
	if got := n.LocalFor(r.Peer); got != n.Addrs("tls")[0] {
		t.Errorf("LocalFor: got %s, want %s", got, n.Addrs("tls")[0])
	}
	if err := n.Send(r.Peer, []byte("SIP/2.0 200 OK\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if got := readLine(t, c); got != "SIP/2.0 200 OK" {
		t.Errorf("got %q", got)
	}
	// The same far end over TCP is another peer.
	if err := n.Send(Peer{Network: "tcp", Addr: r.Peer.Addr}, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := <-n.failed; !errors.Is(err, ErrConnect) {
		t.Errorf("TCP to a TLS peer: got %v, want %v", err, ErrConnect)
	}
}

func TestTLSVersions(t *testing.T) {
	n := startTLS(t, Config{})
	for version, ok := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		c, err := tls.Dial("tcp", n.Addrs("tls")[0].String(), &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version})
		if (err == nil) != ok {
			t.Errorf("%s: got %v", tls.VersionName(version), err)
		}
		if err == nil {
			c.Close()
		}
	}
	weak := &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}}
	if c, err := tls.Dial("tcp", n.Addrs("tls")[0].String(), weak); err == nil {
		c.Close()
		t.Error("a CBC suite was taken")
	}
}

// Fault 1 of sipgo: the upgrade ran inside the accept loop, so that one silent client kept everybody out.
func TestSipgoFault01SilentHandshake(t *testing.T) {
	n := startTLS(t, Config{Handshake: 2 * time.Second})
	var silent []net.Conn
	for range 20 {
		c, err := net.Dial("tcp", n.Addrs("tls")[0].String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		silent = append(silent, c)
	}
	begun := time.Now()
	write(t, dialTLS(t, n), options("x", ""))
	n.next(t)
	if took := time.Since(begun); took > 20*time.Second { // one after the other they hold the door for 40 s
		t.Errorf("a phone waited %s behind silent clients", took)
	}
	for _, c := range silent {
		if !closed(c) {
			t.Fatal("silent connection left open")
		}
	}
	waitUntil(t, "counted", func() bool { g := n.Counters(); return g.Handshakes == 20 && g.Connections == 1 })
}

func TestTLSUnfinishedHandshakesCountForTheirHost(t *testing.T) {
	n := startTLS(t, Config{PerHost: 3})
	for range 8 {
		c, err := net.Dial("tcp", n.Addrs("tls")[0].String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	waitUntil(t, "refused", func() bool { g := n.Counters(); return g.Refused == 5 && g.Connections == 3 })
}

func TestTLSJunkInsteadOfAHandshake(t *testing.T) {
	n := startTLS(t, Config{})
	c, err := net.Dial("tcp", n.Addrs("tls")[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	write(t, c, options("plain", ""))
	if !closed(c) {
		t.Error("left open")
	}
	waitUntil(t, "counted", func() bool { g := n.Counters(); return g.Handshakes == 1 && g.Connections == 0 })
}

func TestTLSOutboundVerifies(t *testing.T) {
	far := startTLS(t, Config{})
	own, key := cert(t, t.TempDir(), nextYear(), "192.0.2.1")
	for name, row := range map[string]struct {
		ca     string
		server Server
		fails  string
	}{
		"address in the certificate": {ca: far.c.Certificate},
		"name in the certificate":    {ca: far.c.Certificate, server: Server{Name: "pbx.test"}},
		"another name":               {ca: far.c.Certificate, server: Server{Name: "sbc.test"}, fails: "not sbc.test"},
		"another authority":          {ca: own, fails: "unknown authority"},
		"the system's authorities":   {fails: "unknown authority"},
		"not checked":                {ca: own, server: Server{Name: "sbc.test", Insecure: true}},
	} {
		t.Run(name, func(t *testing.T) {
			n := startTLS(t, Config{Certificate: own, Key: key, CA: row.ca, Server: func(netip.AddrPort) Server { return row.server }})
			for _, text := range []string{options("a-"+name, ""), options("b-"+name, "")} {
				if err := n.Send(Peer{Network: "tls", Addr: far.Addrs("tls")[0]}, []byte(text)); err != nil {
					t.Fatal(err)
				}
				if row.fails != "" {
					if err := <-n.failed; !errors.Is(err, ErrConnect) || !strings.Contains(err.Error(), row.fails) {
						t.Errorf("got %v, want %q in it", err, row.fails)
					}
					return
				}
				if got := string(far.next(t).Raw); got != text {
					t.Errorf("got %q, want %q", got, text)
				}
			}
			if got := n.Counters().Connections; got != 1 {
				t.Errorf("connections: got %d, want 1", got)
			}
		})
	}
}

func TestTLSOutboundHandshakeHasADeadline(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close() // it listens and never answers
	n := startTLS(t, Config{Handshake: 50 * time.Millisecond})
	if err := n.Send(Peer{Network: "tls", Addr: ln.Addr().(*net.TCPAddr).AddrPort()}, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := <-n.failed; !errors.Is(err, ErrConnect) {
		t.Errorf("got %v", err)
	}
}

// A phone that came over TLS is reached by its connection, or not at all: what comes later from its address may be somebody else.
func TestTLSFlowIsGoneWithItsConnection(t *testing.T) {
	gone := make(chan Peer, 10)
	n := startTLS(t, Config{Closed: func(p Peer) { gone <- p }})
	c := dialTLS(t, n)
	write(t, c, options("x", ""))
	p := n.next(t).Peer
	c.Close()
	select {
	case got := <-gone:
		if got != p {
			t.Errorf("Closed: got %+v, want %+v", got, p)
		}
	case <-time.After(patience):
		t.Fatal("Closed was not called")
	}
	if err := n.Send(p, []byte("x")); !errors.Is(err, ErrFlowGone) {
		t.Errorf("got %v, want %v", err, ErrFlowGone)
	}
}

func TestClosingTheLayerIsNoEndOfFlows(t *testing.T) {
	gone := make(chan Peer, 1)
	certFile, keyFile := cert(t, t.TempDir(), nextYear(), "127.0.0.1")
	l, err := Open(Config{
		TLS: []netip.AddrPort{anyPort}, Certificate: certFile, Key: keyFile,
		Closed: func(p Peer) { gone <- p }, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	in := make(chan Received, 1)
	done := make(chan error)
	go func() { done <- l.Run(ctx, func(r Received) { in <- r }) }()
	c := dialTLS(t, &node{Layer: l})
	write(t, c, options("x", ""))
	<-in
	cancel()
	if err := <-done; err != nil || len(gone) != 0 {
		t.Errorf("Run: %v, Closed called %d times", err, len(gone))
	}
	if _, err := io.Copy(io.Discard, c); err != nil {
		t.Errorf("the end was not said over TLS: %v", err)
	}
}

// A connection that we made can be made again, such as a trunk's that was closed for want of traffic in a long call.
func TestTLSThatWeDialledIsDialledAgain(t *testing.T) {
	far := startTLS(t, Config{})
	n := startTLS(t, Config{CA: far.c.Certificate})
	if err := n.Send(Peer{Network: "tls", Addr: far.Addrs("tls")[0]}, []byte(options("one", ""))); err != nil {
		t.Fatal(err)
	}
	if err := far.Send(far.next(t).Peer, []byte("SIP/2.0 200 OK\r\nCall-ID: one\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	p := n.next(t).Peer
	n.pool.find(p).close(ErrClosed)
	if err := n.Send(p, []byte(options("two", ""))); err != nil {
		t.Fatal(err)
	}
	if got := string(far.next(t).Raw); got != options("two", "") {
		t.Errorf("got %q", got)
	}
}
