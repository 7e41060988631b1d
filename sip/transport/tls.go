package transport

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// Errors of connections, reported through Config.Failed or returned by Send, wrapped.
var (
	ErrConnect  = errors.New("no connection")          // TCP or TLS could not be set up
	ErrFlowGone = errors.New("the connection is gone") // a phone on TLS can only be reached by the connection it made
)

// Server says how the far end of an outbound TLS connection proves who it is.
type Server struct {
	Name     string // the name its certificate must carry, also sent as SNI; "": its IP address
	Insecure bool   // any certificate will do; each such connection is logged
}

// suites are those of TLS 1.2 with forward secrecy and authenticated encryption; 1.3 has no others.
var suites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// serverTLS is how we answer: phones prove who they are by their password, not by a certificate.
func (k *certificates) serverTLS() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, CipherSuites: suites,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return k.shown.Load(), nil },
	}
}

// clientTLS is how we connect; a carrier that asks for our certificate gets it.
func (k *certificates) clientTLS(to netip.AddrPort, s Server) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, CipherSuites: suites, RootCAs: k.roots,
		ServerName:         cmp.Or(s.Name, to.Addr().WithZone("").String()),
		InsecureSkipVerify: s.Insecure, //nolint:gosec // asked for by name, for one target, and logged
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if c := k.shown.Load(); c != nil {
				return c, nil
			}
			return &tls.Certificate{}, nil
		},
	}
}

// secure begins TLS on an outbound connection; nothing is sent before shake.
func (c *conn) secure(nc net.Conn) net.Conn {
	if c.peer.Network != "tls" {
		return nc
	}
	var s Server
	if c.l.c.Server != nil {
		s = c.l.c.Server(c.peer.Addr)
	}
	if s.Insecure {
		c.l.log.Warn("TLS without a check of the certificate", "peer", c.peer.Addr)
	}
	return tls.Client(nc, c.l.certs.clientTLS(c.peer.Addr, s))
}

// shake ends the handshake of a TLS connection within Config.Handshake, on the connection's own goroutine; others have none.
func (c *conn) shake(ctx context.Context) error {
	tc, ok := c.nc.(*tls.Conn)
	if !ok {
		return nil
	}
	err := tc.SetDeadline(time.Now().Add(c.l.c.Handshake))
	if err == nil {
		err = tc.HandshakeContext(ctx)
	}
	if err == nil {
		err = tc.SetDeadline(time.Time{})
	}
	if err != nil {
		c.l.n.handshakes.Add(1)
		return fmt.Errorf("TLS handshake: %w", err)
	}
	return nil
}

// welcome serves an accepted connection, after its handshakes where it has some.
func (c *conn) welcome(ctx context.Context) {
	err := c.shake(ctx)
	if err == nil && c.peer.WebSocket() {
		err = c.upgrade()
	}
	if err != nil {
		c.l.log.Debug("SIP connection refused", "peer", c.peer.Addr, "error", err)
		c.close(err)
		return
	}
	c.serve(ctx)
}
