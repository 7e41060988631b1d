// Package switchboard is where the rules of a call meet the world: it carries out what calls ask for, and plugs legs,
// sound, queues and recordings together. It decides nothing: that is call's; and it keeps nothing after a call is over but the lines of
// supervisors who follow an agent from call to call.
package switchboard

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"hotline/call"
	"hotline/ivr"
	"hotline/media"
	"hotline/media/codec"
	"hotline/media/tape"
	"hotline/number"
	"hotline/queue"
	"hotline/queue/dispatch"
	"hotline/recording"
	"hotline/route"
	"hotline/sip/trunk"
	"hotline/sip/ua"
)

// Line is one leg as the switchboard sees it. Every way of being on a call implements it; no method waits.
type Line interface {
	Caller
	Hangup(cause call.Cause, status int)
	Transferred(status int) // tells who asked for a transfer how it went
	Stream() *media.Stream
}

// Caller is what only a leg that came in can be asked; a dialled one does nothing.
type Caller interface {
	Ring()
	Early()
	Answer()
}

// Centre is everything that is edited while the node runs, replaced as a whole.
type Centre struct {
	Routes  *route.Table
	Flows   *ivr.Library
	Atlas   *number.Atlas
	VIP     map[number.E164]bool
	Blocked map[number.E164]bool
	Agents  map[string]string // phone user -> agent id
	Music   map[string]string // queue -> prompt while waiting

	Whispers  map[string]call.Whisper // by queue
	Greetings map[string]string       // agent -> prompt at the beginning of a talk
}

// Config is what the switchboard plugs together. All fields are required unless they say otherwise.
type Config struct {
	Dial       func(call.LegID, ua.Dialling, func(call.Event)) Line
	Dispatcher *dispatch.Dispatcher
	Recorder   *recording.Recorder
	Sounds     *Sounds
	Note       func(call.Fact)
	HTTP       *http.Client                                     // for look-ups of flows
	MaxCalls   int                                              // 0: no limit
	Familiar   func(number string) (agent string, at time.Time) // whom a caller talked to last; nil: nobody is known
	Credit     func(number string) time.Time                    // since when a caller waits whom a stop cut off; nil: nobody
	Surveyed   func(number string) time.Time                    // when a caller was last asked how it was; nil: nobody was
	Closing    func(queue string, waited bool) *call.Closing    // of a queue that was closed out of turn; nil: none ever is
	Shut       func() *ivr.Shut                                 // the whole centre closed out of turn now; nil: it never is
	ParkFor    time.Duration                                    // how long who is parked waits before the agent is rung again; 0: 90 s
	Outside    bool                                             // phones may transfer to outside numbers that they may dial

	// Of supervisors who follow; they must not wait; nil: nobody asks.
	FollowHeard func(w Follow, id call.ID) // they listen to a call now
	FollowEnded func(w Follow, why string) // it ended by itself

	Logger *slog.Logger
}

// Switchboard carries out the actions of calls. Make it with New.
type Switchboard struct {
	Config
	exchange *call.Exchange
	centre   atomic.Pointer[Centre]
	draining atomic.Bool
	lot      lot
	follows  follows
	stations stations
	busy     busy

	mu     sync.Mutex
	plugs  map[call.ID]*plugs
	guests map[string]Line // legs between two calls, by the name that call.Guest has
	hosted uint64          // how many there were
}

// plugs are what one call has plugged in. After the call began they are touched by its goroutine alone.
type plugs struct {
	legs    map[call.LegID]Line
	taps    map[string]*tapped
	caller  number.Number
	prefer  codec.Kind
	meeting *meeting      // nil: nobody meets
	shown   string        // the caller's number as the other side is shown it
	called  string        // the number that a trunk's caller called; "": it is a phone that calls
	earlier trunk.Earlier // who sent the call on before it came here
	phone   string        // of the caller; "": none of ours

	mu      sync.Mutex // what speech arriving late also reads
	playing map[call.LegID]int
}

