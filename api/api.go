// Package api is Hotline over HTTP: JSON under /api/v1 described by OpenAPI 3.1, the event stream, metrics and health.
// It holds no rule: a handler decodes, calls one method, and encodes.
package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"hotline/account"
	"hotline/call"
	"hotline/cdr"
	"hotline/number"
	"hotline/queue"
	"hotline/recording"
	"hotline/route"
	"hotline/sip/ladder"
	"hotline/sip/registrar"
	"hotline/sip/trunk"
	"hotline/ticket"
)

// cookieName is the cookie that carries a browser's session.
const cookieName = "hotline_session"

// Calls is what the API reads of calls.
type Calls interface {
	cdr.RecordStore
	cdr.FactStore
}

// Live is the calls under way.
type Live interface {
	IDs() []call.ID
	Send(id call.ID, ev call.Event) bool
	Trace(id call.ID) []call.Moment
	Live() int
}

// Queues is the agents' and callers' side.
type Queues interface {
	Snapshot() *queue.Snapshot
	Set(agent string, s queue.State, reason, source string) bool
}

// Recordings is what can be listened to.
type Recordings interface {
	Recording(ctx context.Context, id string) (recording.Row, error)
	RecordingsOf(ctx context.Context, call string) ([]recording.Row, error)
}

// Config is what the API speaks for. All fields are required.
type Config struct {
	Accounts   *account.Accounts
	Calls      Calls
	Live       Live
	Queues     Queues
	Recordings Recordings
	Recorder   *recording.Recorder
	Desk       *ticket.Desk
	OfCall     func(context.Context, call.ID) (ticket.Ticket, error) // the ticket a call made
	Trail      account.Trail
	Trunks     *trunk.Set
	Registrar  *registrar.Registrar
	Ladders    *ladder.Book
	Routes     func() *route.Table
	Region     func(number.Number) number.Region
	Events     *Events
	Ready      func() error // why the node takes no calls; nil when it does
	Metrics    http.Handler
	Origins    []string
	Version    string
	Logger     *slog.Logger
}

type server struct{ Config }

// Identity is who asks.
type Identity struct {
	ID    string // person or token
	Name  string
	Agent string // "" for nobody in the queues
	Role  account.Role
}

// actor is the identity in a ticket's words.
func (w Identity) actor() ticket.Actor {
	id := w.Agent
	if id == "" {
		id = w.ID
	}
	return ticket.Actor{ID: id, Name: w.Name, Supervisor: w.Role.Atleast(account.Supervisor)}
}

// masks is true for those who may not see whole numbers.
func (w Identity) masks() bool { return !w.Role.Atleast(account.Supervisor) }

// New is the handler of everything that is served.
func New(c Config) http.Handler {
	s := &server{Config: c}
	mux := http.NewServeMux()
	s.system(mux)
	mux.HandleFunc("GET /api/v1/events", s.events)
	mux.HandleFunc("GET /api/v1/recordings/{id}/audio", s.audio)
	spec := huma.DefaultConfig("Hotline", c.Version)
	spec.Info.Description = "A self-hosted cloud call centre. Sign in at /api/v1/session, or send Authorization: Bearer with an API token."
	spec.OpenAPIPath, spec.DocsPath, spec.SchemasPath = "/api/v1/openapi", "", ""
	spec.CreateHooks = nil // no $schema links in answers
	spec.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	api := humago.New(mux, spec)
	s.sessions(api)
	s.calls(api)
	s.recordings(api)
	s.tickets(api)
	s.queues(api)
	s.network(api)
	s.admin(api)
	return s.guard(mux)
}

// schemaName tells types of one name in different packages apart: TicketEntry, AccountEntry.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	pkg := path.Base(t.PkgPath())
	if t.Name() == "" || !strings.HasPrefix(t.PkgPath(), "hotline/") || pkg == "api" {
		return name
	}
	return strings.ToUpper(pkg[:1]) + pkg[1:] + name
}

// guard is what every request passes: foreign origins may not change anything, bodies are bounded, answers are not sniffed.
func (s *server) guard(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	for _, origin := range s.Origins {
		if err := cross.AddTrustedOrigin(origin); err != nil {
			s.Logger.Error("origin left out", "origin", origin, "err", err)
		}
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		problem(w, http.StatusForbidden, "This page may not change anything here: its origin is not allowed (http.origins).")
	}))
	return cross.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		next.ServeHTTP(w, r)
	}))
}

// fault is an error that says itself what a person should hear.
type fault interface {
	Fault() (kind, sentence string)
}

