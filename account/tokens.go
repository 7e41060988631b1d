package account

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// tokenPrefix lets people and scanners see what a secret is.
const tokenPrefix = "hlt_"

// MintToken makes a token for a program. The secret is returned once and kept nowhere. expires may be zero for never. A
// token can be no more than the person who makes it.
func (a *Accounts) MintToken(ctx context.Context, by Person, name string, role Role, expires time.Time) (secret string, t Token, err error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "" || utf8.RuneCountInString(name) > 100:
		return "", Token{}, invalid("A token needs a name of at most 100 characters.")
	case !role.Valid():
		return "", Token{}, invalid("A role is admin, supervisor or agent.")
	case !by.Role.Atleast(role):
		return "", Token{}, &Error{Forbidden, "A token cannot do more than the one who makes it."}
	}
	id, err := uuid.NewV7()
	if err != nil {
		return "", Token{}, fmt.Errorf("make a token's id: %w", err)
	}
	secret, hash, err := newSecret(tokenPrefix)
	if err != nil {
		return "", Token{}, err
	}
	t = Token{ID: id.String(), Name: name, Role: role, Hash: hash, By: by.ID, CreatedAt: a.now(), Expires: expires.UTC()}
	if expires.IsZero() {
		t.Expires = time.Time{}
	}
	if err := a.store.SaveToken(ctx, t); err != nil {
		return "", Token{}, fmt.Errorf("keep a token: %w", err)
	}
	return secret, t, nil
}

// Bearer returns the token a secret is of; ErrNoSession for one that is unknown, revoked or too old.
func (a *Accounts) Bearer(ctx context.Context, secret string) (Token, error) {
	t, err := a.store.TokenByHash(ctx, hashSecret(secret))
	if errors.Is(err, ErrNotFound) {
		return Token{}, ErrNoSession
	}
	if err != nil {
		return Token{}, fmt.Errorf("find a token: %w", err)
	}
	now := a.now()
	if !t.Expires.IsZero() && !now.Before(t.Expires) {
		return Token{}, ErrNoSession
	}
	if now.Sub(t.LastUsed) >= touchEvery {
		t.LastUsed = now
		a.touch(ctx, func(ctx context.Context) error { return a.store.TouchToken(ctx, t) })
	}
	return t, nil
}

// Tokens returns all tokens in the order they were made.
func (a *Accounts) Tokens(ctx context.Context) ([]Token, error) {
	all, err := a.store.Tokens(ctx)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	return all, nil
}

// RevokeToken ends a token at once; ErrNotFound.
func (a *Accounts) RevokeToken(ctx context.Context, id string) error {
	if err := a.store.DeleteToken(ctx, id); err != nil {
		return fmt.Errorf("revoke token %s: %w", id, err)
	}
	return nil
}

// FirstLink makes the link by which the first administrator comes in; needed is false when there is one already.
func (a *Accounts) FirstLink(ctx context.Context) (secret string, needed bool, err error) {
	all, err := a.People(ctx)
	if err != nil || slices.ContainsFunc(all, func(p Person) bool { return p.Role == Admin }) {
		return "", false, err
	}
	secret, err = a.link(ctx, FirstAdmin, "")
	return secret, err == nil, err
}

// PasswordLink makes the secret by which a person sets a new password, for an administrator to hand over: as a link, or read out as a
// one-time password.
func (a *Accounts) PasswordLink(ctx context.Context, id ID) (secret string, err error) {
	if _, err := a.Person(ctx, id); err != nil {
		return "", err
	}
	secret = spoken(rand.Text()[:spokenLetters])
	return secret, a.keepLink(ctx, NewSecret, id, hashSecret(heard(secret)))
}

// spokenLetters are enough of base32 that nobody guesses one (100 bits).
const spokenLetters = 20

// spoken groups letters so that they can be read out; heard takes them as they are typed.
func spoken(letters string) string {
	var groups []string
	for i := 0; i < len(letters); i += 5 {
		groups = append(groups, letters[i:min(i+5, len(letters))])
	}
	return strings.Join(groups, "-")
}

func heard(text string) string {
	return strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(text))
}

func (a *Accounts) link(ctx context.Context, purpose string, id ID) (string, error) {
	secret, hash, err := newSecret("")
	if err != nil {
		return "", err
	}
	return secret, a.keepLink(ctx, purpose, id, hash)
}

func (a *Accounts) keepLink(ctx context.Context, purpose string, id ID, hash string) error {
	if err := a.store.SaveLink(ctx, Link{Hash: hash, Purpose: purpose, Person: id, Expires: a.now().Add(a.config.Link)}); err != nil {
		return fmt.Errorf("keep a link: %w", err)
	}
	return nil
}

// CreateFirst makes the first administrator by a link of FirstLink. The link is used up only when login and password are
// well formed. Errors: Invalid, ErrLink, ErrNotFirst.
func (a *Accounts) CreateFirst(ctx context.Context, secret, login, name, password string) (Person, error) {
	p := Person{Login: login, Name: name, Role: Admin}
	if err := errors.Join(checkPerson(p), CheckPassword(password, login)); err != nil {
		return Person{}, err
	}
	if _, err := a.use(ctx, secret, FirstAdmin); err != nil {
		return Person{}, err
	}
	return a.create(ctx, p, password, true)
}

// RedeemPassword sets a new password by a secret of PasswordLink, in any letter case and grouping, and ends the person's sessions. Errors: Invalid, ErrLink.
func (a *Accounts) RedeemPassword(ctx context.Context, secret, password string) (Person, error) {
	if err := CheckPassword(password, ""); err != nil {
		return Person{}, err
	}
	l, err := a.use(ctx, heard(secret), NewSecret)
	if err != nil {
		return Person{}, err
	}
	p, err := a.Person(ctx, l.Person)
	if err != nil {
		return Person{}, err
	}
	return p, a.setPassword(ctx, p, password, "")
}

// use takes a link out; ErrLink for one that is unknown, used, too old or for something else.
func (a *Accounts) use(ctx context.Context, secret, purpose string) (Link, error) {
	l, err := a.store.UseLink(ctx, hashSecret(secret))
	if errors.Is(err, ErrNotFound) {
		return Link{}, ErrLink
	}
	if err != nil {
		return Link{}, fmt.Errorf("use a link: %w", err)
	}
	if l.Purpose != purpose || !a.now().Before(l.Expires) {
		return Link{}, ErrLink
	}
	return l, nil
}
