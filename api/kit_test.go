package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/account"
	"hotline/api/events"
	"hotline/api/machine"
	"hotline/call"
	"hotline/callback"
	"hotline/cdr"
	"hotline/centre"
	"hotline/configs"
	"hotline/floor"
	"hotline/ivr"
	"hotline/media/tone"
	"hotline/media/wav"
	"hotline/number"
	"hotline/prompt"
	"hotline/queue"
	"hotline/queue/dispatch"
	"hotline/recording"
	"hotline/route"
	"hotline/sip/ladder"
	"hotline/sip/registrar"
	"hotline/sip/transport"
	"hotline/sip/trunk"
	"hotline/store"
	"hotline/ticket"
)

const (
	password = "correct horse battery"
	caller   = "+8613800138000"
	raw      = "013800138000"
)

// noon is when all calls of the tests begin.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// house is everything behind the API, real and running, and the API in front of it.
type house struct {
	testing.TB
	db         *store.DB
	accounts   *account.Accounts
	desk       *ticket.Desk
	journal    *cdr.Journal
	recorder   *recording.Recorder
	dispatcher *dispatch.Dispatcher
	exchange   *call.Exchange
	events     *events.Stream
	shown      *shown
	folder     string
	log        *log
	server     *server
	handler    http.Handler
	draining   atomic.Bool
	applied    atomic.Int32 // how often a centre was taken
	stubborn   atomic.Bool  // the node takes none
	bans       banned
	machine    machine.State

	mu     sync.Mutex
	now    time.Time
	tokens map[account.Role]string // sessions, "" for nobody; bob is another agent
}

// log is what was logged.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// shown is the event stream, and knows how far it was shown facts.
type shown struct {
	*events.Stream
	last atomic.Int64 // number of the last
}

// Facts shows them.
func (s *shown) Facts(facts []cdr.Numbered) {
	s.Stream.Facts(facts)
	s.last.Store(facts[len(facts)-1].Number)
}

// bob is an agent beside the one whom account.Agent stands for.
const bob account.Role = "bob"

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// doer carries out nothing but hang-ups and parking.
type doer struct{ x **call.Exchange }

func (d doer) Do(id call.ID, a call.Action) {
	switch a := a.(type) {
	case call.EndLeg:
		(*d.x).Send(id, call.LegEnded{Leg: a.Leg, Cause: call.Normal})
	case call.TakeSlot:
		(*d.x).Send(id, call.SlotGiven{Slot: "701"})
	}
}

func (doer) Gone(call.ID) {}

// queues and agents are those of a house.
var (
	queues = []queue.Queue{{ID: "sales", Name: "销售"}, {ID: "care", Name: "售后", WrapUp: time.Hour, WrapMore: time.Minute, Disposition: true}}
	agents = []queue.Agent{{ID: "1001", Name: "A", Phone: "1001", Queues: map[string]int{"sales": 1}}, {ID: "1002", Name: "B", Phone: "1002", Queues: map[string]int{"care": 1}}}
)

// floor is where supervisors' orders are kept; the queues hear of agents.
func (h *house) floor() *floor.Floor {
	var f *floor.Floor
	f = floor.New(floor.Config{
		Queue: func(id string) bool {
			return slices.ContainsFunc(queues, func(q queue.Queue) bool { return q.ID == id })
		},
		Agent: func(id string) (queue.Agent, bool) {
			i := slices.IndexFunc(agents, func(a queue.Agent) bool { return a.ID == id })
			return agents[max(i, 0)], i >= 0
		},
		Prompt:  func(name string) bool { return name == "storm" },
		Changed: func() { h.dispatcher.Replace(queues, f.Staff(agents)) },
	}, h.db)
	return f
}

// post writes to agents who have no tab open.
func (h *house) post() *floor.Post {
	return &floor.Post{Store: h.db, Tell: func(floor.Message) {}, Staff: func() map[string][]string {
		all := map[string][]string{}
		for _, a := range agents {
			all[a.ID] = slices.Collect(maps.Keys(a.Queues))
		}
		return all
	}}
}

