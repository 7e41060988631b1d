package gate

import (
	"context"
	"net/http"
	"sync"
	"time"

	"hotline/account"
)

// during are the requests that last as long as a session does, by its token.
type during struct {
	mu  sync.Mutex
	all map[string]map[*context.CancelFunc]bool
}

// add makes a request one of a session's; remove it again.
func (d *during) add(token string, end *context.CancelFunc) (remove func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all == nil {
		d.all = map[string]map[*context.CancelFunc]bool{}
	}
	if d.all[token] == nil {
		d.all[token] = map[*context.CancelFunc]bool{}
	}
	d.all[token][end] = true
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.all[token], end)
		if len(d.all[token]) == 0 {
			delete(d.all, token)
		}
	}
}

// end ends what a session holds open.
func (d *during) end(token string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for end := range d.all[token] {
		(*end)()
	}
}

// SignedOut ends what a session holds open; token is its cookie's.
func (g *Gate) SignedOut(token string) { g.during.end(token) }

// WhileSignedIn is a context that ends when who asks signs out, and within every when the session is over for another reason or
// may does not like who it is by now. An error while looking ends nothing. stop frees what it holds.
func (g *Gate) WhileSignedIn(r *http.Request, every time.Duration, may func(Identity) bool) (ctx context.Context, stop func()) {
	ctx, end := context.WithCancel(r.Context())
	remove := g.during.add(Cookie(r.Context()), &end)
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if now, err := g.Who(r); err == nil && !(now.Role.Atleast(account.Agent) && may(now)) {
				end()
			}
		}
	}()
	return ctx, func() { // ctx itself stays: its end means that the session is over
		close(done)
		remove()
	}
}
