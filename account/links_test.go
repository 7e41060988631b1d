package account

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestFirstAdmin(t *testing.T) {
	a, _, c := door(t)
	if _, err := a.Create(t.Context(), Person{Login: "amy", Name: "Amy", Role: Agent}, good); err != nil {
		t.Fatal(err)
	}
	secret, needed, err := a.FirstLink(t.Context())
	if err != nil || !needed {
		t.Fatalf("with an agent and no administrator: got %v, %v", needed, err)
	}
	_, err = a.CreateFirst(t.Context(), secret, "boss", "Boss", "short")
	wantKind(t, "a weak password", err, Invalid)
	_, err = a.CreateFirst(t.Context(), "forged", "boss", "Boss", good)
	wantErr(t, "a forged link", err, ErrLink)
	p, err := a.CreateFirst(t.Context(), secret, "boss", "Boss", good)
	if err != nil || p.Role != Admin {
		t.Fatalf("got %+v, %v; the weak password must not use the link up", p, err)
	}
	_, err = a.CreateFirst(t.Context(), secret, "boss2", "Boss", good)
	wantErr(t, "the link again", err, ErrLink)
	if _, needed, err := a.FirstLink(t.Context()); needed || err != nil {
		t.Errorf("with an administrator: got %v, %v", needed, err)
	}
	reset, err := a.PasswordLink(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.CreateFirst(t.Context(), reset, "boss3", "Boss", good)
	wantErr(t, "a link for something else", err, ErrLink)
	late, err := a.PasswordLink(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	c.pass(25 * time.Hour)
	_, err = a.RedeemPassword(t.Context(), late, other)
	wantErr(t, "a link of yesterday", err, ErrLink)
}

func TestNewPasswords(t *testing.T) {
	a, m, _ := door(t)
	p := add(t, a, "amy", Agent)
	mine, _, _ := a.Login(t.Context(), "amy", good, "::1")
	theirs, _, _ := a.Login(t.Context(), "amy", good, "::2")
	wantErr(t, "the old one is wrong", a.SetPassword(t.Context(), p.ID, other, other, "::1", mine), ErrRefused)
	wantKind(t, "the new one is weak", a.SetPassword(t.Context(), p.ID, good, "short", "::1", mine), Invalid)
	if err := a.SetPassword(t.Context(), p.ID, good, other, "::1", mine); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Enter(t.Context(), mine); err != nil {
		t.Errorf("my own session: got %v", err)
	}
	_, err := a.Enter(t.Context(), theirs)
	wantErr(t, "the other session", err, ErrNoSession)
	link, err := a.PasswordLink(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.RedeemPassword(t.Context(), link, good); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Login(t.Context(), "amy", good, "::1"); err != nil || len(m.sessions) != 1 {
		t.Errorf("after the link: got %v, %d sessions", err, len(m.sessions))
	}
}

func TestWhoIsInvitedSetsTheirOwnPassword(t *testing.T) {
	a, _, _ := door(t)
	p, secret, err := a.Invite(t.Context(), Person{Login: "new", Name: "New", Role: Agent, AgentID: "new"})
	if err != nil || p.ID == "" || p.Hash != "" {
		t.Fatalf("got %+v %v", p, err)
	}
	for _, guess := range []string{"", secret} {
		if _, _, err := a.Login(t.Context(), "new", guess, "192.0.2.1"); !errors.Is(err, ErrRefused) {
			t.Errorf("signed in with %q before there is a password: %v", guess, err)
		}
	}
	if _, _, err := a.Invite(t.Context(), Person{Login: "NEW", Name: "Another", Role: Agent}); !errors.Is(err, ErrLoginTaken) {
		t.Errorf("got %v for a login that is taken", err)
	}
	typed := strings.ToLower(strings.ReplaceAll(secret, "-", " "))
	if _, err := a.RedeemPassword(t.Context(), typed, good); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Login(t.Context(), "new", good, "192.0.2.1"); err != nil {
		t.Error(err)
	}
	if _, err := a.RedeemPassword(t.Context(), secret, good); !errors.Is(err, ErrLink) {
		t.Errorf("a one-time password worked twice: %v", err)
	}
}
