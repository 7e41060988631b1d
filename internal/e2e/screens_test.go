package e2e

import (
	"flag"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/call"
	"hotline/callback"
	"hotline/recording"
)

const everyday = "door,desk,wallboard,call" // screens that are looked through each day

var (
	screensDir = flag.String("screens", "", "folder for pictures of the screens; TestScreens makes them there instead of looking through them")
	screensAs  = flag.String("screens-as", "zh-light-1366,en-light-1366,zh-dark-1366,en-dark-1366,zh-light-1920,en-light-1920,zh-dark-1920,en-dark-1920", "language, theme and width of the pictures, with commas")
	screensOf  = flag.String("screens-of", everyday, "names of screens for TestScreens, with commas, or all")
)

// evening fills a centre with what the screens show: a call that is over with its recording and ticket, one that was given up, one that is
// talked on and one that waits. It gives what the screens are about.
func (n *node) evening(caller *phone) map[string]string {
	t := n.t
	t.Helper()
	desk := n.desk("1001")
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
	n.makeReady("agent-1001") // out of the wrap-up
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
// lead to their calls and into a file; calls are sought by the keyboard alone; the calls of the day are held against the rules of now; the
// wallboard turns red and sounds; a customer is to be called back, and then is not; a message to an agent is seen not to be read yet.
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
	if got := b.do("narrow", "四川").Title; got != "?region=四川 1" {
		t.Errorf("the calls of a region: %q", got)
	}
	if got := b.do("dryRun").Title; !strings.Contains(got, "规则 ") || !strings.Contains(got, "beijing") {
		t.Errorf("the calls of the day, tried: %q", got)
	}
	b.do("alarm")
	if got := b.do("callBack", "+8613800138009").Title; !strings.Contains(got, "chief") || !strings.Contains(got, "北京组") {
		t.Errorf("who is to be called back: %q", got)
	}
	if n := len(get[struct{ Callbacks []callback.Entry }](n, "/callbacks?state=cancelled").Callbacks); n != 1 {
		t.Errorf("%d callbacks were taken back, want 1", n)
	}
	ask[any](n, http.MethodPost, "/messages", map[string]any{"agents": []string{"agent-1001"}, "text": "早会改到九点半"})
	if got := b.do("sent", "早会改到九点半").Title; !strings.Contains(got, "未读") {
		t.Errorf("a message that was sent: %q", got)
	}
}

// ordered is what supervisors did in the evening, for the pictures: they wrote to an agent, said what another one does next, and have
// somebody called back tomorrow.
func (n *node) ordered() {
	n.t.Helper()
	ask[any](n, http.MethodPost, "/messages", map[string]any{"agents": []string{"agent-1003"}, "text": "早会改到九点半"})
	ask[any](n, http.MethodPut, "/agents/agent-1002/state", map[string]string{"state": "not-ready", "reason": "meeting"})
	ask[any](n, http.MethodPost, "/callbacks", map[string]any{
		"number": "13800138009", "queue": "beijing", "topic": "退款", "notBefore": time.Now().Add(12 * time.Hour),
	})
}

// gallery is who looks at all screens in a browser: through them for what keeps people out, or to make pictures of them.
type gallery struct {
	b     *tab
	about map[string]string // ids of what the screens show
	only  []string          // names of screens; nil: all
}

// look looks at the screens of a moment.
func (g gallery) look(when string) {
	t := g.b.t
	t.Helper()
	var found []string
	if *screensDir == "" {
		found = g.b.do("check", when, g.about, g.only).Errors
	} else {
		dir, err := filepath.Abs(*screensDir)
		if err != nil {
			t.Fatal(err)
		}
		found = g.b.do("shoot", when, g.about, g.only, dir, strings.Split(*screensAs, ",")).Errors
	}
	for _, f := range found {
		t.Error(f)
	}
	t.Logf("looked at what is there: %s", when)
}

