// Package node is one running hotline: it makes the parts of a call centre, plugs them together, starts them, and stops them in the order
// that loses no call and no fact. Nothing here that could be tested elsewhere.
package node

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"hotline/account"
	"hotline/agentphone"
	"hotline/api/events"
	"hotline/call"
	"hotline/callback"
	"hotline/cdr"
	"hotline/configs"
	"hotline/configs/prompts"
	"hotline/floor"
	"hotline/media"
	"hotline/media/codec"
	"hotline/node/datadir"
	"hotline/number"
	"hotline/prompt"
	"hotline/queue"
	"hotline/queue/dispatch"
	"hotline/recording"
	"hotline/sip/event"
	"hotline/sip/ladder"
	"hotline/sip/registrar"
	"hotline/sip/registration"
	"hotline/sip/resolve"
	"hotline/sip/session"
	"hotline/sip/transaction"
	"hotline/sip/transport"
	"hotline/sip/trunk"
	"hotline/sip/ua"
	"hotline/store"
	"hotline/switchboard"
	"hotline/ticket"
)

// Node is one running hotline: everything made and plugged together, nothing started before Serve runs it.
type Node struct {
	version string
	config  configs.Node
	log     *slog.Logger

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
	dispatcher *dispatch.Dispatcher
	board      *switchboard.Switchboard
	ladders    *ladder.Book
	sessions   *session.Sessions
	lamps      *event.Notifier
	agent      *ua.UA
	web        net.Listener
	events     *events.Stream
	softphones *agentphone.Phones // nil: there are none

	prompts *switchboard.Sounds
	shelf   *prompt.Shelf
	spoken  []codec.Kind // best first

	wraps   wrapUps
	notes   sync.Map                     // agent -> what presence says of them
	lent    map[string]registrar.Account // guarded by lending
	lending sync.Mutex
	phones  atomic.Pointer[map[string]registrar.Account]

	trusting  sync.Mutex // one tells the transport whom to trust at a time
	agents    chan cdr.AgentChange
	following chan followNews
	built     atomic.Pointer[configs.Built]

	reloading sync.Mutex // one centre is taken after another: by signal, or from the pages

	hours     sync.Mutex
	doors     map[string]queue.Door // of queues that are not open, as the dispatcher was told; guarded by hours
	staffing  sync.Mutex            // one tells the dispatcher of queues and agents at a time
	floor     *floor.Floor
	post      *floor.Post
	callbacks *callback.Keeper
	surveys   *cdr.Surveys
	familiar  *cdr.Familiar
	credits   atomic.Pointer[cdr.Credits]
}

// newNode makes a node whose store has a centre. It opens the ports, and starts nothing.
func newNode(ctx context.Context, c configs.Node, db *store.DB, log *slog.Logger) (*Node, error) {
	n := &Node{
		config: c, log: log, db: db, agents: make(chan cdr.AgentChange, 4096), following: make(chan followNews, 256), events: events.New(),
		wraps: wrapUps{}, lent: map[string]registrar.Account{}, familiar: cdr.NewFamiliar(), surveys: cdr.NewSurveys(),
	}
	data, err := ReadCentre(ctx, db)
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
	if err := n.openFloor(ctx); err != nil {
		return nil, err
	}
	n.dispatcher = dispatch.New(queue.NewBoard(built.Queues, n.floor.Staff(built.Agents)), n.deliver)
	atlas, err := Atlas(n.config.Numbers.Prefixes)
	if err != nil {
		return nil, err
	}
	n.trunks.Region = atlas.Region
	var agent *ua.UA
	n.board = switchboard.New(switchboard.Config{
		Dial:       n.dialling(func() *ua.UA { return agent }),
		Dispatcher: n.dispatcher, Recorder: n.recorder, Sounds: n.prompts, Note: n.note,
		HTTP: switchboard.LookupClient(c.Lookups.Private), MaxCalls: c.Calls.Most, Outside: c.Calls.TransferOutside, ParkFor: c.Calls.Park, Logger: log,
		Familiar: n.familiar.Agent, Credit: n.credit, Surveyed: n.surveys.Asked, Closing: n.closingFor, Shut: n.shut,
		FollowHeard: func(w switchboard.Follow, id call.ID) { n.followed(followNews{Follow: w, call: id}) },
		FollowEnded: func(w switchboard.Follow, why string) { n.followed(followNews{Follow: w, why: why}) },
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

func (n *Node) openMechanisms(built *configs.Built) (err error) {
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
	n.resumeToll(c.Data)
	n.openNames()
	folder := datadir.Recordings(c.Data, c.Recording.Folder)
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
func (n *Node) recordingTrouble(a recording.Alarm) {
	if a.On && a.Trouble != recording.StoreFailing {
		n.board.RecordingFailed(string(a.Trouble))
	}
}

func (n *Node) openListeners() (err error) {
	t := n.config.Tickets
	n.desk = ticket.NewDesk(ticket.Config{OnAnswer: t.OnAnswer, OnAbandon: t.OnAbandon, OnVoicemail: t.OnVoicemail, SkipShort: true, LowRating: t.LowRating, Logger: n.log}, n.db, n.db)
	n.openCallbacks()
	n.journal = cdr.NewJournal(n.db, n.desk, n.callbacks, n.events, n.familiar, n.surveys)
	n.accounts, err = account.New(account.Config{Logger: n.log}, n.db)
	return err
}

// deliver takes what the queues decided to the calls, and notes what agents do.
func (n *Node) deliver(e queue.Effect) bool {
	if a, ok := e.(queue.AgentChanged); ok {
		change := cdr.AgentChange{Agent: a.Agent, From: string(a.From), To: string(a.To), Reason: a.Reason, Source: a.Source, At: a.At, Next: string(a.Next), NextReason: a.NextReason}
		n.events.Agent(change)
		n.agentShown(a)
		if a.SignedOut() {
			n.board.SignedOut(a.Agent)
		}
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
func (n *Node) sounds() (*switchboard.Sounds, error) {
	own := datadir.Prompts(n.config.Data)
	var err error
	if n.shelf, err = prompt.NewShelf(own); err != nil {
		return nil, err
	}
	sounds, err := switchboard.LoadSounds(speaker(n.config), n.log, prompts.Files, os.DirFS(own))
	if err != nil {
		return nil, err
	}
	n.shelf.Shipped, n.shelf.Changed = prompts.Files, sounds.Refresh
	n.shelf.Texts, err = prompts.Texts()
	return sounds, err
}
