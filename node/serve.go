package node

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"

	"hotline/configs"
	"hotline/node/datadir"
	"hotline/store"
)

// Options are what a program gives its node beside the configuration.
type Options struct {
	Version string                        // shown at the start and on the pages
	Seed    func() (*configs.Data, error) // gives the centre for an empty store; nil for none
	Log     *slog.Logger
	Out     io.Writer   // where the addresses, and the passwords that were made, are shown
	Ready   func(*Node) // called once, when calls are taken; nil for nobody
}

// Serve runs a node until soft ends and its calls are over, or until hard ends, or something failed. One process may run one node on a
// data directory; a second is an error.
func Serve(soft, hard context.Context, c configs.Node, o Options) error {
	if err := os.MkdirAll(c.Data, 0o750); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	unlock, err := datadir.Lock(c.Data)
	if err != nil {
		return err
	}
	defer unlock()
	datadir.ForgetPID(c.Data)
	defer datadir.ForgetPID(c.Data)
	db, err := store.Open(soft, datadir.Database(c.Data))
	if err != nil {
		return err
	}
	defer db.Close()
	secrets, err := seed(soft, db, c, o.Seed)
	if err != nil {
		return err
	}
	n, err := newNode(soft, c, db, o.Log)
	if err != nil {
		tellPhones(o.Out, secrets) // they are kept as hashes only: never again
		return err
	}
	n.version = o.Version
	return n.run(soft, hard, func() {
		if err := n.grantCLI(soft); err != nil {
			n.log.Error("commands on this machine cannot reach the node", "err", err)
		}
		runtime.GC() // the first calls live where the start's garbage was
		n.greet(soft, o.Out, secrets)
		if o.Ready != nil {
			o.Ready(n)
		}
	})
}

// Web is the address of the pages and the API, as HOST:PORT.
func (n *Node) Web() string { return n.web.Addr().String() }

// seed imports the sample data into an empty store.
func seed(ctx context.Context, db *store.DB, c configs.Node, read func() (*configs.Data, error)) ([]configs.Secret, error) {
	have, err := db.Settings(ctx, "")
	if err != nil || len(have) > 0 || read == nil {
		return nil, err
	}
	data, err := read()
	if err != nil {
		return nil, err
	}
	return WriteCentre(ctx, db, c.SIP.Realm, data)
}

// greet says where to look and what to dial.
func (n *Node) greet(ctx context.Context, w io.Writer, secrets []configs.Secret) {
	var b strings.Builder
	fmt.Fprintf(&b, "hotline %s is taking calls\n", n.version)
	for _, a := range n.transport.Addrs("udp") {
		fmt.Fprintf(&b, "  SIP (UDP)   %s\n", a)
	}
	for _, a := range n.transport.Addrs("tcp") {
		fmt.Fprintf(&b, "  SIP (TCP)   %s\n", a)
	}
	for _, network := range []string{"tls", "wss"} {
		for _, a := range n.transport.Addrs(network) {
			fmt.Fprintf(&b, "  SIP (%s)   %s   certificate %s, %d days left\n", strings.ToUpper(network), a, n.certificateName(), n.transport.Counters().CertificateDays)
		}
	}
	for _, a := range n.transport.Addrs("ws") {
		fmt.Fprintf(&b, "  SIP (WS)    %s\n", a)
	}
	fmt.Fprintf(&b, "  Pages       http://%s/\n", n.web.Addr())
	fmt.Fprintf(&b, "  API         http://%s/api/v1/openapi.json\n", n.web.Addr())
	tellPhones(&b, secrets)
	if link, needed, err := n.accounts.FirstLink(ctx); err == nil && needed {
		fmt.Fprintf(&b, "  There is no administrator yet. Open this within 24 hours:\n")
		fmt.Fprintf(&b, "    http://%s/first-admin#%s\n", n.web.Addr(), link)
	} else if err != nil {
		n.log.Error("the first administrator's link could not be made", "err", err)
	}
	_, _ = io.WriteString(w, b.String())
}

// tellPhones shows the passwords that were made at the import.
func tellPhones(w io.Writer, secrets []configs.Secret) {
	for _, s := range secrets {
		_, _ = fmt.Fprintf(w, "  phone       user %s, password %s   (shown this once)\n", s.User, s.Password)
	}
}
