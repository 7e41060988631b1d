package main

import (
	"context"
	"io"
	"log/slog"
	"net/netip"
	"testing"
	"testing/fstest"
	"time"

	"hotline/configs"
	"hotline/node"
	"hotline/node/datadir"
)

const centre = `
queues: [{id: q, name: Sales, ring: 10s}]
people: [{login: anna, phone: "1001", queues: {q: 1}}]
phones: [{user: "1001", password: pw1001}]
`

// running serves a small centre in this process until the test ends; the answer is its data folder and how commands reach it.
func running(t *testing.T) (data string, a datadir.Access) {
	t.Helper()
	c := configs.Defaults()
	c.Data = t.TempDir()
	at := netip.MustParseAddrPort("127.0.43.1:0")
	c.SIP.UDP, c.SIP.TCP, c.SIP.Realm = []netip.AddrPort{at}, nil, "small"
	c.Media.Address, c.Media.PortMin, c.Media.PortMax, c.Media.Shards = at.Addr().String(), 31000, 31999, 1
	c.HTTP.Listen, c.Softphone.UDP, c.Softphone.TCP = at, []netip.AddrPort{at}, nil
	c.Recording.MinFree = 1
	seed := func() (*configs.Data, error) {
		return configs.ReadDataFS(fstest.MapFS{"data.yml": {Data: []byte(centre)}}, "data.yml", "")
	}
	soft, stop := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- node.Serve(soft, context.Background(), c, node.Options{
			Seed: seed, Log: slog.New(slog.DiscardHandler), Out: io.Discard, Ready: func(*node.Node) { close(ready) },
		})
	}()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-ended:
			if err != nil {
				t.Error("the node ended with", err)
			}
		case <-time.After(time.Minute):
			t.Error("the node does not stop")
		}
	})
	select {
	case <-ready:
	case err := <-ended:
		ended <- nil
		t.Fatal(err)
	}
	a, err := datadir.Find(c.Data)
	if err != nil {
		t.Fatal(err)
	}
	return c.Data, a
}

func eventually(t *testing.T, what string, true func() bool) {
	t.Helper()
	limit := time.After(time.Minute)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !true() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
