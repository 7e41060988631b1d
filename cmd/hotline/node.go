package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"hotline/account"
	"hotline/agentphone"
	"hotline/api"
	"hotline/call"
	"hotline/cdr"
	"hotline/configs"
	"hotline/configs/prompts"
	"hotline/media"
	"hotline/media/codec"
	"hotline/media/sdp"
	"hotline/number"
	"hotline/prompt"
	"hotline/queue"
	"hotline/recording"
	"hotline/sip/dialog"
	"hotline/sip/digest"
	"hotline/sip/event"
	"hotline/sip/ladder"
	"hotline/sip/registrar"
	"hotline/sip/registration"
	"hotline/sip/resolve"
	"hotline/sip/transaction"
	"hotline/sip/transport"
	"hotline/sip/trunk"
	"hotline/sip/ua"
	"hotline/store"
	"hotline/switchboard"
	"hotline/ticket"
)

// node is one running hotline: everything made and plugged together, nothing started before run.
type node struct {
	config configs.Node
	log    *slog.Logger

	db         *store.DB
	accounts   *account.Accounts
	journal    *cdr.Journal
	desk       *ticket.Desk
	recorder   *recording.Recorder
	engine     *media.Engine
	transport  *transport.Layer
	tx         *transaction.Layer
	registrar  *registrar.Registrar
	trunks     *trunk.Set
	names      *resolve.Resolver
	legs       *ua.UA
	keeper     *registration.Keeper
	dispatcher *queue.Dispatcher
	board      *switchboard.Switchboard
	ladders    *ladder.Book
	sessions   *dialog.Sessions
	lamps      *event.Notifier
	agent      *ua.UA
	web        net.Listener
	events     *api.Events
	softphones *agentphone.Phones // nil: there are none

	prompts *switchboard.Sounds
	shelf   *prompt.Shelf
	spoken  []codec.Kind // best first

	wraps   wrapUps
	notes   sync.Map                     // agent -> what presence says of them
	lent    map[string]registrar.Account // guarded by lending
	lending sync.Mutex
	phones  atomic.Pointer[map[string]registrar.Account]
	agents  chan cdr.AgentChange
	built   atomic.Pointer[configs.Built]

	hours    sync.Mutex
	shut     map[string]bool // queues closed by their hours, as the dispatcher was told; guarded by hours
	familiar *cdr.Familiar
	credits  atomic.Pointer[cdr.Credits]
}

// newNode makes a node whose store has a centre. It opens the ports, and starts nothing.
func newNode(ctx context.Context, c configs.Node, db *store.DB, log *slog.Logger) (*node, error) {
	n := &node{
		config: c, log: log, db: db, agents: make(chan cdr.AgentChange, 4096), events: api.NewEvents(),
		wraps: wrapUps{}, lent: map[string]registrar.Account{}, familiar: cdr.NewFamiliar(),
	}
	data, err := readCentre(ctx, db)
	if err != nil {
		return nil, err
	}
	if n.prompts, err = n.sounds(); err != nil {
		return nil, err
	}
	built, err := data.Build(n.prompts.Names())
	if err != nil {
		return nil, err
	}
	n.built.Store(built)
	n.setPhones(data.Phones)
	if err := n.openMechanisms(built); err != nil {
		return nil, err
	}
	if err := n.openListeners(); err != nil {
		return nil, err
	}
	n.dispatcher = queue.NewDispatcher(queue.NewBoard(built.Queues, built.Agents), n.deliver)
	atlas, err := n.atlas()
	if err != nil {
		return nil, err
	}
	n.trunks.Region = atlas.Region
	var agent *ua.UA
	n.board = switchboard.New(switchboard.Config{
		Dial:       n.dialling(func() *ua.UA { return agent }),
		Dispatcher: n.dispatcher, Recorder: n.recorder, Sounds: n.prompts, Note: n.journal.Append,
		HTTP: switchboard.LookupClient(c.Lookups.Private), MaxCalls: c.Calls.Most, Outside: c.Calls.TransferOutside, Logger: log,
		Familiar: n.familiar.Agent, Credit: n.credit,
	}, centreOf(built, atlas))
	if agent, err = n.openSIP(ctx); err != nil {
		return nil, err
	}
	n.legs = agent
	if err := n.openSoftphones(ctx); err != nil {
		return nil, err
	}
	return n, n.listenHTTP()
}

