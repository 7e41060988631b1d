package registrar

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"hotline/sip/digest"
	"hotline/sip/transaction"
)

// Registrar answers REGISTER and authenticates phones; see New. Its methods may be called from any goroutine.
type Registrar struct {
	cfg      Config
	log      *slog.Logger
	accounts Accounts
	digest   *digest.Server
	failing  *failures

	order sync.Mutex   // held over a change and what Changed is told of it, so that nobody hears things in the wrong order
	mu    sync.RWMutex // guards what follows; taken inside order
	table *bindings
	dirty map[string]bool // users to keep
	bell  chan struct{}
}

// keepAgain is how long a keeper that failed is left alone.
const keepAgain = 5 * time.Second

// New returns a registrar with the contacts that the keeper kept and that have not expired. The transaction layer is not
// needed and may be nil. It panics without a realm or accounts.
func New(c Config, accounts Accounts, _ *transaction.Layer) (*Registrar, error) {
	if c.Realm == "" || accounts == nil {
		panic("registrar: Config.Realm and accounts are required") //nolint:forbidigo // a constructor: the program is wrong, not its input
	}
	c = c.withDefaults()
	r := &Registrar{
		cfg: c, log: c.Logger, accounts: accounts,
		digest: digest.NewServer(digest.Config{
			Realm: c.Realm, Secret: c.Secret, Life: c.NonceLife, MaxNonces: c.MaxNonces, Algorithms: c.Algorithms,
		}),
		failing: newFailures(c.Failures, c.Ban, c.MaxFailing),
		table:   newBindings(), dirty: map[string]bool{}, bell: make(chan struct{}, 1),
	}
	if c.Keeper == nil {
		return r, nil
	}
	kept, err := c.Keeper.KeptContacts()
	if err != nil {
		return nil, fmt.Errorf("read the kept contacts: %w", err)
	}
	for user, contacts := range kept {
		contacts = live(contacts, time.Now())
		contacts = reconnect(contacts, func(c Contact) bool { return c.Peer.Reliable() }) // no connection outlived the process
		r.table.set(user, contacts)
	}
	return r, nil
}

// Run tells Changed of the users that were kept, then drops contacts that expire and keeps changes, until ctx ends; the
// last changes are kept before it returns nil.
func (r *Registrar) Run(ctx context.Context) error {
	r.announce()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			r.keep()
			return nil
		case <-r.bell:
		case <-timer.C:
		}
		r.expire()
		failed := r.keep() != nil
		timer.Reset(r.pause(failed))
	}
}

// pause is how long nothing is to be done unless the bell rings.
func (r *Registrar) pause(failed bool) time.Duration {
	r.mu.RLock()
	defer r.mu.RUnlock()
	d := time.Hour
	if failed {
		d = keepAgain
	}
	if at, ok := r.table.next(); ok {
		d = min(d, max(time.Until(at), time.Millisecond))
	}
	return d
}

// announce makes those who listen to Changed know who is there at the start.
func (r *Registrar) announce() {
	if r.cfg.Changed == nil {
		return
	}
	r.order.Lock()
	defer r.order.Unlock()
	for _, user := range slices.Sorted(maps.Keys(r.Snapshot())) {
		r.cfg.Changed(user, true)
	}
}

// update changes the contacts of one user as f says, all or nothing, and tells who listens.
func (r *Registrar) update(user string, f func([]Contact) ([]Contact, *refusal)) *refusal {
	r.order.Lock()
	defer r.order.Unlock()
	before, after, no := r.replace(user, f)
	if no != nil {
		return no
	}
	select {
	case r.bell <- struct{}{}:
	default:
	}
	if before != after && r.cfg.Changed != nil {
		r.cfg.Changed(user, after)
	}
	return nil
}

func (r *Registrar) replace(user string, f func([]Contact) ([]Contact, *refusal)) (before, after bool, no *refusal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	old := r.table.get(user)
	contacts, no := f(old)
	switch {
	case no != nil:
		return false, false, no
	case old == nil && len(contacts) == 0:
		return false, false, nil
	case old == nil && len(r.table.users) >= r.cfg.MaxUsers:
		return false, false, &refusal{503, "Service Unavailable", nil}
	}
	before, after = r.table.set(user, contacts)
	if r.cfg.Keeper != nil {
		r.dirty[user] = true
	}
	return before, after, nil
}

// expire drops what is over.
func (r *Registrar) expire() {
	for {
		now := time.Now()
		r.mu.RLock()
		user, ok := r.table.due(now)
		r.mu.RUnlock()
		if !ok {
			return
		}
		r.update(user, func(old []Contact) ([]Contact, *refusal) { return live(old, now), nil })
	}
}

// keep writes the users that changed; those that could not be written are tried again.
func (r *Registrar) keep() error {
	r.mu.Lock()
	dirty := r.dirty
	r.dirty = map[string]bool{}
	r.mu.Unlock()
	var all error
	for user := range dirty {
		if err := r.cfg.Keeper.KeepContacts(user, r.Contacts(user)); err != nil {
			all = errors.Join(all, err)
			r.mu.Lock()
			r.dirty[user] = true
			r.mu.Unlock()
		}
	}
	if all != nil {
		r.log.Error("keep contacts", "error", all)
	}
	return all
}

// Contacts gives the live contacts of a user, a copy, the best first: by q, then the latest refreshed. nil: not registered.
func (r *Registrar) Contacts(user string) []Contact {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return live(r.table.get(user), time.Now())
}

// Reachable tells whether the user has a contact.
func (r *Registrar) Reachable(user string) bool { return len(r.Contacts(user)) > 0 }

// Snapshot gives all users that are registered with their contacts, a copy.
func (r *Registrar) Snapshot() map[string][]Contact {
	r.mu.RLock()
	defer r.mu.RUnlock()
	now := time.Now()
	all := make(map[string][]Contact, len(r.table.users))
	for user, o := range r.table.users {
		if contacts := live(o.contacts, now); len(contacts) > 0 {
			all[user] = contacts
		}
	}
	return all
}

// Forget drops the contacts of a user, e.g. when the account is deleted or its password changed.
func (r *Registrar) Forget(user string) {
	r.update(user, func([]Contact) ([]Contact, *refusal) { return nil, nil })
}
