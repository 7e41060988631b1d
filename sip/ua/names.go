package ua

import (
	"errors"

	"github.com/emiago/sipgo/sip"

	"hotline/call"
	"hotline/ivr"
	"hotline/sip/resolve"
	"hotline/sip/transport"
	"hotline/sip/trunk"
)

// byName is the URI of a target whose host must be looked up first.
func (u *UA) byName(t ivr.Target) (uri sip.Uri, named bool) {
	if t.Kind != ivr.ToURI || u.Find == nil || sip.ParseUri(t.Value, &uri) != nil {
		return uri, false
	}
	return uri, resolve.IsName(uri.Host)
}

// find looks a URI's host up, and rings where it leads; hung up meanwhile, the leg stays ended.
func (l *Leg) find(uri sip.Uri) {
	l.ua.Find(resolve.QueryOf(uri), func(servers []resolve.Server, err error) {
		l.onLane(func() {
			if l.gone {
				return
			}
			ways, cause := l.ua.uriWays(uri, servers)
			if err != nil {
				l.ua.Logger.Warn("host of a URI not found", "leg", l.id(), "err", err)
				if cause = call.Unavailable; errors.Is(err, resolve.ErrNotFound) {
					cause = call.NotFound
				}
			}
			if len(ways) > 1 {
				l.others, ways = ways[1:], ways[:1]
			}
			l.begin(ways, cause)
		})
	})
}

// uriWays are the addresses of a URI in the order of trying. None may be a trunk's: the call would go around the guard, the caps and the
// number rules.
func (u *UA) uriWays(uri sip.Uri, servers []resolve.Server) (all []way, cause call.Cause) {
	for _, s := range servers {
		if u.Trunks.Owns(s.Addr.Addr()) {
			u.Logger.Warn("an address of a trunk is not dialled as a URI: use number and trunk", "address", s.Addr.Addr())
			return nil, call.Forbidden
		}
		w := way{uri: uri, peer: transport.Peer{Network: s.Network, Addr: s.Addr}}
		if len(servers) > 1 {
			w.within = trunk.DefaultAnswerWithin
		}
		all = append(all, w)
	}
	return all, call.NotFound
}

// nextAddress rings the next address of the URI's host, when the present one failed in a way that allows it (RFC 3263 section 4.3).
func (l *Leg) nextAddress(o trunk.Outcome) bool {
	if len(l.others) == 0 || !trunk.MayFailOver(o) {
		return false
	}
	w := l.others[0]
	l.others = l.others[1:]
	l.ua.Logger.Warn("address of a URI failed, trying the next", "leg", l.id(), "code", o.Code, "silent", o.Silent, "next", w.peer.Addr)
	l.ring(w)
	return true
}
