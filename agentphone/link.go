package agentphone

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"

	"hotline/call"
	"hotline/media/dtmf"
)

const (
	mostMessage = 64 << 10 // octets
	outgoing    = 128      // messages a slow browser may be behind before it is let go: it comes back for a snapshot
	helloWithin = 10 * time.Second
	pingEvery   = 15 * time.Second
	pongWithin  = 10 * time.Second
	writeWithin = 10 * time.Second

	signedOut = websocket.StatusCode(4401) // the session is over: a browser does not come back by itself
)

// link is one connection of a tab.
type link struct {
	station *station // nil for who has no phone; a visitor's is known after hello
	visit   *visit   // nil: an agent's browser
	masks   bool
	find    Find  // nil: whom it may not see it cannot call
	watch   Watch // nil: there is nothing to watch, or it is watched
	phones  *Phones
	device  string
	tab     string // its own name for itself, kept as long as the page is; "" for none
	browser string // that of the browser it is in, kept for good
	out     chan any
	cut     context.CancelFunc
	greeted bool
	n       int64 // of the last event; the station's lock covers it
	over    bool  // it may no longer be a telephone; the station's lock covers it
}

// Find is the number of the other party of a call of the records, or of the caller of a ticket, for whom may not see it: one of the two is
// "". Its error is a sentence for that person.
type Find = func(ctx context.Context, record, ticket string) (string, error)

// Watch tells a page what is live, until ctx ends; tell is false for one that cannot take more at the moment.
type Watch = func(ctx context.Context, tell func(event any) bool)

// Serve makes a request a telephone of the phone user, "" for who has none and only watches, until the browser goes away; masks hides
// numbers. Origins are checked here.
// When the request's context ends before that, whoever it is may no longer telephone: the calls end, and the connection with the
// status signedOut.
func (p *Phones) Serve(w http.ResponseWriter, r *http.Request, user string, masks bool, find Find, watch Watch) {
	l := &link{masks: masks, find: find, watch: watch}
	if user != "" {
		l.station = p.station(user)
	}
	p.serve(w, r, p.Origins, l)
}

func (p *Phones) serve(w http.ResponseWriter, r *http.Request, origins []string, l *link) {
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{OriginPatterns: exactly(origins)})
	if err != nil {
		p.Logger.Debug("no telephone for a browser", "err", err)
		return // it has been answered
	}
	c.SetReadLimit(mostMessage)
	ctx, cut := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cut()
	l.phones, l.out, l.cut = p, make(chan any, outgoing), cut
	defer context.AfterFunc(r.Context(), func() {
		if l.visit == nil && l.station != nil {
			l.station.leave(l, true)
		}
		_ = c.Close(signedOut, "the session is over")
	})()
	go l.write(ctx, c)
	err = l.read(ctx, c)
	cut()
	if l.station != nil {
		l.station.leave(l, false)
	}
	p.Logger.Debug("a browser's telephone went", "err", err)
	_ = c.Close(websocket.StatusNormalClosure, "")
}

// event queues an event; with the station's lock held.
func (l *link) event(ev any) {
	l.n++
	l.send(numbered(ev, l.n))
}

func (l *link) send(message any) {
	select {
	case l.out <- message:
	default:
		l.cut()
	}
}

func (l *link) write(ctx context.Context, c *websocket.Conn) {
	defer l.cut()
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-ping.C:
			within, cancel := context.WithTimeout(ctx, pongWithin)
			err = c.Ping(within)
			cancel()
		case m := <-l.out:
			err = put(ctx, c, m)
		}
		if err != nil {
			return
		}
	}
}

func put(ctx context.Context, c *websocket.Conn, m any) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, writeWithin)
	defer cancel()
	return c.Write(ctx, websocket.MessageText, b)
}

func (l *link) read(ctx context.Context, c *websocket.Conn) error {
	first, cancel := context.WithTimeout(ctx, helloWithin)
	defer cancel()
	within := first
	for {
		kind, b, err := c.Read(within)
		if err != nil {
			return err
		}
		var m command
		if kind != websocket.MessageText || json.Unmarshal(b, &m) != nil {
			return errors.Join(errors.New("a message was no JSON"), c.Close(websocket.StatusUnsupportedData, "messages are JSON in text frames"))
		}
		answer := reply{Re: m.ID, OK: true}
		if err := l.do(ctx, m, &answer); err != nil {
			answer.OK, answer.Error = false, err.Error()
			var known coded
			if errors.As(err, &known) {
				answer.Code = known.code
			}
		}
		l.send(answer)
		if (m.Do == "hello" || m.Do == "watch") && answer.OK {
			within = ctx
		}
		if m.Do == "hello" && answer.OK {
			l.station.join(l, m.Take || l.visit != nil)
		}
	}
}