// phones are the accounts of the registrar.
type phones struct{}

func (phones) Account(string) (registrar.Account, bool) { return registrar.Account{}, false }

// open builds a house; with may change what the API is told before it is made.
func open(t testing.TB, with ...func(*Config)) *house {
	t.Helper()
	h := &house{TB: t, folder: t.TempDir(), log: &log{}, now: time.Now().UTC(), events: events.New(), tokens: map[account.Role]string{}}
	h.shown = &shown{Stream: h.events}
	logger := slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	h.db, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "hotline.db"))
	h.must(err)
	t.Cleanup(func() { _ = h.db.Close() })
	h.accounts, err = account.New(account.Config{Cost: account.Cost{Time: 1, Memory: 8, Threads: 1}, Now: h.clock, Logger: logger}, h.db)
	h.must(err)
	h.desk = ticket.NewDesk(ticket.Config{OnAnswer: true, OnAbandon: true, Logger: logger}, h.db, h.db)
	h.journal = cdr.NewJournal(h.db, h.desk, h.shown)
	h.journal.Collect, h.journal.Logger = time.Millisecond, logger
	h.recorder = recording.New(recording.Config{Dir: h.folder, Logger: logger}, h.db)
	h.dispatcher = dispatch.New(queue.NewBoard(queues, agents), h.deliver)
	h.exchange = call.NewExchange(doer{&h.exchange}, h.journal.Append, logger)
	h.run()
	h.people()
	c := h.config(logger)
	for _, change := range with {
		change(&c)
	}
	h.server = newServer(c)
	h.handler = h.server.handler()
	return h
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) deliver(e queue.Effect) bool {
	if a, ok := e.(queue.AgentChanged); ok {
		h.events.Agent(cdr.AgentChange{Agent: a.Agent, From: string(a.From), To: string(a.To), Reason: a.Reason, Source: a.Source, At: a.At})
	}
	return true
}

func (h *house) run() {
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	for _, run := range []func(context.Context) error{h.journal.Run, h.dispatcher.Run} {
		wait.Go(func() {
			if err := run(ctx); err != nil && !errors.Is(err, context.Canceled) {
				h.Errorf("run: %v", err)
			}
		})
	}
	h.Cleanup(func() {
		for _, id := range h.exchange.IDs() {
			h.exchange.Send(id, call.Shutdown{})
		}
		h.exchange.Wait()
		cancel()
		wait.Wait()
	})
}

