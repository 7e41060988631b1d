package transport

import (
	"bytes"
	"crypto/tls"
	"errors"
	"log/slog"
	"math/big"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// serial is of the certificate that a new connection sees.
func serial(t *testing.T, n *node) *big.Int {
	t.Helper()
	return dialTLS(t, n).ConnectionState().PeerCertificates[0].SerialNumber
}

func TestCertificateIsExchangedUnderACall(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := cert(t, dir, nextYear(), "127.0.0.1")
	n := startTLS(t, Config{Certificate: certFile, Key: keyFile, Watch: time.Hour})
	c := dialTLS(t, n)
	write(t, c, options("before", ""))
	p := n.next(t).Peer
	old := serial(t, n)

	cert(t, dir, nextYear(), "127.0.0.1")
	if err := n.ReloadCertificates(); err != nil {
		t.Fatal(err)
	}
	if got := serial(t, n); got.Cmp(old) == 0 {
		t.Error("a new connection sees the old certificate")
	}
	write(t, c, options("after", ""))
	if got := n.next(t).Peer; got != p {
		t.Errorf("the connection changed from %+v to %+v", p, got)
	}
	if err := n.Send(p, []byte("SIP/2.0 200 OK\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if got := readLine(t, c); got != "SIP/2.0 200 OK" {
		t.Errorf("got %q", got)
	}
}

func TestBrokenCertificateLeavesTheOldOne(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := cert(t, dir, nextYear(), "127.0.0.1")
	n := startTLS(t, Config{Certificate: certFile, Key: keyFile, Watch: time.Hour})
	want := serial(t, n)
	rows := map[string]func(){
		"no certificate":     func() { writeFile(t, certFile, []byte("nonsense")) },
		"missing":            func() { os.Remove(certFile) },
		"expired":            func() { cert(t, dir, time.Now().Add(-time.Hour), "127.0.0.1") },
		"key of another":     func() { keep, _ := os.ReadFile(keyFile); cert(t, dir, nextYear()); writeFile(t, keyFile, keep) },
		"key not readable":   func() { cert(t, dir, nextYear()); writeFile(t, keyFile, nil) },
		"half a file so far": func() { all, _ := os.ReadFile(certFile); writeFile(t, certFile, all[:len(all)/2]) },
	}
	for name, breakIt := range rows {
		breakIt()
		if err := n.ReloadCertificates(); err == nil {
			t.Errorf("%s: taken", name)
		}
		if got := serial(t, n); got.Cmp(want) != 0 {
			t.Errorf("%s: the old certificate is gone", name)
		}
	}
	cert(t, dir, nextYear(), "127.0.0.1")
	if err := n.ReloadCertificates(); err != nil {
		t.Errorf("a good one after bad ones: %v", err)
	}
}

// lines is a log that can be read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), text)
}

func TestCertificateFilesAreWatched(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := cert(t, dir, nextYear(), "127.0.0.1")
	n := startTLS(t, Config{Certificate: certFile, Key: keyFile, Watch: time.Millisecond})
	old := serial(t, n)
	cert(t, dir, nextYear(), "127.0.0.1")
	waitUntil(t, "exchanged", func() bool { return serial(t, n).Cmp(old) != 0 })
}

func TestBrokenCertificateIsLoggedOnce(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := cert(t, dir, time.Now().Add(6*24*time.Hour), "127.0.0.1")
	log := &lines{}
	certs, err := openCertificates(Config{Certificate: certFile, Key: keyFile})
	if err != nil {
		t.Fatal(err)
	}
	l := &Layer{c: Config{Watch: time.Millisecond}, certs: certs, log: slog.New(slog.NewTextHandler(log, nil))}
	ctx := t.Context()
	go l.watchCertificates(ctx)
	waitUntil(t, "alarmed", func() bool { return log.count("expires soon") == 1 })
	writeFile(t, certFile, []byte("nonsense"))
	waitUntil(t, "logged", func() bool { return log.count("not taken") == 1 })
	cert(t, dir, nextYear(), "127.0.0.1")
	waitUntil(t, "taken", func() bool { return log.count("certificate read") > 0 })
	if got := log.count("not taken"); got > 2 { // the key may have been seen before its certificate
		t.Errorf("logged %d times", got)
	}
	if got := log.count("expires soon"); got != 1 {
		t.Errorf("%d alarms, want 1", got)
	}
}

func TestExpiryAlarm(t *testing.T) {
	var a expiryAlarm
	until := time.Now()
	for i, row := range []struct {
		days int
		want bool
	}{{31, false}, {30, true}, {29, false}, {8, false}, {7, true}, {7, false}, {1, true}, {0, false}, {-1, true}, {-2, false}} {
		if got := a.rings(until, row.days); got != row.want {
			t.Errorf("%d: %d days: got %v", i, row.days, got)
		}
	}
	if !a.rings(until.Add(time.Hour), 3) {
		t.Error("silent for the next certificate")
	}
}

func TestCertificateDaysAreCounted(t *testing.T) {
	certFile, keyFile := cert(t, t.TempDir(), time.Now().Add(10*24*time.Hour+time.Hour), "127.0.0.1")
	n := startTLS(t, Config{Certificate: certFile, Key: keyFile})
	if got := n.Counters(); got.CertificateDays != 10 || got.Listeners != 2 {
		t.Errorf("got %d days, %d listeners, want 10 and 2", got.CertificateDays, got.Listeners)
	}
	if got := start(t, Config{}).Counters(); got.CertificateDays != 0 || !got.CertificateUntil.IsZero() {
		t.Errorf("without TLS: got %d days until %s", got.CertificateDays, got.CertificateUntil)
	}
}

// An expired certificate is better than none when the node starts: phones that do not look still work, and the log says it.
func TestExpiredCertificateAtTheStart(t *testing.T) {
	certFile, keyFile := cert(t, t.TempDir(), time.Now().Add(-36*time.Hour), "127.0.0.1")
	n := startTLS(t, Config{Certificate: certFile, Key: keyFile})
	if got := n.Counters().CertificateDays; got != -2 {
		t.Errorf("got %d days, want -2", got)
	}
	dialTLS(t, n)
}

func TestOpenNeedsItsCertificates(t *testing.T) {
	certFile, keyFile := cert(t, t.TempDir(), nextYear(), "127.0.0.1")
	tlsAddr := []netip.AddrPort{anyPort}
	for name, c := range map[string]Config{
		"none":          {TLS: tlsAddr},
		"no key":        {TLS: tlsAddr, Certificate: certFile},
		"missing":       {TLS: tlsAddr, Certificate: certFile + "x", Key: keyFile},
		"wrong way":     {TLS: tlsAddr, Certificate: keyFile, Key: certFile},
		"no authority":  {UDP: tlsAddr, CA: keyFile},
		"CA not there":  {UDP: tlsAddr, CA: certFile + "x"},
		"no such local": {TLS: []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:0")}, Certificate: certFile, Key: keyFile},
	} {
		l, err := Open(c)
		if err == nil {
			l.closeListeners()
			t.Errorf("%s: opened", name)
		}
		if name == "none" && !errors.Is(err, ErrNoCertificate) {
			t.Errorf("got %v, want %v", err, ErrNoCertificate)
		}
	}
	if err := start(t, Config{}).ReloadCertificates(); err != nil {
		t.Errorf("reload without certificates: %v", err)
	}
	if _, err := tls.LoadX509KeyPair(certFile, keyFile); err != nil {
		t.Error(err)
	}
}
