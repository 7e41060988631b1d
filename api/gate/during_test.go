package gate

import (
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"hotline/account"
	"hotline/store"
)

// signedIn is a gate, and requests of amy, who is an agent and has just signed in.
func signedIn(t *testing.T) (g *Gate, again func() *http.Request) {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "hotline.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	accounts, err := account.New(account.Config{Cost: account.Cost{Time: 1, Memory: 8, Threads: 1}, Now: time.Now, Logger: slog.Default()}, db)
	if err != nil {
		t.Fatal(err)
	}
	const password = "correct horse battery"
	if _, err := accounts.Create(t.Context(), account.Person{Login: "amy", Name: "Amy", Role: account.Agent, AgentID: "1001"}, password); err != nil {
		t.Fatal(err)
	}
	return &Gate{Accounts: accounts, Logger: slog.Default()}, func() *http.Request {
		token, _, err := accounts.Login(t.Context(), "amy", password, "127.0.0.5")
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.AddCookie(&http.Cookie{Name: CookieName, Value: token})
		return r
	}
}

func TestARevokedSessionEndsWhatItHolds(t *testing.T) {
	g, again := signedIn(t)
	r := again()
	ctx, stop := g.WhileSignedIn(r, time.Millisecond, func(who Identity) bool { return who.Agent == "1001" })
	defer stop()
	who, err := g.Who(r)
	if err != nil {
		t.Fatal(err)
	}
	if ctx.Err() != nil {
		t.Fatal("over while the session lasts")
	}
	if err := g.Accounts.LogoutAll(t.Context(), account.ID(who.ID)); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()

	ctx, stop = g.WhileSignedIn(again(), time.Millisecond, func(who Identity) bool { return who.Role == account.Admin })
	defer stop()
	<-ctx.Done() // whoever it was is somebody else now
}

func TestSigningOutEndsWhatTheSessionHolds(t *testing.T) {
	g, again := signedIn(t)
	hold := func() (token string, over <-chan struct{}, stop func()) {
		var ctx interface{ Done() <-chan struct{} }
		h := g.Only(account.Agent, func(_ http.ResponseWriter, r *http.Request) {
			token = Cookie(r.Context())
			ctx, stop = g.WhileSignedIn(r, time.Hour, func(Identity) bool { return true })
		})
		h(nil, again())
		return token, ctx.Done(), stop
	}
	token, over, stop := hold()
	_, other, stopOther := hold()
	g.SignedOut(token)
	<-over
	select {
	case <-other:
		t.Error("another session's ended too")
	default:
	}
	stop()
	stopOther()
	if len(g.during.all) != 0 {
		t.Errorf("still known: %v", g.during.all)
	}
}