func centreOf(b *configs.Built, atlas *number.Atlas) *switchboard.Centre {
	music, whispers := map[string]string{}, map[string]call.Whisper{}
	for id, q := range b.Rules {
		if w := q.Whisper; w != nil {
			whispers[id] = call.Whisper{Prompt: w.Prompt, Topics: w.Topics, Wait: w.Wait}
		}
	}
	for _, q := range b.Queues {
		if q.Music != "" {
			music[q.ID] = q.Music
		}
	}
	return &switchboard.Centre{Routes: b.Routes, Flows: b.Flows, Atlas: atlas, VIP: b.VIP, Blocked: b.Blocked, Agents: b.ByPhone, Music: music,
		Whispers: whispers, Greetings: b.Greetings}
}

func (n *node) openMechanisms(built *configs.Built) (err error) {
	c := n.config
	addr := netip.MustParseAddr(c.Media.Address)
	n.engine, err = media.New(media.Config{
		Addr: addr, PortMin: c.Media.PortMin, PortMax: c.Media.PortMax, Shards: c.Media.Shards, SilenceAfter: c.Media.Silence, Logger: n.log,
	})
	if err != nil {
		return fmt.Errorf("open the media engine: %w", err)
	}
	n.spoken = ownCodecs(c.Media.Codecs, n.log)
	runtime.GOMAXPROCS(max(runtime.GOMAXPROCS(0), n.engine.Procs()))
	n.trunks, err = trunk.NewSet(built.Trunks, pinger{n})
	if err != nil {
		return fmt.Errorf("read the trunks: %w", err)
	}
	n.trunks.Guard(built.Outside)
	n.openNames()
	folder := cmp.Or(c.Recording.Folder, filepath.Join(c.Data, "recordings"))
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return fmt.Errorf("make the folder for recordings: %w", err)
	}
	n.recorder = recording.New(recording.Config{
		Dir: folder, Writers: c.Recording.Writers, SyncEvery: c.Recording.Sync, MinFree: uint64(c.Recording.MinFree) << 20,
		Alarm: n.recordingTrouble, Logger: n.log,
	}, n.db)
	return nil
}

// recordingTrouble lets the records of calls say that their recordings have gaps.
func (n *node) recordingTrouble(a recording.Alarm) {
	if a.On && a.Trouble != recording.StoreFailing {
		n.board.RecordingFailed(string(a.Trouble))
	}
}

func (n *node) openListeners() (err error) {
	t := n.config.Tickets
	n.desk = ticket.NewDesk(ticket.Config{OnAnswer: t.OnAnswer, OnAbandon: t.OnAbandon, OnVoicemail: t.OnVoicemail, SkipShort: true, Logger: n.log}, n.db, n.db)
	n.journal = cdr.NewJournal(n.db, n.desk, n.events, n.familiar)
	n.accounts, err = account.New(account.Config{Logger: n.log}, n.db)
	return err
}

