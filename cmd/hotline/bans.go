package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"text/tabwriter"
	"time"

	"hotline/node/datadir"
)

type bansCmd struct {
	Data string `help:"The running node's data folder." default:"var" type:"path"`
	Lift string `help:"Let this address be heard again." placeholder:"ADDRESS"`
}

// Help is kong's further help.
func (bansCmd) Help() string {
	return `Scanners and sources that gave too many wrong passwords are not heard: for sip.ban the first time, twice as long each
further time. Trunks, and addresses with a registered phone behind them, are never banned.

  hotline bans
  hotline bans --lift 203.0.113.5`
}

// Run asks the running node.
func (b bansCmd) Run() error {
	a, err := datadir.Find(b.Data)
	if err != nil {
		return err
	}
	ctx := context.Background()
	if b.Lift != "" {
		if err := a.Send(ctx, http.MethodDelete, "/bans/"+url.PathEscape(b.Lift), nil, nil); err != nil {
			return err
		}
		fmt.Println(b.Lift + " is heard again")
		return nil
	}
	var answer struct{ Bans []banned }
	if err := a.Get(ctx, "/bans?limit=1000", &answer); err != nil {
		return err
	}
	return printBans(os.Stdout, answer.Bans)
}

// banned is one source that the node does not hear.
type banned struct {
	Source  string    `json:"source"`
	Why     string    `json:"why"`
	Until   time.Time `json:"until"`
	Times   int       `json:"times"`
	Dropped uint64    `json:"dropped"`
}

func printBans(out io.Writer, bans []banned) error {
	if len(bans) == 0 {
		_, err := fmt.Fprintln(out, "nobody is banned")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SOURCE\tWHY\tUNTIL\tTIMES\tDROPPED")
	for _, b := range bans {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\n", b.Source, b.Why, b.Until.Local().Format("2006-01-02 15:04:05"), b.Times, b.Dropped)
	}
	return w.Flush()
}
