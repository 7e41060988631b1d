package trunk

import (
	"net/netip"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/toll"
)

// mostRedirects bounds the 3xx that one call follows.
const mostRedirects = 5

// Redirected follows a carrier's 3xx (RFC 3261 section 8.1.3.4) to the first of its contacts that is allowed: at a target of the same trunk, since
// the centre pays for where its calls go, with a number that the toll guard lets pass, and not called before. It gives the address to call
// at Target; false: Trunk.Follow is not set, no contact is allowed, or the call is over. The present target is then kept.
func (a *Attempt) Redirected(contacts []sip.Uri, now time.Time) (sip.Uri, bool) {
	s := a.set
	s.mu.Lock()
	defer s.mu.Unlock()
	if !a.trunk.Follow || a.over || a.hops == mostRedirects {
		return sip.Uri{}, false
	}
	if a.called == nil {
		a.called = map[called]bool{{a.trunk.Called(a.out.Number).Result, a.now}: true}
	}
	for _, c := range contacts {
		h := a.at(c, now)
		if h == nil || a.called[called{c.User, h}] || !a.mayCall(c.User) {
			continue
		}
		a.called[called{c.User, h}] = true
		a.tried[h] = true
		a.now = h
		a.hops++
		return plainURI(c), true
	}
	return sip.Uri{}, false
}

// called is one number at one target.
type called struct {
	user   string
	target *health
}

// at is the target of the trunk that a contact is at, nil for none; lock held.
func (a *Attempt) at(c sip.Uri, now time.Time) *health {
	_, elsewhere := c.UriParams.Get("maddr")
	if c.User == "" || elsewhere {
		return nil
	}
	for _, h := range a.line.targets {
		if h.target.is(c) && !now.Before(h.busyUntil) {
			return h
		}
	}
	return nil
}

// is tells whether a URI names the target, by its address or by its name.
func (t Target) is(u sip.Uri) bool {
	if network, given := u.UriParams.Get("transport"); given && !strings.EqualFold(network, t.Network) || u.Scheme == "sips" && t.Network != "tls" {
		return false
	}
	base := t.Base()
	if u.Port != 0 && u.Port != base.Port && u.Port != int(t.Addr.Port()) {
		return false
	}
	if ip, err := netip.ParseAddr(strings.Trim(u.Host, "[]")); err == nil {
		return ip.Unmap() == t.Addr.Addr().Unmap()
	}
	return strings.EqualFold(u.Host, base.Host) || t.Name != "" && strings.EqualFold(u.Host, t.Name)
}

// mayCall asks the toll guard about a number that the carrier names; what was asked for anyhow has passed it. Lock held.
func (a *Attempt) mayCall(user string) bool {
	number, _, _ := strings.Cut(user, ";") // RFC 4694: what number portability adds
	if number == a.trunk.Called(a.out.Number).Result {
		return true
	}
	err := a.set.policy.Check(toll.Request{Number: number, Phone: a.out.Phone, Trunk: a.trunk.ID})
	if err != nil {
		a.line.barred++
	}
	return err == nil
}

// plainURI is a contact as a Request-URI: without headers and a method (RFC 3261 section 19.1.5).
func plainURI(c sip.Uri) sip.Uri {
	u := sip.Uri{Scheme: c.Scheme, User: c.User, Host: c.Host, Port: c.Port, UriParams: c.UriParams.Clone()}
	u.UriParams.Remove("method")
	return u
}
