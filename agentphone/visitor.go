package agentphone

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Button is what the call button on customers' pages may do. The zero value lets nobody call.
type Button struct {
	Number  string   // what visitors call; "": nobody may
	Origins []string // of pages beside the node's own that may have the button
	Key     []byte   // that customers' ids are signed with; nil: none are believed
	Most    int      // visitors at once
	Rate    int      // calls a minute from one address
	// Visited takes a visitor's call; it must not wait.
	Visited func(leg *Leg, v Visitor)
}

// Visitor is who calls from a page.
type Visitor struct {
	Source   string // the address they come from, for limits
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
	p.serve(w, r, p.Button.Origins, &link{visit: &visit{Visitor: Visitor{Source: source}}})
}

// welcome finds the place of a visitor: the one that the key of an earlier connection leads to, or a new one.
func (p *Phones) welcome(v *visit, resume, customer string) (*station, error) {
	if customer != "" {
		id, err := Customer(p.Button.Key, customer, time.Now())
		if err != nil {
			return nil, err
		}
		v.Customer = id
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.visitors[resume]; s != nil {
		return s, nil
	}
	if len(p.visitors) >= p.Button.Most {
		return nil, errFull
	}
	v.key = rand.Text()
	s := newStation(p, "")
	s.visit = v
	p.visitors[v.key] = s
	return s, nil
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
