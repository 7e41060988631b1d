package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"hotline/internal/testkit"
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
	eventually(t, "the ban", func() bool { return len(n.transport.Bans()) == 1 })
	a, err := readAccess(n.config.Data)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct{ Bans []banned }
	if err := a.get(t.Context(), "/bans", &answer); err != nil || len(answer.Bans) != 1 || answer.Bans[0].Source != "127.0.42.66" {
		t.Fatalf("got %+v, %v", answer, err)
	}
	bans := answer.Bans
	var out bytes.Buffer
	if err := printBans(&out, bans); err != nil || !strings.Contains(out.String(), "127.0.42.66  wrong passwords  20") {
		t.Errorf("got %q, %v", out.String(), err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer stop()
	if err := guesser.Register(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a banned source hears %v", err)
	}
	anna(t, n) // others are heard
	if err := a.send(t.Context(), http.MethodDelete, "/bans/127.0.42.66", nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := a.send(t.Context(), http.MethodDelete, "/bans/127.0.42.66", nil, nil); err == nil {
		t.Error("lifted twice")
	}
	if len(n.transport.Bans()) != 0 {
		t.Error("not lifted")
	}
	out.Reset()
	if err := printBans(&out, nil); err != nil || out.String() != "nobody is banned\n" {
		t.Errorf("got %q", out.String())
	}
}