func (h *house) config(logger *slog.Logger) Config {
	target := trunk.Target{URI: "sip:127.0.0.9", Network: "udp", Addr: netip.MustParseAddrPort("127.0.0.9:5060")}
	trunks, err := trunk.NewSet([]trunk.Trunk{{
		ID: "t1", Name: "Carrier", Targets: []trunk.Target{target}, MaxCalls: 10, Password: "canary-trunk", CallerIn: []trunk.Rule{{Prefix: "90", Strip: 1}},
		CalledOut: []trunk.Rule{{Prefix: "0", Add: "9"}},
	}}, nil)
	h.must(err)
	var uri sip.Uri
	h.must(sip.ParseUri("sip:1001@127.0.0.21:5062", &uri))
	for _, user := range []string{"1002", "1001"} {
		h.must(h.db.KeepContacts(user, []registrar.Contact{{
			URI: uri, Peer: transport.Peer{Network: "udp", Addr: netip.MustParseAddrPort("127.0.0.21:5062")}, Expires: time.Now().Add(time.Hour), Agent: "<script>",
		}}))
	}
	places, err := registrar.New(registrar.Config{Realm: "hotline", Keeper: h.db, Logger: logger}, phones{}, nil)
	h.must(err)
	atlas := number.NewAtlas()
	h.bans = banned{}
	return Config{
		Accounts: h.accounts, Calls: h.db, Live: h.exchange, Queues: h.dispatcher, Recordings: h.db, Recorder: h.recorder, Desk: h.desk,
		OfCall: h.db.TicketOfCall, OpenOf: h.db.OpenTicketsOf, Trail: h.db, Trunks: trunks, Registrar: places, Ladders: ladder.New(10),
		Callbacks: h.callbacks(logger), Floor: h.floor(), Post: h.post(), Download: account.Supervisor, PhoneOf: func(string) string { return "" }, Follows: &lines{},
		Rings:    func(string) bool { return true },
		AgentLog: h.db, Note: h.journal.Append, Dispositions: func(q string) []string { return map[string][]string{"care": {"退款", "咨询"}}[q] },
		Script: func(q string) string { return map[string]string{"care": "您好,这里是客服。"}[q] },
		SRTP:   func(string) string { return "optional" },
		Host:   func(trunk.Target) string { return "127.0.0.1" },
		Routes: table, Region: atlas.Region, Events: h.events, Prompts: h.shelf(), Editor: h.editor(),
		Ready: func() error {
			if h.draining.Load() {
				return errors.New("stopping: no new calls are taken")
			}
			return nil
		},
		Bans:    h.bans,
		Machine: func(context.Context) machine.State { return h.machine },
		SIP:     http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUpgradeRequired) }),
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hotline_calls_live 0\n") }),
		Origins: []string{"https://board.example"}, Version: "test", Logger: logger,
	}
}

// editor is that of a small centre: one version of two queues and one agent.
func (h *house) editor() *centre.Editor {
	e := centre.NewEditor(h.db, "hotline", func(context.Context) error {
		h.applied.Add(1)
		if h.stubborn.Load() {
			return errors.New("no room for it")
		}
		return nil
	})
	_, err := e.Replace(h.Context(), "import", "", &configs.Data{
		Queues: []configs.Queue{{ID: "sales", Name: "销售", Ring: 15 * time.Second}, {ID: "care"}},
		Phones: []configs.Phone{{User: "1001", Password: "secret-phone"}},
		People: []configs.Person{{Login: "amy", Name: "Amy", Phone: "1001", Queues: map[string]int{"sales": 1}}},
	})
	h.must(err)
	h.applied.Store(0)
	return e
}

// callbacks are those of a queue that is closed: nothing is dialled.
func (h *house) callbacks(logger *slog.Logger) *callback.Keeper {
	return callback.NewKeeper(callback.Config{
		Start: func(context.Context, call.ID, callback.Entry, callback.Rule) bool { return false },
		End:   func(call.ID) {}, Open: func(string) bool { return true },
		After:  func(_ string, t time.Time, d time.Duration) time.Time { return t.Add(d) },
		Rule:   func(queue string) (callback.Rule, bool) { return callback.Rule{}, queue == "sales" },
		Logger: logger,
	}, h.db)
}

// shelf is prompts in a folder of their own, over one that is shipped.
func (h *house) shelf() *prompt.Shelf {
	s, err := prompt.NewShelf(filepath.Join(h.TempDir(), "prompts"))
	h.must(err)
	var shipped bytes.Buffer
	h.must(wav.WriteMono(&shipped, tone.Make(440, -20, time.Second)))
	s.Shipped = fstest.MapFS{"zh/goodbye.wav": {Data: shipped.Bytes()}}
	return s
}

func table() *route.Table {
	return &route.Table{Rules: []route.Rule{
		{ID: "gd", Regions: []string{"广东"}, Topics: []string{"refund"}, Steps: []route.Step{{Queue: "care", Skills: []route.Need{{Skill: "yue", Level: 2}}}, {After: 20 * time.Second, Queue: "sales"}}},
		{ID: "rest", Steps: []route.Step{{Queue: "sales"}}},
	}}
}

