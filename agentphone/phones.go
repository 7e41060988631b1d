// Package agentphone is the telephone in an agent's browser: a leg of a call whose signalling goes by our own small protocol over
// a WebSocket (docs/protocols/softphone.md) and whose sound goes by WebRTC into the same media engine as that of desk phones. It
// decides nothing about calls and keeps none after it ended.
package agentphone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"hotline/call"
	"hotline/media"
	"hotline/media/codec"
)

// Config is what browsers' telephones need. All fields are required unless they say otherwise.
type Config struct {
	Engine    *media.Engine
	Port      *Port
	Advertise netip.Addr   // shown to browsers in place of the port's own addresses; zero: those
	FullICE   bool         // we check the ways too, see way.options; else we are the lite side of ICE
	Codecs    []codec.Kind // that browsers may speak, best first; nil: G.711, which they may always
	Origins   []string     // of pages beside the node's own that may be telephones
	Arrive    func(leg *Leg, user, to string)
	Changed   func(user string, reachable bool) // a browser became able to take calls, or stopped; it must not wait
	Shown     func(number string) string        // a number as those may see it who may not see it whole
	Button    Button
	Logger    *slog.Logger
}

// Phones is every browser that is a telephone, by the user of the phone account it stands for. Its methods may be called from
// any goroutine.
type Phones struct {
	Config
	cert *certificate
	pace pace // of visitors' calls

	idleVisit time.Duration // as the constant; tests are less patient

	mu       sync.Mutex
	stations map[string]*station
	visitors map[string]*station // by the key of their visit
	running  context.Context     //nolint:containedctx // of Run: ways outlive the requests that began them
	ways     sync.WaitGroup
}

// The patience of a station.
const (
	ringGrace = 3 * time.Second  // a call that rings waits so long for a page that went away
	keepLeg   = 30 * time.Second // a call that is talked on waits so long for its sound to come back
	answerIn  = 8 * time.Second  // an answered call waits so long for its sound
)

// New is browsers' telephones without a browser. It starts nothing; see Run.
func New(c Config) (*Phones, error) {
	cert, err := newCertificate()
	if err != nil {
		return nil, err
	}
	return &Phones{Config: c, cert: cert, idleVisit: idleVisit, stations: map[string]*station{}, visitors: map[string]*station{}}, nil
}

// Run lets sound connect until ctx ends; then it ends every way, closes the port and returns nil.
func (p *Phones) Run(ctx context.Context) error {
	p.mu.Lock()
	p.running = ctx
	p.mu.Unlock()
	<-ctx.Done()
	err := p.Port.Close()
	p.mu.Lock()
	p.running = nil
	p.mu.Unlock()
	p.ways.Wait()
	if err != nil {
		return fmt.Errorf("close the port of browsers' sound: %w", err)
	}
	return nil
}

var errStopping = errors.New("the program is stopping")

// connect begins a way for a leg and runs it; connected and lost are told from its goroutine.
//
//nolint:contextcheck // a way outlives the request that begins it
func (p *Phones) connect(ctx context.Context, o *offer, connected func(found), lost func(error)) (w *way, answer string, stop context.CancelFunc, err error) {
	p.mu.Lock()
	running := p.running
	p.mu.Unlock()
	if running == nil {
		return nil, "", nil, errStopping
	}
	if w, answer, err = newWay(ctx, &p.Config, p.cert, o); err != nil {
		return nil, "", nil, err
	}
	on, stop := context.WithCancel(running)
	p.ways.Go(func() { lost(w.run(on, connected)) })
	return w, answer, stop, nil
}

// station is the place of one phone user; made when it is first needed.
func (p *Phones) station(user string) *station {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stations[user]
	if s == nil {
		s = newStation(p, user)
		p.stations[user] = s
	}
	return s
}

// Show tells the tabs of the phone user where the agent is with the queues now. It does not wait for them.
func (p *Phones) Show(user string, a AgentState) {
	s := p.station(user)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.agent = &a
	for l := range s.links {
		l.event(agentEvent{Event: "agent", Agent: a})
	}
}

// Tell shows a message in the tabs of the phone user that are there now.
func (p *Phones) Tell(user string, m Message) {
	s := p.station(user)
	s.mu.Lock()
	defer s.mu.Unlock()
	for l := range s.links {
		l.event(messageEvent{Event: "message", Message: m})
	}
}

// Reachable is true while a browser of the user can take a call.
func (p *Phones) Reachable(user string) bool {
	p.mu.Lock()
	s := p.stations[user]
	p.mu.Unlock()
	return s != nil && s.reachable()
}

// Ringing is what a browser is to ring for.
type Ringing struct {
	From    string        // the number shown
	Display string        // the name shown; "" for none
	Near    *media.Stream // the caller's sound: the new one opens beside it; nil: anywhere
	Prefer  codec.Kind    // what the caller speaks
}

// Dial rings the user's browser. Whatever goes wrong is told as LegEnded to sink, which must not wait.
func (p *Phones) Dial(id call.LegID, user string, r Ringing, sink func(call.Event)) *Leg {
	return p.station(user).dial(id, r, sink)
}

// codecs are those of a leg whose other side speaks one, best first: where that is G.711 nothing is to be converted.
func (p *Phones) codecs(other codec.Kind) []codec.Kind {
	var all []codec.Kind
	if other.Law() {
		all = append(all, other)
	}
	return append(append(all, p.Codecs...), codec.PCMA, codec.PCMU)
}
