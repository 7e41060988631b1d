// Package call is the life of a call: rules that turn what happens into what is to be done, and one goroutine for each
// live call that applies them.
//
// It touches no socket, file or clock (exchange.go alone starts goroutines and timers), and does not know that records,
// tickets or screens exist: those listen to facts.
package call

import (
	"strconv"
	"time"

	"hotline/ivr"
	"hotline/number"
	"hotline/route"
)

// hangupWithin bounds the time that legs have to confirm their end; after it they count as gone.
const hangupWithin = 40 * time.Second

// Prompts of the shipped set that the rules themselves play (configs/prompts).
const (
	holdMusic  = "hold-music"
	pleaseHold = "hold"
	ringback   = "ringback"
	beep       = "beep"
	estimateIs = "estimate"
	waitedFor  = "waited"
)

// Setup is what is known of a call when it arrives. Routes and Flows are pinned: an edit in mid-call does not change it.
type Setup struct {
	From    number.Number
	Wire    string // the caller's number as it came, before a trunk's rules; "": From.Raw
	Region  number.Region
	Dialled string
	Dialog  string // Call-ID of the caller's SIP dialog; "" for none
	Origin  route.Origin
	Plan    route.Plan
	VIP     bool
	Blocked bool
	Shut    *ivr.Shut // nil: nobody closed the whole centre out of turn
	Outside bool      // phones may transfer to outside numbers that they may dial
	Routes  *route.Table
	Flows   *ivr.Library
	Music   map[string]string // queue -> prompt while waiting; nil: the shipped one
	Vars    map[string]string // for the flow; nil for none
	Agents  map[string]string // phone user -> agent id, for who is reached by a transfer; nil for none

	Whispers  map[string]Whisper // by queue; nil for none
	Greetings map[string]string  // agent -> prompt that both hear when the talk begins; nil for none

	Familiar   string        // the agent this caller talked to last; "" for nobody known
	FamiliarAt time.Time     // and when
	Callback   *Callback     // we begin the call; nil: it came in
	Surveyed   time.Time     // when this caller was last asked how it was; zero: never
	ParkFor    time.Duration // how long who is parked waits before the agent is rung again; 0: 90 s
	Waited     time.Time     // since when the caller waits for an agent, from a call that a stop of ours cut off; zero: not
}

// Call is one call, from the first INVITE to the last leg gone. It is changed by Step alone, from one goroutine.
type Call struct {
	id       ID
	setup    Setup
	run      *ivr.Run
	phase    phase
	epoch    int
	facts    int
	legs     map[LegID]*leg
	front    LegID  // whose end is the call's: the caller, until they hand over
	guest    LegID  // whom the flow serves: the caller, until a flow is given somebody else
	watch    *watch // nil: no supervisor
	room     bool   // who talks does so in a room instead of a bridge
	lastLeg  int
	lastPlay int
	topic    string
	language string
	answered bool
	early    bool      // sound is open to the caller before an answer
	left     string    // who ended the last talk, while the flow does nothing more than end the call: "agent", or ""
	last     *place    // the latest stay in a queue; nil: none
	talked   *leg      // of the agent who talked last; nil: none did
	invited  bool      // its agent asked for a survey
	since    time.Time // when the present wait for an agent began, over all queues; zero: none
	home     *home     // who gave the guest to the present flow; nil: nobody who would have them back
	parks    *parking  // who waits for a slot to leave the other party in; nil: nobody
	wanted   bool      // the flow asked for a recording
	record   string
	taped    Record // who is to be in it
	records  int

	why  Nay // of the latest command
	now  time.Time
	out  []Action // of the present Step
	lost int      // times in the present Step that no queue could be found
}

// leg is one side as the rules see it. A leg that was told to end stays until LegEnded says that it did.
type leg struct {
	agent, phone string
	busy         bool // PhoneBusy was said for it
	listens      bool // and said so: it is a supervisor's
	ending       bool
	muted        bool     // by command: nobody hears it, nor does the recording
	offer        *Offered // of the queue that an agent was reached by: they are free, once, when the leg is gone; nil: none
}

