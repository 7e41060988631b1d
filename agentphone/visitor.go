package agentphone

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Button is what the call button on customers' pages may do. The zero value lets nobody call.
type Button struct {
	Number  string   // what visitors call; "": nobody may
	Origins []string // of pages beside the node's own that may have the button
	Key     []byte   // that customers' ids are signed with; nil: none are believed
	Most    int      // visitors at once; those of one address, or /64 of IPv6, have a quarter of these places at most
	Rate    int      // calls a minute from one address, or /64 of IPv6
	// Visited takes a visitor's call; it must not wait.
	Visited func(leg *Leg, v Visitor)
}

// Visitor is who calls from a page.
type Visitor struct {
	Source   string // the address or, by IPv6, the network that they come from, for limits
	Customer string // who the page's server says they are; "" for nobody it knows
}

// visit is the visitor of a station or a connection, and how a page that was cut off finds its call again.
type visit struct {
	Visitor
	key string
}

// What a visitor's page is told by a word, for it to say in its own language.
var (
	errFull     = coded{"full", "too many people are calling: try again in a moment"}
	errRate     = coded{"rate", "too many calls from this address: try again in a minute"}
	errCustomer = coded{"customer", "the customer's id is not signed as it should be, or too old: load the page anew"}
	errOneCall  = errors.New("this page is in a call already")
)

// coded is an error with a word for programs.
type coded struct{ code, text string }

// Error is a sentence for a person.
func (c coded) Error() string { return c.text }

// Visit makes a request the telephone of somebody who visits a page: it can call Button.Number and nothing else. Origins are checked here.
func (p *Phones) Visit(w http.ResponseWriter, r *http.Request, source string) {
	p.serve(w, r, p.Button.Origins, &link{visit: &visit{Visitor: Visitor{Source: network(source)}}})
}

// welcome finds the place of a visitor: the one that the key of an earlier connection leads to, whatever became of the customer's
// signature since, or a new one.
func (p *Phones) welcome(v *visit, resume, customer string) (*station, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.visitors[resume]; s != nil {
		return s, nil
	}
	if customer != "" {
		id, err := Customer(p.Button.Key, customer, time.Now())
		if err != nil {
			return nil, err
		}
		v.Customer = id
	}
	if len(p.visitors) >= p.Button.Most || p.from(v.Source) >= p.Button.share() {
		return nil, errFull
	}
	v.key = rand.Text()
	s := newStation(p, "")
	s.visit = v
	p.visitors[v.key] = s
	return s, nil
}

// share is how many places the visitors of one network may have.
func (b *Button) share() int { return max(1, b.Most/4) }

// from counts the visitors of a network; with the lock held. There are few, and who comes is rare.
func (p *Phones) from(source string) int {
	n := 0
	for _, s := range p.visitors {
		if s.visit.Source == source {
			n++
		}
	}
	return n
}

// network is what limits hold an address to: itself, and for IPv6 the /64 that one household or machine has.
func network(source string) string {
	if a, err := netip.ParseAddr(source); err == nil && a.Unmap().Is6() {
		return netip.PrefixFrom(a.WithZone(""), 64).Masked().String()
	}
	return source
}

// idleVisit is how long a visitor may keep a place without a call.
const idleVisit = time.Minute

// watch lets a visitor's connections go who has had no call for idleVisit; with the lock held, after each change.
func (s *station) watch() {
	idle := s.visit != nil && len(s.links) > 0 && len(s.legs) == 0
	switch {
	case !idle && s.leaving != nil:
		s.leaving.Stop()
		s.leaving = nil
	case idle && s.leaving == nil:
		s.leaving = time.AfterFunc(s.phones.idleVisit, s.expire)
	}
}

// expire ends the connections of a visitor who is still idle.
func (s *station) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.legs) > 0 {
		return
	}
	for l := range s.links {
		l.cut()
	}
}

// forget lets the place of a visitor go who is gone.
func (p *Phones) forget(v *visit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.visitors, v.key)
}

const mostCustomer = 64 // octets of a customer's id

// Customer reads what a page's server says of its visitor: "UNTIL.ID.SIGN", where UNTIL is the second since 1970 that it is good until, ID
// is made of letters, digits and + - _ . and SIGN is the HMAC-SHA-256 of "UNTIL.ID" with the key, in hex. A nil key believes nobody.
func Customer(key []byte, text string, now time.Time) (id string, err error) {
	end := strings.LastIndexByte(text, '.')
	if len(key) == 0 || end < 0 {
		return "", errCustomer
	}
	sign, err := hex.DecodeString(text[end+1:])
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text[:end]))
	if err != nil || !hmac.Equal(sign, mac.Sum(nil)) {
		return "", errCustomer
	}
	until, id, _ := strings.Cut(text[:end], ".")
	second, err := strconv.ParseInt(until, 10, 64)
	if err != nil || now.Unix() > second || !plainID(id) {
		return "", errCustomer
	}
	return id, nil
}

func plainID(id string) bool {
	return id != "" && len(id) <= mostCustomer && !strings.ContainsFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune("+-_.", r)
	})
}
