package registrar

import (
	"net/netip"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/digest"
	"hotline/sip/transport"
)

// Authenticate tells who sent a request that came through the transaction layer, which noted its source; see AuthenticateFrom.
func (r *Registrar) Authenticate(req *sip.Request, proxy bool) (user string, challenge []sip.Header, ok bool) {
	return r.AuthenticateFrom(req, transport.Peer{Addr: netip.AddrPortFrom(sourceOf(req), 0)}, proxy)
}

// AuthenticateFrom tells who sent a request that came from a peer. ok false: answer 407 (proxy) or 401 with the challenge,
// or, where challenge is nil, 403: that user failed too often from there. An unknown user and a wrong password look and
// cost the same. It does not compare the user with From: what a user may do is not known here.
func (r *Registrar) AuthenticateFrom(req *sip.Request, from transport.Peer, proxy bool) (user string, challenge []sip.Header, ok bool) {
	source := from.Addr.Addr()
	now := time.Now()
	name := "Authorization"
	if proxy {
		name = "Proxy-Authorization"
	}
	c, found := r.credentials(req, name)
	if !found {
		return "", r.challenge(now, source, proxy, false), false
	}
	if r.failing.banned(source, c.Username, now) {
		return "", nil, false
	}
	account, _ := r.accounts.Account(c.Username)
	switch r.digest.Check(now, sourceKey(source), string(req.Method), c, account.ha1) {
	case digest.Good:
		r.failing.succeed(source, c.Username)
		return c.Username, nil, true
	case digest.Stale:
		return "", r.challenge(now, source, proxy, true), false
	case digest.Wrong:
		if r.cfg.Failed != nil {
			r.cfg.Failed(from)
		}
		if r.failing.fail(source, c.Username, now) {
			r.log.Warn("too many wrong passwords", "source", source.String())
			return "", nil, false
		}
	case digest.Broken: // not our challenge's answer: it costs nobody a try
	}
	return "", r.challenge(now, source, proxy, false), false
}

// Answers says that a request carries credentials for a challenge that went to that source, right or wrong: the source is no forgery.
func (r *Registrar) Answers(req *sip.Request, from transport.Peer) bool {
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		if c, ok := r.credentials(req, name); ok && r.digest.Issued(time.Now(), sourceKey(from.Addr.Addr()), c.Nonce) {
			return true
		}
	}
	return false
}

// Challenge is what a 407 (proxy) or 401 to that source carries.
func (r *Registrar) Challenge(from transport.Peer, proxy bool) []sip.Header {
	return r.challenge(time.Now(), from.Addr.Addr(), proxy, false)
}

func (a Account) ha1(alg digest.Algorithm) string {
	switch alg {
	case digest.SHA256:
		return strings.ToLower(a.HA1SHA256)
	case digest.MD5:
		return strings.ToLower(a.HA1MD5)
	}
	return ""
}

// credentials finds those for our realm; a request may carry others for other servers (RFC 3261 22.3).
func (r *Registrar) credentials(req *sip.Request, name string) (digest.Credentials, bool) {
	for i, h := range req.GetHeaders(name) {
		if i == maxCredentials {
			break
		}
		if c, err := digest.ParseCredentials(h.Value()); err == nil && c.Realm == r.cfg.Realm {
			return c, true
		}
	}
	return digest.Credentials{}, false
}

const maxCredentials = 8

func (r *Registrar) challenge(now time.Time, source netip.Addr, proxy, stale bool) []sip.Header {
	name := "WWW-Authenticate"
	if proxy {
		name = "Proxy-Authenticate"
	}
	var hs []sip.Header
	for _, c := range r.digest.Challenges(now, sourceKey(source), stale) {
		hs = append(hs, sip.NewHeader(name, c.String()))
	}
	return hs
}

func sourceKey(a netip.Addr) string { return a.Unmap().WithZone("").String() }

// sourceOf is the address that a request came from, as the transaction layer noted it. A Via would do only where that layer
// had struck out what the sender wrote there.
func sourceOf(req *sip.Request) netip.Addr {
	a, _ := netip.ParseAddrPort(req.Source())
	return a.Addr()
}
