// Package testkit holds synthetic people: a phone that registers, calls, answers, plays a sound and listens. The commands
// `hotline call` and `hotline phone`, the demo and the end-to-end tests use it. It is no part of a running switch, and
// speaks to one over the wire alone.
package testkit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/internal/testkit/impair"
	"hotline/media"
	"hotline/media/codec"
	"hotline/media/sdp"
	"hotline/sip/digest"
	"hotline/sip/session"
	"hotline/sip/transaction"
	"hotline/sip/transport"
	"hotline/sip/transport/guard"
)

// Config is one phone. Bind and Server are required.
type Config struct {
	Bind     netip.AddrPort // where it listens; port 0: any
	Server   netip.AddrPort
	Network  string // "udp" when empty, "tcp", or "ws" or "wss" to Server's /sip
	User     string
	Password string // "": answers no challenge
	Codecs   []codec.Kind
	SRTP     sdp.Security // what the phone wants of its sound
	PortMin  int          // RTP; 0: 40000
	PortMax  int          // 0: 49999
	Logger   *slog.Logger
	Weather  *impair.Profile // a bad network between the phone's sound and the switch; nil: none
	// Ring is told of each incoming call, and answers it or not; nil refuses with 480.
	Ring func(*Talk)
	// Observe sees each SIP message; nil: nobody.
	Observe func(transaction.Observation)
}

// Phone is a synthetic telephone. Make it with Open, and Run it.
type Phone struct {
	Config
	line     line
	tx       *transaction.Layer
	sessions *session.Sessions
	engine   *media.Engine
	contact  string
	seq      uint32
	regID    string
}

// ErrRefused is wrapped by errors about final answers of 300 and more.
var ErrRefused = errors.New("refused")

// Open opens the phone's ports.
func Open(c Config) (*Phone, error) {
	if c.Network == "" {
		c.Network = "udp"
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Codecs == nil {
		c.Codecs = []codec.Kind{codec.PCMA, codec.PCMU}
	}
	if c.PortMin == 0 {
		c.PortMin, c.PortMax = 40000, 49999
	}
	p := &Phone{Config: c, regID: sip.GenerateTagN(16)}
	err := p.connect()
	if err != nil {
		return nil, err
	}
	p.engine, err = media.New(media.Config{Addr: c.Bind.Addr(), PortMin: c.PortMin, PortMax: c.PortMax, Shards: 1, SilenceAfter: time.Hour, Logger: c.Logger})
	if err != nil {
		return nil, fmt.Errorf("open the phone's sound: %w", err)
	}
	p.sessions = session.New(session.Config{Logger: c.Logger, Contact: func(transport.Peer) string { return p.contact }, Invite: p.invited}, nil)
	p.tx = transaction.New(transaction.Config{Lanes: 1, Local: p.line.LocalFor, Logger: c.Logger, Observe: c.Observe}, p.line.Send, p.sessions)
	p.sessions.Bind(p.tx)
	return p, nil
}

// connect opens the way for the phone's messages, and says in its Contact where it ends.
func (p *Phone) connect() (err error) {
	if peer := p.peer(); peer.WebSocket() {
		p.contact = fmt.Sprintf("sip:%s@%s.invalid;transport=ws", p.User, sip.GenerateTagN(12))
		p.line, err = dialWS(peer)
		return err
	}
	c := transport.Config{Guard: guard.Config{Trusted: []netip.Prefix{netip.PrefixFrom(p.Server.Addr(), p.Server.Addr().BitLen())}}, Logger: p.Logger}
	if p.Network == "tcp" {
		c.TCP = []netip.AddrPort{p.Bind}
	} else {
		c.UDP = []netip.AddrPort{p.Bind}
	}
	c.Failed = func(to transport.Peer, raw []byte, err error) { p.tx.Failed(to, raw, err) }
	layer, err := transport.Open(c)
	if err != nil {
		return fmt.Errorf("open the phone's port: %w", err)
	}
	p.line = layer
	p.contact = fmt.Sprintf("sip:%s@%s;transport=%s", p.User, layer.Addrs(p.Network)[0], p.Network)
	return nil
}

// Run works until ctx ends.
func (p *Phone) Run(ctx context.Context) error {
	var wait sync.WaitGroup
	wait.Go(func() { _ = p.engine.Run(ctx) })
	wait.Go(func() { _ = p.tx.Run(ctx) })
	err := p.line.Run(ctx, p.tx.Receive)
	wait.Wait()
	return err
}

// peer is the switch.
func (p *Phone) peer() transport.Peer {
	return transport.Peer{Network: p.Network, Addr: p.Server}
}

// Register registers for a time (0 unregisters) and waits for the answer.
func (p *Phone) Register(ctx context.Context, expires time.Duration) error {
	result := make(chan error, 1)
	p.tx.Do(p.regID, func() { p.register(expires, nil, result) })
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return fmt.Errorf("register %s: %w", p.User, ctx.Err())
	}
}

