package account

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	good  = "correct horse battery"
	other = "another long password"
)

// cheap makes hashing fast enough for tests.
var cheap = Cost{Time: 1, Memory: 8, Threads: 1}

// clock is the time of a test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func door(t testing.TB) (*Accounts, *memory, *clock) {
	t.Helper()
	m, c := newMemory(), &clock{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	a, err := New(Config{Cost: cheap, Now: c.Now}, m)
	if err != nil {
		t.Fatal(err)
	}
	return a, m, c
}

func add(t testing.TB, a *Accounts, login string, role Role) Person {
	t.Helper()
	p, err := a.Create(t.Context(), Person{Login: login, Name: "Name", Role: role}, good)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func wantErr(t testing.TB, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func wantKind(t testing.TB, what string, got error, want Kind) {
	t.Helper()
	var e *Error
	if !errors.As(got, &e) || e.Kind != want || e.Sentence == "" {
		t.Errorf("%s: got %v, want kind %s", what, got, want)
	}
}

func TestLogin(t *testing.T) {
	a, m, c := door(t)
	p := add(t, a, "Amy", Agent)
	token, got, err := a.Login(t.Context(), " aMY ", good, "::1")
	if err != nil || got.ID != p.ID || len(token) < 40 {
		t.Fatalf("got %q, %+v, %v", token, got, err)
	}
	if in, err := a.Enter(t.Context(), token); err != nil || in.ID != p.ID {
		t.Errorf("enter: got %+v, %v", in, err)
	}
	if _, ok := m.sessions[token]; ok {
		t.Errorf("the token itself is kept")
	}
	c.pass(time.Hour)
	for what, try := range map[string][2]string{"wrong password": {"amy", other}, "unknown": {"bob", good}, "no password": {"amy", ""}} {
		_, _, err := a.Login(t.Context(), try[0], try[1], what)
		wantErr(t, what, err, ErrRefused)
	}
	if got, want := m.trail[0].What+" "+m.trail[1].What, "login login.refused"; got != want {
		t.Errorf("trail: got %q, want %q", got, want)
	}
	if err := a.Logout(t.Context(), token); err != nil {
		t.Error(err)
	}
	_, err = a.Enter(t.Context(), token)
	wantErr(t, "after logout", err, ErrNoSession)
}

func TestDisabledPeopleStayOut(t *testing.T) {
	a, _, _ := door(t)
	add(t, a, "boss", Admin)
	p := add(t, a, "amy", Agent)
	token, _, err := a.Login(t.Context(), "amy", good, "::1")
	if err != nil {
		t.Fatal(err)
	}
	p.Disabled = true
	p, err = a.Person(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	p.Disabled = true
	if _, err := a.Change(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	_, err = a.Enter(t.Context(), token)
	wantErr(t, "the open session", err, ErrNoSession)
	_, _, err = a.Login(t.Context(), "amy", good, "::1")
	wantErr(t, "login", err, ErrRefused)
}

func TestSessionsSlideAndEnd(t *testing.T) {
	a, _, c := door(t)
	add(t, a, "amy", Agent)
	token, _, err := a.Login(t.Context(), "amy", good, "::1")
	if err != nil {
		t.Fatal(err)
	}
	used := 0
	for range 30 {
		c.pass(11 * time.Hour)
		if _, err = a.Enter(t.Context(), token); err != nil {
			break
		}
		used++
	}
	if used != 15 { // 7 days of 24 h hold 15 times 11 h
		t.Errorf("used every 11 h it lived %d times, want 15 and then the end", used)
	}
	wantErr(t, "at the limit", err, ErrNoSession)
	token, _, err = a.Login(t.Context(), "amy", good, "::1")
	if err != nil {
		t.Fatal(err)
	}
	c.pass(12 * time.Hour)
	_, err = a.Enter(t.Context(), token)
	wantErr(t, "unused for 12 h", err, ErrNoSession)
}

// TestGuessing counts how many guesses one source gets at one login, with no pause between them.
func TestGuessing(t *testing.T) {
	a, _, c := door(t)
	add(t, a, "amy", Agent)
	begun := c.Now()
	tries := map[string]int{}
	for c.Now().Sub(begun) < time.Hour {
		_, _, err := a.Login(t.Context(), "amy", other, "192.0.2.1")
		if errors.Is(err, ErrRefused) {
			tries["hour"]++
			if c.Now().Sub(begun) < time.Minute {
				tries["minute"]++
			}
		} else {
			wantErr(t, "guess", err, ErrThrottled)
		}
		c.pass(500 * time.Millisecond)
	}
	if tries["minute"] > 10 || tries["minute"] < 5 || tries["hour"] > 14 {
		t.Errorf("got %v guesses, want at most 10 in the first minute and few more in the hour", tries)
	}
	_, _, err := a.Login(t.Context(), "amy", good, "192.0.2.1")
	wantErr(t, "the right password in time of ban", err, ErrThrottled)
	if _, _, err := a.Login(t.Context(), "amy", good, "192.0.2.2"); err != nil {
		t.Errorf("the person at another place: got %v", err)
	}
}

func TestGuessingAtOnceGainsNothing(t *testing.T) {
	a, _, _ := door(t)
	var (
		wait    sync.WaitGroup
		mu      sync.Mutex
		refused int
	)
	for range 100 {
		wait.Go(func() {
			_, _, err := a.Login(t.Context(), "nobody", other, "192.0.2.1")
			mu.Lock()
			defer mu.Unlock()
			if errors.Is(err, ErrRefused) {
				refused++
			}
		})
	}
	wait.Wait()
	if refused > 3 {
		t.Errorf("%d of 100 guesses at once were looked at, want 3", refused)
	}
}

func TestSprayingIsSlowed(t *testing.T) {
	a, _, _ := door(t)
	refused := 0
	for i := range 200 {
		if _, _, err := a.Login(t.Context(), fmt.Sprint("user", i), other, "192.0.2.1"); errors.Is(err, ErrRefused) {
			refused++
		}
	}
	if refused > sourceTries {
		t.Errorf("one source tried %d logins, want at most %d", refused, sourceTries)
	}
}

func TestSuccessForgets(t *testing.T) {
	a, _, _ := door(t)
	add(t, a, "amy", Agent)
	for range 12 {
		for range 2 {
			_, _, err := a.Login(t.Context(), "amy", other, "::1")
			wantErr(t, "wrong", err, ErrRefused)
		}
		if _, _, err := a.Login(t.Context(), "amy", good, "::1"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestThrottleStaysSmall(t *testing.T) {
	th := newThrottle()
	now := time.Unix(1, 0)
	for i := range pacersMost + 1000 {
		th.try("amy", fmt.Sprint(i), now)
	}
	if got := len(th.pacers); got > pacersMost+2 {
		t.Errorf("got %d kept, want at most %d", got, pacersMost)
	}
}

// TestUnknownLoginsTakeAsLong compares the work, which is what the time is made of: the same hash at the same cost.
func TestUnknownLoginsTakeAsLong(t *testing.T) {
	a, _, _ := door(t)
	p := add(t, a, "amy", Agent)
	mine, _, _, ok1 := readHash(p.Hash)
	decoy, _, _, ok2 := readHash(a.decoy)
	if !ok1 || !ok2 || mine != decoy {
		t.Errorf("a person's hash costs %+v, the decoy %+v", mine, decoy)
	}
	if ok, err := a.verify(t.Context(), "", ""); ok || err != nil {
		t.Errorf("nobody's password was right: %v, %v", ok, err)
	}
}

func TestPasswords(t *testing.T) {
	for _, c := range []struct {
		password, login string
		ok              bool
	}{
		{good, "amy", true}, {"一二三四五六七八九十", "amy", true}, {"123456789", "amy", false}, {"1234567890", "amy", false}, {"aaaaaaaaaaaa", "amy", false},
		{"Password123", "amy", false}, {"amy.wong.1", "amy.wong", false}, {"hotline1234", "x1", false}, {strings.Repeat("ab", 129), "amy", false},
		{"\xff\xfe12345678901", "amy", false},
		{"", "amy", false}, {"my login amy is hidden", "amy", true},
	} {
		if err := CheckPassword(c.password, c.login); (err == nil) != c.ok {
			t.Errorf("%q for %q: got %v, want ok %v", c.password, c.login, err, c.ok)
		}
	}
	hash, err := HashPassword(good, DefaultCost())
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("got %q, %v", hash, err)
	}
	if again, _ := HashPassword(good, DefaultCost()); again == hash {
		t.Errorf("two hashes of one password are the same")
	}
	if !VerifyPassword(good, hash) || VerifyPassword(good+" ", hash) {
		t.Errorf("verify is wrong")
	}
	for _, bad := range []string{"", "x", "$argon2id$v=19$m=99999999,t=2,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAA",
		"$argon2i$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAA", hash + "$", "$argon2id$v=19$m=8,t=0,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAA"} {
		if VerifyPassword(good, bad) {
			t.Errorf("%q was taken for a hash", bad)
		}
	}
}

func FuzzReadHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, hash string) {
		c, salt, key, ok := readHash(hash)
		if ok && (c.Time < 1 || c.Time > timeMost || c.Memory > memoryMost || c.Threads < 1 || len(salt) < 8 || len(key) > 64) {
			t.Errorf("%q asks for %+v", hash, c)
		}
	})
}

func TestHashesAreRenewed(t *testing.T) {
	a, m, _ := door(t)
	p := add(t, a, "amy", Agent)
	old := p.Hash
	a.config.Cost = Cost{Time: 2, Memory: 16, Threads: 1}
	_, got, err := a.Login(t.Context(), "amy", good, "::1")
	if err != nil || got.Hash == old || m.people[p.ID].Hash != got.Hash {
		t.Errorf("got %v, renewed %v", err, got.Hash != old)
	}
}

func TestPeople(t *testing.T) {
	a, _, _ := door(t)
	boss := add(t, a, "boss", Admin)
	_, err := a.Create(t.Context(), Person{Login: "BOSS", Role: Agent}, good)
	wantErr(t, "a login twice", err, ErrLoginTaken)
	for _, p := range []Person{{Login: "a", Role: Agent}, {Login: "a b", Role: Agent}, {Login: "amy", Role: "root"}, {Login: "amy"},
		{Login: "a'--", Role: Agent}} {
		_, err := a.Create(t.Context(), p, good)
		wantKind(t, p.Login, err, Invalid)
	}
	boss.Role = Agent
	_, err = a.Change(t.Context(), boss)
	wantKind(t, "the last administrator", err, Invalid)
	boss.Role, boss.Name = Admin, "Chief"
	changed, err := a.Change(t.Context(), boss)
	if err != nil || changed.Name != "Chief" || changed.Revision != boss.Revision+1 {
		t.Errorf("got %+v, %v", changed, err)
	}
	_, err = a.Change(t.Context(), boss)
	wantErr(t, "an old revision", err, ErrConflict)
	_, err = a.Person(t.Context(), "nobody")
	wantErr(t, "nobody", err, ErrNotFound)
	if text, _ := json.Marshal(changed); strings.Contains(string(text), "argon2") {
		t.Errorf("the hash leaves as JSON: %s", text)
	}
}

func TestTokens(t *testing.T) {
	a, m, c := door(t)
	boss := add(t, a, "boss", Supervisor)
	_, _, err := a.MintToken(t.Context(), boss, "x", Admin, time.Time{})
	wantKind(t, "more than oneself", err, Forbidden)
	_, _, err = a.MintToken(t.Context(), boss, " ", Agent, time.Time{})
	wantKind(t, "no name", err, Invalid)
	secret, made, err := a.MintToken(t.Context(), boss, "wallboard", Agent, c.Now().Add(time.Hour))
	if err != nil || !strings.HasPrefix(secret, tokenPrefix) {
		t.Fatalf("got %q, %v", secret, err)
	}
	got, err := a.Bearer(t.Context(), secret)
	if err != nil || got.ID != made.ID || got.Role != Agent || m.tokens[got.Hash].LastUsed.IsZero() {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err = a.Bearer(t.Context(), secret+"x")
	wantErr(t, "a forged one", err, ErrNoSession)
	c.pass(time.Hour)
	_, err = a.Bearer(t.Context(), secret)
	wantErr(t, "an old one", err, ErrNoSession)
	secret, made, err = a.MintToken(t.Context(), boss, "for ever", Agent, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.RevokeToken(t.Context(), made.ID); err != nil {
		t.Fatal(err)
	}
	_, err = a.Bearer(t.Context(), secret)
	wantErr(t, "a revoked one", err, ErrNoSession)
}

func TestRoles(t *testing.T) {
	for _, c := range []struct {
		is, need Role
		want     bool
	}{{Admin, Agent, true}, {Admin, Admin, true}, {Supervisor, Admin, false}, {Agent, Supervisor, false}, {"", Agent, false}, {"root", Agent, false},
		{Admin, "", false}} {
		if got := c.is.Atleast(c.need); got != c.want {
			t.Errorf("%q for %q: got %v, want %v", c.is, c.need, got, c.want)
		}
	}
}

// TestCanaries plants secrets and looks for them in all that is kept.
func TestCanaries(t *testing.T) {
	a, m, _ := door(t)
	p := add(t, a, "amy", Agent)
	token, _, err := a.Login(t.Context(), "amy", good, "::1")
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = a.Login(t.Context(), "canary-typed-as-login", "canary-password", "::1")
	wantErr(t, "a password in the wrong field", err, ErrRefused)
	secret, _, err := a.MintToken(t.Context(), Person{Role: Admin}, "x", Agent, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	link, err := a.PasswordLink(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	kept := fmt.Sprintf("%+v %+v %+v %+v %+v", m.people, m.sessions, m.tokens, m.links, m.trail)
	for _, canary := range []string{good, token, secret, link, "canary"} {
		if strings.Contains(kept, canary) {
			t.Errorf("%q is kept in the clear", canary)
		}
	}
}

// BenchmarkLogin is the price of a password at the default cost.
func BenchmarkLogin(b *testing.B) {
	hash, err := HashPassword(good, DefaultCost())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		VerifyPassword(good, hash)
	}
}
