package switchboard

import (
	"context"
	"sync"
	"testing"
	"time"

	"hotline/call"
	"hotline/queue"
)

// follow runs what looks after followers, keeps why they end, and gives the supervisor sue a phone.
func (r *rig) follow(w Follow) (ended func() string) {
	r.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	var mu sync.Mutex
	why := ""
	r.b.FollowEnded = func(_ Follow, w string) {
		mu.Lock()
		defer mu.Unlock()
		why += w
	}
	wait.Go(func() { _ = r.b.RunFollows(ctx) })
	r.t.Cleanup(func() { stop(); wait.Wait() })
	w.Supervisor, w.Phone, w.By = "sue", "1003", "Sue"
	r.b.Follow(w)
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		return why
	}
}

// follows waits for a state of sue's following.
func (r *rig) follows(want FollowState) {
	r.t.Helper()
	eventually(r.t, "sue to be "+string(want), func() bool { return r.b.Follows()["sue"].State == want })
}

// talk is a call that anna answers; n is how many legs were dialled before.
func (r *rig) talk(number string, n int) (caller, agent *leg) {
	r.t.Helper()
	caller = r.arrive(number, "4001")
	agent = r.dialled(n)
	agent.tell(call.LegAnswered{Leg: agent.name()})
	return caller, agent
}

// done hangs the caller up and waits until the call is over.
func (r *rig) done(caller *leg) {
	r.t.Helper()
	caller.tell(call.LegEnded{Leg: call.CallerLeg, Cause: call.Normal, ByPeer: true})
	r.over()
	eventually(r.t, "the agent to be free", func() bool { return r.agent() == queue.Ready })
}

// A supervisor who follows an agent is rung once: they hear both in one call after the other, are heard by nobody, and the line is silent
// between. Their hanging up ends it.
func TestFollow(t *testing.T) {
	r := newRig(t)
	r.ready()
	ended := r.follow(Follow{Of: "anna"})
	boss := r.dialled(0)
	if d := boss.dial; d.Target.Value != "1003" || d.Display != "listen anna" || d.From != "1001" {
		t.Errorf("the supervisor's phone is dialled by %+v", d)
	}
	boss.tell(call.LegAnswered{Leg: boss.name()})
	r.follows(FollowWaiting)
	if !r.b.busy.is("1003") {
		t.Error("the supervisor's phone is up and not busy")
	}
	boss.phone.play(1300)
	for n, number := range []string{"13800138000", "13800138001"} {
		caller, agent := r.talk(number, n+1)
		r.follows(FollowListening)
		hz := map[call.LegID]float64{call.CallerLeg: 450, agent.name(): 700, boss.name(): 1300}
		caller.phone.play(450)
		agent.phone.play(700)
		hearsExactly(t, "the supervisor", boss.phone, hz, []call.LegID{call.CallerLeg, agent.name()})
		hearsExactly(t, "the caller", caller.phone, hz, []call.LegID{agent.name()})
		hearsExactly(t, "the agent", agent.phone, hz, []call.LegID{call.CallerLeg})
		if got := r.b.Follows()["sue"].Call; got != agent.of() {
			t.Errorf("sue listens to %q, the call is %q", got, agent.of())
		}
		r.done(caller)
		r.follows(FollowWaiting)
		hearsExactly(t, "the supervisor between calls", boss.phone, hz, nil)
	}
	if boss.all() != "" {
		t.Errorf("the supervisor's leg was told %s", boss.all())
	}
	boss.end(call.LegEnded{Cause: call.Normal, ByPeer: true})
	eventually(t, "the end of following", func() bool { return ended() == WhyHungUp && !r.b.busy.is("1003") })
}

// It begins with the call under way. Whoever takes the call from the agent is not listened to, a supervisor who leaves a call has the next,
// and one who took it over follows on when it is over. The agent's signing out ends it.
func TestFollowComesAndGoes(t *testing.T) {
	r := newRig(t)
	r.ready()
	caller, agent := r.talk("13800138000", 0)
	eventually(t, "the agent to talk", func() bool { return r.agent() == queue.Talking })
	ended := r.follow(Follow{Of: "anna"})
	boss := r.dialled(1)
	boss.tell(call.LegAnswered{Leg: boss.name()})
	r.follows(FollowListening)
	ask := func(ev call.Event) {
		t.Helper()
		id := r.b.Follows()["sue"].Call
		if why, ok := r.b.Exchange().Ask(t.Context(), id, ev); !ok || why != "" {
			t.Fatalf("%+v of call %q: %q, %v", ev, id, why, ok)
		}
	}
	ask(call.SuperviseAsked{Agent: "sue", Phone: "1003", What: call.Leave, Of: "anna"})
	r.follows(FollowWaiting)
	again := call.SuperviseAsked{Agent: "sue", Phone: "1003", What: call.Listen, Of: "anna"}
	if why, ok := r.b.Exchange().Ask(t.Context(), agent.of(), again); !ok || why != "" {
		t.Fatalf("listen again: %q, %v", why, ok)
	}
	r.follows(FollowListening) // by the line that is up
	r.done(caller)
	r.follows(FollowWaiting)

	caller, _ = r.talk("13800138001", 2)
	r.follows(FollowListening)
	ask(call.SuperviseAsked{Agent: "sue", Phone: "1003", What: call.TakeOver, Of: "anna"})
	eventually(t, "the agent to be free", func() bool { return r.agent() == queue.Ready })
	boss.phone.play(1300)
	hears(t, caller.phone, 1300)
	r.done(caller)
	r.follows(FollowWaiting)
	if boss.all() != "" {
		t.Errorf("the supervisor's leg was told %s", boss.all())
	}
	r.b.SignedOut("anna")
	eventually(t, "the end of following", func() bool { return ended() == WhySignedOut && boss.was("hangup normal") })
}

