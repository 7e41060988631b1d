package agentphone

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	randv2 "math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/pion/dtls/v3"
	dtlsnet "github.com/pion/dtls/v3/pkg/net"
	"github.com/pion/ice/v4"
	"github.com/pion/stun/v4"

	"hotline/media/srtp"
)

// found is where a browser's sound goes and what it is protected with.
type found struct {
	local, remote netip.AddrPort
	in, out       srtp.Key
}

// way is one connection of a browser's sound: ICE finds it, DTLS agrees on its keys. Make it with newWay, then Run it.
type way struct {
	port  *Port
	agent *ice.Agent
	cert  *certificate
	offer *offer
	full  bool // not the lite side of ICE
	log   *slog.Logger

	mu     sync.Mutex
	remote netip.AddrPort // of the pair in use
	local  netip.Addr
	tcp    bool   // the pair in use is one of TCP
	relay  *relay // between it and the stream; nil until one is needed
	moved  func() // tells that remote changed after the keys were agreed; nil before
}

const (
	gatherWithin  = 2 * time.Second
	connectWithin = 15 * time.Second
	lostAfter     = 8 * time.Second // a browser checks each 2.5 s that it is still wanted (RFC 7675)
)

// newWay begins ICE on the port; the answer holds all candidates of ours.
func newWay(ctx context.Context, c *Config, cert *certificate, o *offer) (w *way, answer string, err error) {
	w = &way{port: c.Port, cert: cert, offer: o, full: c.FullICE, log: c.Logger}
	if w.agent, err = ice.NewAgentWithOptions(w.options(c.Advertise)...); err != nil {
		return nil, "", fmt.Errorf("begin ICE: %w", err)
	}
	if answer, err = w.gather(ctx); err != nil {
		return nil, "", errors.Join(err, w.agent.Close())
	}
	for _, c := range o.candidates {
		w.candidate(c)
	}
	return w, answer, nil
}

// options make us the lite side of ICE (RFC 8445 section 2.5) unless Config says otherwise. Either way the browser alone decides on the pair,
// see follows.
func (w *way) options(advertise netip.Addr) []ice.AgentOption {
	networks := []ice.NetworkType{ice.NetworkTypeUDP4}
	if w.port.addr.Addr().Is6() {
		networks = append(networks, ice.NetworkTypeUDP6)
	}
	var tcp []ice.AgentOption
	if w.port.tcp != nil {
		tcp = append(tcp, ice.WithTCPMux(w.port.tcp), ice.WithDisableActiveTCP())
		networks = append(networks, ice.NetworkTypeTCP4)
		if w.port.byTCP.Addr().Is6() {
			networks = append(networks, ice.NetworkTypeTCP6)
		}
	}
	all := []ice.AgentOption{
		ice.WithICELite(!w.full), ice.WithUDPMux(w.port.mux), ice.WithCandidateTypes([]ice.CandidateType{ice.CandidateTypeHost}), ice.WithIncludeLoopback(),
		ice.WithMulticastDNSMode(ice.MulticastDNSModeDisabled), ice.WithDisconnectedTimeout(lostAfter), ice.WithLoggerFactory(pionLog{w.log}),
		ice.WithBindingRequestHandler(w.follows), ice.WithIPFilter(beyondLink),
	}
	if advertise.IsValid() {
		all = append(all, ice.WithAddressRewriteRules(ice.AddressRewriteRule{
			External: []string{advertise.String()}, AsCandidateType: ice.CandidateTypeHost, Mode: ice.AddressRewriteReplace,
		}))
	}
	return append(append(all, tcp...), ice.WithNetworkTypes(networks))
}

// follows makes a full side of ICE take the pair that the browser nominated last: Chromium changes its mind to one of lower priority where
// a machine has several networks, and an agent that stays with its own choice (RFC 8445 section 8.1.1) hears nothing then. Only a pair that was
// checked both ways counts; the browser nominates again with each of its checks. The lite side does so by itself.
func (w *way) follows(request *stun.Message, _, _ ice.Candidate, pair *ice.CandidatePair) bool {
	return w.full && request.Contains(stun.AttrUseCandidate) && pair.ResponsesReceived() > 0
}

