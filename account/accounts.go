package account

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Config holds what an installation decides. Zero values take the ones named.
type Config struct {
	Idle   time.Duration    // a session ends after this long without use; 0 is 12 h
	Limit  time.Duration    // a session ends this long after login at the latest; 0 is 7 days
	Link   time.Duration    // how long a link works; 0 is 24 h
	Cost   Cost             // of password hashes; zero is DefaultCost
	Now    func() time.Time // nil is time.Now
	Logger *slog.Logger     // nil is slog.Default
}

const (
	hashesAtOnce = 2                      // each takes a core and Cost.Memory
	touchEvery   = time.Minute            // a session's expiry moves at most this often
	touchWithin  = 300 * time.Millisecond // a busy database must not keep people out
)

// Accounts lets people and programs in. All methods may be called from any goroutine.
type Accounts struct {
	config   Config
	store    Store
	throttle *throttle
	decoy    string        // verified for logins that do not exist, so that they take as long
	hashing  chan struct{} // one place for each hash being made
}

// New makes the door. The error is the machine's random source failing.
func New(config Config, store Store) (*Accounts, error) {
	if config.Idle <= 0 {
		config.Idle = 12 * time.Hour
	}
	if config.Limit <= 0 {
		config.Limit = 7 * 24 * time.Hour
	}
	if config.Link <= 0 {
		config.Link = 24 * time.Hour
	}
	if config.Cost == (Cost{}) {
		config.Cost = DefaultCost()
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	secret, _, err := newSecret("")
	if err != nil {
		return nil, err
	}
	decoy, err := HashPassword(secret, config.Cost)
	if err != nil {
		return nil, err
	}
	return &Accounts{config: config, store: store, throttle: newThrottle(), decoy: decoy, hashing: make(chan struct{}, hashesAtOnce)}, nil
}

func (a *Accounts) now() time.Time { return a.config.Now().UTC() }

// Login checks a password and opens a session. source is the address the request came from. The token goes to the browser
// and is kept nowhere. Errors: ErrRefused, for unknown and disabled people too and after the same work; ErrThrottled, as a Later.
func (a *Accounts) Login(ctx context.Context, login, password, source string) (token string, p Person, err error) {
	key := LoginKey(login)
	if wait := a.throttle.try(key, source, a.now()); wait > 0 {
		return "", Person{}, fmt.Errorf("login from %s: %w", source, &Later{wait})
	}
	p, err = a.store.PersonByLogin(ctx, key)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return "", Person{}, fmt.Errorf("find a login: %w", err)
	}
	known := err == nil
	ok, err := a.verify(ctx, password, p.Hash)
	if err != nil {
		return "", Person{}, err
	}
	if !ok || !known || p.Disabled {
		return "", Person{}, a.refuse(ctx, p, source)
	}
	a.throttle.well(key, source)
	token, err = a.open(ctx, p, source)
	if err != nil {
		return "", Person{}, err
	}
	return token, a.rehash(ctx, p, password), nil
}

// verify compares with a decoy where there is no hash: both ways do the same work.
func (a *Accounts) verify(ctx context.Context, password, hash string) (bool, error) {
	select {
	case a.hashing <- struct{}{}:
		defer func() { <-a.hashing }()
	case <-ctx.Done():
		return false, fmt.Errorf("wait to check a password: %w", ctx.Err())
	}
	real := hash != ""
	if !real {
		hash = a.decoy
	}
	if len(password) > 4*passwordMost {
		password = "" // nobody has one that long
	}
	return VerifyPassword(password, hash) && real, nil
}

// refuse notes the try. What was typed for a login nobody has is not kept: it may well be a password.
func (a *Accounts) refuse(ctx context.Context, p Person, source string) error {
	who := string(p.ID)
	if who == "" {
		who = "unknown"
	}
	if err := a.Note(ctx, Entry{Who: who, Name: p.Login, What: "login.refused", Source: source}); err != nil {
		return err
	}
	return ErrRefused
}

// open makes a session.
func (a *Accounts) open(ctx context.Context, p Person, source string) (string, error) {
	token, hash, err := newSecret("")
	if err != nil {
		return "", err
	}
	now := a.now()
	s := Session{Hash: hash, Person: p.ID, Source: source, Since: now, LastUsed: now, Expires: a.expiry(now, now)}
	if err := a.store.SaveSession(ctx, s); err != nil {
		return "", fmt.Errorf("open a session: %w", err)
	}
	return token, a.Note(ctx, Entry{Who: string(p.ID), Name: p.Login, What: "login", Source: source})
}

func (a *Accounts) expiry(since, now time.Time) time.Time {
	expires, limit := now.Add(a.config.Idle), since.Add(a.config.Limit)
	if limit.Before(expires) {
		return limit
	}
	return expires
}

// rehash renews a hash that was made at another cost; that it may fail does not matter.
func (a *Accounts) rehash(ctx context.Context, p Person, password string) Person {
	if c, _, _, ok := readHash(p.Hash); ok && c == a.config.Cost {
		return p
	}
	renewed, err := a.withPassword(ctx, p, password)
	if err == nil {
		err = a.store.UpdatePerson(ctx, renewed)
	}
	if err != nil {
		a.config.Logger.Warn("password hash not renewed", "person", p.ID, "error", err)
		return p
	}
	return renewed
}

// Enter returns whose session a token is and moves its expiry on; ErrNoSession.
func (a *Accounts) Enter(ctx context.Context, token string) (Person, error) {
	s, err := a.store.Session(ctx, hashSecret(token))
	if errors.Is(err, ErrNotFound) {
		return Person{}, ErrNoSession
	}
	if err != nil {
		return Person{}, fmt.Errorf("find a session: %w", err)
	}
	now := a.now()
	if !now.Before(s.Expires) {
		return Person{}, ErrNoSession
	}
	p, err := a.store.Person(ctx, s.Person)
	if errors.Is(err, ErrNotFound) || err == nil && p.Disabled {
		return Person{}, ErrNoSession
	}
	if err != nil {
		return Person{}, fmt.Errorf("find who has a session: %w", err)
	}
	if now.Sub(s.LastUsed) >= touchEvery {
		s.LastUsed, s.Expires = now, a.expiry(s.Since, now)
		a.touch(ctx, func(ctx context.Context) error { return a.store.TouchSession(ctx, s) })
	}
	return p, nil
}

// touch writes a time of use; that it may fail must not keep anybody out.
func (a *Accounts) touch(ctx context.Context, write func(context.Context) error) {
	ctx, cancel := context.WithTimeout(ctx, touchWithin)
	defer cancel()
	if err := write(ctx); err != nil {
		a.config.Logger.Warn("time of use not kept", "error", err)
	}
}

// Logout ends the session of a token; nil when there is none.
func (a *Accounts) Logout(ctx context.Context, token string) error {
	if err := a.store.EndSession(ctx, hashSecret(token)); err != nil {
		return fmt.Errorf("log out: %w", err)
	}
	return nil
}

// LogoutAll ends all sessions of a person.
func (a *Accounts) LogoutAll(ctx context.Context, id ID) error {
	if err := a.store.EndSessions(ctx, id, ""); err != nil {
		return fmt.Errorf("log %s out everywhere: %w", id, err)
	}
	return nil
}

// Tidy forgets sessions and links that have expired. Call it now and then.
func (a *Accounts) Tidy(ctx context.Context) error {
	if err := a.store.EndExpired(ctx, a.now()); err != nil {
		return fmt.Errorf("forget what has expired: %w", err)
	}
	return nil
}
