package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"runtime/pprof"
	"syscall"

	"hotline/configs"
	"hotline/node"
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
	return serve(c, seedFile(c.Seed), nil)
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

// serve runs a node until a signal: the first lets its calls end, a second does not. seed gives the centre for an empty store, nil for
// none; ready, which may be nil, is called once calls are taken.
func serve(c configs.Node, seed func() (*configs.Data, error), ready func(*node.Node)) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	soft, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	hard, end := context.WithCancel(context.Background())
	defer end()
	go func() {
		<-soft.Done()
		stop() // a second signal ends at once
		again := make(chan os.Signal, 1)
		signal.Notify(again, os.Interrupt, syscall.SIGTERM)
		<-again
		end()
	}()
	return node.Serve(soft, hard, c, node.Options{Version: version, Seed: seed, Log: logger(c.Log), Out: os.Stdout, Ready: ready})
}

// seedFile reads the configuration's data file; nil where there is none.
func seedFile(file string) func() (*configs.Data, error) {
	if file == "" {
		return nil
	}
	return func() (*configs.Data, error) { return configs.ReadData(file) }
}
