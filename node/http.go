package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"hotline/account"
	"hotline/api"
	"hotline/api/live"
	"hotline/centre"
	"hotline/node/datadir"
	"hotline/number"
	"hotline/route"
	"hotline/sip/transport"
	"hotline/sip/trunk"
	"hotline/web"
)

// errDraining is what /readyz says while the node stops.
var errDraining = errors.New("stopping: no new calls are taken")

// serveHTTP serves the API until ctx ends.
func (n *Node) serveHTTP(ctx context.Context) error {
	pages, err := web.New()
	if err != nil {
		return err
	}
	var softphones live.Softphones
	var button api.Button
	if n.softphones != nil {
		softphones = n.softphones
		if n.config.Button.Number != "" {
			button = n.softphones
		}
	}
	handler := api.New(api.Config{
		Softphones: softphones, PhoneOf: n.phoneOf, Rings: n.rings, Follows: n.board, Supervised: n.config.Calls.TellSupervision, Download: account.Role(n.config.Recording.Download), Button: button, Visitors: n.config.Button.Origins,
		Accounts: n.accounts, Calls: n.db, Live: n.board.Exchange(), Queues: n.dispatcher, Recordings: n.db, Recorder: n.recorder, Desk: n.desk,
		OfCall: n.db.TicketOfCall, OpenOf: n.db.OpenTicketsOf, Trail: n.db, Trunks: n.trunks, Registrar: n.registrar, Ladders: n.ladders,
		Callbacks: n.callbacks, Floor: n.floor, Post: n.post, AgentLog: n.db, Note: n.journal.Append, Dispositions: func(queue string) []string { return n.built.Load().Rules[queue].Dispositions },
		Script: func(queue string) string { return n.built.Load().Rules[queue].Script },
		SRTP:   func(id string) string { return n.security(id, "").String() },
		Host:   func(t trunk.Target) string { return n.legs.Host(transport.Peer{Network: t.Network, Addr: t.Addr}) },
		Routes: func() *route.Table { return n.board.Centre().Routes },
		Region: func(x number.Number) number.Region { return n.board.Centre().Atlas.Region(x) },
		Events: n.events, Ready: n.ready, Metrics: promhttp.HandlerFor(n.metrics(), promhttp.HandlerOpts{}),
		Machine: newTeller(n).Tell, Prompts: n.shelf, Speaker: speaker(n.config), Editor: centre.NewEditor(n.db, n.config.SIP.Realm, n.reload), SIP: n.transport, Bans: n.transport.Guard, Origins: n.config.HTTP.Origins, Pages: pages, Version: n.version, Logger: n.log,
	})
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(n.log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(n.web) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve the API: %w", err)
	case <-ctx.Done():
		n.events.Close() // streams would never end by themselves
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer cancel()
		if server.Shutdown(last) == nil {
			return nil
		}
		return server.Close()
	}
}

func (n *Node) ready() error {
	if n.board.Draining() {
		return errDraining
	}
	return nil
}

// listenHTTP opens the API's port.
func (n *Node) listenHTTP() (err error) {
	n.web, err = net.Listen("tcp", n.config.HTTP.Listen.String())
	if err != nil {
		return fmt.Errorf("listen for the API: %w", err)
	}
	return nil
}

// grantCLI makes the token of the commands anew and leaves it in the data folder.
func (n *Node) grantCLI(ctx context.Context) error {
	if old, err := datadir.Find(n.config.Data); err == nil {
		_ = n.accounts.RevokeToken(ctx, old.ID)
	}
	by := account.Person{ID: "system", Name: "system", Role: account.Admin}
	secret, token, err := n.accounts.MintToken(ctx, by, "commands on this machine", account.Admin, time.Time{})
	if err != nil {
		return fmt.Errorf("make the commands' token: %w", err)
	}
	return datadir.Access{URL: "http://" + n.web.Addr().String(), Token: secret, ID: token.ID, PID: os.Getpid(), Realm: n.config.SIP.Realm}.Write(n.config.Data)
}
