package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"

	"hotline/node/datadir"
)

type trunksTestCmd struct {
	Trunk    string   `arg:"" help:"The trunk's id."`
	Number   string   `arg:"" help:"That calls in, and that is called out."`
	Dialled  string   `help:"What the call in dials; the number itself when left out." placeholder:"NUMBER"`
	Header   []string `help:"A header of the call in. May be given more than once." sep:"none" placeholder:"NAME: VALUE"`
	From     string   `help:"Number that the call out shows; the trunk's caller_id when left out." placeholder:"NUMBER"`
	Forwards string   `help:"Number that forwards the call out." placeholder:"NUMBER"`
	Data     string   `help:"The running node's data folder." default:"var" type:"path"`
}

// numberChange is what the API says of one number on the way out.
type numberChange struct {
	Given     string `json:"given"`
	Formatted string `json:"formatted"`
	Rule      int    `json:"rule"`
	Result    string `json:"result"`
}

// trunkTest is what the API says of a number on a trunk.
type trunkTest struct {
	In struct {
		Raw         string `json:"raw"`
		ReadFrom    string `json:"readFrom"`
		Rule        int    `json:"rule"`
		Caller      string `json:"caller"`
		E164        string `json:"e164"`
		Region      string `json:"region"`
		Private     bool   `json:"private"`
		Dialled     string `json:"dialled"`
		DialledFrom string `json:"dialledReadFrom"`
	} `json:"in"`
	Out *struct {
		Shown  numberChange `json:"shown"`
		Called numberChange `json:"called"`
		Lines  []string     `json:"lines"`
	} `json:"out"`
}

// Run asks the running node.
func (t trunksTestCmd) Run() error {
	a, err := datadir.Find(t.Data)
	if err != nil {
		return err
	}
	ask := url.Values{"number": {t.Number}, "header": t.Header}
	for name, value := range map[string]string{"dialled": t.Dialled, "from": t.From, "forwards": t.Forwards} {
		if value != "" {
			ask.Set(name, value)
		}
	}
	var got trunkTest
	if err := a.Get(context.Background(), "/trunks/"+url.PathEscape(t.Trunk)+"/test?"+ask.Encode(), &got); err != nil {
		return err
	}
	printTrunkTest(os.Stdout, got)
	return nil
}

func printTrunkTest(w io.Writer, t trunkTest) {
	in := t.In
	fmt.Fprintf(w, "in\n  caller   %s (%s), %s, becomes %s", orNone(in.Raw), in.ReadFrom, ruleNamed("caller_in", in.Rule), orNone(in.Caller))
	if in.E164 != "" {
		fmt.Fprintf(w, ", %s", in.E164)
	}
	if in.Region != "" {
		fmt.Fprintf(w, ", %s", in.Region)
	}
	if in.Private {
		fmt.Fprint(w, ", hidden from who is called")
	}
	fmt.Fprintf(w, "\n  dialled  %s (%s)\n", orNone(in.Dialled), in.DialledFrom)
	if t.Out == nil {
		fmt.Fprintln(w, "out\n  no calls: the trunk has no targets")
		return
	}
	fmt.Fprintln(w, "out")
	for _, c := range []struct {
		what, rules string
		numberChange
	}{{"shown", "caller_out", t.Out.Shown}, {"called", "called_out", t.Out.Called}} {
		fmt.Fprintf(w, "  %-8s %s, format %s, %s, becomes %s\n", c.what, orNone(c.Given), orNone(c.Formatted), ruleNamed(c.rules, c.Rule), orNone(c.Result))
	}
	for _, line := range t.Out.Lines {
		fmt.Fprintf(w, "  %s\n", line)
	}
}

func ruleNamed(list string, n int) string {
	if n == 0 {
		return "no rule of " + list
	}
	return fmt.Sprintf("rule %d of %s", n, list)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
