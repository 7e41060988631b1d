package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/internal/testkit"
	"hotline/media/tone"
)

// tab is a page in a real Chromium, whose microphone hears a tone: the agent's, or that of a customer.
type tab struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Scanner
}

// said is what the page's driver answers.
type said struct {
	OK     bool
	Error  string
	MS     int
	Shown  int     // ms
	Offer  float64 // ms from the page's offer to connected
	Levels []float64
	Title  string
	Errors []string
	Way    string // udp or tcp
	Codec  string // as the browser names it
	Fluid  fluency
	SRTP   string // the suite, likewise
}

func (n *node) tab() *tab { return n.tabOf(agentHz) }

// tabOf is a tab of somebody who hums hz.
func (n *node) tabOf(hz float64) *tab {
	n.t.Helper()
	return n.tabWith(studio(func(i int) float64 { return 9000 * math.Sin(2*math.Pi*hz*float64(i)/studioRate) }))
}

// tabWith is a tab whose microphone hears a sound of studio, again and again.
func (n *node) tabWith(wav []byte) *tab {
	n.t.Helper()
	microphone := filepath.Join(n.t.TempDir(), "microphone.wav")
	if err := os.WriteFile(microphone, wav, 0o644); err != nil {
		n.t.Fatal(err)
	}
	return n.driven("softphone.mjs", microphone)
}