// openSIP opens the ports and plugs transport, transactions, dialogs and legs together.
func (n *node) openSIP(ctx context.Context) (*ua.UA, error) {
	if err := n.ownCertificate(); err != nil {
		return nil, err
	}
	c := n.config.SIP
	var advertise netip.Addr
	if c.Advertise != "" {
		advertise = netip.MustParseAddr(c.Advertise)
	}
	var trusted []netip.Prefix
	for _, t := range n.built.Load().Trunks {
		trusted = append(trusted, t.Peers()...)
	}
	var err error
	n.transport, err = transport.Open(transport.Config{
		UDP: c.UDP, TCP: c.TCP, TLS: c.TLS, WS: c.WS, WSS: c.WSS, Origins: n.config.HTTP.Origins,
		Certificate: c.Certificate, Key: c.Key, CA: c.CA, Server: n.tlsServer,
		Trusted: trusted, Rate: c.Rate, Burst: c.Burst, Scanners: c.Scanners, Offences: c.Failures, BanFor: c.Ban, Advertise: advertise, Logger: n.log,
		Failed: func(to transport.Peer, raw []byte, err error) { n.tx.Failed(to, raw, err) },
		Closed: func(p transport.Peer) { n.registrar.Closed(p) },
	})
	if err != nil {
		return nil, fmt.Errorf("listen for SIP: %w", err)
	}
	n.ladders = ladder.New(c.Ladders)
	var agent *ua.UA
	n.sessions = dialog.New(dialog.Config{
		Logger: n.log, Contact: n.contact, Refer: true, Agent: c.Banner, Resolve: n.hop,
		Invite: func(s *dialog.Session) { agent.Invite(s) },
		Other:  n.other,
		Usage:  func(s *transaction.Server) bool { return n.lamps.Inside(s) },
		Also:   []string{"REGISTER", "SUBSCRIBE", "MESSAGE"},
	}, nil)
	n.tx = transaction.New(transaction.Config{
		Allow: n.sessions.Methods(), Supported: n.sessions.Extensions(),
		Agent: c.Banner, Observe: n.ladders.Observe, Local: n.transport.LocalFor, Logger: n.log, Stateless: n.fleeting,
	}, n.transport.Send, doorman{n.sessions, n})
	n.sessions.Bind(n.tx)
	n.openRegistrations()
	var algorithms []digest.Algorithm
	for _, name := range c.Digest {
		algorithms = append(algorithms, digest.Algorithm(name))
	}
	n.registrar, err = registrar.New(registrar.Config{
		Realm: c.Realm, Algorithms: algorithms, MinExpires: c.MinExpires, MaxExpires: c.MaxExpires, MaxContacts: c.Contacts,
		Keeper: n.db, Logger: n.log, Changed: n.phoneChanged, Failures: c.Failures, Ban: c.Ban, Failed: n.transport.Offend, Agent: c.Banner,
	}, n, n.tx)
	if err != nil {
		return nil, fmt.Errorf("open the registrar: %w", err)
	}
	n.lamps = event.New(n.watching(), n.tx)
	agent = ua.New(ua.Config{
		Events: n.lamps,
		Engine: n.engine, Tx: n.tx, Registrar: n.registrar, Trunks: n.trunks, Local: n.transport.LocalFor, Advertise: advertise, Find: n.names.Find,
		Known: n.known, SRTP: n.srtp(), Codecs: n.codecs, SplitRTCP: !n.config.Media.RTCPMux, Silence: n.config.Media.Silence, Logger: n.log,
		// Without the cancel: a signal asks for a drain, and calls go on until it ends them.
		Arrive:  func(a ua.Arrival) { n.board.Arrive(context.WithoutCancel(ctx), a) },
		Replace: func(a ua.Arrival, in call.ID, leg call.LegID) { n.board.TakeOver(a, in, leg) },
	})
	agent.Bind(n.sessions)
	n.agent = agent
	return agent, nil
}

// srtp is what trunks and phones may agree on: what they say themselves, else what the node says.
func (n *node) srtp() ua.SRTP {
	m := n.config.Media
	if m.SRTPInClear && m.SRTP != sdp.SecurityOff.String() {
		n.log.Warn("keys of SRTP may travel by SIP without TLS: who can listen to the sound can read them too (media.srtp_in_clear)")
	}
	return ua.SRTP{InClear: m.SRTPInClear, Strict: m.SRTPStrict, Policy: n.security}
}

