package call

import (
	"fmt"
	"slices"
	"time"

	"hotline/ivr"
)

// ringSupervisor bounds how long the phone of who wants to listen rings.
const ringSupervisor = 30 * time.Second

// watch is a supervisor beside a talk, from the ringing of their phone to its end. It outlives transfers of the talk; the supervisor
// hears nothing while a new party is rung.
type watch struct {
	leg   LegID
	agent string // the supervisor's own id as an agent
	of    string // the agent it is about, who alone hears a whisper
	mode  Verb
	up    bool // the phone answered
	epoch int  // of the phase in which the phone rings
}

// superviseAsked begins, changes or ends the supervision of a talk. It begins by listening, whatever comes later: nobody speaks to a
// caller by mistake.
func (c *Call) superviseAsked(ev SuperviseAsked) phase {
	c.why = ""
	w := c.watch
	switch {
	case w == nil && ev.What == Listen:
		c.ringWatch(ev)
	case w == nil && ev.What == Leave: // so already
	case w == nil:
		c.nay(NayListen)
	case w.agent != ev.Agent: // one at a time
		c.nay(NayTaken)
	case ev.What == Leave:
		c.endWatch(Normal)
	case ev.What == w.mode: // so already, or it rings for that
	case !w.up:
		c.nay(NayListen)
	case ev.What == TakeOver:
		return c.takeOver(w)
	case ev.What == Listen, ev.What == WhisperTo, ev.What == Barge:
		w.mode = ev.What
		c.noteWatch(w, string(w.mode))
		if p := c.talk(); p != nil {
			p.connect(c)
		} else if p, ok := c.phase.(*conferring); ok {
			p.connect(c)
		}
	}
	return c.phase
}

// talk is the two who hear each other now; nil: nobody does.
func (c *Call) talk() *talking {
	switch p := c.phase.(type) {
	case *talking:
		return p
	case *joining:
		return p.talk
	case *consulting:
		return p.active()
	}
	return nil
}

// ringWatch rings the supervisor's phone as one more leg of the call.
func (c *Call) ringWatch(ev SuperviseAsked) {
	if ev.Of == "" {
		ev.Of = c.talker()
	}
	about := c.legOfAgent(ev.Of)
	conf, _ := c.phase.(*conferring)
	if about == "" {
		c.nay(NayNotOn)
		return
	}
	if c.partyOf(about) == nil && (conf == nil || !conf.has(about)) || ev.Phone == "" || ev.Agent == "" {
		c.nay(NayNotNow)
		return
	}
	for _, l := range c.legs {
		if l.phone == ev.Phone {
			c.nay(NayOnPhone)
			return
		}
	}
	t := ivr.Target{Kind: ivr.ToPhone, Value: ev.Phone}
	w := &watch{leg: c.newLeg(t, ""), agent: ev.Agent, of: ev.Of, mode: Listen, epoch: c.epoch}
	c.watch = w
	c.note(Fact{Kind: Asked, Leg: w.leg, Agent: ev.Agent, Reason: string(Listen), To: ev.Of})
	c.do(Dial{Leg: w.leg, Target: t, Display: string(Listen) + " " + ev.Of, By: ev.Phone, Listens: true})
	c.setTimer("watch:"+string(w.leg), ringSupervisor)
}

// talker is the agent who came last of those who are there; "" for nobody.
func (c *Call) talker() string {
	for _, id := range slices.Backward(c.legsInOrder()) {
		if l := c.legs[id]; l.agent != "" && !l.ending {
			return l.agent
		}
	}
	return ""
}

// watchHears takes what the supervisor's phone tells; its hold key concerns nobody.
func (c *Call) watchHears(w *watch, ev Event) {
	if _, answered := ev.(LegAnswered); !answered || w.up || !c.up(w.leg) {
		return
	}
	w.up = true
	l := c.legs[w.leg]
	l.busy, l.listens = true, true
	c.do(PhoneBusy{Phone: l.phone, On: true, Listens: true})
	c.noteWatch(w, string(w.mode))
	if p := c.talk(); p != nil {
		p.reconnect(c)
	} else if p, ok := c.phase.(*conferring); ok {
		p.connect(c)
	}
}

// watchTimer: nobody answered the supervisor's phone; false: the timer is not of this.
func (c *Call) watchTimer(name string) bool {
	w := c.watch
	if w == nil || name != "watch:"+string(w.leg) {
		return false
	}
	if !w.up {
		c.endWatch(NoAnswer)
	}
	return true
}

// noteWatch states what the supervisor does from now on.
func (c *Call) noteWatch(w *watch, how string) {
	c.note(Fact{Kind: Supervised, Leg: w.leg, Agent: w.agent, To: w.of, Reason: how})
}

// endWatch hangs up on the supervisor and leaves the talk as it was.
func (c *Call) endWatch(cause Cause) {
	c.end(c.watch.leg, cause, 0)
	c.watchGone()
}

// watchGone parts the supervisor, whose leg has ended or is told to.
func (c *Call) watchGone() {
	w := c.watch
	if w.up {
		c.noteWatch(w, "left")
	}
	c.watch = nil
	if p, ok := c.phase.(*conferring); ok {
		p.connect(c)
		return
	}
	seated := c.unseat()
	if p := c.talk(); p != nil && seated && c.up(p.near) && c.up(p.leg) {
		p.reconnect(c)
	}
}