// do carries out one command.
func (l *link) do(ctx context.Context, m command, answer *reply) (err error) {
	switch m.Do {
	case "hello":
		return l.hello(m)
	case "watch":
		return l.begin(ctx)
	}
	if !l.greeted {
		return errors.New("say hello first")
	}
	s := l.station
	if l.visit != nil && !visitors[m.Do] {
		return fmt.Errorf("a visitor cannot do %q", m.Do[:min(len(m.Do), 40)])
	}
	switch m.Do {
	case "media":
		if m.Call == "" {
			answer.SDP, err = s.standBy(ctx, l, m.SDP)
		} else {
			answer.SDP, err = s.connect(ctx, l, m.Call, m.SDP)
		}
	case "candidate":
		if m.Call == "" {
			s.idleCandidate(l, m.Candidate)
			return nil
		}
		err = l.leg(m.Call, func(leg *Leg) error {
			if leg.way != nil {
				go leg.way.candidate(m.Candidate) // ICE has locks of its own
			}
			return nil
		})
	case "dial":
		if m.Record+m.Ticket != "" && l.find != nil {
			if m.To, err = l.find(ctx, m.Record, m.Ticket); err != nil {
				return err
			}
		}
		answer.Call, err = s.call(l, m.To)
	case "take":
		s.lock(func() { s.own(l) })
	case "ready":
		s.setReady(l, m.On)
	default:
		err = l.leg(m.Call, func(leg *Leg) error { return leg.asked(m) })
	}
	return err
}

// begin tells the page what is live from now on. What it does not read in time is told later, and only what is so by then.
func (l *link) begin(ctx context.Context) error {
	watch := l.watch
	if watch == nil {
		return errors.New("there is nothing to watch here, or it is watched already")
	}
	l.watch = nil
	go watch(ctx, func(event any) bool {
		if len(l.out) > cap(l.out)/4 {
			return false
		}
		l.send(event)
		return true
	})
	return nil
}

// visitors are the commands of somebody who visits a page.
var visitors = map[string]bool{"media": true, "candidate": true, "dial": true, "hangup": true, "mute": true, "digit": true}

func (l *link) hello(m command) (err error) {
	switch {
	case l.greeted:
		return errors.New("hello was said before")
	case l.station == nil && l.visit == nil:
		return errors.New("you are no agent with a phone: ask for one in the data of the centre")
	case m.V != 1:
		return fmt.Errorf("this server speaks version 1 of the protocol, not %d: load the page anew", m.V)
	}
	if l.visit != nil {
		if l.station, err = l.phones.welcome(l.visit, m.Resume, m.Customer); err != nil {
			return err
		}
	}
	l.greeted, l.device, l.tab = true, m.Device[:min(len(m.Device), 100)], m.Tab[:min(len(m.Tab), 64)]
	l.browser = m.Browser[:min(len(m.Browser), 64)]
	return nil
}

// leg runs f on a leg with the lock.
func (l *link) leg(key string, f func(*Leg) error) (err error) {
	l.station.lock(func() {
		leg := l.station.legs[key]
		if leg == nil {
			err = errNoCall
			return
		}
		err = f(leg)
	})
	return err
}

// asked does what a browser asks of a leg.
func (l *Leg) asked(m command) error {
	switch m.Do {
	case "answer":
		if l.state != ringing {
			return errWrong
		}
		l.take()
	case "reject":
		if l.state != ringing {
			return errWrong
		}
		l.end(call.Declined, true)
		return nil
	case "hangup":
		l.end(call.Normal, true)
		return nil
	case "mute":
		l.muted = m.On
	case "digit":
		if _, ok := dtmf.Code(first(m.Key)); !ok || len(m.Key) != 1 {
			return errors.New("a key is one of 0-9, *, #, A-D")
		}
		l.tell(call.Digit{Leg: l.id(), Key: m.Key[0], Info: true})
		return nil
	default:
		return fmt.Errorf("this server does not know the command %q: load the page anew", m.Do[:min(len(m.Do), 40)])
	}
	l.changed()
	return nil
}

func first(s string) byte {
	if s == "" {
		return 0
	}
	return s[0]
}

// exactly makes origins patterns of the WebSocket library that nothing else fits.
func exactly(origins []string) []string {
	all := make([]string, 0, len(origins))
	for _, o := range origins {
		all = append(all, strings.NewReplacer("\\", "\\\\", "*", "\\*", "?", "\\?", "[", "\\[").Replace(o))
	}
	return all
}
