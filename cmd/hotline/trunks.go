package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"hotline/node/datadir"
)

type trunksCmd struct {
	Show trunksShowCmd `cmd:"" default:"withargs" help:"Calls, health and registrations of the trunks of a running node."`
	Test trunksTestCmd `cmd:"" help:"What a number becomes on a trunk, in and out."`
}

type trunksShowCmd struct {
	Data string `help:"The running node's data folder." default:"var" type:"path"`
}

// trunkState is what the API says of a trunk, as far as it is printed.
type trunkState struct {
	ID       string `json:"id"`
	Calls    int    `json:"calls"`
	MaxCalls int    `json:"maxCalls"`
	Refused  uint64 `json:"refused"`
	Barred   uint64 `json:"barred"`
	Targets  []struct {
		Address      string    `json:"address"`
		Host         string    `json:"host"`
		Network      string    `json:"network"`
		Up           bool      `json:"up"`
		Why          string    `json:"why"`
		Busy         time.Time `json:"busyUntil"`
		Registration *struct {
			Registered bool      `json:"registered"`
			Until      time.Time `json:"until"`
			Why        string    `json:"why"`
		} `json:"registration"`
	} `json:"targets"`
}

// Run asks the running node.
func (t trunksShowCmd) Run() error {
	a, err := datadir.Find(t.Data)
	if err != nil {
		return err
	}
	var answer struct{ Trunks []trunkState }
	if err := a.Get(context.Background(), "/trunks?limit=1000", &answer); err != nil {
		return err
	}
	printTrunks(os.Stdout, answer.Trunks)
	return nil
}

func printTrunks(w io.Writer, trunks []trunkState) {
	for _, t := range trunks {
		most := "no limit"
		if t.MaxCalls > 0 {
			most = fmt.Sprintf("of %d", t.MaxCalls)
		}
		fmt.Fprintf(w, "%s: %d calls (%s), %d refused, %d barred\n", t.ID, t.Calls, most, t.Refused, t.Barred)
		for _, x := range t.Targets {
			state := "up"
			if !x.Up {
				state = "down: " + x.Why
			}
			if !x.Busy.IsZero() {
				state += ", left alone until " + x.Busy.Local().Format(time.TimeOnly)
			}
			if r := x.Registration; r != nil && r.Registered {
				state += ", registered until " + r.Until.Local().Format(time.TimeOnly)
			} else if r != nil {
				state += ", not registered: " + r.Why
			}
			where := x.Network + " " + x.Address
			switch {
			case x.Address == "":
				where = x.Host
			case x.Host != "":
				where += " (" + x.Host + ")"
			}
			fmt.Fprintf(w, "  %s %s\n", where, state)
		}
	}
}