// An agent whose caller goes on with somebody else is not in that call any more, nor is who follows them.
func TestFollowStaysWithTheAgent(t *testing.T) {
	r := newRig(t)
	r.ready()
	c := *r.b.Centre()
	c.Agents = map[string]string{"1001": "anna", "1002": "bea"}
	r.b.Replace(&c)
	r.follow(Follow{Of: "anna"})
	boss := r.dialled(0)
	boss.tell(call.LegAnswered{Leg: boss.name()})
	r.follows(FollowWaiting)
	caller, agent := r.talk("13800138000", 1)
	r.follows(FollowListening)
	r.b.Exchange().Send(agent.of(), call.Commanded{Agent: "anna", What: call.Transfer, To: "agent:bea", By: "anna"})
	other := r.dialled(2)
	other.tell(call.LegAnswered{Leg: other.name()})
	eventually(t, "the agent's leg to end", func() bool { return agent.was("hangup normal") })
	r.follows(FollowWaiting)
	hz := map[call.LegID]float64{call.CallerLeg: 450, other.name(): 700}
	caller.phone.play(450)
	other.phone.play(700)
	hearsExactly(t, "the caller", caller.phone, hz, []call.LegID{other.name()})
	hearsExactly(t, "the supervisor", boss.phone, hz, nil)
	r.done(caller)
}

// What was kept over a restart waits for the phone; a phone that nobody answers, one that is not there and the time end it. A node that
// stops tells nobody, so that it is there after the restart.
func TestFollowEnds(t *testing.T) {
	for name, c := range map[string]struct {
		ev  func(boss *leg) call.LegEnded
		why string
	}{
		"declined":  {func(*leg) call.LegEnded { return call.LegEnded{Cause: call.Declined, ByPeer: true} }, "declined"},
		"not there": {func(*leg) call.LegEnded { return call.LegEnded{Cause: call.NotRegistered} }, "not-registered"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			ended := r.follow(Follow{Of: "anna"})
			boss := r.dialled(0)
			boss.end(c.ev(boss))
			eventually(t, "the end of following", func() bool { return ended() == c.why && len(r.b.Follows()) == 0 })
		})
	}
	t.Run("kept", func(t *testing.T) {
		r := newRig(t)
		ended := r.follow(Follow{Of: "anna", Kept: true})
		r.follows(FollowAway)
		r.b.PhoneReachable("1003", true)
		boss := r.dialled(0)
		boss.tell(call.LegAnswered{Leg: boss.name()})
		r.follows(FollowWaiting)
		r.b.Drain()
		r.follows(FollowAway)
		if !boss.was("hangup unavailable") || ended() != "" {
			t.Errorf("a node that stops told the line %s and ends following with %q", boss.all(), ended())
		}
	})
	t.Run("time", func(t *testing.T) {
		r := newRig(t)
		now := time.Now()
		ended := r.follow(Follow{Of: "anna", Until: now})
		boss := r.dialled(0)
		boss.tell(call.LegAnswered{Leg: boss.name()})
		r.follows(FollowWaiting)
		r.b.follows.mail.Put(func() { r.b.follows.expire(now.Add(time.Second)) })
		eventually(t, "the end of following", func() bool { return ended() == WhyTime && boss.was("hangup normal") })
	})
}

// A call has room for one supervisor: a second one who follows the same agent waits in silence, and comes in when the first leaves.
func TestFollowOfTwo(t *testing.T) {
	r := newRig(t)
	r.ready()
	r.follow(Follow{Of: "anna"})
	boss := r.dialled(0)
	boss.tell(call.LegAnswered{Leg: boss.name()})
	r.follows(FollowWaiting)
	caller, agent := r.talk("13800138000", 1)
	r.follows(FollowListening)
	r.b.Follow(Follow{Supervisor: "tom", Phone: "1004", By: "Tom", Of: "anna"})
	second := r.dialled(2)
	second.tell(call.LegAnswered{Leg: second.name()})
	tom := func(want FollowState) {
		t.Helper()
		eventually(t, "tom to be "+string(want), func() bool { return r.b.Follows()["tom"].State == want })
	}
	tom(FollowWaiting)
	hz := map[call.LegID]float64{call.CallerLeg: 450, agent.name(): 700}
	caller.phone.play(450)
	agent.phone.play(700)
	hearsExactly(t, "the first supervisor", boss.phone, hz, []call.LegID{call.CallerLeg, agent.name()})
	hearsExactly(t, "the second", second.phone, hz, nil)
	r.b.Unfollow("sue")
	tom(FollowListening)
	hearsExactly(t, "the second alone", second.phone, hz, []call.LegID{call.CallerLeg, agent.name()})
	r.done(caller)
	tom(FollowWaiting)
}
