package switchboard

import (
	"context"
	"time"

	"hotline/call"
	"hotline/ivr"
	"hotline/media"
	"hotline/sip/ua"
)

// own is the name of a follower's leg while no call has it.
const own call.LegID = "follows"

// cue is heard by who follows when the line is theirs again: it is up, and silent on purpose (configs/prompts).
const cue = "left"

// follower is a supervisor who follows an agent, and the line to their phone. It is RunFollows's alone.
type follower struct {
	f *follows
	Follow
	state FollowState
	up    bool    // the phone counts as busy for it
	line  Line    // nil: none rings or is up
	loan  *loan   // to a call; nil: none has it
	asked call.ID // the call that was asked to be listened to
	had   int64   // the agent's visit to a call that was listened to last: who left it is not brought back
}

func (f *follows) begin(w Follow) {
	if old := f.all[w.Supervisor]; old != nil {
		if old.Phone == w.Phone && old.line != nil {
			if old.Of != w.Of {
				old.leave()
			}
			old.Follow = w
			old.settle()
			return
		}
		old.end("")
	}
	n := &follower{f: f, Follow: w, state: FollowAway}
	f.all[w.Supervisor] = n
	if !w.Kept {
		n.ring()
	}
}

// ring rings the supervisor's phone. It shows listen and the agent, as for a single call.
func (n *follower) ring() {
	b := n.f.b
	if b.draining.Load() {
		return
	}
	n.state = FollowRinging
	from := ""
	for phone, agent := range b.centre.Load().Agents {
		if agent == n.Of {
			from = phone
		}
	}
	d := ua.Dialling{Target: ivr.Target{Kind: ivr.ToPhone, Value: n.Phone}, From: from, Display: string(call.Listen) + " " + n.Of, By: n.Phone}
	n.line = b.Config.Dial(own, d, n.hears)
	time.AfterFunc(ringFollower, func() {
		n.f.mail.Put(func() {
			if n.there() && n.state == FollowRinging {
				n.end(string(call.NoAnswer))
			}
		})
	})
}

// there is false for a follower who has ended: letters about them are late.
func (n *follower) there() bool { return n.f.all[n.Supervisor] == n }

// hears takes what the line tells while no call has it.
func (n *follower) hears(ev call.Event) {
	n.f.mail.Put(func() {
		if !n.there() || n.loan != nil {
			return
		}
		switch ev := ev.(type) {
		case call.LegAnswered:
			if n.state == FollowRinging {
				n.busy(true)
				n.rest()
				n.settle()
			}
		case call.LegEnded:
			n.lost(ev)
		case call.LegSilent:
			n.end(string(call.MediaLost))
		case call.PromptDone:
			n.play(media.Playback{Sounds: []*media.Sound{n.f.hush}, Loop: true})
		}
	})
}

// lost: the line is gone, whoever ended it. In a node that stops that is for the restart to put right.
func (n *follower) lost(ev call.LegEnded) {
	n.line = nil
	switch {
	case n.f.b.draining.Load():
		n.busy(false)
		n.state, n.loan = FollowAway, nil
	case ev.ByPeer && ev.Cause == call.Normal:
		n.end(WhyHungUp)
	default:
		n.end(string(ev.Cause))
	}
}

// end forgets the follower and hangs up. Why it ended by itself is told; "": it did not.
func (n *follower) end(why string) {
	delete(n.f.all, n.Supervisor)
	n.hangUp(call.Normal)
	n.busy(false)
	if why != "" && n.f.b.FollowEnded != nil {
		n.f.b.FollowEnded(n.Follow, why)
	}
}

func (n *follower) hangUp(cause call.Cause) {
	if n.line != nil {
		n.line.Hangup(cause, 0)
	}
}

// busy says that the supervisor's phone talks: as an agent they are offered nobody.
func (n *follower) busy(on bool) {
	if n.up != on {
		n.up = on
		n.f.b.phoneBusy(call.PhoneBusy{Phone: n.Phone, On: on, Listens: true})
	}
}

// rest is the line between two calls. A phone that hears nothing at all for long may hang up: silence is sent.
func (n *follower) rest() {
	n.state = FollowWaiting
	n.play(media.Playback{ID: 1, Sounds: n.f.b.Sounds.find(context.Background(), "", []ivr.Prompt{{File: cue}})})
}

func (n *follower) play(p media.Playback) {
	if s := n.line.Stream(); s != nil {
		s.Play(p)
	}
}

// settle is where the agent is, as far as can be: in their call, or out of one that they have left.
func (n *follower) settle() {
	id, visit := n.f.talks.of(n.Of)
	switch {
	case n.loan != nil:
		if n.f.talks.visit(n.loan.call, n.Of) == 0 {
			n.leave()
		}
	case n.state == FollowWaiting && id != "" && visit != n.had && !n.f.b.draining.Load():
		n.asked = id
		n.ask(id, call.Listen)
	}
}

// leave asks the call that has the line to give it back. One that the supervisor took over keeps it until it ends.
func (n *follower) leave() {
	if n.loan != nil {
		n.ask(n.loan.call, call.Leave)
	}
}

func (n *follower) ask(id call.ID, what call.Verb) {
	n.f.publish() // the call looks for the line
	n.f.b.exchange.Send(id, call.SuperviseAsked{Agent: n.Supervisor, Phone: n.Phone, What: what, Of: n.Of, By: n.By})
}