// security is whether a trunk's or a phone's sound is protected.
func (n *node) security(trunk, phone string) sdp.Security {
	b := n.built.Load()
	if s, own := b.TrunkSRTP[trunk]; own && trunk != "" {
		return s
	}
	if s, own := b.PhoneSRTP[phone]; own && phone != "" {
		return s
	}
	general, _ := sdp.SecurityNamed(n.config.Media.SRTP)
	return general
}

// contact is the URI by which a peer reaches us.
func (n *node) contact(p transport.Peer) string {
	local := n.transport.LocalFor(p)
	uri := "sip:" + local.String()
	if local.Port() == 0 { // nothing listens on that network: the connection is the only way back
		uri = strings.TrimSuffix(uri, ":0")
	}
	if p.Network != "udp" {
		uri += ";transport=" + p.Network
	}
	return uri
}

// other answers what is no call: REGISTER, and OPTIONS of anybody.
func (n *node) other(s *transaction.Server) {
	switch s.Request.Method {
	case "REGISTER":
		n.registrar.Register(s)
	case "OPTIONS":
		n.sessions.Options(s)
	case "SUBSCRIBE":
		n.lamps.Subscribe(s)
	case "MESSAGE":
		n.agent.Message(s)
	default:
		s.Respond(s.Response(405, "Method Not Allowed", nil))
	}
}

// Account is the phone account of a user; it makes the node the registrar's Accounts.
func (n *node) Account(user string) (registrar.Account, bool) {
	a, ok := (*n.phones.Load())[user]
	return a, ok
}

func (n *node) known(user string) bool {
	_, ok := n.Account(user)
	return ok
}

func (n *node) setPhones(phones []configs.Phone) {
	all := make(map[string]registrar.Account, len(phones))
	for _, p := range phones {
		all[p.User] = registrar.Account{User: p.User, HA1MD5: p.HA1MD5, HA1SHA256: p.HA1SHA256}
	}
	n.lending.Lock()
	defer n.lending.Unlock()
	maps.Copy(all, n.lent)
	n.phones.Store(&all)
}

// lendPhone gives a phone account another password for as long as the node runs.
func (n *node) lendPhone(user, password string) {
	n.lending.Lock()
	defer n.lending.Unlock()
	all := maps.Clone(*n.phones.Load())
	realm := n.config.SIP.Realm
	n.lent[user] = registrar.Account{
		User: user, HA1MD5: digest.HA1(digest.MD5, user, realm, password), HA1SHA256: digest.HA1(digest.SHA256, user, realm, password),
	}
	all[user] = n.lent[user]
	n.phones.Store(&all)
}

// phoneChanged tells the queues and who watches the phone, and lets the guard trust what a registered phone sends.
func (n *node) phoneChanged(user string, reachable bool) {
	n.reachable(user)
	if reachable {
		n.vouchFor(n.registrar.Contacts(user))
	}
	n.log.Info("phone", "user", user, "reachable", reachable)
}

// deliver takes what the queues decided to the calls, and notes what agents do.
func (n *node) deliver(e queue.Effect) bool {
	if a, ok := e.(queue.AgentChanged); ok {
		change := cdr.AgentChange{Agent: a.Agent, From: string(a.From), To: string(a.To), Reason: a.Reason, Source: a.Source, At: a.At, Next: string(a.Next), NextReason: a.NextReason}
		n.events.Agent(change)
		n.agentShown(a)
		if over, ok := n.wraps.changed(a); ok {
			n.journal.Append(over)
		}
		select {
		case n.agents <- change:
		default:
			n.log.Error("agent's change was not kept: the store is too slow", "agent", a.Agent)
		}
		return true
	}
	return n.board.Deliver(e)
}

