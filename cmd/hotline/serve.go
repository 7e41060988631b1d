package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"syscall"

	"hotline/configs"
	"hotline/store"
)

type serveCmd struct {
	Config string `short:"c" help:"hotline.yml; without it every key has its default." type:"existingfile"`
	Data   string `help:"Folder for the database and recordings, instead of the configuration's." type:"path"`

	CPUProfile string `help:"Write where the processor's time goes to this file, for go tool pprof, until the node ends." type:"path"`
}

// Run serves until a signal: the first lets live calls finish, a second ends at once.
func (s serveCmd) Run() error {
	c, err := nodeConfig(s.Config, s.Data)
	if err != nil {
		return err
	}
	end, err := profile(s.CPUProfile)
	if err != nil {
		return err
	}
	defer end()
	return serve(c, seedFile(c.Seed), func(*node) {})
}

// profile begins a profile of the processor's time in file; "" for none. end closes it.
func profile(file string) (end func(), err error) {
	if file == "" {
		return func() {}, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, fmt.Errorf("write the profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(fmt.Errorf("begin the profile: %w", err), f.Close())
	}
	return func() { pprof.StopCPUProfile(); _ = f.Close() }, nil
}

// nodeConfig reads the configuration and puts the data folder of the command line over it.
func nodeConfig(file, data string) (configs.Node, error) {
	c := configs.Defaults()
	if file != "" {
		var err error
		if c, err = configs.ReadNode(file); err != nil {
			return c, err
		}
	}
	if data != "" {
		c.Data = data
	}
	return c, nil
}

func logger(c configs.Log) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Level)) // checked by configs
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, options))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, options))
}

// gcPercent is how much garbage may gather, in hundredths of what lives (about 20 MB, and some 25 kB a call): collected half as often as
// usual, and an idle node's heap still stays below 70 MB. GOGC in the environment has the last word.
const gcPercent = 200

// serve runs a node. read gives the centre for an empty store, nil for none; with is called once calls are taken.
func serve(c configs.Node, read func() (*configs.Data, error), with func(*node)) error {
	log := logger(c.Log)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if err := os.MkdirAll(c.Data, 0o750); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	unlock, err := lockData(c.Data)
	if err != nil {
		return err
	}
	defer unlock()
	forgetPID(c.Data)
	defer forgetPID(c.Data)
	db, err := store.Open(ctx, filepath.Join(c.Data, databaseFile))
	if err != nil {
		return err
	}
	defer db.Close()
	secrets, err := seed(ctx, db, c, read)
	if err != nil {
		return err
	}
	n, err := newNode(ctx, c, db, log)
	if err != nil {
		tellPhones(os.Stdout, secrets) // they are kept as hashes only: never again
		return err
	}
	hard, end := context.WithCancel(context.Background())
	defer end()
	go func() {
		<-ctx.Done()
		stop() // a second signal ends at once
		again := make(chan os.Signal, 1)
		signal.Notify(again, os.Interrupt, syscall.SIGTERM)
		<-again
		end()
	}()
	return n.run(ctx, hard, func() {
		if err := n.grantCLI(ctx); err != nil {
			log.Error("commands on this machine cannot reach the node", "err", err)
		}
		runtime.GC() // the first calls live where the start's garbage was
		n.greet(ctx, os.Stdout, secrets)
		with(n)
	})
}

// databaseFile is the database within the data folder.
const databaseFile = "hotline.db"

// lockData keeps a second node off the data folder.
func lockData(folder string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("the data folder %s is used by another hotline that runs", folder)
	}
	return func() { _ = f.Close() }, nil
}

// seedFile reads the configuration's data file; nil where there is none.
func seedFile(file string) func() (*configs.Data, error) {
	if file == "" {
		return nil
	}
	return func() (*configs.Data, error) { return configs.ReadData(file) }
}

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
	return writeCentre(ctx, db, c.SIP.Realm, data)
}

// greet says where to look and what to dial.
func (n *node) greet(ctx context.Context, w io.Writer, secrets []configs.Secret) {
	var b strings.Builder
	fmt.Fprintf(&b, "hotline %s is taking calls\n", version)
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