// unseat ends the room; false: there is none.
func (c *Call) unseat() bool {
	if !c.room {
		return false
	}
	c.room = false
	c.do(Meet{})
	return true
}

// settleWatch ends a supervision whose talk is over, or whose phone still rings when the talk changes hands.
func (c *Call) settleWatch() {
	w := c.watch
	if w == nil {
		return
	}
	if !w.up {
		if w.epoch != c.epoch {
			c.endWatch(Cancelled)
		}
		return
	}
	switch c.phase.(type) {
	case *talking, *transferring, *joining, *consulting, *conferring:
	default:
		c.endWatch(Normal)
	}
}

// connect lets the two of a talk hear each other, and a supervisor as they are to. While the talk is held by command, who holds is
// heard by the supervisor alone.
func (p *talking) connect(c *Call) {
	if w := c.watch; (w == nil || !w.up) && !c.muted(p.near) && !c.muted(p.leg) {
		c.unseat()
		if !p.cut && c.up(p.near) && c.up(p.leg) {
			c.do(Bridge{A: p.near, B: p.leg})
		}
		return
	}
	var ids []LegID
	for _, id := range []LegID{p.near, p.leg} {
		if c.up(id) && (!p.cut || id == p.held) {
			ids = append(ids, id)
		}
	}
	c.meet(ids, "")
}

func (c *Call) muted(id LegID) bool {
	l := c.legs[id]
	return l != nil && l.muted
}

// meet seats some in the call's room, and the supervisor beside them.
func (c *Call) meet(ids []LegID, tone string) {
	var seats []Seat
	for _, id := range ids {
		seats = append(seats, Seat{Leg: id, Listens: c.muted(id)})
	}
	if w := c.watch; w != nil && w.up {
		c.followOn(w, ids)
		own := Seat{Leg: w.leg, Listens: w.mode == Listen}
		if w.mode == WhisperTo {
			own.To = []LegID{c.legOfAgent(w.of)} // "" once they have left: nobody hears it
		}
		seats = append(seats, own)
	}
	if len(seats) == 0 {
		c.unseat()
		return
	}
	c.room = true
	c.do(Meet{Seats: seats, Tone: tone})
}

// reconnect is connect in the middle of a talk: who waits hears the music on.
func (p *talking) reconnect(c *Call) {
	p.connect(c)
	if p.held != "" && !p.cut {
		c.play(p.other(p.held), []ivr.Prompt{{File: holdMusic}}, "", true)
	}
}

// followOn makes a supervision about who is there now, after the agent it was about has handed over or left.
func (c *Call) followOn(w *watch, ids []LegID) {
	if slices.Contains(ids, c.legOfAgent(w.of)) {
		return
	}
	for _, id := range slices.Backward(ids) {
		if c.legs[id].agent != "" {
			w.of = c.legs[id].agent
			c.noteWatch(w, string(w.mode))
			return
		}
	}
}

// watched is true while who talks does so in a room.
func (c *Call) watched() bool { return c.room }

// part lets two no longer hear each other; a supervisor hears nobody then.
func (c *Call) part(a, b LegID) {
	if !c.unseat() {
		c.do(Unbridge{A: a, B: b})
	}
}

// takeOver puts the supervisor into the place of the agent, who is done with the call.
func (c *Call) takeOver(w *watch) phase {
	id := c.legOfAgent(w.of)
	p := c.partyOf(id)
	if p == nil {
		c.nay(NayNotNow)
		return c.phase
	}
	own := c.legs[w.leg]
	c.noteWatch(w, string(TakeOver))
	c.handsOver(Fact{Leg: id, To: own.phone, Reason: string(TakeOver)})
	c.unseat()
	own.agent, own.listens, c.watch = w.agent, false, nil
	c.do(PhoneBusy{Phone: own.phone, On: true})
	c.do(PhoneBusy{Phone: own.phone, Listens: true})
	next := p.with(id, w.leg)
	p.settle(c, next.held)
	if c.front == id {
		c.front = next.other(w.leg)
	}
	c.end(id, Normal, 0)
	return next
}

// with is the talk with another leg in the place of one; what that one held is held no more.
func (p *talking) with(id, by LegID) *talking {
	next := &talking{near: by, leg: p.leg, joins: by}
	if id == p.leg {
		next.near, next.leg = p.near, by
	}
	if p.held == next.other(by) {
		next.held = p.held
	}
	next.cut = p.cut && next.held != ""
	return next
}

// newLeg makes a leg that is about to be dialled, and names it.
func (c *Call) newLeg(t ivr.Target, agent string) LegID {
	c.lastLeg++
	id := legName(c.lastLeg)
	l := &leg{agent: agent}
	if t.Kind == ivr.ToPhone {
		l.phone = t.Value
	}
	c.legs[id] = l
	return id
}

// String is a seat in words: "caller", "leg3 listens", "leg3 to [leg2]".
func (s Seat) String() string {
	switch {
	case s.Listens:
		return string(s.Leg) + " listens"
	case len(s.To) > 0:
		return fmt.Sprint(s.Leg, " to ", s.To)
	}
	return string(s.Leg)
}