// people makes one person of each role and signs everybody in.
func (h *house) people() {
	for role, p := range map[account.Role]account.Person{
		account.Agent: {Login: "amy", Name: "Amy", Role: account.Agent, AgentID: "1001"}, bob: {Login: "bob", Name: "Bob", Role: account.Agent, AgentID: "1002"},
		account.Supervisor: {Login: "sue", Name: "Sue", Role: account.Supervisor}, account.Admin: {Login: "ann", Name: "Ann", Role: account.Admin},
	} {
		_, err := h.accounts.Create(h.Context(), p, password)
		h.must(err)
		h.tokens[role], _, err = h.accounts.Login(h.Context(), p.Login, password, "127.0.0.5")
		h.must(err)
	}
}

// eventually waits until something is true.
func (h *house) eventually(what string, true func() bool) {
	h.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(30 * time.Second); !true(); {
		select {
		case <-tick.C:
		case <-end:
			h.Fatalf("in vain waited for: %s\n%s", what, h.log)
		}
	}
}

// live starts a call that rings a phone until it is hung up.
func (h *house) live(id string) {
	h.Helper()
	flow, err := ivr.Read("both", []byte("flow: both\nstart: ring\nnodes:\n  ring:\n    type: dial\n    targets: [{phone: \"1001\"}]\n    for: 60s\n"))
	h.must(err)
	h.exchange.Start(context.WithoutCancel(h.Context()), call.New(call.ID(id), call.Setup{
		From: number.Parse(caller), Dialled: "4001", Origin: route.Origin{Kind: route.FromTrunk, Trunk: "t1"}, Plan: route.Plan{DID: "4001", Flow: "both"},
		Routes: table(), Flows: &ivr.Library{Flows: map[string]*ivr.Flow{"both": flow}},
	}))
	h.eventually("the call to be journalled", func() bool {
		facts, err := h.db.FactsOf(h.Context(), call.ID(id))
		return err == nil && len(facts) > 0
	})
}

// talks starts a call in which an agent of the queue sales talks to the caller, on leg2.
func (h *house) talks(id, agent string) {
	h.Helper()
	h.hall(id)
	h.exchange.Send(call.ID(id), call.Offered{Offer: "o1", Agent: agent, Queue: "sales", Phone: agent, RingFor: time.Minute})
	h.exchange.Send(call.ID(id), call.LegAnswered{Leg: "leg2"})
	h.eventually("the talk to be journalled", func() bool {
		facts, err := h.db.FactsOf(h.Context(), call.ID(id))
		return err == nil && slices.ContainsFunc(facts, func(f call.Fact) bool { return f.Kind == call.Connected })
	})
}

// hall starts a call whose caller waits in the queue sales.
func (h *house) hall(id string) {
	h.Helper()
	flow, err := ivr.Read("people", []byte("flow: people\nstart: ask\nnodes:\n  ask: {type: queue, queue: sales, next: bye}\n  bye: {type: hangup}\n"))
	h.must(err)
	h.exchange.Start(context.WithoutCancel(h.Context()), call.New(call.ID(id), call.Setup{
		From: number.Parse(caller), Dialled: "4001", Origin: route.Origin{Kind: route.FromTrunk, Trunk: "t1"}, Plan: route.Plan{DID: "4001", Flow: "people"},
		Routes: table(), Flows: &ivr.Library{Flows: map[string]*ivr.Flow{"people": flow}}, Agents: map[string]string{"1001": "1001", "1002": "1002", "1003": "1003"},
	}))
}

// lines are the audit log's of one kind, the oldest first.
func (h *house) lines(what string) []account.Entry {
	h.Helper()
	lines, err := h.db.TrailOf(h.Context(), account.TrailQuery{What: what})
	h.must(err)
	for i, j := 0, len(lines)-1; i < j; i, j = i+1, j-1 {
		lines[i], lines[j] = lines[j], lines[i]
	}
	return lines
}
