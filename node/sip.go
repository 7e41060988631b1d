package node

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"strings"

	"hotline/call"
	"hotline/configs"
	"hotline/media/sdp"
	"hotline/sip/digest"
	"hotline/sip/event"
	"hotline/sip/ladder"
	"hotline/sip/registrar"
	"hotline/sip/session"
	"hotline/sip/transaction"
	"hotline/sip/transport"
	"hotline/sip/transport/guard"
	"hotline/sip/ua"
)

// openSIP opens the ports and plugs transport, transactions, dialogs and legs together.
func (n *Node) openSIP(ctx context.Context) (*ua.UA, error) {
	if err := n.ownCertificate(); err != nil {
		return nil, err
	}
	c := n.config.SIP
	var advertise netip.Addr
	if c.Advertise != "" {
		advertise = netip.MustParseAddr(c.Advertise)
	}
	var err error
	n.transport, err = transport.Open(transport.Config{
		UDP: c.UDP, TCP: c.TCP, TLS: c.TLS, WS: c.WS, WSS: c.WSS, Origins: n.config.HTTP.Origins,
		Certificate: c.Certificate, Key: c.Key, CA: c.CA, Server: n.tlsServer,
		Guard: guard.Config{
			Trusted: peersOf(n.built.Load().Trunks), Rate: c.Rate, Burst: c.Burst, Scanners: c.Scanners, Offences: c.Failures, BanFor: c.Ban,
		},
		Advertise: advertise, Logger: n.log,
		Failed: func(to transport.Peer, raw []byte, err error) { n.tx.Failed(to, raw, err) },
		Closed: func(p transport.Peer) { n.registrar.Closed(p) },
	})
	if err != nil {
		return nil, fmt.Errorf("listen for SIP: %w", err)
	}
	n.ladders = ladder.New(c.Ladders)
	var agent *ua.UA
	n.sessions = session.New(session.Config{
		Logger: n.log, Contact: n.contact, Refer: true, Agent: c.Banner, Resolve: n.hop,
		Invite: func(s *session.Session) { agent.Invite(s) },
		Other:  n.other,
		Usage:  func(s *transaction.Server) bool { return n.lamps.Inside(s) },
		Also:   []string{"REGISTER", "SUBSCRIBE", "MESSAGE"},
	}, nil)
	n.tx = transaction.New(transaction.Config{
		Allow: n.sessions.Methods(), Supported: n.sessions.Extensions(),
		Agent: c.Banner, Observe: n.ladders.Observe, Local: n.transport.LocalFor, Logger: n.log, Stateless: n.fleeting,
	}, n.transport.Send, doorman{n.sessions, n})
	n.sessions.Bind(n.tx)
	n.openRegistrations()
	if err = n.openRegistrar(); err != nil {
		return nil, err
	}
	n.lamps = event.New(n.watching(), n.tx)
	agent = ua.New(ua.Config{
		Events: n.lamps,
		Engine: n.engine, Tx: n.tx, Registrar: n.registrar, Trunks: n.trunks, Local: n.transport.LocalFor, Advertise: advertise, Find: n.names.Find,
		Known: n.known, SRTP: n.srtp(), Codecs: n.codecs, SplitRTCP: !n.config.Media.RTCPMux, Silence: n.config.Media.Silence, Logger: n.log,
		// Without the cancel: a signal asks for a drain, and calls go on until it ends them.
		Arrive:  func(a ua.Arrival) { n.board.Arrive(context.WithoutCancel(ctx), a) },
		Replace: func(a ua.Arrival, in call.ID, leg call.LegID) { n.board.TakeOver(a, in, leg) },
	})
	agent.Bind(n.sessions)
	n.agent = agent
	return agent, nil
}

