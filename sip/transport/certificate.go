package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Errors of certificates that Open and ReloadCertificates return, wrapped.
var (
	ErrNoCertificate = errors.New("TLS needs a certificate and its key")
	ErrExpired       = errors.New("certificate is past its time")
)

// certificates is what this node shows and what it trusts. What it shows can be exchanged at any time: connections keep what they have.
type certificates struct {
	certFile, keyFile string
	roots             *x509.CertPool // nil: the system's
	shown             atomic.Pointer[tls.Certificate]

	mu   sync.Mutex // one load at a time
	seen [2]stamp   // of the files as last read, well or not
}

// stamp tells one content of a file from the next.
type stamp struct {
	at   time.Time
	size int64
}

func openCertificates(c Config) (*certificates, error) {
	k := &certificates{certFile: c.Certificate, keyFile: c.Key}
	if len(c.TLS)+len(c.WSS) > 0 && (c.Certificate == "" || c.Key == "") {
		return nil, ErrNoCertificate
	}
	if c.CA != "" {
		pem, err := os.ReadFile(c.CA)
		if err != nil {
			return nil, fmt.Errorf("read the trusted certificates: %w", err)
		}
		k.roots = x509.NewCertPool()
		if !k.roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read the trusted certificates: no certificate in %s", c.CA)
		}
	}
	if !k.given() {
		return k, nil
	}
	return k, k.load()
}

// given says that there are files to show.
func (k *certificates) given() bool { return k.certFile != "" && k.keyFile != "" }

// load reads the files and shows what they hold from the next handshake on; with an error everything stays as it was.
func (k *certificates) load() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.seen = k.stamps()
	fresh, err := tls.LoadX509KeyPair(k.certFile, k.keyFile)
	if err != nil {
		return fmt.Errorf("read the certificate %s: %w", k.certFile, err)
	}
	now := time.Now()
	if old := k.shown.Load(); old != nil && now.After(fresh.Leaf.NotAfter) && now.Before(old.Leaf.NotAfter) {
		return fmt.Errorf("read the certificate %s: %w", k.certFile, ErrExpired)
	}
	k.shown.Store(&fresh)
	return nil
}

// changed says that the files are not those last read.
func (k *certificates) changed() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.stamps() != k.seen
}

// stamps of a file that is not there are zero: it counts as a change like any other.
func (k *certificates) stamps() (s [2]stamp) {
	for i, name := range []string{k.certFile, k.keyFile} {
		if info, err := os.Stat(name); err == nil {
			s[i] = stamp{info.ModTime(), info.Size()}
		}
	}
	return s
}

// until is when what is shown ends; zero: nothing is shown.
func (k *certificates) until() time.Time {
	if c := k.shown.Load(); c != nil {
		return c.Leaf.NotAfter
	}
	return time.Time{}
}

// daysLeft is whole days from now to an end, below zero once it has passed.
func daysLeft(until, now time.Time) int {
	return int(math.Floor(until.Sub(now).Hours() / 24))
}

// ReloadCertificates reads Config.Certificate and Key again. New handshakes see the new certificate, connections that stand are not
// touched. With an error the old one stays in use. Without files it does nothing.
func (l *Layer) ReloadCertificates() error {
	if !l.certs.given() {
		return nil
	}
	if err := l.certs.load(); err != nil {
		return err
	}
	l.log.Info("SIP certificate read", "file", l.certs.certFile, "days", daysLeft(l.certs.until(), time.Now()))
	return nil
}

// watchCertificates reads files that changed, and warns of a certificate that ends, until ctx does.
func (l *Layer) watchCertificates(ctx context.Context) {
	var a expiryAlarm
	for first := true; first || pause(ctx, l.c.Watch); first = false {
		if l.certs.changed() { // a file that stays broken is not read again, so this is said once
			if err := l.ReloadCertificates(); err != nil {
				l.log.Error("new SIP certificate not taken, the old one stays", "error", err)
			}
		}
		until := l.certs.until()
		switch days := daysLeft(until, time.Now()); {
		case !a.rings(until, days):
		case days < 0:
			l.log.Error("SIP certificate has expired", "file", l.certs.certFile, "until", until)
		default:
			l.log.Warn("SIP certificate expires soon", "file", l.certs.certFile, "days", days, "until", until)
		}
	}
}

// expiryAlarm rings once for each certificate with 30, 7, 1 and no days left.
type expiryAlarm struct {
	until time.Time
	step  int
}

func (a *expiryAlarm) rings(until time.Time, days int) bool {
	step := 0
	for _, at := range []int{30, 7, 1, -1} {
		if days <= at {
			step++
		}
	}
	if !until.Equal(a.until) {
		a.until, a.step = until, 0
	}
	louder := step > a.step
	a.step = max(a.step, step)
	return louder
}
