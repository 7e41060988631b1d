package live

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"hotline/account"
	"hotline/api/gate"
	"hotline/store"
)

// waiting is a telephone that lasts as long as it may.
type waiting struct {
	began chan string
	over  chan struct{}
}

func (w waiting) Serve(_ http.ResponseWriter, r *http.Request, user string, _ bool, _ Find, _ Watch) {
	w.began <- user
	<-r.Context().Done()
	w.over <- struct{}{}
}

// amy is an account with a session, by its token.
func amy(t *testing.T) (*account.Accounts, string) {
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
	token, _, err := accounts.Login(t.Context(), "amy", password, "127.0.0.5")
	if err != nil {
		t.Fatal(err)
	}
	return accounts, token
}

func TestAPhoneGivenAwayEndsTheTelephone(t *testing.T) {
	w := waiting{make(chan string, 1), make(chan struct{}, 1)}
	var phone atomic.Value
	phone.Store("8001")
	accounts, token := amy(t)
	mux := http.NewServeMux()
	s := New(Routes{
		Gate:       &gate.Gate{Accounts: accounts, Logger: slog.Default(), Mux: mux, API: humago.New(mux, huma.Config{OpenAPI: huma.DefaultConfig("test", "1").OpenAPI})},
		Softphones: w, PhoneOf: func(string) string { return phone.Load().(string) },
	})
	s.recheck = time.Millisecond
	s.softphone()
	for _, next := range []string{"8002", ""} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/softphone", nil)
		r.AddCookie(&http.Cookie{Name: gate.CookieName, Value: token})
		go mux.ServeHTTP(httptest.NewRecorder(), r)
		if user := <-w.began; user != phone.Load() {
			t.Errorf("a telephone of %q, want %v", user, phone.Load())
		}
		select {
		case <-w.over:
			t.Error("over while the phone is the agent's")
		case <-time.After(50 * time.Millisecond):
		}
		phone.Store(next)
		select {
		case <-w.over:
		case <-time.After(20 * time.Second):
			t.Fatal("the telephone outlives the phone")
		}
	}
}
