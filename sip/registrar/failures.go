package registrar

import (
	"container/list"
	"net/netip"
	"sync"
	"time"
)

// failures counts wrong passwords for each pair of source and user, and bans a pair that fails too often. Only answers to
// a nonce that went to that source are counted, so a forged source address bans nobody. It holds at most max pairs, and
// forgets the one that was silent longest.
type failures struct {
	limit int           // failures in one minute
	ban   time.Duration // the first; it doubles
	max   int

	mu    sync.Mutex
	pairs map[pair]*list.Element
	order *list.List // of *failing, latest at the back
}

type pair struct {
	source netip.Addr
	user   string
}

type failing struct {
	pair
	count  int
	since  time.Time // start of the minute that is counted
	until  time.Time // banned until
	bans   int
	latest time.Time
}

const (
	failureWindow = time.Minute
	longestBan    = 24 * time.Hour
	maxUserLen    = 128 // longer names are cut: they are not ours
)

func newFailures(limit int, ban time.Duration, max int) *failures {
	return &failures{limit: limit, ban: ban, max: max, pairs: map[pair]*list.Element{}, order: list.New()}
}

func key(source netip.Addr, user string) pair {
	return pair{source.Unmap().WithZone(""), user[:min(len(user), maxUserLen)]}
}

// banned tells whether the pair must wait, whatever it says.
func (f *failures) banned(source netip.Addr, user string, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := f.pairs[key(source, user)]
	return e != nil && now.Before(e.Value.(*failing).until)
}

// fail counts a wrong password; true: this one brought a ban.
func (f *failures) fail(source netip.Addr, user string, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.get(key(source, user), now)
	if now.Sub(p.latest) > longestBan {
		p.bans = 0
	}
	p.latest = now
	if now.Sub(p.since) >= failureWindow {
		p.since, p.count = now, 0
	}
	p.count++
	if p.count < f.limit {
		return false
	}
	p.until = now.Add(min(f.ban<<min(p.bans, 16), longestBan))
	p.bans++
	p.count = 0
	return true
}

func (f *failures) get(k pair, now time.Time) *failing {
	if e := f.pairs[k]; e != nil {
		f.order.MoveToBack(e)
		return e.Value.(*failing)
	}
	if f.order.Len() >= f.max {
		oldest := f.order.Front()
		delete(f.pairs, oldest.Value.(*failing).pair)
		f.order.Remove(oldest)
	}
	p := &failing{pair: k, since: now, latest: now}
	f.pairs[k] = f.order.PushBack(p)
	return p
}

// succeed forgets what the pair failed: the user found the right password.
func (f *failures) succeed(source netip.Addr, user string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if e := f.pairs[key(source, user)]; e != nil {
		delete(f.pairs, e.Value.(*failing).pair)
		f.order.Remove(e)
	}
}
