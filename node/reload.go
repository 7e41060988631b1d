package node

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"hotline/queue"
	"hotline/sip/registrar"
)

// reload takes the centre that the store has now. Calls under way go on with the routes and flows they began with;
// callers who wait keep their place. On an error everything stays as it is.
func (n *Node) reload(ctx context.Context) error {
	n.reloading.Lock()
	defer n.reloading.Unlock()
	data, err := ReadCentre(ctx, n.db)
	if err != nil {
		return fmt.Errorf("read the centre: %w", err)
	}
	built, err := data.Build(n.prompts.Names())
	if err != nil {
		return err
	}
	if err := n.trunks.Replace(built.Trunks); err != nil {
		return fmt.Errorf("take the trunks: %w", err)
	}
	n.trunks.Guard(built.Outside)
	n.trustTrunks()
	n.keeper.Replace(registrations(n.trunks.Trunks()))
	before := n.built.Swap(built)
	n.setPhones(data.Phones)
	n.takeFloor()
	n.board.Replace(centreOf(built, n.board.Centre().Atlas))
	for user := range n.registrar.Snapshot() {
		if n.known(user) {
			n.board.PhoneReachable(user, true)
		} else {
			n.registrar.Forget(user)
		}
	}
	for _, agent := range built.Ready {
		if !slices.Contains(before.Ready, agent) {
			n.dispatcher.Set(agent, queue.Ready, "", "configuration")
		}
	}
	n.log.Info("took the centre anew", "trunks", len(built.Trunks), "numbers", len(built.Routes.Numbers), "flows", len(built.Flows.Flows),
		"queues", len(built.Queues), "agents", len(built.Agents))
	return nil
}

// reloadOnHangup takes the centre and the SIP certificate anew at each SIGHUP; `hotline import` sends one. Signals count from
// the call on, not from when the job runs.
func (n *Node) reloadOnHangup() job {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGHUP)
	return job{"reload", func(ctx context.Context) error {
		defer signal.Stop(asked)
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-asked:
				if err := n.reload(ctx); err != nil {
					n.log.Error("the centre in the store cannot be taken: the one before stays", "err", err)
				}
				if err := n.transport.ReloadCertificates(); err != nil {
					n.log.Error("SIP certificate not taken, the old one stays", "err", err)
				}
			}
		}
	}}
}

// vouchEvery is how often the guard is told which addresses have registered phones behind them.
const vouchEvery = 30 * time.Second

// vouch lets through, when strangers flood the node, the phones that are registered. Trunks are trusted, see trustTrunks.
func (n *Node) vouch(ctx context.Context) error {
	tick := time.NewTicker(vouchEvery)
	defer tick.Stop()
	for {
		for _, contacts := range n.registrar.Snapshot() {
			n.vouchFor(contacts)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (n *Node) vouchFor(contacts []registrar.Contact) {
	for _, c := range contacts {
		if left := time.Until(c.Expires); left > 0 {
			n.transport.Guard.Vouch(c.Peer.Addr.Addr(), left)
		}
	}
}

// tidyEvery is how often sessions and links that have expired are removed.
const tidyEvery = time.Hour

func (n *Node) tidy(ctx context.Context) error {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		if err := n.accounts.Tidy(ctx); err != nil && ctx.Err() == nil {
			n.log.Error("expired sessions were not removed", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