// wants says whether screens whose names begin so are to be looked at.
func (g gallery) wants(begins ...string) bool {
	for _, name := range g.only {
		if slices.ContainsFunc(begins, func(b string) bool { return strings.HasPrefix(name, b) }) {
			return true
		}
	}
	return g.only == nil
}

// errors are those of the scripts of the pages.
func (g gallery) errors() {
	g.b.t.Helper()
	if e := g.b.do("errors").Errors; len(e) != 0 {
		g.b.t.Errorf("errors on the pages: %v", e)
	}
}

// hall is the gallery of a node: all screens, or those that were named.
func (n *node) hall() gallery {
	return gallery{b: n.driven("screens.mjs"), about: map[string]string{}, only: named()}
}

// named are the screens that are asked for; nil: all.
func named() []string {
	if *screensOf == "all" {
		return nil
	}
	return strings.Split(*screensOf, ",")
}

// morning is a day's first call, by an agent who has nothing but a browser: it is waited for, rings, is talked on while a supervisor
// looks on, and wrapped up.
func (n *node) morning(g gallery, caller *phone) {
	t, b := n.t, g.b
	t.Helper()
	n.person("lead", "agent-1002", "correct horse", "--role", "supervisor")
	b.do("signIn", "supervisor", "lead", "correct horse")
	b.do("connect", "supervisor")
	n.setAgent("agent-1002", "not-ready", "meeting") // who looks on is not rung
	b.do("connect", "agent")
	n.makeReady("agent-1001")
	n.awaitAgent("agent-1001", "ready")
	g.look("idle")
	if g.wants("desk-other-", "desk-lost") {
		n.elsewhere(g)
	}
	talk := caller.dial(t, "4008001234", "13800138000")
	happens(t, talk, "answered", patience)
	hearsSpeech(t, "the caller in the menu", talk)
	talk.Press('1')
	n.awaitAgent("agent-1001", "offered")
	g.look("ringing")
	b.do("visit", "agent", "/desk")
	b.do("press", "agent", "接听")
	n.awaitAgent("agent-1001", "talking")
	g.look("talking")
	if g.wants("desk-held", "desk-watched", "live-listening", "live-behind", "agents-followed") {
		n.beside(g)
	}
	talk.Hangup()
	n.awaitAgent("agent-1001", "wrap-up")
	g.look("wrap-up")
	n.makeReady("agent-1001")
	b.do("visit", "agent", "/desk")
	b.do("disconnect", "agent")
	n.awaitAgent("agent-1001", "offline")
	g.look("offline")
	b.do("visit", "supervisor", "/live")
	b.do("disconnect", "supervisor")
}

// reached waits until an agent's telephone can ring: after a page was loaded anew its sound has to be there.
func (n *node) reached(id string) {
	n.t.Helper()
	await(n.t, "the telephone of "+id, time.Minute, func() (agent, bool) {
		a := n.agent(id)
		return a, a.Reachable
	})
}

// elsewhere is an agent who opens the desk where the sound of their calls is not: in another tab, and on another computer.
func (n *node) elsewhere(g gallery) {
	n.t.Helper()
	b := g.b
	b.do("beside", "agent", "other-tab")
	b.do("signIn", "other-computer", "desk", "correct horse")
	b.do("press", "other-computer", "连接耳机")
	g.look("elsewhere")
	b.do("close", "other-tab")
	b.do("close", "other-computer")
}