// tapped is a running recording and whom it hears.
type tapped struct {
	tap         *tape.Tap
	left, right call.LegID
	room        *media.Room // whose voices are mixed in the right channel; nil: only right is heard there
}

// New is a switchboard without calls.
func New(c Config, centre *Centre) *Switchboard {
	b := &Switchboard{Config: c, plugs: map[call.ID]*plugs{}, guests: map[string]Line{}}
	b.centre.Store(centre)
	b.follows.init(b)
	b.exchange = call.NewExchange(b, func(f call.Fact) {
		c.Note(f)
		b.stations.learn(f)
		b.follow(f)
	}, c.Logger)
	return b
}

// Exchange runs the calls: for snapshots, commands and waiting at the end.
func (b *Switchboard) Exchange() *call.Exchange { return b.exchange }

// Replace puts an edited centre in place of the present one; calls under way keep theirs.
func (b *Switchboard) Replace(c *Centre) { b.centre.Store(c) }

// Centre is the present one.
func (b *Switchboard) Centre() *Centre { return b.centre.Load() }

// Drain refuses new calls from now on with 503.
func (b *Switchboard) Drain() {
	b.draining.Store(true)
	b.follows.drain()
}

// Draining is true after Drain.
func (b *Switchboard) Draining() bool { return b.draining.Load() }

// Arrive takes an incoming call: it finds its flow and starts it, or refuses it. It runs on the leg's lane and does not wait.
func (b *Switchboard) Arrive(ctx context.Context, a ua.Arrival) { b.arrive(ctx, a, a.Leg) }

// ArriveBy is Arrive for a leg that did not come by SIP: a.Leg is not looked at.
func (b *Switchboard) ArriveBy(ctx context.Context, a ua.Arrival, leg Incoming) {
	b.arrive(ctx, a, leg)
}

// Incoming is a caller's leg.
type Incoming interface {
	Line
	Hear(id call.LegID, sink func(call.Event))
	Dialog() string
	Codec() codec.Kind
}

func (b *Switchboard) arrive(ctx context.Context, a ua.Arrival, leg Incoming) {
	centre := b.centre.Load()
	if code, is := centre.Routes.Codes.Read(a.Dialled); is && a.Origin.Kind == route.FromPhone {
		b.dialledCode(ctx, a, code, leg)
		return
	}
	if b.draining.Load() || (b.MaxCalls > 0 && b.exchange.Live() >= b.MaxCalls) {
		leg.Hear(call.CallerLeg, func(call.Event) {})
		leg.Hangup(call.Unavailable, 503)
		return
	}
	plan, ok := centre.Routes.Arrive(a.Dialled, a.Origin)
	if !ok {
		b.Logger.Info("number not known", "dialled", number.Mask(a.Dialled), "trunk", a.Origin.Trunk, "phone", a.Origin.Phone)
		leg.Hear(call.CallerLeg, func(call.Event) {})
		leg.Hangup(call.NotFound, 404)
		return
	}
	from := number.Parse(a.From)
	uid, err := uuid.NewV7()
	if err != nil {
		uid = uuid.New()
	}
	id := call.ID(uid.String())
	setup := call.Setup{
		Whispers: centre.Whispers, Greetings: centre.Greetings,
		From: from, Wire: a.Wire, Region: centre.Atlas.Region(from), Dialled: a.Dialled, Dialog: leg.Dialog(), Origin: a.Origin, Plan: plan,
		Routes: centre.Routes, Flows: centre.Flows, Music: centre.Music, Agents: centre.Agents, Outside: b.Outside, ParkFor: b.ParkFor, Vars: a.Vars,
	}
	if b.Shut != nil {
		setup.Shut = b.Shut()
	}
	if from.E164 != "" {
		b.remember(&setup, centre)
	}
	c := call.New(id, setup)
	p := &plugs{
		legs: map[call.LegID]Line{call.CallerLeg: leg}, taps: map[string]*tapped{}, caller: from,
		prefer: leg.Codec(), shown: a.From, phone: a.Origin.Phone, playing: map[call.LegID]int{},
	}
	if a.Private {
		p.shown = "anonymous"
	}
	if a.Origin.Kind == route.FromTrunk {
		p.called, p.earlier = a.Dialled, a.Earlier
	}
	b.mu.Lock()
	b.plugs[id] = p
	b.mu.Unlock()
	if a.Origin.Phone != "" {
		b.stations.take(station{id, call.CallerLeg, a.Origin.Phone, false, time.Now()})
	}
	if l, ok := leg.(interface{ Of(id call.ID) }); ok { // a leg that others may ask for by its dialog
		l.Of(id)
	}
	leg.Hear(call.CallerLeg, func(ev call.Event) { b.exchange.Send(id, ev) })
	b.exchange.Start(ctx, c)
}

