package registration

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"
)

// The rhythm of tries.
const (
	answerWithin = 8 * time.Second  // how long a registrar may say nothing
	goodbye      = 2 * time.Second  // for taking a registration back
	firstWait    = 5 * time.Second  // after a failure, doubled with each
	longestWait  = 5 * time.Minute  //
	refusedWait  = time.Minute      // after a no, doubled with each: a carrier locks out who insists
	longestNo    = 30 * time.Minute //
	shortest     = 5 * time.Second  // between two refreshes, whatever the registrar grants
)

// keep keeps one registration until ctx ends.
func (k *Keeper) keep(ctx context.Context, a Account) {
	c := &client{
		k: k, account: a, callID: strings.ToLower(rand.Text()), tag: strings.ToLower(rand.Text()),
	}
	var at, fails int
	for ctx.Err() == nil && len(a.Targets) > 0 {
		granted, err := c.register(ctx, a.Targets[at])
		if ctx.Err() != nil && err != nil {
			break
		}
		c.report(a.Targets[at], granted, err)
		var wait time.Duration
		switch {
		case err == nil:
			fails = 0
			wait = k.refreshAfter(granted)
		case at+1 < len(a.Targets):
			at++
			continue
		default:
			at, fails = 0, fails+1
			wait = k.retryAfter(fails, err)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
	c.leave(ctx)
}

// refreshAfter is a moment between 75 and 90 % of the time granted, so that many registrations do not come due together.
func (k *Keeper) refreshAfter(granted time.Duration) time.Duration {
	return max(shortest, time.Duration((0.75+0.15*k.dice())*float64(granted)))
}

// retryAfter is how long to wait after the nth failure in a row: doubled each time up to a bound, a fifth more or less by chance, and
// never less than what the registrar asked for.
func (k *Keeper) retryAfter(fails int, err error) time.Duration {
	first, most := firstWait, longestWait
	var no *refusal
	if errors.As(err, &no) && no.final {
		first, most = refusedWait, longestNo
	}
	wait := most
	if fails < 10 {
		wait = min(first<<(fails-1), most)
	}
	wait = time.Duration((0.8 + 0.4*k.dice()) * float64(wait))
	if no != nil {
		wait = max(wait, min(no.after, longestNo))
	}
	return wait
}

// report tells how a try ended. A registration whose refresh failed stands until the registrar forgets it.
func (c *client) report(t Target, granted time.Duration, err error) {
	now, was := time.Now(), c.status.Registered && c.at != t
	told := Status{Since: now}
	switch {
	case err == nil:
		if was {
			c.k.c.Changed(c.account.ID, c.at, Status{Since: now, Why: "registered with another target"})
		}
		if c.status.Registered && c.at == t {
			told.Since = c.status.Since
		}
		told.Registered, told.Until = true, now.Add(granted)
		c.at, c.status = t, told
	case c.status.Registered && now.Before(c.status.Until):
		if !was {
			told = c.status
		}
		told.Why = err.Error()
	default:
		if was {
			c.k.c.Changed(c.account.ID, c.at, Status{Since: now, Why: "the registration ended"})
		}
		told.Why = err.Error()
		c.status = told
	}
	c.k.c.Changed(c.account.ID, t, told)
}

// leave takes the registration back (RFC 3261 10.2.2).
func (c *client) leave(ctx context.Context) {
	if !c.status.Registered {
		return
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
	defer cancel()
	_, err := c.ask(last, c.at, 0)
	s := Status{Since: time.Now(), Why: "taken back"}
	if err != nil {
		s.Why = err.Error()
	}
	c.k.c.Changed(c.account.ID, c.at, s)
}
