package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"hotline/account"
	"hotline/api"
	"hotline/centre"
	"hotline/number"
	"hotline/route"
	"hotline/sip/transport"
	"hotline/sip/trunk"
	"hotline/web"
)

// errDraining is what /readyz says while the node stops.
var errDraining = errors.New("stopping: no new calls are taken")

// serveHTTP serves the API until ctx ends.
func (n *node) serveHTTP(ctx context.Context) error {
	pages, err := web.New()
	if err != nil {
		return err
	}
	var softphones api.Softphones
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
		Machine: newMachine(n).Tell, Prompts: n.shelf, Speaker: speaker(n.config), Editor: centre.NewEditor(n.db, n.config.SIP.Realm, n.reload), SIP: n.transport, Bans: n.transport, Origins: n.config.HTTP.Origins, Pages: pages, Version: version, Logger: n.log,
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

func (n *node) ready() error {
	if n.board.Draining() {
		return errDraining
	}
	return nil
}

// listenHTTP opens the API's port.
func (n *node) listenHTTP() (err error) {
	n.web, err = net.Listen("tcp", n.config.HTTP.Listen.String())
	if err != nil {
		return fmt.Errorf("listen for the API: %w", err)
	}
	return nil
}

// access is how commands on this machine reach a running node: a file that only its owner can read.
type access struct {
	URL   string `json:"url"`
	Token string `json:"token"`
	ID    string `json:"id"`
	PID   int    `json:"pid"`   // 0: the node has not come so far, or has stopped
	Realm string `json:"realm"` // what phones' passwords are hashed for
}

const accessFile = "cli.json"

// grantCLI makes the token of the commands anew and leaves it in the data folder.
func (n *node) grantCLI(ctx context.Context) error {
	if old, err := readAccess(n.config.Data); err == nil {
		_ = n.accounts.RevokeToken(ctx, old.ID)
	}
	by := account.Person{ID: "system", Name: "system", Role: account.Admin}
	secret, token, err := n.accounts.MintToken(ctx, by, "commands on this machine", account.Admin, time.Time{})
	if err != nil {
		return fmt.Errorf("make the commands' token: %w", err)
	}
	return writeAccess(n.config.Data, access{URL: "http://" + n.web.Addr().String(), Token: secret, ID: token.ID, PID: os.Getpid(), Realm: n.config.SIP.Realm})
}

func writeAccess(data string, a access) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(data, accessFile), body, 0o600); err != nil {
		return fmt.Errorf("write the commands' token: %w", err)
	}
	return nil
}

// forgetPID takes the process id out of the data folder: a signal must never reach a process that only has the same number.
func forgetPID(data string) {
	if a, err := readAccess(data); err == nil && a.PID != 0 {
		a.PID = 0
		_ = writeAccess(data, a)
	}
}

func readAccess(data string) (access, error) {
	var a access
	body, err := os.ReadFile(filepath.Join(data, accessFile))
	if err != nil {
		return a, fmt.Errorf("find the running node (is `hotline serve` running with this data folder?): %w", err)
	}
	return a, json.Unmarshal(body, &a)
}

// get asks a running node.
func (a access) get(ctx context.Context, path string, out any) error {
	return a.send(ctx, http.MethodGet, path, nil, out)
}

// send asks a running node to change something. body and out may be nil.
func (a access) send(ctx context.Context, method, path string, body io.Reader, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, a.URL+"/api/v1"+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+a.Token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask the running node: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode >= http.StatusMultipleChoices {
		var p struct {
			Detail string `json:"detail"`
		}
		_ = json.NewDecoder(res.Body).Decode(&p)
		return fmt.Errorf("the node answers %s: %s", res.Status, p.Detail)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(out)
}
