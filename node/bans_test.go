package node

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"hotline/internal/testkit"
	"hotline/node/datadir"
)

// TestGuesserIsBanned has somebody guess the passwords of a phone that exists, and of one that does not, over UDP and TCP.
func TestGuesserIsBanned(t *testing.T) {
	n := runNode(t, smallData(t, smallCentre))
	if err := n.grantCLI(t.Context()); err != nil {
		t.Fatal(err)
	}
	guesser := person(t, testkit.Config{Bind: netip.MustParseAddrPort("127.0.42.66:0"), Server: n.sipAt(), User: "1001", Password: "guess"})
	for i := range 10 {
		ctx, stop := context.WithTimeout(t.Context(), patience)
		err := guesser.Register(ctx, time.Hour)
		stop()
		if !errors.Is(err, testkit.ErrRefused) {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	eventually(t, "the ban", func() bool { return len(n.transport.Guard.Bans()) == 1 })
	a, err := datadir.Find(n.config.Data)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Bans []struct{ Source, Why string }
	}
	if err := a.Get(t.Context(), "/bans", &answer); err != nil || len(answer.Bans) != 1 || answer.Bans[0].Source != "127.0.42.66" || answer.Bans[0].Why != "wrong passwords" {
		t.Fatalf("got %+v, %v", answer, err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer stop()
	if err := guesser.Register(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a banned source hears %v", err)
	}
	anna(t, n) // others are heard
	if err := a.Send(t.Context(), http.MethodDelete, "/bans/127.0.42.66", nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := a.Send(t.Context(), http.MethodDelete, "/bans/127.0.42.66", nil, nil); err == nil {
		t.Error("lifted twice")
	}
	if len(n.transport.Guard.Bans()) != 0 {
		t.Error("not lifted")
	}
}