// phase is what the call is doing now, and holds only what that needs.
type phase interface {
	enter(*Call)
	on(*Call, Event) phase // the phase from now on: itself to stay
	giveBack(*Call)        // the call ends here: return what is held
}

// New is a call that has not begun: Step it with Arrived.
func New(id ID, s Setup) *Call {
	if s.Callback != nil {
		return &Call{id: id, setup: s, topic: s.Plan.Topic, language: s.Plan.Language, legs: map[LegID]*leg{}, guest: CallerLeg, phase: &arriving{}}
	}
	return &Call{id: id, setup: s, topic: s.Plan.Topic, language: s.Plan.Language, legs: map[LegID]*leg{CallerLeg: {}}, front: CallerLeg, guest: CallerLeg, since: s.Waited, phase: &arriving{}}
}

// ID is the call's name.
func (c *Call) ID() ID { return c.id }

// Over is true when every leg is gone and the last fact is noted.
func (c *Call) Over() bool {
	_, over := c.phase.(*over)
	return over
}

// Step is the only way a call changes: it returns what is to be done, in order. Time never runs backwards.
func (c *Call) Step(now time.Time, ev Event) []Action {
	if now.After(c.now) {
		c.now = now
	}
	c.lost = 0
	c.become(c.next(ev))
	c.settleWatch()
	out := c.out
	c.out = nil
	return out
}

// next is the phase after an event: what holds in every phase first, then the phase's own rule.
func (c *Call) next(ev Event) phase {
	switch ev := ev.(type) {
	case LegEnded:
		return c.parts(ev)
	case Offered:
		if !c.inQueue() {
			c.do(RefuseOffer{Offer: ev.Offer, Why: "caller-left"})
			return c.phase
		}
	case LegAnswered, LegRinging, LegEarly, LegHeld:
		if l := c.legs[legOf(ev)]; l == nil || l.ending {
			return c.phase
		}
		if w := c.watch; w != nil && legOf(ev) == w.leg {
			c.watchHears(w, ev)
			return c.phase
		}
	case TransferAsked:
		return c.transferAsked(ev)
	case AttendedAsked, JoinAsked, LegWanted, Replaced, JoinRefused, ParkAsked:
		return c.joins(ev)
	case Commanded:
		return c.commanded(ev)
	case SuperviseAsked:
		return c.superviseAsked(ev)
	case SlotGiven:
		return c.slotGiven(ev)
	case LegSilent:
		return c.silent(ev.Leg)
	case TimerFired:
		if ev.Timer.Epoch != c.epoch || c.watchTimer(ev.Timer.Name) {
			return c.phase
		}
	case HangupAsked:
		return c.finish(end{cause: Normal, side: "system"})
	case Shutdown:
		return c.finish(end{cause: Unavailable, side: "system"})
	case RecordingFailed:
		if c.record != "" && (ev.Recording == c.record || ev.Recording == "") {
			c.note(Fact{Kind: RecordingLost, Recording: c.record, Reason: ev.Why})
		}
		return c.phase
	}
	return c.phase.on(c, ev)
}

// inQueue is true while offers make sense.
func (c *Call) inQueue() bool {
	switch p := c.phase.(type) {
	case *waiting, *offering:
		return true
	case *consulting:
		return p.seek != nil
	}
	return false
}

// parts sees to a leg that is gone, in whatever phase, before the phase does.
func (c *Call) parts(ev LegEnded) phase {
	if l := c.legs[ev.Leg]; l != nil {
		ev.Phone = l.phone
	}
	if p, moving := c.phase.(interface{ leaves(*Call, LegID) }); moving {
		p.leaves(c, ev.Leg)
	}
	if !c.legEnded(ev) {
		return c.phase
	}
	if w := c.watch; w != nil && ev.Leg == w.leg {
		c.watchGone()
		return c.phase
	}
	if _, ending := c.phase.(*ending); ev.Leg == c.front && !ending {
		return c.finish(endOf(ev, c.answered))
	}
	return c.phase.on(c, ev)
}

