// Package registrar knows where phones are now: it answers REGISTER (RFC 3261 10.3) after digest authentication
// (RFC 7616), remembers by which flow each phone is reached, and authenticates the other requests of phones. It
// does not know what an agent is, stores no password, and routes no call.
package registrar

import (
	"log/slog"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/digest"
	"hotline/sip/transport"
)

// Account is what the registrar must know of a user: the hashes of user:realm:password, hex, lower case. "" where
// there is none of that kind; it never holds a password.
type Account struct {
	User      string
	HA1MD5    string
	HA1SHA256 string
}

// Accounts finds accounts; it must answer from memory. false: there is no such user.
type Accounts interface {
	Account(user string) (Account, bool)
}

// Contact is one registered device of a user.
type Contact struct {
	URI     sip.Uri
	Peer    transport.Peer // the flow its REGISTER came by: where requests to it are sent, whatever its URI says
	Expires time.Time
	Agent   string  // User-Agent, as sent
	Q       float32 // preference 0..1, 1 where not said
	CallID  string
	CSeq    uint32
	Since   time.Time // first registration of this binding
	// Instance is the +sip.instance of RFC 5626 with its reg-id, "" where the device has none: by it a restarted device is known again.
	Instance  string
	Refreshed time.Time
}

// Keeper keeps contacts over a restart.
type Keeper interface {
	// KeepContacts replaces all contacts of the user; none removes the user. It is called from one goroutine (Run).
	KeepContacts(user string, contacts []Contact) error
	// KeptContacts gives everything kept.
	KeptContacts() (map[string][]Contact, error)
}

// Config says how the registrar answers. Zero durations and counts mean the value in brackets.
type Config struct {
	Realm       string        // of the challenges; required
	Secret      []byte        // key of the nonces; nil: random, nonces then die with the process and come back as stale
	MinExpires  time.Duration // shorter wishes get 423 [30 s]
	MaxExpires  time.Duration // longer wishes are shortened [1 h]
	Default     time.Duration // when the phone wishes nothing [5 min]
	MaxContacts int           // devices per user [5]
	MaxUsers    int           // users with contacts at once [100000]
	NonceLife   time.Duration // then stale=true [5 min]
	MaxNonces   int           // nonces whose count is remembered [65536]
	MaxFailing  int           // source+user pairs whose failures are remembered [65536]
	Failures    int           // wrong passwords a minute before the ban (security bar S1) [10]
	Ban         time.Duration // first ban, doubled each time up to a day [10 min]
	// Algorithms is the order of the challenges [SHA-256, MD5]. RFC 8760 wants the strongest first; clients that only look at the
	// first challenge and know no SHA-256 need MD5 first.
	Algorithms []digest.Algorithm
	Agent      string       // Server header; "": none
	Keeper     Keeper       // nil: bindings die with the process
	Logger     *slog.Logger // nil: slog.Default()
	// Failed is told of each wrong password, right after it was given in answer to a challenge that went to that peer; it must not wait.
	// nil: nobody asks. transport.Layer.Offend fits.
	Failed func(from transport.Peer)
	// Changed is told when a user gets its first contact or loses its last; it must not wait. nil: nobody asks.
	Changed func(user string, reachable bool)
}

func (c Config) withDefaults() Config {
	duration := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	number := func(n *int, v int) {
		if *n <= 0 {
			*n = v
		}
	}
	duration(&c.MinExpires, 30*time.Second)
	duration(&c.MaxExpires, time.Hour)
	duration(&c.Default, 5*time.Minute)
	duration(&c.NonceLife, 5*time.Minute)
	duration(&c.Ban, 10*time.Minute)
	number(&c.MaxContacts, 5)
	number(&c.MaxUsers, 100000)
	number(&c.MaxNonces, 65536)
	number(&c.MaxFailing, 65536)
	number(&c.Failures, 10)
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}
