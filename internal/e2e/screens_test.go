package e2e

import (
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotline/call"
	"hotline/recording"
)

var (
	screensDir = flag.String("screens", "", "folder for pictures of the screens; TestScreens makes them there instead of looking through them")
	screensOf  = flag.String("screens-of", "door,desk,wallboard,call", "names of screens for TestScreens, with commas, or all")
)

// evening fills a centre with what the screens show: a call that is over with its recording and ticket, one that was given up, one that is
// talked on and one that waits. It gives what the screens are about.
func (n *node) evening() map[string]string {
	t := n.t
	t.Helper()
	n.admin("chief", "correct horse")
	n.person("desk", "agent-1001", "correct horse")
	caller, desk := n.carrier(), n.desk("1001")
	n.awaitAgent("agent-1001", "ready")
	lost := caller.dial(t, "4008001234", "02812345678")
	happens(t, lost, "answered", patience)
	lost.Hangup()
	talk, other := n.throughMenu(caller, desk, "13800138000")
	talk.Hangup()
	happens(t, other, "ended", patience)
	r := n.record(talk)
	n.sealed(r)
	made := n.ticket(r)
	ask[any](n, http.MethodPost, "/tickets/"+string(made.ID)+"/notes", map[string]string{"text": "客户询问退款进度,答应明天回电"})
	n.awaitAgent("agent-1001", "ready")
	n.throughMenu(caller, desk, "13800138000")
	waits := caller.dial(t, "4008001234", "13816012345")
	happens(t, waits, "answered", patience)
	hearsSpeech(t, "the second caller in the menu", waits)
	waits.Press('1')
	await(t, "the second caller to wait", patience, func() (int, bool) {
		waiting := len(get[[]any](n, "/queues/waiting"))
		return waiting, waiting == 1
	})
	return map[string]string{"call": string(r.Call), "ticket": string(made.ID), "flow": "hotline.yml"}
}

// supervised is a supervisor's evening at the pages: the recording of a call is heard, and who heard it stands in the log; the day's figures
// lead to their calls and into a file; the calls of the day are held against the rules of now; the wallboard turns red and sounds.
func (n *node) supervised(b *tab, heard call.ID) {
	t := n.t
	t.Helper()
	if got := b.do("listen", heard).Title; !strings.Contains(got, "接通") {
		t.Errorf("marks over the waveform: %q", got)
	}
	rows := get[[]recording.Row](n, "/recordings?call="+string(heard))
	log := get[[]struct {
		Name   string
		Ranges []struct{ From, To float64 }
	}](n, "/recordings/"+rows[0].ID+"/heard")
	if len(log) == 0 || log[0].Name != "chief" || len(log[0].Ranges) == 0 || log[0].Ranges[0].To <= log[0].Ranges[0].From {
		t.Errorf("who heard what: %+v", log)
	}
	if got := b.do("drill").Title; !strings.HasPrefix(got, "1 1\n") && !strings.HasPrefix(got, "2 2\n") || !strings.Contains(got, "beijing") {
		t.Errorf("a figure, the calls behind it, and the report: %q", got)
	}
	if got := b.do("dryRun").Title; !strings.Contains(got, "规则 ") || !strings.Contains(got, "beijing") {
		t.Errorf("the calls of the day, tried: %q", got)
	}
	b.do("alarm")
}

// The screens, in light and in dark, have nothing that keeps people out who do not see or hear well, or use no mouse: axe finds nothing
// serious, and no script fails. A few of them in everyday runs, all in `make axe`; `make screens` makes pictures of them instead.
func TestScreens(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t).with(t, "max_wait: 5m", "max_wait: 60m")) // who waits is still there at the end, however busy the machine
	b := n.driven("screens.mjs")
	about := n.evening()
	b.do("signIn", "nobody")
	b.do("signIn", "admin", "chief", "correct horse")
	b.do("signIn", "agent", "desk", "correct horse")
	if *screensDir == "" {
		n.supervised(b, call.ID(about["call"]))
	}
	var only []string
	if *screensOf != "all" {
		only = strings.Split(*screensOf, ",")
	}
	if *screensDir != "" {
		dir, err := filepath.Abs(*screensDir)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		b.do("shoot", about, dir, only)
	} else {
		for _, found := range b.do("check", about, only).Errors {
			t.Error(found)
		}
	}
	if e := b.do("errors").Errors; len(e) != 0 {
		t.Errorf("errors on the pages: %v", e)
	}
}