// silent ends a leg that sends nothing, and the call with the leg it lives by.
func (c *Call) silent(leg LegID) phase {
	if p, ok := c.phase.(*conferring); leg == c.front && (!ok || p.heir(c, leg) == "") {
		return c.finish(end{cause: MediaLost, side: "system"})
	}
	if w := c.watch; w != nil && w.leg == leg {
		c.endWatch(MediaLost)
		return c.phase
	}
	c.end(leg, MediaLost, 0)
	return c.phase
}

// become moves to a phase; entering may do nothing but act, so there is no chain to follow.
func (c *Call) become(next phase) {
	if next == c.phase {
		return
	}
	c.phase = next
	c.epoch++
	next.enter(c)
}

func legOf(ev Event) LegID {
	switch ev := ev.(type) {
	case LegAnswered:
		return ev.Leg
	case LegRinging:
		return ev.Leg
	case LegEarly:
		return ev.Leg
	case LegHeld:
		return ev.Leg
	}
	return ""
}

// legEnded takes a leg off and notes it; false when it was gone already.
func (c *Call) legEnded(ev LegEnded) bool {
	l := c.legs[ev.Leg]
	if l == nil {
		return false
	}
	delete(c.legs, ev.Leg)
	if l.busy {
		c.do(PhoneBusy{Phone: l.phone, Listens: l.listens})
	}
	side := "system"
	if ev.ByPeer {
		side = sideOf(ev.Leg)
	}
	if l.offer != nil {
		c.do(FreeAgent{Agent: l.offer.Agent, Offer: l.offer.Offer})
	}
	reason := ""
	if _, ending := c.phase.(*ending); ev.Leg == CallerLeg && !ending && c.front != CallerLeg && c.front != "" {
		reason = "goes-on"
	}
	c.note(Fact{
		Kind: LegGone, Leg: ev.Leg, Agent: l.agent, Reason: reason, Trunk: ev.Trunk, Cause: ev.Cause, SIP: ev.SIP, Q850: ev.Cause.Q850(), Side: side, Quality: ev.Quality,
		Dialogs: ev.Dialogs,
	})
	return true
}

func sideOf(id LegID) string {
	if id == CallerLeg {
		return "caller"
	}
	return "agent"
}

// end is how the call as a whole came to its end.
type end struct {
	cause Cause
	sip   int
	side  string
}

func endOf(ev LegEnded, answered bool) end {
	e := end{cause: ev.Cause, sip: ev.SIP, side: "system"}
	if ev.ByPeer {
		e.side = sideOf(ev.Leg)
	}
	if !answered && ev.ByPeer {
		e.cause = Cancelled
	}
	return e
}

// finish gives back what the phase holds and begins to end.
func (c *Call) finish(e end) phase {
	if _, already := c.phase.(*ending); already || c.Over() {
		return c.phase
	}
	c.phase.giveBack(c)
	return &ending{how: e}
}

func (c *Call) do(a Action) {
	if c.out == nil {
		c.out = make([]Action, 0, usualActions)
	}
	c.out = append(c.out, a)
}

// usualActions is room for what most events ask for.
const usualActions = 4

func (c *Call) note(f Fact) {
	c.facts++
	f.Call, f.Seq, f.At = c.id, c.facts, c.now
	c.do(Note{Fact: f})
}

func (c *Call) setTimer(name string, after time.Duration) {
	c.do(SetTimer{Timer: TimerID{Epoch: c.epoch, Name: name}, After: after})
}

// end tells a leg to end, once.
func (c *Call) end(id LegID, cause Cause, sip int) {
	if l := c.legs[id]; l != nil && !l.ending {
		l.ending = true
		c.do(EndLeg{Leg: id, Cause: cause, SIP: sip})
	}
}