// remember fills in what is known of a caller by their number.
func (b *Switchboard) remember(s *call.Setup, centre *Centre) {
	from := s.From.E164
	s.VIP, s.Blocked = centre.VIP[from], centre.Blocked[from]
	if b.Familiar != nil {
		s.Familiar, s.FamiliarAt = b.Familiar(string(from))
	}
	if b.Credit != nil {
		s.Waited = b.Credit(string(from))
	}
	if b.Surveyed != nil {
		s.Surveyed = b.Surveyed(string(from))
	}
}

// Deliver takes what the queues decided to the call it concerns; it is the dispatcher's deliver. False: the call is over.
func (b *Switchboard) Deliver(e queue.Effect) bool {
	switch e := e.(type) {
	case queue.OfferMade:
		o := e.Offer
		return b.exchange.Send(call.ID(o.Request), call.Offered{Offer: o.ID, Agent: o.Agent, Queue: o.Queue, Phone: o.Phone, RingFor: o.RingFor})
	case queue.OfferWithdrawn:
		return b.exchange.Send(call.ID(e.Offer.Request), call.OfferWithdrawn{Offer: e.Offer.ID, Why: e.Why})
	case queue.Told:
		return b.exchange.Send(call.ID(e.Request), call.QueueTold{Position: e.Position, Waiting: e.Waiting, Estimate: e.Estimate})
	case queue.Widened:
		return b.exchange.Send(call.ID(e.Request), call.QueueWidened{Queue: e.Queue, Step: e.Step})
	case queue.GaveUp:
		return b.exchange.Send(call.ID(e.Request), b.left(e))
	case queue.Rejected:
		b.Logger.Debug("queue refused", "verb", e.Verb, "id", e.ID, "why", e.Why)
	}
	return true
}

// left says why a queue gave a caller up; of one that was closed out of turn also what they hear.
func (b *Switchboard) left(e queue.GaveUp) call.QueueLeft {
	out := call.QueueLeft{Why: e.Why}
	if e.Why == queue.Closed && b.Closing != nil {
		out.Closing = b.Closing(e.Queue, e.Waited)
	}
	return out
}

// RecordingFailed tells every call that records that sound is being lost: the disk is full, slow or broken.
func (b *Switchboard) RecordingFailed(why string) {
	for _, id := range b.exchange.IDs() {
		b.exchange.Send(id, call.RecordingFailed{Why: why})
	}
}

// PhoneReachable tells the queues that a phone registered or went away.
func (b *Switchboard) PhoneReachable(user string, reachable bool) {
	if agent, ok := b.centre.Load().Agents[user]; ok {
		b.Dispatcher.Reach(agent, reachable)
	}
	if reachable {
		b.follows.comes(user)
	}
}

// Gone forgets a call that is over.
func (b *Switchboard) Gone(id call.ID) {
	b.mu.Lock()
	delete(b.plugs, id)
	b.mu.Unlock()
}

func (b *Switchboard) plugsOf(id call.ID) *plugs {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.plugs[id]
}

// lookupTimeout bounds a look-up whose flow names no time.
const lookupTimeout = 3 * time.Second