// sounds reads the shipped prompts and, over them, those in the data folder.
func (n *node) sounds() (*switchboard.Sounds, error) {
	own := promptsFolder(n.config.Data)
	var err error
	if n.shelf, err = prompt.NewShelf(own); err != nil {
		return nil, err
	}
	sounds, err := switchboard.LoadSounds(speaker(n.config), n.log, prompts.Files, os.DirFS(own))
	if err != nil {
		return nil, err
	}
	n.shelf.Shipped, n.shelf.Changed = prompts.Files, sounds.Refresh
	return sounds, nil
}

// atlas is the regions of numbers, with the operator's own prefixes.
func (n *node) atlas() (*number.Atlas, error) {
	atlas := number.NewAtlas()
	file := n.config.Numbers.Prefixes
	if file == "" {
		return atlas, nil
	}
	prefixes, err := readPrefixes(file)
	if err != nil {
		return nil, err
	}
	return atlas.With(prefixes), nil
}

// job is one of the things that run as long as the node does.
type job struct {
	name string
	run  func(context.Context) error
}

// run starts everything and returns when ctx is cancelled and all calls are over, or when something failed. ready is
// called once, when calls are taken.
func (n *node) run(ctx context.Context, hard context.Context, ready func()) error {
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
	for _, j := range []job{{"journal", n.journal.Run}, {"recorder", n.recorder.Run}, {"agents", n.keepAgents}} {
		keepers.Go(func() {
			if err := j.run(last); err != nil && !errors.Is(err, context.Canceled) {
				stop(fmt.Errorf("%s: %w", j.name, err))
			}
		})
	}
	start(inner,
		job{"media", n.engine.Run}, job{"transactions", n.tx.Run}, job{"registrar", n.registrar.Run}, job{"queues", n.dispatcher.Run},
		job{"names", n.names.Run}, job{"trunks", n.trunks.Run}, job{"api", n.serveHTTP},
		n.reloadOnHangup(), job{"vouch", n.vouch}, job{"tidy", n.tidy}, job{"hours", n.keepHours},
		job{"transport", func(ctx context.Context) error { return n.transport.Run(ctx, n.tx.Receive) }},
	)
	if n.softphones != nil {
		start(inner, job{"softphones", n.softphones.Run})
	}
	endRegistrations := n.register(ctx)
	n.tellHours(time.Now())
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
func (n *node) credit(number string) time.Time {
	if c := n.credits.Load(); c != nil {
		return c.Take(number, time.Now())
	}
	return time.Time{}
}

// familiarSince is how far back a node looks at its start for who talked to whom.
const familiarSince = 30 * 24 * time.Hour

// recover puts right what the last process left: calls without an end, recordings without a seal.
func (n *node) recover(ctx context.Context) error {
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

// signIn makes those ready who take calls without signing in, and tells the queues which phones are there.
func (n *node) signIn(ctx context.Context) {
	if states, err := n.db.AgentStates(ctx); err == nil {
		n.restore(states)
	} else {
		n.log.Error("agents' states from before are unknown", "err", err)
	}
	b := n.built.Load()
	for _, agent := range b.Ready {
		n.dispatcher.Set(agent, queue.Ready, "", "configuration")
	}
	for user := range n.registrar.Snapshot() {
		n.board.PhoneReachable(user, true)
	}
}

func (n *node) restore(states []cdr.AgentChange) {
	var last []queue.AgentChanged
	for _, s := range states {
		last = append(last, queue.AgentChanged{Agent: s.Agent, From: queue.State(s.From), To: queue.State(s.To), Reason: s.Reason, Source: s.Source, At: s.At, Next: queue.State(s.Next), NextReason: s.NextReason})
	}
	n.dispatcher.Restore(last)
}

// keepAgents writes agents' changes, some at a time.
func (n *node) keepAgents(ctx context.Context) error {
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
func (n *node) drain(hard context.Context) {
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
func (n *node) endCalls() {
	x := n.board.Exchange()
	for _, id := range x.IDs() {
		x.Send(id, call.Shutdown{})
	}
	for range 40 {
		if x.Live() == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}