func (p *Phone) register(expires time.Duration, credentials sip.Header, result chan error) {
	p.seq++
	domain := sip.Uri{Scheme: "sip", Host: p.Server.Addr().String()}
	aor := domain
	aor.User = p.User
	req := sip.NewRequest(sip.REGISTER, domain)
	from := sip.NewParams()
	from.Add("tag", sip.GenerateTagN(10))
	req.AppendHeader(&sip.FromHeader{Address: aor, Params: from})
	req.AppendHeader(&sip.ToHeader{Address: aor, Params: sip.NewParams()})
	id := sip.CallIDHeader(p.regID)
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: p.seq, MethodName: sip.REGISTER})
	req.AppendHeader(sip.NewHeader("Contact", "<"+p.contact+">"))
	req.AppendHeader(sip.NewHeader("Expires", fmt.Sprint(int(expires/time.Second))))
	if credentials != nil {
		req.AppendHeader(credentials)
	}
	p.tx.Request(req, p.peer(), func(r transaction.Reply) {
		switch {
		case r.Err != nil:
			result <- fmt.Errorf("register %s: %w", p.User, r.Err)
		case r.Response.StatusCode < 200:
		case r.Response.StatusCode < 300:
			result <- nil
		case r.Response.StatusCode == 401 && credentials == nil:
			answer, err := digest.Answer(r.Response, "REGISTER", req.Recipient.String(), p.User, digest.PasswordSecret(p.User, p.Password))
			if err != nil {
				result <- fmt.Errorf("register %s: %w", p.User, err)
				return
			}
			p.register(expires, answer, result)
		default:
			result <- fmt.Errorf("register %s: %w: %d %s", p.User, ErrRefused, r.Response.StatusCode, r.Response.Reason)
		}
	})
}

// Call dials a number through the switch. From is the caller's number; empty takes the phone's user.
func (p *Phone) Call(number, from string) (*Talk, error) {
	t, err := p.talk()
	if err != nil {
		return nil, err
	}
	if from == "" {
		from = p.User
	}
	t.local.Version++
	d := session.Dialling{
		To: sip.Uri{Scheme: "sip", User: number, Host: p.Server.Addr().String(), Port: int(p.Server.Port())}, Peer: p.peer(), SDP: sdp.MakeOffer(t.local),
		FromHeader: sip.FromHeader{Address: sip.Uri{Scheme: "sip", User: from, Host: p.Bind.Addr().String()}, Params: sip.NewParams()},
	}
	if p.Password != "" {
		d.User, d.HA1 = p.User, digest.PasswordSecret(p.User, p.Password)
	}
	t.say("dialled", number)
	t.session = p.sessions.Dial(d, t.onDialog)
	return t, nil
}

// invited takes a call that the switch makes.
func (p *Phone) invited(s *session.Session) {
	if p.Ring == nil {
		s.Reject(480, "")
		return
	}
	t, err := p.talk()
	if err != nil {
		s.Reject(503, "")
		return
	}
	t.session = s
	if from := s.Request.From(); from != nil {
		t.From = from.Address.User
	}
	offer, err := sdp.Parse(s.Request.Body())
	if err == nil {
		t.offer = offer
	}
	s.SetSink(t.onDialog)
	t.say("rung", t.From)
	go p.Ring(t)
}