// gather collects our candidates: they are sockets that are open already, so it takes a moment only.
func (w *way) gather(ctx context.Context) (string, error) {
	done := make(chan struct{})
	var all []string
	err := w.agent.OnCandidate(func(c ice.Candidate) {
		if c == nil {
			close(done)
			return
		}
		all = append(all, c.Marshal())
	})
	if err == nil {
		err = w.agent.OnSelectedCandidatePairChange(func(local, remote ice.Candidate) { w.selected(local, remote) })
	}
	if err == nil {
		err = w.agent.GatherCandidates()
	}
	if err != nil {
		return "", fmt.Errorf("gather candidates: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, gatherWithin)
	defer cancel()
	select {
	case <-done:
	case <-ctx.Done():
		return "", fmt.Errorf("gather candidates: %w", ctx.Err())
	}
	if len(all) == 0 {
		return "", fmt.Errorf("gather candidates: no address of this machine is usable at %s", w.port.addr)
	}
	ufrag, pwd, err := w.agent.GetLocalUserCredentials()
	if err != nil {
		return "", fmt.Errorf("gather candidates: %w", err)
	}
	return w.offer.answer(ours{lite: !w.full, ufrag: ufrag, pwd: pwd, fingerprint: w.cert.fingerprint, candidates: all, session: randv2.Uint64N(1 << 62)}), nil
}

// candidate takes one of the browser's, as in "candidate:1 1 udp …". Names (mDNS), TCP and nonsense are passed over: the browser's checks show its address.
func (w *way) candidate(line string) {
	line = strings.TrimPrefix(strings.TrimPrefix(line, "a="), "candidate:")
	if line == "" || strings.Contains(line, ".local ") || strings.Contains(line, " tcptype ") {
		return
	}
	c, err := ice.UnmarshalCandidate(line)
	if err != nil {
		w.log.Debug("a browser's candidate was passed over", "err", err)
		return
	}
	if err := w.agent.AddRemoteCandidate(c); err != nil {
		w.log.Debug("a browser's candidate was passed over", "err", err)
	}
}

// selected hears which pair ICE uses, the first and each later one.
func (w *way) selected(local, remote ice.Candidate) {
	to, err := netip.ParseAddr(remote.Address())
	from, err2 := netip.ParseAddr(local.Address())
	if err != nil || err2 != nil {
		return
	}
	there, tcp := netip.AddrPortFrom(to.Unmap(), uint16(remote.Port())), local.NetworkType().IsTCP()
	w.mu.Lock()
	same := w.remote == there && w.local == from.Unmap() && w.tcp == tcp // it is nominated with each check
	w.remote, w.local, w.tcp = there, from.Unmap(), tcp
	moved := w.moved
	w.mu.Unlock()
	if moved != nil && !same {
		moved()
	}
}

// run connects and tells connected each time the way is found or moves; it returns when the way is lost or ctx ends, and closes it.
func (w *way) run(ctx context.Context, connected func(found)) error {
	defer w.agent.Close() //nolint:errcheck // nobody is left to tell
	lost := make(chan struct{})
	var once sync.Once
	err := w.agent.OnConnectionStateChange(func(s ice.ConnectionState) {
		if s == ice.ConnectionStateFailed || s == ice.ConnectionStateDisconnected || s == ice.ConnectionStateClosed {
			once.Do(func() { close(lost) })
		}
	})
	if err != nil {
		return fmt.Errorf("watch ICE: %w", err)
	}
	trying, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	conn, err := w.agent.Accept(trying, w.offer.ufrag, w.offer.pwd)
	if err != nil {
		return fmt.Errorf("find the browser: %w", err)
	}
	defer w.endRelay()
	secure, keys, err := w.handshake(trying, conn)
	if err != nil {
		return err
	}
	defer secure.Close() //nolint:errcheck // nobody is left to tell
	tell := func() {
		local, remote, err := w.ends(conn)
		if err != nil {
			w.log.Error("a browser that comes by TCP cannot be heard", "err", err)
			return
		}
		connected(found{local: local, remote: remote, in: keys.in, out: keys.out})
	}
	w.mu.Lock()
	w.moved = tell
	w.mu.Unlock()
	tell()
	closed := make(chan struct{})
	go func() { // ends with the connection, which is closed below
		defer close(closed)
		for b := make([]byte, 1500); ; {
			if _, err := secure.Read(b); err != nil {
				return
			}
		}
	}()
	select {
	case <-lost:
		return errLost
	case <-closed:
		return errClosed
	case <-ctx.Done():
		return nil
	}
}

// ends are those of the stream's socket: towards the browser, or the relay to one that comes by TCP.
func (w *way) ends(conn net.Conn) (local, remote netip.AddrPort, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.tcp {
		return w.port.plugAt(w.local), w.remote, nil
	}
	local = w.port.relayAt()
	if w.relay == nil {
		if w.relay, err = newRelay(local); err != nil {
			return local, remote, err
		}
		go w.relay.run(conn) // ends with endRelay
	}
	return local, w.relay.addr(), nil
}

func (w *way) endRelay() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.relay != nil {
		_ = w.relay.Close()
	}
}

// sound takes what came of it by ICE's own connection: by TCP it is on its way to the stream, else it came before the stream had its socket.
func (w *way) sound(b []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tcp && w.relay != nil {
		_, _ = w.relay.Write(b)
	}
}

var (
	errLost   = errors.New("the browser's network is gone")
	errClosed = errors.New("the browser closed the connection")
)

// handshake is DTLS with us as the server (RFC 5763), and the keys that come of it (RFC 5764 section 4.2).
func (w *way) handshake(ctx context.Context, conn net.Conn) (*dtls.Conn, found, error) {
	secure, err := dtls.ServerWithOptions(dtlsnet.PacketConnFromConn(handshakes{conn, w.sound}), conn.RemoteAddr(),
		dtls.WithCertificates(w.cert.pair), dtls.WithClientAuth(dtls.RequireAnyClientCert),
		dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret), dtls.WithLoggerFactory(pionLog{w.log}),
		dtls.WithVerifyPeerCertificate(func(raw [][]byte, _ [][]*x509.Certificate) error {
			if len(raw) == 0 || fingerprint(raw[0]) != w.offer.fingerprint {
				return errors.New("the browser's certificate is not the one it announced")
			}
			return nil
		}))
	if err != nil {
		return nil, found{}, fmt.Errorf("begin DTLS: %w", err)
	}
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, found{}, errors.Join(fmt.Errorf("agree on keys: %w", err), secure.Close())
	}
	keys, err := keysOf(secure)
	if err != nil {
		return nil, found{}, errors.Join(err, secure.Close())
	}
	return secure, keys, nil
}

