// Package trunk knows the carriers: which trunk an address belongs to, what a number looks like towards each, how
// many calls it may carry, and which of its targets is alive. It decides and counts; it sends nothing by itself
// (OPTIONS go out by a Pinger) and does not know what a call is.
package trunk

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/number"
)

// Reasons why no target can be had.
var (
	ErrUnknown  = errors.New("no such trunk")
	ErrFull     = errors.New("trunk carries its most calls")
	ErrTooFast  = errors.New("trunk takes no more calls this second")
	ErrNoTarget = errors.New("no target of the trunk is left")
)

// DefaultAnswerWithin is how long a target may say nothing at all to an INVITE, not even 100, before the next is tried. RFC 3261 would
// wait 32 s (Timer B): no caller does.
const DefaultAnswerWithin = 3500 * time.Millisecond

// Target is one address of a carrier, or a name that stands for as many as DNS says (RFC 3263).
type Target struct {
	URI        string         // for the request URI's host part, e.g. "sip:sbc1.carrier.example:5060"
	Network    string         // "udp", "tcp" or "tls"; "" with a name: as DNS says
	Addr       netip.AddrPort // where messages are sent; not with a name
	Name       string         // host name to look up, see Set.Names; "": it is Addr
	Port       uint16         // of the name; 0: as its SRV records say
	ServerName string         // with tls, what the certificate must be for; "": the name, or the IP address
	Insecure   bool           // with tls, any certificate will do
	Priority   int            // lower first
	Weight     int            // share among those of one priority; 0 counts as 1. SRV records have weights of their own
}

// Base is where calls to the target are addressed, without a number.
func (t Target) Base() sip.Uri {
	var uri sip.Uri
	if err := sip.ParseUri(t.URI, &uri); err != nil || uri.Host == "" {
		return sip.Uri{Scheme: "sip", Host: t.Addr.Addr().String(), Port: int(t.Addr.Port())}
	}
	return uri
}

// Host is the host of Base, with the port where one is named.
func (t Target) Host() string {
	uri := t.Base()
	if uri.Port > 0 {
		return bracketed(uri.Host) + ":" + strconv.Itoa(uri.Port)
	}
	return bracketed(uri.Host)
}

// Rule changes one number: where Prefix is its beginning, Strip characters go from the front and Add is put before the rest.
type Rule struct {
	Prefix string // "" matches every number
	Strip  int    // characters
	Add    string
}

// Trunk is the description of one carrier connection; edited as a whole by Set.Replace.
type Trunk struct {
	ID           string
	Name         string
	Sources      []netip.Prefix // addresses its requests come from; empty: none, it only takes calls
	SourceNames  []string       // names whose addresses are sources too
	Targets      []Target
	MaxCalls     int           // calls at once, both directions; 0: no limit
	MaxCPS       int           // new outbound calls per second, with a burst of the same size; 0: no limit
	MaxCPSIn     int           // the same of inbound calls
	Priority     int           // among trunks that may carry a call; lower first
	Weight       int           // share among those of one priority; where all are 0 the order is by id
	AnswerWithin time.Duration // how long a target may say nothing to an INVITE before the next is tried; 0: DefaultAnswerWithin
	CallerFrom   []string      // where the caller's number stands, the first that has one counts; nil: From, or P-Asserted-Identity where it is hidden
	CalledFrom   []string      // where the dialled number stands; nil: RequestURI
	CallerIn     []Rule        // what callers' numbers become on the way in; the first that matches
	CallerOut    []Rule        // what our number becomes on the way out
	CalledOut    []Rule        // what the dialled number becomes on the way out
	CallerID     string        // number shown on the way out where the call has none
	User         string        // for 401/407 of the carrier
	Password     Secret        // never printed
	Follow       bool          // a 3xx to another of Targets is followed; false: it is a refusal
	Form         Form          // how it is told who calls
	Keys         Keys          // how the keys of its people come
	Register     *Register     // nil: it knows us by our address
	OptionsEvery time.Duration // 0: not probed, targets count as healthy

	region func(number.Number) number.Region // Set.Region; nil: nobody knows
}

// Peers are the addresses whose messages are this trunk's: its sources, and where it registers. Names are none; see Set.Trunks.
func (t Trunk) Peers() []netip.Prefix {
	all := slices.Clone(t.Sources)
	if t.Register != nil {
		for _, x := range t.Targets {
			if a := x.Addr.Addr().Unmap(); a.IsValid() {
				all = append(all, netip.PrefixFrom(a, a.BitLen()))
			}
		}
	}
	return all
}

// Register says how a trunk registers with its carrier.
type Register struct {
	Domain  string        // host of the address of record
	User    string        // of the address of record
	Contact string        // user part of our Contact: calls to it are this trunk's
	Expires time.Duration // asked for; 0: what package registration asks for
	Each    bool          // with every target; false: with one, in turn
}

// Registration is how a target's registration stands.
type Registration struct {
	Registered bool
	Since      time.Time // of Registered
	Until      time.Time // when the carrier forgets us; zero: it does not know us
	Why        string    // the last failure; "" for none
}

// The places of a number in an INVITE; all but RequestURI are names of headers.
const (
	RequestURI  = "Request-URI"
	From        = "From"
	To          = "To"
	Asserted    = "P-Asserted-Identity"  // RFC 3325
	Preferred   = "P-Preferred-Identity" // RFC 3325
	Remote      = "Remote-Party-ID"      // draft-ietf-sip-privacy-04
	CalledParty = "P-Called-Party-ID"    // RFC 7315
	Diversion   = "Diversion"            // RFC 5806
	History     = "History-Info"         // RFC 7044
)

// CallerPlaces and CalledPlaces are where each of the two numbers may stand.
func CallerPlaces() []string { return []string{From, Asserted, Preferred, Remote} }

// CalledPlaces is CallerPlaces for the dialled number.
func CalledPlaces() []string { return []string{RequestURI, To, CalledParty, Diversion, History} }

// Pinger sends one OPTIONS to a target and waits for its answer; any answer but 408 and 503 is a nil error.
type Pinger interface {
	Ping(ctx context.Context, trunk string, target Target) error
}
