package account

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// LoginKey is a login in one letter case without blanks around it: two logins with the same key are the same.
func LoginKey(login string) string { return strings.ToLower(strings.TrimSpace(login)) }

// Create adds a person with a password. Of p it takes Login, Name, Role, AgentID and Disabled. Errors: Invalid,
// ErrLoginTaken.
func (a *Accounts) Create(ctx context.Context, p Person, password string) (Person, error) {
	return a.create(ctx, p, password, false)
}

// Invite adds a person who has no password yet, and the secret by which they set one; see PasswordLink. Errors: Invalid, ErrLoginTaken.
func (a *Accounts) Invite(ctx context.Context, p Person) (fresh Person, secret string, err error) {
	if err := checkPerson(p); err != nil {
		return Person{}, "", err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Person{}, "", fmt.Errorf("make a person's id: %w", err)
	}
	now := a.now()
	p.ID, p.Login, p.Hash, p.CreatedAt, p.UpdatedAt, p.Revision = ID(id.String()), strings.TrimSpace(p.Login), "", now, now, 1
	if err := a.store.InsertPerson(ctx, p, false); err != nil {
		return Person{}, "", fmt.Errorf("keep a new person: %w", err)
	}
	secret, err = a.PasswordLink(ctx, p.ID)
	return p, secret, err
}

func (a *Accounts) create(ctx context.Context, p Person, password string, first bool) (Person, error) {
	if err := checkPerson(p); err != nil {
		return Person{}, err
	}
	if err := CheckPassword(password, p.Login); err != nil {
		return Person{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Person{}, fmt.Errorf("make a person's id: %w", err)
	}
	now := a.now()
	p.ID, p.Login, p.CreatedAt, p.UpdatedAt, p.Revision = ID(id.String()), strings.TrimSpace(p.Login), now, now, 0
	if p, err = a.withPassword(ctx, p, password); err != nil {
		return Person{}, err
	}
	if err := a.store.InsertPerson(ctx, p, first); err != nil {
		return Person{}, fmt.Errorf("keep a new person: %w", err)
	}
	return p, nil
}

// withPassword is the person with a new hash and the next revision.
func (a *Accounts) withPassword(ctx context.Context, p Person, password string) (Person, error) {
	select {
	case a.hashing <- struct{}{}:
		defer func() { <-a.hashing }()
	case <-ctx.Done():
		return p, fmt.Errorf("wait to hash a password: %w", ctx.Err())
	}
	hash, err := HashPassword(password, a.config.Cost)
	if err != nil {
		return p, err
	}
	p.Hash, p.UpdatedAt = hash, a.now()
	p.Revision++
	return p, nil
}

func checkPerson(p Person) error {
	key := LoginKey(p.Login)
	if n := utf8.RuneCountInString(key); n < 2 || n > 64 {
		return invalid("A login has 2 to 64 characters.")
	}
	for _, r := range key {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-@", r) {
			return invalid("A login has letters, digits and . _ - @ only.")
		}
	}
	if !p.Role.Valid() {
		return invalid("A role is admin, supervisor or agent.")
	}
	if utf8.RuneCountInString(p.Name) > 100 || !utf8.ValidString(p.Name) {
		return invalid("A name has at most 100 characters.")
	}
	return nil
}

// Person returns one person; ErrNotFound.
func (a *Accounts) Person(ctx context.Context, id ID) (Person, error) {
	p, err := a.store.Person(ctx, id)
	if err != nil {
		return Person{}, fmt.Errorf("find person %s: %w", id, err)
	}
	return p, nil
}

// People returns everybody by login.
func (a *Accounts) People(ctx context.Context) ([]Person, error) {
	all, err := a.store.People(ctx)
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	return all, nil
}

// Change writes Login, Name, Role, AgentID and Disabled of a person whose Revision is the one p was read with. Who is
// disabled or gets another role is logged out everywhere. Errors: ErrNotFound, ErrConflict, ErrLoginTaken, Invalid, also
// for taking away the last administrator.
func (a *Accounts) Change(ctx context.Context, p Person) (Person, error) {
	if err := checkPerson(p); err != nil {
		return Person{}, err
	}
	old, err := a.Person(ctx, p.ID)
	if err != nil {
		return Person{}, err
	}
	if old.Revision != p.Revision {
		return Person{}, ErrConflict
	}
	fresh := old
	fresh.Login, fresh.Name, fresh.Role, fresh.AgentID, fresh.Disabled = strings.TrimSpace(p.Login), p.Name, p.Role, p.AgentID, p.Disabled
	fresh.UpdatedAt = a.now()
	fresh.Revision++
	less := fresh.Disabled && !old.Disabled || fresh.Role != old.Role
	if less {
		if err := a.keepOneAdmin(ctx, old); err != nil {
			return Person{}, err
		}
	}
	if err := a.store.UpdatePerson(ctx, fresh); err != nil {
		return Person{}, fmt.Errorf("change person %s: %w", p.ID, err)
	}
	if less {
		return fresh, a.LogoutAll(ctx, p.ID)
	}
	return fresh, nil
}

// keepOneAdmin refuses to take away the last one who can log in.
func (a *Accounts) keepOneAdmin(ctx context.Context, leaving Person) error {
	if leaving.Role != Admin || leaving.Disabled {
		return nil
	}
	all, err := a.People(ctx)
	if err != nil {
		return err
	}
	for _, p := range all {
		if p.ID != leaving.ID && p.Role == Admin && !p.Disabled {
			return nil
		}
	}
	return invalid("This is the last administrator: make another one first.")
}

// SetPassword gives a person a new password, asked for by themselves: old must be the present one. All their sessions but
// that of keepToken end. Errors: ErrRefused, ErrThrottled, Invalid.
func (a *Accounts) SetPassword(ctx context.Context, id ID, old, password, source, keepToken string) error {
	p, err := a.Person(ctx, id)
	if err != nil {
		return err
	}
	key := LoginKey(p.Login)
	if wait := a.throttle.try(key, source, a.now()); wait > 0 {
		return &Later{wait}
	}
	ok, err := a.verify(ctx, old, p.Hash)
	if err != nil {
		return err
	}
	if !ok {
		return ErrRefused
	}
	a.throttle.well(key, source)
	return a.setPassword(ctx, p, password, keepToken)
}

func (a *Accounts) setPassword(ctx context.Context, p Person, password, keepToken string) error {
	if err := CheckPassword(password, p.Login); err != nil {
		return err
	}
	fresh, err := a.withPassword(ctx, p, password)
	if err != nil {
		return err
	}
	if err := a.store.UpdatePerson(ctx, fresh); err != nil {
		return fmt.Errorf("keep a new password: %w", err)
	}
	if err := a.store.EndSessions(ctx, p.ID, hashSecret(keepToken)); err != nil {
		return fmt.Errorf("end the other sessions: %w", err)
	}
	return nil
}
