// Package registration keeps us registered with carriers: REGISTER as a client (RFC 3261 section 10.2), with digest, refreshed before it
// ends, tried again with growing waits when it fails, and taken back at the end. It knows no trunk and no call: it reports what it
// reached.
package registration

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transport"
)

// DefaultExpires is asked for where an account says nothing.
const DefaultExpires = 10 * time.Minute

// Target is one registrar.
type Target struct {
	Network string // "udp", "tcp" or "tls"
	Addr    netip.AddrPort
}

// Account is one trunk's registration.
type Account struct {
	ID       string
	Domain   string // host of the address of record; the request goes to it
	User     string // of the address of record
	AuthUser string // in credentials; "": User
	Password string
	Contact  string        // user part of the Contact, by which calls to it are known
	Expires  time.Duration // asked for; 0: DefaultExpires
	Each     bool          // register with every target; false: with one, in turn
	Targets  []Target      // the first is tried first
}

// Status is how a registration stands.
type Status struct {
	Registered bool
	Since      time.Time // of Registered
	Until      time.Time // when the registrar forgets us; zero: it does not know us
	Why        string    // the last failure; "" where the last try was well
}

// Config is what a Keeper needs. All fields are required.
type Config struct {
	// Send sends a request and waits for its final response; an error says that nobody answered.
	Send    func(ctx context.Context, req *sip.Request, to transport.Peer) (*sip.Response, error)
	Contact func(to transport.Peer, user string) string // our URI towards a registrar, with that user part
	Changed func(id string, t Target, s Status)         // told after each try; it must not wait
}

// Keeper keeps accounts registered. Make it with New; Run does it.
type Keeper struct {
	c    Config
	dice func() float64 // 0 to 1
	bell chan struct{}

	mu   sync.Mutex
	want []Account
}

// New is a Keeper without accounts.
func New(c Config) *Keeper { return &Keeper{c: c, dice: rand.Float64, bell: make(chan struct{}, 1)} }

// Replace changes the accounts: those that stay as they are stay registered, others are taken back.
func (k *Keeper) Replace(accounts []Account) {
	k.mu.Lock()
	k.want = accounts
	k.mu.Unlock()
	select {
	case k.bell <- struct{}{}:
	default:
	}
}

// running is one registration that is kept, by a goroutine of its own.
type running struct {
	account Account // with the targets of this registration alone
	stop    context.CancelFunc
	left    chan struct{} // closed when it was taken back
}

// Run keeps the accounts registered until ctx ends; then it takes all registrations back, which takes goodbye at most, and returns nil.
func (k *Keeper) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	var now []running
	for {
		k.mu.Lock()
		want := split(k.want)
		k.mu.Unlock()
		var kept []running
		leaving := map[string][]chan struct{}{} // by account
		for _, r := range now {
			if i := find(want, r.account); i >= 0 {
				want = append(want[:i:i], want[i+1:]...)
				kept = append(kept, r)
			} else {
				r.stop()
				leaving[r.account.ID] = append(leaving[r.account.ID], r.left)
			}
		}
		for _, a := range want {
			one, stop := context.WithCancel(ctx)
			left, before := make(chan struct{}), leaving[a.ID]
			wg.Go(func() {
				defer close(left)
				for _, b := range before { // or what takes the old one back would end the new one: both have one Contact
					<-b
				}
				k.keep(one, a)
			})
			kept = append(kept, running{a, stop, left})
		}
		now = kept
		select {
		case <-ctx.Done():
			for _, r := range now {
				r.stop()
			}
			return nil
		case <-k.bell:
		}
	}
}

// split makes one account of each target where an account wants them all.
func split(accounts []Account) (all []Account) {
	for _, a := range accounts {
		if !a.Each {
			all = append(all, a)
			continue
		}
		for _, t := range a.Targets {
			one := a
			one.Targets = []Target{t}
			all = append(all, one)
		}
	}
	return all
}

func find(all []Account, a Account) int {
	for i := range all {
		if reflect.DeepEqual(all[i], a) {
			return i
		}
	}
	return -1
}
