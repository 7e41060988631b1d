// Package api is Hotline over HTTP: JSON under /api/v1 described by OpenAPI 3.1, the event stream, metrics and health.
// It holds no rule: a handler decodes, calls one method, and encodes. The routes are in the packages below, by what they are about; this one
// registers them, writes the document, and guards every request.
package api

import (
	"context"
	"log/slog"
	"net/http"

	"hotline/account"
	"hotline/api/access"
	"hotline/api/events"
	"hotline/api/gate"
	"hotline/api/live"
	"hotline/api/machine"
	"hotline/api/records"
	"hotline/api/settings"
	"hotline/call"
	"hotline/cdr"
	"hotline/centre"
	"hotline/floor"
	"hotline/ivr"
	"hotline/number"
	"hotline/prompt"
	"hotline/recording"
	"hotline/route"
	"hotline/sip/ladder"
	"hotline/sip/registrar"
	"hotline/sip/trunk"
	"hotline/ticket"
)

// Pages is the browser application: it answers what no route of the API knows, or says that it does not either.
type Pages interface {
	Serve(w http.ResponseWriter, r *http.Request) bool
}

// Config is what the API speaks for. All fields but Pages are required.
type Config struct {
	Accounts   *account.Accounts
	Calls      records.Calls
	Live       live.Live
	Queues     live.Queues
	Recordings records.Recordings
	Recorder   *recording.Recorder
	Desk       *ticket.Desk
	OfCall     func(context.Context, call.ID) (ticket.Ticket, error)                        // the ticket a call made
	OpenOf     func(ctx context.Context, caller string, limit int) ([]ticket.Ticket, error) // the newest first
	Trail      account.Trail
	Trunks     *trunk.Set
	SRTP       func(trunk string) string // off, optional or required
	Host       func(trunk.Target) string // of our identities towards a target, where its trunk names none
	Registrar  *registrar.Registrar
	Ladders    *ladder.Book
	Routes     func() *route.Table
	Region     func(number.Number) number.Region
	Prompts    *prompt.Shelf
	Machine    func(context.Context) machine.State
	Speaker    ivr.Speaker    // text-to-speech; nil: there is none
	Editor     *centre.Editor // of the centre
	Events     *events.Stream
	Ready      func() error // why the node takes no calls; nil when it does
	Bans       machine.Bans
	Metrics    http.Handler
	SIP        http.Handler                     // SIP over WebSocket (RFC 7118), which checks the origin itself
	Origins    []string                         // of pages beside its own that may use the API
	Pages      Pages                            // the browser application; nil: the API alone
	Softphones live.Softphones                  // nil: there are none
	Button     Button                           // nil: there is none
	Visitors   []string                         // origins beside its own of pages that may have the button
	PhoneOf    func(agent string) (user string) // the phone of an agent; "" for who has none
	Rings      func(user string) bool           // a phone of the user is there and can ring, at a desk or in a browser
	Follows    live.Follows                     // supervisors who follow agents
	Supervised bool                             // agents see who supervises their calls
	Download   account.Role                     // the least that may save recordings as files
	Version    string                           // of the program; told to those who are signed in only
	Logger     *slog.Logger

	Callbacks    live.Callbacks
	Floor        *floor.Floor // what supervisors order while calls go on
	Post         *floor.Post  // their messages to agents
	AgentLog     cdr.AgentLog
	Note         func(call.Fact)             // keeps what people say of a call
	Dispositions func(queue string) []string // what agents may choose from; none: anything
	Script       func(queue string) string   // what agents are shown to say; "": nothing
}

type server struct {
	Config
	gate     *gate.Gate // that every route passes
	patterns []string   // of every route, as the mux knows them
}

// New is the handler of everything that is served.
func New(c Config) http.Handler {
	return newServer(c).handler()
}

func newServer(c Config) *server {
	return &server{Config: c}
}

func (s *server) records() *records.Routes {
	return &records.Routes{
		Gate: s.gate, Calls: s.Calls, UnderWay: s.Live.IDs, Trace: s.Live.Trace, Ladders: s.Ladders, Recordings: s.Recordings, Recorder: s.Recorder, Download: s.Download,
		Trail: s.Trail, Desk: s.Desk, OfCall: s.OfCall, OpenOf: s.OpenOf, Queues: s.Queues.Snapshot, AgentLog: s.AgentLog,
		Dispositions: s.Dispositions, Script: s.Script, Table: s.Routes,
	}
}

func (s *server) machine() *machine.Routes {
	return &machine.Routes{
		Gate: s.gate, Version: s.Version, State: s.Machine, Ready: s.Ready, Live: s.Live.Live, Speaks: s.Speaker != nil, Metrics: s.Metrics,
		Trunks: s.Trunks, SRTP: s.SRTP, Host: s.Host, Region: s.Region, Registrar: s.Registrar, Bans: s.Bans, Queues: s.Queues.Snapshot,
	}
}

func (s *server) live() *live.Routes {
	return live.New(live.Routes{
		Gate: s.gate, Calls: s.Calls, Live: s.Live, Events: s.Events, Queues: s.Queues, Floor: s.Floor, Post: s.Post, Follows: s.Follows, Supervised: s.Supervised,
		Callbacks: s.Callbacks, PhoneOf: s.PhoneOf, Rings: s.Rings, Softphones: s.Softphones, TicketOf: s.Desk.Get, Note: s.Note, Dispositions: s.Dispositions,
	})
}

// routes is a mux that remembers its patterns.
type routes struct {
	*http.ServeMux
	s *server
}

// HandleFunc adds a route.
func (m routes) HandleFunc(pattern string, f func(http.ResponseWriter, *http.Request)) {
	m.s.patterns = append(m.s.patterns, pattern)
	m.ServeMux.HandleFunc(pattern, f)
}

func (s *server) handler() http.Handler {
	mux := routes{http.NewServeMux(), s}
	s.gate = &gate.Gate{Accounts: s.Accounts, Logger: s.Logger, Mux: mux, API: newAPI(mux)}
	s.signalling()
	s.machine().Add()
	(&access.Routes{Gate: s.gate, Trail: s.Trail, Download: s.Download}).Add()
	(&settings.Routes{Gate: s.gate, Editor: s.Editor, Prompts: s.Prompts, Speaker: s.Speaker, Table: s.Routes, Region: s.Region}).Add()
	s.records().Add()
	s.live().Add()
	(&events.Routes{Gate: s.gate, Stream: s.Events, Facts: s.Calls}).Add()
	s.button()
	s.serveDocument()
	return s.guard(mux.ServeMux)
}
