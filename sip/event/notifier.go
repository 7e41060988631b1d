package event

import (
	"slices"
	"sync"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transaction"
)

// Notifier keeps the subscriptions of a node. Make it with New.
type Notifier struct {
	cfg Config
	tx  *transaction.Layer

	mu     sync.Mutex
	byCall map[string][]*subscription
	byWhat map[what][]*subscription
	byUser map[string]int
	total  int
	calls  map[string][]Call // of each phone, for its lamps
}

// what is a resource of a package.
type what struct{ kind, resource string }

// New is a notifier without subscriptions over tx; nothing runs until requests come.
func New(c Config, tx *transaction.Layer) *Notifier {
	return &Notifier{
		cfg: c.withDefaults(), tx: tx,
		byCall: map[string][]*subscription{}, byWhat: map[what][]*subscription{}, byUser: map[string]int{}, calls: map[string][]Call{},
	}
}

// Live is the number of subscriptions.
func (n *Notifier) Live() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.total
}

// Changed says that there is something new to tell of a resource. It may be called from any goroutine and never waits.
func (n *Notifier) Changed(kind, resource string) {
	n.mu.Lock()
	all := slices.Clone(n.byWhat[what{kind, resource}])
	n.mu.Unlock()
	for _, s := range all {
		n.tx.Do(s.callID, s.changed)
	}
}

// add takes a subscription in; false: there are too many.
func (n *Notifier) add(s *subscription) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.total >= n.cfg.Most || n.byUser[s.watcher] >= n.cfg.PerUser {
		return false
	}
	n.total++
	n.byUser[s.watcher]++
	w := what{s.kind, s.resource}
	n.byCall[s.callID] = append(n.byCall[s.callID], s)
	n.byWhat[w] = append(n.byWhat[w], s)
	return true
}

func (n *Notifier) remove(s *subscription) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.total--
	if n.byUser[s.watcher]--; n.byUser[s.watcher] == 0 {
		delete(n.byUser, s.watcher)
	}
	without(n.byCall, s.callID, s)
	without(n.byWhat, what{s.kind, s.resource}, s)
}

func without[K comparable](m map[K][]*subscription, key K, s *subscription) {
	left := slices.DeleteFunc(m[key], func(o *subscription) bool { return o == s })
	if len(left) == 0 {
		delete(m, key)
		return
	}
	m[key] = left
}

// find is the subscription that a request inside a dialog belongs to; nil: none. On the lane of its Call-ID.
func (n *Notifier) find(req *sip.Request) *subscription {
	n.mu.Lock()
	all := slices.Clone(n.byCall[req.CallID().Value()])
	n.mu.Unlock()
	for _, s := range all {
		if s.usage.Owns(req) {
			return s
		}
	}
	return nil
}