// beside is who comes to an agent's talk while the caller waits: a supervisor listens, and a second one wants to.
func (n *node) beside(g gallery) {
	t, b := n.t, g.b
	t.Helper()
	n.person("boss", "agent-1003", "correct horse", "--role", "supervisor")
	b.do("signIn", "second", "boss", "correct horse")
	b.do("connect", "second")
	n.setAgent("agent-1003", "not-ready", "meeting")
	cookie, path := n.session("desk", "correct horse"), "/api/v1/calls/"+n.liveCall()+"/commands"
	command := func(what string) {
		t.Helper()
		res, text := n.request(http.MethodPost, path, map[string]string{"what": what}, "Authorization", "", "Cookie", cookie)
		if res.StatusCode != http.StatusNoContent {
			t.Fatalf("%s: %s: %s", what, res.Status, text)
		}
	}
	command("hold")
	g.look("held")
	command("resume")

	b.do("visit", "supervisor", "/live")
	n.reached("agent-1002")
	b.do("persist", "supervisor", "监听", "耳语")
	b.do("visit", "second", "/agents")
	n.reached("agent-1003")
	b.do("persist", "second", "跟听 北京坐席 1001", "正在监听此坐席")
	g.look("watched")
	b.do("visit", "second", "/agents")
	b.do("press", "second", "结束跟听")
	b.do("disconnect", "second")
	b.do("visit", "supervisor", "/live")
	b.do("press", "supervisor", "退出")
}

// The screens, in light and in dark, have nothing that keeps people out who do not see or hear well, or use no mouse: axe finds nothing
// serious, and no script fails. A few of them in everyday runs, all in `make axe`; `make screens` makes pictures of them instead.
func TestScreens(t *testing.T) {
	t.Parallel()
	// Who waits is still there at the end, however busy the machine, and what an agent of Beijing does lasts until it is over.
	centre := demo(t).with(t, "max_wait: 5m", "max_wait: 60m")
	if *screensOf != everyday {
		centre = centre.with(t, "    ring: 15s\n    wrap_up: 1s", "    ring: 30m\n    wrap_up: 30m")
	}
	n := start(t, centre, "softphone: {", "button: {number: \"4008001234\", rate: 10000}\nsoftphone: {",
		"calls: {", "calls: {tell_supervision: true, ")
	g, caller := n.hall(), n.carrier()
	n.admin("chief", "correct horse")
	n.person("desk", "agent-1001", "correct horse")
	g.b.do("signIn", "nobody")
	g.b.do("signIn", "admin", "chief", "correct horse")
	g.b.do("signIn", "agent", "desk", "correct horse")
	if g.wants("desk-", "live-", "agents-followed") {
		n.morning(g, caller)
	}
	g.about = n.evening(caller)
	if g.wants("wallboard-lost") {
		g.b.do("beside", "admin", "other-board")
	}
	if *screensDir == "" {
		n.supervised(g.b, call.ID(g.about["call"]))
	} else {
		n.ordered()
	}
	g.look("evening")
	g.errors()
}

// The screens of a centre in which nothing is yet, and the guided start; only where all are asked for.
func TestScreensAtFirst(t *testing.T) {
	g := gallery{only: named()}
	if !g.wants("empty-", "start-", "first-admin-link") {
		t.Skip("none of these screens is asked for: -screens-of all does")
	}
	t.Parallel()
	n := start(t, centre{"data.yml": "trunks: []\n"})
	g = n.hall()
	g.about["link"] = regexp.MustCompile(`http://\S+/first-admin#\S+`).FindString(n.out.String())
	g.b.do("signIn", "nobody")
	g.look("first")
	n.admin("chief", "correct horse")
	g.b.do("signIn", "admin", "chief", "correct horse")
	g.look("empty")
	g.b.do("visit", "admin", "/config/start")
	g.b.do("fill", "admin", map[string]string{"公司名称": "示例公司", "热线号码": "4008001234"})
	g.b.do("press", "admin", "保存并继续")
	g.b.do("sees", "admin", "话机")
	g.look("started")
	g.b.do("visit", "admin", "/config/start")
	g.b.do("fill", "admin", map[string]string{"姓名": "坐席一", "账号": "amy", "密码": "correct battery", "话机": "1001"})
	g.b.do("press", "admin", "保存并继续")
	g.b.do("sees", "admin", "密码只显示这一次")
	g.look("begun")
	g.errors()
}
