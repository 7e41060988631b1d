package switchboard

import (
	"context"
	"runtime/debug"
	"sync/atomic"
	"time"

	"hotline/call"
	"hotline/internal/mailbox"
	"hotline/media"
)

// Follow is a supervisor's wish to be beside an agent from call to call. Their phone rings once and then stays up: each call in which the
// agent talks borrows it, and between the calls it is silent.
type Follow struct {
	Supervisor string    // their id as an agent; each follows one agent
	Phone      string    // theirs
	Of         string    // the agent
	By         string    // the supervisor's name
	Until      time.Time // when it ends by itself
	Kept       bool      // it is from before a restart: the phone rings when it is there again
}

// Followed is how a Follow stands.
type Followed struct {
	Follow
	State FollowState
	Call  call.ID // that is listened to, or was taken over; "" none
}

// FollowState is where a supervisor who follows is.
type FollowState string

// The states of following.
const (
	FollowAway      FollowState = "away"      // their phone is not there yet after a restart
	FollowRinging   FollowState = "ringing"   // their phone rings
	FollowWaiting   FollowState = "waiting"   // it is up, and the agent has no call that can be listened to
	FollowListening FollowState = "listening" // it is lent to a call of the agent's
)

// Why following ends by itself; else it is the cause that the supervisor's leg ended with.
const (
	WhySignedOut = "signed-out" // the agent did
	WhyTime      = "time"       // Until has come
	WhyHungUp    = "hung-up"    // the supervisor did
)

// How long things may take.
const (
	ringFollower = 30 * time.Second // the supervisor's phone rings
	followCheck  = 30 * time.Second // between looks at the clock
)

// follows are the supervisors who follow, and one goroutine's: RunFollows. Others send it letters, or look at what it showed last.
type follows struct {
	b     *Switchboard
	mail  *mailbox.Mailbox[func()]
	all   map[string]*follower // by supervisor
	seen  atomic.Pointer[map[string]shown]
	talks talks
	hush  *media.Sound
}

// shown is a follower as everybody may see them.
type shown struct {
	Followed
	n    *follower
	line Line // that is up and free; nil: none
}

func (f *follows) init(b *Switchboard) {
	f.b, f.mail, f.all = b, mailbox.New[func()](), map[string]*follower{}
	f.talks.calls = map[call.ID]*talk{}
	f.hush = media.NewSound(make([]int16, 8000))
	f.publish()
}

// RunFollows looks after the supervisors who follow agents until ctx ends; then it hangs up on them and returns nil. Nobody is told that
// they ended: what was kept of them is for the next start.
func (b *Switchboard) RunFollows(ctx context.Context) error {
	f := &b.follows
	tick := time.NewTicker(followCheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			letters := f.mail.Close()
			for _, do := range letters {
				f.try(do)
			}
			for _, n := range f.all {
				n.hangUp(call.Normal)
			}
			return nil
		case now := <-tick.C:
			f.try(func() { f.expire(now) })
		case <-f.mail.Bell():
			for _, do := range f.mail.Take() {
				f.try(do)
			}
		}
		f.publish()
	}
}

// try reads a letter; one that breaks takes nobody else along.
func (f *follows) try(do func()) {
	defer func() {
		if r := recover(); r != nil {
			f.b.Logger.Error("following panicked", "panic", r, "stack", string(debug.Stack()))
		}
	}()
	do()
}

// publish shows everybody how it stands.
func (f *follows) publish() {
	all := make(map[string]shown, len(f.all))
	for id, n := range f.all {
		s := shown{Followed: Followed{Follow: n.Follow, State: n.state}, n: n}
		if n.loan != nil {
			s.Call = n.loan.call
		}
		if n.state == FollowWaiting {
			s.line = n.line
		}
		all[id] = s
	}
	f.seen.Store(&all)
}

func (f *follows) expire(now time.Time) {
	for _, n := range f.all {
		if !n.Until.IsZero() && now.After(n.Until) {
			n.end(WhyTime)
		}
	}
}

// Follow begins it. Who follows another agent already goes on by the same line; the phone of who did not is rung, or with Kept when it is there.
func (b *Switchboard) Follow(w Follow) {
	f := &b.follows
	f.mail.Put(func() { f.begin(w) })
}

// Unfollow ends it, and what is listened to. It is no end by itself: FollowEnded is not told.
func (b *Switchboard) Unfollow(supervisor string) {
	f := &b.follows
	f.mail.Put(func() {
		if n := f.all[supervisor]; n != nil {
			n.end("")
		}
	})
}

// SignedOut ends the following of an agent who has.
func (b *Switchboard) SignedOut(agent string) {
	b.follows.about(agent, func(n *follower) { n.end(WhySignedOut) })
}

// Follows is who follows whom now, by supervisor.
func (b *Switchboard) Follows() map[string]Followed {
	all := map[string]Followed{}
	for id, s := range *b.follows.seen.Load() {
		all[id] = s.Followed
	}
	return all
}

// about tells those who follow an agent something; where nobody does it costs nothing.
func (f *follows) about(agent string, do func(*follower)) {
	for _, s := range *f.seen.Load() {
		if s.Of != agent {
			continue
		}
		f.mail.Put(func() {
			for _, n := range f.all {
				if n.Of == agent {
					do(n)
				}
			}
		})
		return
	}
}

// comes is told that a phone is there: it rings where its supervisor followed somebody before a restart.
func (f *follows) comes(phone string) {
	f.mail.Put(func() {
		for _, n := range f.all {
			if n.Phone == phone && n.state == FollowAway {
				n.ring()
			}
		}
	})
}

// drain ends the lines that no call has; the others end with their calls.
func (f *follows) drain() {
	f.mail.Put(func() {
		for _, n := range f.all {
			if n.loan == nil {
				n.hangUp(call.Unavailable)
			}
		}
	})
}

// follow hears a fact of a call: who follows an agent of it may have to come or go.
func (b *Switchboard) follow(fact call.Fact) {
	for _, agent := range b.follows.talks.hear(fact) {
		b.follows.about(agent, (*follower).settle)
	}
}
