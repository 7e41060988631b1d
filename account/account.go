// Package account knows who may come in: people and their passwords, sessions of browsers, tokens of programs, one-time
// links, and the trail of what they did. It knows no HTTP and no SQL, keeps no secret in the clear, and has no default
// password anywhere: the first administrator comes in by a link that works once.
package account

import (
	"cmp"
	"context"
	"time"
)

// ID names a person for ever (a UUIDv7).
type ID string

// Role is what somebody may do; each role may do all that the ones below it may.
type Role string

// The roles.
const (
	Admin      Role = "admin"
	Supervisor Role = "supervisor"
	Agent      Role = "agent"
)

// rank orders the roles; an unknown role has none.
var rank = map[Role]int{Agent: 1, Supervisor: 2, Admin: 3}

// Valid reports whether r is one of the three roles.
func (r Role) Valid() bool { return rank[r] > 0 }

// Atleast reports whether r may do what need asks for. An unknown role may do nothing.
func (r Role) Atleast(need Role) bool { return r.Valid() && need.Valid() && rank[r] >= rank[need] }

// Person is somebody with a login. Hash is the password's (see HashPassword) and never leaves as JSON; empty means that
// nobody can log in with a password. Revision grows with every change.
type Person struct {
	ID        ID        `json:"id"`
	Login     string    `json:"login"`
	Name      string    `json:"name"`
	Role      Role      `json:"role"`
	AgentID   string    `json:"agentId,omitempty" doc:"the agent this person is in queues; empty for none"`
	Disabled  bool      `json:"disabled,omitempty"`
	Hash      string    `json:"-"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	Revision  int64     `json:"revision"`
}

// Session is one browser that is logged in. Hash is the token's; the token itself is with the browser only.
type Session struct {
	Hash     string    `json:"-"`
	Person   ID        `json:"person"`
	Source   string    `json:"source,omitempty" doc:"the address it was opened from"`
	Since    time.Time `json:"since"`
	LastUsed time.Time `json:"lastUsed"`
	Expires  time.Time `json:"expires" doc:"moves on with use, up to a limit"`
}

// Token lets a program in as a role. Hash is the secret's; the secret is shown once.
type Token struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Role      Role      `json:"role"`
	Hash      string    `json:"-"`
	By        ID        `json:"by,omitempty" doc:"who made it"`
	CreatedAt time.Time `json:"createdAt"`
	LastUsed  time.Time `json:"lastUsed,omitempty,omitzero"`
	Expires   time.Time `json:"expires,omitempty,omitzero" doc:"never when absent"`
}

// The purposes of a Link.
const (
	FirstAdmin = "first-admin" // makes the first administrator
	NewSecret  = "password"    // lets a person set a new password
)

// Link is a secret that works once, before it expires. Hash is the secret's.
type Link struct {
	Hash    string
	Purpose string
	Person  ID // empty for FirstAdmin
	Expires time.Time
}

// Entry is one line of the trail: who did what to what. Hash chains it to the line before; see VerifyTrail.
type Entry struct {
	Number int64     `json:"number"`
	At     time.Time `json:"at"`
	Who    string    `json:"who" doc:"person id, token id or system"`
	Name   string    `json:"name,omitempty"`
	What   string    `json:"what" doc:"such as login, recording.listen, settings.change"`
	Object string    `json:"object,omitempty"`
	Detail string    `json:"detail,omitempty"`
	Source string    `json:"source,omitempty" doc:"the address it came from"`
	Hash   string    `json:"hash"`
}

// TrailQuery selects lines of the trail. Zero fields select everything.
type TrailQuery struct {
	Who, What, Object string // What with a dot at its end is all that begin so: config.
	Search            string // part of name, object, detail or source; ASCII letters in any case
	From, To          time.Time
	Sort              string // at, who or what, with - before it for the last first; "": -at
	Before            int64  // only lines after the one of this number, in the order of Sort; 0 for all
	Limit             int    // 0 is 100, at most 1001: a page and the line that says whether another follows
}

// PageSize is Limit within its bounds.
func (q TrailQuery) PageSize() int { return min(cmp.Or(max(q.Limit, 0), 100), 1001) }

// PeopleStore keeps people.
type PeopleStore interface {
	// InsertPerson adds a person; ErrLoginTaken when the login (in any letter case) is somebody's. With first set it also
	// fails with ErrNotFirst as soon as an administrator exists, checked in the same transaction.
	InsertPerson(ctx context.Context, p Person, first bool) error
	// UpdatePerson writes the person whole if the kept revision is p.Revision - 1; else ErrConflict.
	UpdatePerson(ctx context.Context, p Person) error
	Person(ctx context.Context, id ID) (Person, error)               // ErrNotFound
	PersonByLogin(ctx context.Context, login string) (Person, error) // any letter case; ErrNotFound
	People(ctx context.Context) ([]Person, error)                    // by login
}

// SessionStore keeps sessions.
type SessionStore interface {
	SaveSession(ctx context.Context, s Session) error
	// TouchSession moves LastUsed and Expires of a session that still is; nil when it is gone.
	TouchSession(ctx context.Context, s Session) error
	Session(ctx context.Context, hash string) (Session, error)
	EndSession(ctx context.Context, hash string) error                 // nil when there is none
	EndSessions(ctx context.Context, person ID, keepHash string) error // all of a person but one
}

// TokenStore keeps tokens.
type TokenStore interface {
	SaveToken(ctx context.Context, t Token) error
	// TouchToken moves LastUsed of a token that still is; nil when it is gone.
	TouchToken(ctx context.Context, t Token) error
	TokenByHash(ctx context.Context, hash string) (Token, error)
	Tokens(ctx context.Context) ([]Token, error)
	DeleteToken(ctx context.Context, id string) error // ErrNotFound
}

// LinkStore keeps links, and clears what is over.
type LinkStore interface {
	SaveLink(ctx context.Context, l Link) error
	// UseLink takes a link out, so that of several at once only one gets it; ErrNotFound. An expired one is found too.
	UseLink(ctx context.Context, hash string) (Link, error)
	EndExpired(ctx context.Context, now time.Time) error // sessions and links
}

// Trail is the append-only list of what people did.
type Trail interface {
	// AppendTrail adds a line, giving it the next number and its hash, and returns it.
	AppendTrail(ctx context.Context, e Entry) (Entry, error)
	TrailOf(ctx context.Context, q TrailQuery) ([]Entry, error)
}

// Store is what this package needs kept.
type Store interface {
	PeopleStore
	SessionStore
	TokenStore
	LinkStore
	Trail
}