var suites = map[dtls.SRTPProtectionProfile]struct {
	suite     srtp.Suite
	key, salt int
}{
	dtls.SRTP_AEAD_AES_128_GCM:       {srtp.GCM128, 16, 12},
	dtls.SRTP_AES128_CM_HMAC_SHA1_80: {srtp.SHA80, 16, 14},
}

func keysOf(c *dtls.Conn) (found, error) {
	profile, _ := c.SelectedSRTPProtectionProfile()
	s, ok := suites[profile]
	state, known := c.ConnectionState()
	if !ok || !known {
		return found{}, fmt.Errorf("agree on keys: the browser chose protection %#x, which we do not have", uint16(profile))
	}
	b, err := state.ExportKeyingMaterial("EXTRACTOR-dtls_srtp", nil, 2*(s.key+s.salt))
	if err != nil {
		return found{}, fmt.Errorf("agree on keys: %w", err)
	}
	salts := b[2*s.key:]
	in, err := srtp.KeyOf(s.suite, b[:s.key], salts[:s.salt]) // the client's
	if err != nil {
		return found{}, err
	}
	out, err := srtp.KeyOf(s.suite, b[s.key:2*s.key], salts[s.salt:])
	return found{in: in, out: out}, err
}

// handshakes is what DTLS reads of the way; the rest of it goes to sound (RFC 7983).
type handshakes struct {
	net.Conn
	sound func([]byte)
}

func (h handshakes) Read(b []byte) (int, error) {
	for {
		n, err := h.Conn.Read(b)
		switch {
		case err != nil || n > 0 && b[0] >= 20 && b[0] < 64:
			return n, err
		case n > 0 && b[0] >= 128 && b[0] < 192:
			h.sound(b[:n])
		}
	}
}

// certificate is ours for all browsers, for the life of the process.
type certificate struct {
	pair        tls.Certificate
	fingerprint string
}

func newCertificate() (*certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the key for browsers' sound: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(now.UnixNano()), NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(10, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("make the certificate for browsers' sound: %w", err)
	}
	return &certificate{pair: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, fingerprint: fingerprint(der)}, nil
}

// fingerprint is the SHA-256 of a certificate as SDP writes it (RFC 8122 section 5).
func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	parts := make([]string, len(sum))
	for i, b := range sum {
		parts[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(parts, ":")
}