// comes notes that somebody has come (Connected) or is asked aside (Consulted). A phone that no queue offered is busy from now on.
func (c *Call) comes(kind Kind, id LegID) {
	l := c.legs[id]
	f := Fact{Kind: kind, Leg: id, Agent: l.agent}
	switch {
	case l.offer != nil:
		f.Queue = l.offer.Queue
	case l.phone != "" && !l.busy:
		l.busy = true
		c.do(PhoneBusy{Phone: l.phone, On: true})
	}
	c.note(f)
}

// handsOver notes that a leg is done with whom it talked to.
func (c *Call) handsOver(f Fact) {
	f.Kind = Transferred
	if l := c.legs[f.Leg]; l != nil {
		f.Agent = l.agent
	}
	c.note(f)
}

// hadLast notes for a survey whom the guest talked to last. A party without an agent is nobody's to be asked about.
func (c *Call) hadLast(id LegID) {
	if l := c.legs[id]; l != nil && l.agent != "" && id != c.guest {
		c.talked = l
	}
}

// dial opens a leg and notes it.
func (c *Call) dial(t ivr.Target, agent, from string) LegID { return c.dialFor("", t, agent, from) }

// dialFor is dial on behalf of a phone: it is that phone's limits on calls out that count.
func (c *Call) dialFor(by string, t ivr.Target, agent, from string) LegID {
	return c.dialAs(Dial{Target: t, From: from, By: by}, agent)
}

// dialAs opens the leg that d describes, and names it.
func (c *Call) dialAs(d Dial, agent string) LegID {
	t := d.Target
	id := c.newLeg(t, agent)
	c.note(Fact{Kind: Dialled, Leg: id, To: t.Value, Trunk: t.Trunk, Agent: agent})
	d.Leg = id
	c.do(d)
	return id
}

// legName is the name of the nth dialled leg: the caller's is the first of the call.
func legName(n int) LegID { return LegID("leg" + strconv.Itoa(n+1)) }

func (c *Call) play(id LegID, prompts []ivr.Prompt, language string, loop bool) int {
	c.lastPlay++
	if language == "" {
		language = c.language
	}
	c.do(Play{Leg: id, Play: c.lastPlay, Prompts: prompts, Language: language, Loop: loop})
	return c.lastPlay
}

// answer answers the caller's leg, once.
func (c *Call) answer() {
	if c.answered {
		return
	}
	c.answered = true
	c.do(AnswerLeg{Leg: CallerLeg})
	c.note(Fact{Kind: Answered, Leg: CallerLeg})
	if c.wanted {
		c.startRecording("call", CallerLeg, "")
	}
}

// startRecording begins a recording, or changes who is in which channel of the one that runs ("" nobody).
func (c *Call) startRecording(kind string, left, right LegID) { c.recordAs(kind, left, right, nil) }

// tape records a conversation, with several in the right channel where they are named.
func (c *Call) tape(left, right LegID, with []LegID) { c.recordAs("call", left, right, with) }

func (c *Call) recordAs(kind string, left, right LegID, with []LegID) {
	if c.record == "" {
		c.records++
		c.record = string(c.id) + "-" + strconv.Itoa(c.records)
		c.note(Fact{Kind: RecordingStarted, Recording: c.record, Reason: kind})
	}
	c.taped = Record{Recording: c.record, Kind: kind, Left: left, Right: right, With: with}
	c.retape()
}

// retape tells who is in the recording that runs: those who are to be, but for the muted.
func (c *Call) retape() {
	if c.record == "" {
		return
	}
	r := c.taped
	for _, id := range []*LegID{&r.Left, &r.Right} {
		if c.muted(*id) {
			*id = ""
		}
	}
	c.do(r)
}

func (c *Call) stopRecording() {
	if c.record == "" {
		return
	}
	c.do(StopRecord{Recording: c.record})
	c.note(Fact{Kind: RecordingStopped, Recording: c.record})
	c.record = ""
}