var statuses = map[string]int{
	"invalid": http.StatusUnprocessableEntity, "not-found": http.StatusNotFound, "conflict": http.StatusConflict, "forbidden": http.StatusForbidden,
	"unauthorised": http.StatusUnauthorized, "throttled": http.StatusTooManyRequests, "unavailable": http.StatusServiceUnavailable,
}

// answer turns an error into a status and a sentence; what is not meant for people is logged whole and said as "internal".
func (s *server) answer(err error) (int, string) {
	var f fault
	if errors.As(err, &f) {
		kind, sentence := f.Fault()
		if status, ok := statuses[kind]; ok {
			return status, sentence
		}
	}
	if errors.Is(err, recording.ErrNotFound) {
		return http.StatusNotFound, "There is no such recording."
	}
	s.Logger.Error("request failed", "err", err)
	return http.StatusInternalServerError, "Something went wrong on our side; the log says what."
}

// add registers one operation. need is the role it takes; "" lets everybody in.
func add[I, O any](s *server, api huma.API, need account.Role, op huma.Operation, f func(context.Context, Identity, *I) (*O, error)) {
	if op.OperationID == "" {
		op.OperationID = huma.GenerateOperationID(op.Method, op.Path, (*O)(nil))
	}
	op.Path = "/api/v1" + op.Path
	op.Middlewares = append(op.Middlewares, s.identify)
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		who, _ := ctx.Value(identityKey{}).(Identity)
		if need != "" {
			if !who.Role.Valid() {
				return nil, huma.Error401Unauthorized("Sign in first.")
			}
			if !who.Role.Atleast(need) {
				return nil, huma.Error403Forbidden("This takes the role " + string(need) + ".")
			}
		}
		out, err := f(ctx, who, in)
		if err != nil {
			var status huma.StatusError
			if errors.As(err, &status) {
				return nil, err
			}
			code, sentence := s.answer(err)
			return nil, huma.NewError(code, sentence)
		}
		return out, nil
	})
}

type identityKey struct{}

// identify finds out who asks, by cookie or token, and leaves it in the context. A bad credential is like none.
func (s *server) identify(ctx huma.Context, next func(huma.Context)) {
	secret, isToken := bearer(ctx.Header("Authorization"))
	cookie, err := huma.ReadCookie(ctx, cookieName)
	var who Identity
	switch {
	case isToken:
		who = s.byToken(ctx.Context(), secret)
	case err == nil:
		who = s.bySession(ctx.Context(), cookie.Value)
	}
	next(huma.WithValue(huma.WithValue(ctx, identityKey{}, who), sourceKey{}, sourceOf(ctx.RemoteAddr())))
}

type sourceKey struct{}

func source(ctx context.Context) string {
	s, _ := ctx.Value(sourceKey{}).(string)
	return s
}

func sourceOf(remote string) string {
	if i := strings.LastIndexByte(remote, ':'); i >= 0 {
		return remote[:i]
	}
	return remote
}

func bearer(header string) (string, bool) {
	kind, secret, _ := strings.Cut(header, " ")
	return strings.TrimSpace(secret), strings.EqualFold(kind, "Bearer")
}

func (s *server) byToken(ctx context.Context, secret string) Identity {
	t, err := s.Accounts.Bearer(ctx, secret)
	if err != nil {
		return Identity{}
	}
	return Identity{ID: t.ID, Name: t.Name, Role: t.Role}
}

func (s *server) bySession(ctx context.Context, token string) Identity {
	p, err := s.Accounts.Enter(ctx, token)
	if err != nil {
		return Identity{}
	}
	return Identity{ID: string(p.ID), Name: p.Name, Role: p.Role, Agent: p.AgentID}
}

// who is identify for the handlers that huma does not carry.
func (s *server) who(r *http.Request) Identity {
	if secret, ok := bearer(r.Header.Get("Authorization")); ok {
		return s.byToken(r.Context(), secret)
	}
	if c, err := r.Cookie(cookieName); err == nil {
		return s.bySession(r.Context(), c.Value)
	}
	return Identity{}
}

// trail notes what somebody did; a failure to note is logged, not answered.
func (s *server) trail(ctx context.Context, who Identity, what, object, detail string) {
	e := account.Entry{At: time.Now(), Who: who.ID, Name: who.Name, What: what, Object: object, Detail: detail, Source: source(ctx)}
	if err := s.Accounts.Note(ctx, e); err != nil {
		s.Logger.Error("audit line was not kept", "what", what, "err", err)
	}
}