// openRegistrar lets phones register.
func (n *Node) openRegistrar() (err error) {
	c := n.config.SIP
	var algorithms []digest.Algorithm
	for _, name := range c.Digest {
		algorithms = append(algorithms, digest.Algorithm(name))
	}
	n.registrar, err = registrar.New(registrar.Config{
		Realm: c.Realm, Algorithms: algorithms, MinExpires: c.MinExpires, MaxExpires: c.MaxExpires, MaxContacts: c.Contacts,
		Keeper: n.db, Logger: n.log, Changed: n.phoneChanged, Failures: c.Failures, Ban: c.Ban, Failed: n.transport.Offend, Agent: c.Banner,
	}, n, n.tx)
	if err != nil {
		return fmt.Errorf("open the registrar: %w", err)
	}
	return nil
}

// srtp is what trunks and phones may agree on: what they say themselves, else what the node says.
func (n *Node) srtp() ua.SRTP {
	m := n.config.Media
	if m.SRTPInClear && m.SRTP != sdp.SecurityOff.String() {
		n.log.Warn("keys of SRTP may travel by SIP without TLS: who can listen to the sound can read them too (media.srtp_in_clear)")
	}
	return ua.SRTP{InClear: m.SRTPInClear, Strict: m.SRTPStrict, Policy: n.security}
}

// security is whether a trunk's or a phone's sound is protected.
func (n *Node) security(trunk, phone string) sdp.Security {
	b := n.built.Load()
	if s, own := b.TrunkSRTP[trunk]; own && trunk != "" {
		return s
	}
	if s, own := b.PhoneSRTP[phone]; own && phone != "" {
		return s
	}
	general, _ := sdp.SecurityNamed(n.config.Media.SRTP)
	return general
}

// contact is the URI by which a peer reaches us.
func (n *Node) contact(p transport.Peer) string {
	local := n.transport.LocalFor(p)
	uri := "sip:" + local.String()
	if local.Port() == 0 { // nothing listens on that network: the connection is the only way back
		uri = strings.TrimSuffix(uri, ":0")
	}
	if p.Network != "udp" {
		uri += ";transport=" + p.Network
	}
	return uri
}

// other answers what is no call: REGISTER, and OPTIONS of anybody.
func (n *Node) other(s *transaction.Server) {
	switch s.Request.Method {
	case "REGISTER":
		n.registrar.Register(s)
	case "OPTIONS":
		n.sessions.Options(s)
	case "SUBSCRIBE":
		n.lamps.Subscribe(s)
	case "MESSAGE":
		n.agent.Message(s)
	default:
		s.Respond(s.Response(405, "Method Not Allowed", nil))
	}
}

// Account is the phone account of a user; it makes the node the registrar's Accounts.
func (n *Node) Account(user string) (registrar.Account, bool) {
	a, ok := (*n.phones.Load())[user]
	return a, ok
}

func (n *Node) known(user string) bool {
	_, ok := n.Account(user)
	return ok
}

func (n *Node) setPhones(phones []configs.Phone) {
	all := make(map[string]registrar.Account, len(phones))
	for _, p := range phones {
		all[p.User] = registrar.Account{User: p.User, HA1MD5: p.HA1MD5, HA1SHA256: p.HA1SHA256}
	}
	n.lending.Lock()
	defer n.lending.Unlock()
	maps.Copy(all, n.lent)
	n.phones.Store(&all)
}

// LendPhone gives a phone account another password for as long as the node runs.
func (n *Node) LendPhone(user, password string) {
	n.lending.Lock()
	defer n.lending.Unlock()
	all := maps.Clone(*n.phones.Load())
	realm := n.config.SIP.Realm
	n.lent[user] = registrar.Account{
		User: user, HA1MD5: digest.HA1(digest.MD5, user, realm, password), HA1SHA256: digest.HA1(digest.SHA256, user, realm, password),
	}
	all[user] = n.lent[user]
	n.phones.Store(&all)
}

// phoneChanged tells the queues and who watches the phone, and lets the guard trust what a registered phone sends.
func (n *Node) phoneChanged(user string, reachable bool) {
	n.reachable(user)
	if reachable {
		n.vouchFor(n.registrar.Contacts(user))
	}
	n.log.Info("phone", "user", user, "reachable", reachable)
}
