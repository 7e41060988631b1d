package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"hotline/call"
	"hotline/cdr"
	"hotline/queue"
)

// job is one of the things that run as long as the node does.
type job struct {
	name string
	run  func(context.Context) error
}

// run starts everything and returns when ctx is cancelled and all calls are over, or when something failed. ready is
// called once, when calls are taken.
func (n *Node) run(ctx context.Context, hard context.Context, ready func()) error {
	if err := n.recover(ctx); err != nil {
		return err
	}
	inner, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	var wait sync.WaitGroup
	start := func(on context.Context, jobs ...job) {
		for _, j := range jobs {
			wait.Go(func() {
				if err := j.run(on); err != nil && !errors.Is(err, context.Canceled) {
					stop(fmt.Errorf("%s: %w", j.name, err))
				}
			})
		}
	}
	// The journal outlives the calls, so that their last facts are kept.
	last, stopLast := context.WithCancel(context.WithoutCancel(ctx))
	var keepers sync.WaitGroup
	for _, j := range []job{{"journal", n.journal.Run}, {"recorder", n.recorder.Run}, {"agents", n.keepAgents}, {"follows", n.keepFollows}, {"toll", func(ctx context.Context) error { return n.keepToll(ctx, n.config.Data) }}} {
		keepers.Go(func() {
			if err := j.run(last); err != nil && !errors.Is(err, context.Canceled) {
				stop(fmt.Errorf("%s: %w", j.name, err))
			}
		})
	}
	n.tellHours(time.Now()) // before callbacks begin
	n.followOn()
	start(inner,
		job{"media", n.engine.Run}, job{"transactions", n.tx.Run}, job{"registrar", n.registrar.Run}, job{"queues", n.dispatcher.Run},
		job{"names", n.names.Run}, job{"trunks", n.trunks.Run}, job{"api", n.serveHTTP},
		n.reloadOnHangup(), job{"vouch", n.vouch}, job{"tidy", n.tidy}, job{"hours", n.keepHours}, job{"callbacks", n.callbacks.Run}, job{"following", n.board.RunFollows},
		job{"transport", func(ctx context.Context) error { return n.transport.Run(ctx, n.tx.Receive) }},
	)
	if n.softphones != nil {
		start(inner, job{"softphones", n.softphones.Run})
	}
	endRegistrations := n.register(ctx)
	n.signIn(ctx)
	ready()
	select {
	case <-ctx.Done():
		n.drain(hard)
	case <-inner.Done():
	}
	err := context.Cause(inner)
	endRegistrations() // while there is something to send it by
	stop(nil)
	wait.Wait()
	stopLast()
	keepers.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// credit is since when a caller waits whom the last stop cut off; zero for nobody.
func (n *Node) credit(number string) time.Time {
	if c := n.credits.Load(); c != nil {
		return c.Take(number, time.Now())
	}
	return time.Time{}
}

// familiarSince is how far back a node looks at its start for who talked to whom.
const familiarSince = 30 * 24 * time.Hour

// recover puts right what the last process left: calls without an end, recordings without a seal.
func (n *Node) recover(ctx context.Context) error {
	ended, err := cdr.EndOrphans(ctx, n.db)
	if err != nil {
		return fmt.Errorf("end the calls that a crash cut off: %w", err)
	}
	repaired, err := n.recorder.Repair(ctx)
	if err != nil {
		return fmt.Errorf("repair recordings: %w", err)
	}
	if err := n.familiar.Load(ctx, n.db, time.Now().Add(-familiarSince)); err != nil {
		return err
	}
	if err := n.surveys.Load(ctx, n.db, time.Now().Add(-familiarSince)); err != nil {
		return err
	}
	if err := n.callbacks.Load(ctx); err != nil {
		return err
	}
	credits, err := cdr.LoadCredits(ctx, n.db, time.Now())
	if err != nil {
		return err
	}
	n.credits.Store(credits)
	if credits.Len() > 0 {
		n.log.Info("callers whom the stop cut off in a queue keep their place if they call again", "callers", credits.Len())
	}
	if ended > 0 || len(repaired.Repaired) > 0 {
		n.log.Warn("put right after a crash", "calls", ended, "recordings", len(repaired.Repaired), "lost", len(repaired.Lost))
	}
	return nil
}

// signIn brings the states from before back, makes those ready who take calls without signing in and had none yet, and tells the queues which
// phones are there.
func (n *Node) signIn(ctx context.Context) {
	states, err := n.db.AgentStates(ctx, time.Time{})
	if err != nil {
		n.log.Error("agents' states from before are unknown", "err", err)
	}
	n.restore(states)
	b := n.built.Load()
	for _, agent := range b.Ready {
		if !slices.ContainsFunc(states, func(s cdr.AgentChange) bool { return s.Agent == agent }) {
			n.dispatcher.Set(agent, queue.Ready, "", "configuration")
		}
	}
	for user := range n.registrar.Snapshot() {
		n.board.PhoneReachable(user, true)
	}
}

func (n *Node) restore(states []cdr.AgentChange) {
	var last []queue.AgentChanged
	for _, s := range states {
		last = append(last, queue.AgentChanged{Agent: s.Agent, From: queue.State(s.From), To: queue.State(s.To), Reason: s.Reason, Source: s.Source, At: s.At, Next: queue.State(s.Next), NextReason: s.NextReason})
	}
	n.dispatcher.Restore(last)
}

// keepAgents writes agents' changes, some at a time.
func (n *Node) keepAgents(ctx context.Context) error {
	var batch []cdr.AgentChange
	for {
		select {
		case <-ctx.Done():
			return nil
		case c := <-n.agents:
			batch = append(batch[:0], c)
		}
		for more := true; more && len(batch) < 500; {
			select {
			case c := <-n.agents:
				batch = append(batch, c)
			default:
				more = false
			}
		}
		if err := n.db.AppendAgentChanges(context.WithoutCancel(ctx), batch); err != nil {
			n.log.Error("agents' changes were not kept", "err", err)
		}
	}
}

// drain refuses new calls and waits for the live ones, as long as the configuration gives them; hard ends the wait.
func (n *Node) drain(hard context.Context) {
	n.board.Drain()
	deadline := time.After(n.config.Calls.Drain)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	if live := n.board.Exchange().Live(); live > 0 {
		n.log.Info("stopping: waiting for live calls", "calls", live, "within", n.config.Calls.Drain)
	}
	for n.board.Exchange().Live() > 0 {
		select {
		case <-hard.Done():
			n.endCalls()
			return
		case <-deadline:
			n.endCalls()
			return
		case <-tick.C:
		}
	}
}

// endCalls hangs up what is left and waits a moment for the other sides to hear of it.
func (n *Node) endCalls() {
	x := n.board.Exchange()
	for _, id := range x.IDs() {
		x.Send(id, call.Shutdown{})
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 40 {
		if x.Live() == 0 {
			return
		}
		<-tick.C
	}
}