// driven is a page that one of the drivers in web/e2e works with.
func (n *node) driven(name string, more ...string) *tab {
	t := n.t
	t.Helper()
	chromium, node := tool(t, "chromium", "chromium"), tool(t, "node", "nodejs")
	driver, err := filepath.Abs("../../web/e2e/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat("../../web/node_modules/playwright-core"); err != nil {
		t.Skip("playwright-core is not installed: `make web` gets it")
	}
	if res, page := n.request(http.MethodGet, "/", nil); res.StatusCode != http.StatusOK || !strings.Contains(string(page), "/assets/") {
		t.Skip("the program was built without pages")
	}
	if !n.browses {
		n.browses = true
		run.browsers <- struct{}{}
		t.Cleanup(func() { <-run.browsers })
	}
	cmd := exec.CommandContext(t.Context(), node, append([]string{driver, n.url, chromium}, more...)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	return &tab{t: t, in: in, out: bufio.NewScanner(out)}
}

// do gives the page one command, which must succeed.
func (b *tab) do(command ...any) said {
	b.t.Helper()
	s := b.try(command...)
	if !s.OK {
		b.t.Fatalf("%v: %s", command[0], s.Error)
	}
	return s
}

// try gives the page one command and says what came of it.
func (b *tab) try(command ...any) said {
	b.t.Helper()
	line, err := json.Marshal(command)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(b.in, "%s\n", line); err != nil {
		b.t.Fatalf("%v: %v", command, err)
	}
	var s said
	if !b.out.Scan() || json.Unmarshal(b.out.Bytes(), &s) != nil {
		b.t.Fatalf("%v: %s %v", command[0], b.out.Text(), b.out.Err())
	}
	return s
}

// hears fails unless the tone of hz is loud in the agent's ear and that of other is not there.
func (b *tab) hears(hz, other float64) {
	b.t.Helper()
	if l := b.do("levels", hz, other).Levels; l[0] < -50 || l[1] > l[0]-30 {
		b.t.Errorf("the tab hears %v Hz at %.0f dB and %v Hz at %.0f dB", hz, l[0], other, l[1])
	}
}

const studioRate = 48000

// attends lets somebody sign in on a page as agent-1001, until they are ready.
func (n *node) attends(b *tab) {
	n.t.Helper()
	n.person("desk", "agent-1001", "correct horse")
	b.do("signIn", "desk", "correct horse")
	n.makeReady("agent-1001")
	n.awaitAgent("agent-1001", "ready")
}

// studio is a WAV of 10 s as Chromium wants a microphone, 48 kHz, 16 bit, mono, of its samples.
func studio(sample func(i int) float64) []byte {
	const rate, seconds = studioRate, 10
	b := []byte("RIFF")
	put := func(b []byte, x uint32) []byte { return append(b, byte(x), byte(x>>8), byte(x>>16), byte(x>>24)) }
	b = append(put(b, 36+2*rate*seconds), "WAVEfmt "...)
	b = put(b, 16)
	b = append(b, 1, 0, 1, 0)
	b = put(put(b, rate), 2*rate)
	b = append(b, 2, 0, 16, 0)
	b = put(append(b, "data"...), 2*rate*seconds)
	for i := range rate * seconds {
		x := int16(sample(i))
		b = append(b, byte(x), byte(x>>8))
	}
	return b
}

// person makes somebody who signs in to the pages; more are flags of `hotline user add`.
func (n *node) person(login, agent, password string, more ...string) {
	n.t.Helper()
	args := append([]string{"user", "add", login, "--agent", agent, "--data", n.data}, more...)
	cmd := exec.CommandContext(n.t.Context(), run.binary, args...)
	cmd.Stdin = strings.NewReader(password + "\n")
	if text, err := cmd.CombinedOutput(); err != nil {
		n.t.Fatalf("add %s: %v\n%s", login, err, text)
	}
}

// taken is a call of a customer who goes through the menu to the agent of a tab, who answers by the page and is heard.
func (n *node) taken(caller *phone, b *tab) *testkit.Talk {
	t := n.t
	t.Helper()
	talk := caller.dial(t, "4008001234", "13800138000")
	happens(t, talk, "answered", patience)
	hearsSpeech(t, "the caller in the menu", talk)
	talk.Press('1')
	b.do("answer")
	hears(t, "the caller", talk, agentHz)
	return talk
}

// A customer reaches an agent who has nothing but a browser. Both hear each other, also after the page was loaded anew in the
// middle of the call, and the recording has each on their own side. Then the node is killed and started: the browser is there again without anybody
// doing anything, and its agent takes calls.
func TestBrowserTakesACall(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	b, caller := n.tab(), n.carrier()
	n.attends(b)

	talk := caller.dial(t, "4008001234", "13800138000")
	happens(t, talk, "answered", patience)
	hearsSpeech(t, "the caller in the menu", talk)
	talk.Press('1')
	answered := b.do("answer")
	hears(t, "the caller", talk, agentHz)
	b.hears(callerHz, agentHz)
	t.Logf("protected by %s", b.do("way").SRTP)
	reloaded := b.do("reload")
	hears(t, "the caller", talk, agentHz)
	b.hears(callerHz, agentHz)
	t.Logf("answered in %d ms; after the reload the sound is back in %d ms, the page in %d ms", answered.MS, reloaded.MS, reloaded.Shown)
	if got := b.do("mute").Title; !strings.Contains(got, "已静音") {
		t.Errorf("the tab says %q while the agent is muted", got)
	}
	b.do("unmute")
	hears(t, "the caller", talk, agentHz)
	b.do("hangUp")
	happens(t, talk, "ended", patience)
	if e := b.do("errors").Errors; len(e) != 0 {
		t.Errorf("errors on the page: %v", e)
	}
	r := n.record(talk)
	if len(r.Agents) != 1 || r.Agents[0].Agent != "agent-1001" || r.HungUp != "agent" || r.TalkMS == 0 {
		t.Errorf("record: agents %+v, hung up by %q, talked %d ms", r.Agents, r.HungUp, r.TalkMS)
	}
	left, right := n.audio(n.sealed(r))
	if l, a := loudest(left, callerHz), loudest(right, agentHz); l < -30 || a < -30 {
		t.Errorf("the recording has the caller at %.0f dB on the left, the agent at %.0f dB on the right", l, a)
	}

	n.kill()
	began := time.Now()
	n.run()
	n.awaitAgent("agent-1001", "ready")
	b.do("sees", "软电话在线")
	t.Logf("the agent in a browser is ready again %v after the start", time.Since(began).Round(time.Millisecond))
}

// loudest is the highest level of a tone in any fifth of a second of a sound, dB.
func loudest(pcm []int16, hz float64) float64 {
	best := math.Inf(-1)
	for ; len(pcm) >= tone.Window; pcm = pcm[tone.Window:] {
		best = max(best, tone.Find(pcm[:tone.Window], hz))
	}
	return best
}
