package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/internal/testkit"
	"hotline/media/tone"
	"hotline/media/wav"
)

// tool skips the test where a program is missing.
func tool(t *testing.T, name, debian string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed: `make deps` gets it (Debian package %s)", name, debian)
	}
	return path
}

// baresip is a real SIP phone without a person: it answers at once, plays the agent's tone and writes what it hears to a WAV.
type baresip struct {
	t       *testing.T
	dir     string
	control net.Conn
	out     *output

	mu     sync.Mutex
	events []event
	token  int
	errors map[string]string
}

// event is what baresip tells over its control connection (ctrl_tcp: netstrings of JSON).
type event struct {
	Event, Response, OK      bool
	Class, Type, Data, Token string
	Param                    string
	at                       time.Time
}

// The profile: no sound card, G.711 only, a fixed port for SIP, WAV files at both ends.
const baresipConfig = `poll_method epoll
sip_listen ADDR:5070
call_max_calls 4
call_local_timeout 120
audio_source aufile,DIR/play.wav
audio_player aufile,DIR/unused.wav
audio_alert aufile,DIR/unused.wav
audio_level no
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
audio_buffer 20-160
rtp_ports 24000-25999
jitter_buffer_delay 2-6
module_path MODULES
module stdio.so
CODECSmodule srtp.so
module aufile.so
module sndfile.so
module_tmp uuid.so
module_tmp account.so
module_app ctrl_tcp.so
module_app menu.so
ctrl_tcp_listen ADDR:4444
snd_path DIR
`

// baresipModules are the places where Debian keeps the modules.
var baresipModules = []string{"/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules"}

// The codec modules, and for others than G.711 what they need to read and write files of 8 kHz.
const (
	plainCodecs = "module g711.so\n"
	otherCodecs = "module g711.so\nmodule g722.so\nmodule opus.so\nopus_bitrate 28000\nausrc_srate 8000\nausrc_channels 1\nauplay_srate 8000\nauplay_channels 1\n"
)

// realPhone starts a baresip that registers as user, and waits until it has. It plays for at most the time given.
func (n *node) realPhone(user string, plays time.Duration) *baresip {
	n.t.Helper()
	return n.realPhoneOf(user, plays, "")
}

// realPhoneOf is realPhone that speaks one codec only, in baresip's words; "": G.711.
func (n *node) realPhoneOf(user string, plays time.Duration, only string) *baresip {
	n.t.Helper()
	return n.realPhoneBy(user, plays, only, "sip:"+user+"@"+n.sip.String(), "")
}

// realPhoneBy is realPhoneOf with its address of record and further parameters of its account.
func (n *node) realPhoneBy(user string, plays time.Duration, only, aor, parameters string) *baresip {
	t := n.t
	t.Helper()
	program := tool(t, "baresip", "baresip-core")
	modules := ""
	for _, dir := range baresipModules {
		if _, err := os.Stat(filepath.Join(dir, "ctrl_tcp.so")); err == nil {
			modules = dir
		}
	}
	if modules == "" {
		t.Skip("the modules of baresip are not found: `make deps` gets them (Debian package baresip-core)")
	}
	b := &baresip{t: t, dir: t.TempDir(), out: &output{}, errors: map[string]string{}}
	addr := n.block.addr(phoneHost + byte(n.phones))
	n.phones++
	codecs, account := plainCodecs, parameters
	if only != "" {
		codecs, account = otherCodecs, parameters+";audio_codecs="+only
	}
	file := func(name string, text []byte) {
		if err := os.WriteFile(filepath.Join(b.dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file("config", []byte(strings.NewReplacer("ADDR", addr.String(), "DIR", b.dir, "MODULES", modules, "CODECS", codecs).Replace(baresipConfig)))
	file("accounts", fmt.Appendf(nil, "<%s>;auth_user=%s;auth_pass=pw%s;answermode=auto;regint=300%s\n", aor, user, user, account))
	file("contacts", nil)
	var sound strings.Builder
	if err := wav.Write(&sound, tone.Make(agentHz, -12, plays)); err != nil {
		t.Fatal(err)
	}
	file("play.wav", []byte(sound.String()))

	cmd := exec.Command(program, "-f", b.dir)
	cmd.Dir = b.dir
	cmd.Stdout, cmd.Stderr = b.out, b.out
	if err := cmd.Start(); err != nil {
		t.Fatalf("start baresip: %v", err)
	}
	t.Cleanup(func() {
		if b.control != nil {
			_ = b.control.Close()
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("baresip said:\n%s", tail(b.out.String(), 4000))
		}
	})
	control := netip.AddrPortFrom(addr, 4444).String()
	b.control = await(t, "baresip to take commands", patience, func() (net.Conn, bool) {
		c, err := net.DialTimeout("tcp", control, time.Second)
		return c, err == nil
	})
	go b.listen()
	await(t, "baresip to be registered", patience, func() ([]string, bool) {
		users := n.registered()
		for _, u := range users {
			if u == user {
				return users, true
			}
		}
		return users, false
	})
	return b
}

// listen keeps all that baresip tells until the connection is closed.
func (b *baresip) listen() {
	in := bufio.NewReader(b.control)
	for {
		length, err := in.ReadString(':')
		if err != nil {
			return
		}
		size, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
		if err != nil || size > 1<<20 {
			return
		}
		text := make([]byte, size+1) // and the comma
		if _, err := io.ReadFull(in, text); err != nil {
			return
		}
		e := event{at: time.Now()}
		if json.Unmarshal(text[:size], &e) == nil {
			b.mu.Lock()
			b.events = append(b.events, e)
			b.mu.Unlock()
		}
	}
}

// command has baresip do something, such as "hangup".
func (b *baresip) command(name, params string) {
	b.t.Helper()
	b.mu.Lock()
	b.token++
	token := strconv.Itoa(b.token)
	b.mu.Unlock()
	text, err := json.Marshal(map[string]string{"command": name, "params": params, "token": token})
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(b.control, "%d:%s,", len(text), text); err != nil {
		b.t.Fatalf("command %s: %v", name, err)
	}
}

// told waits until baresip has told an event so many times in all, and gives the last of them.
func (b *baresip) told(kind string, times int) event {
	b.t.Helper()
	return await(b.t, fmt.Sprintf("%s number %d of baresip", kind, times), patience, func() (event, bool) {
		b.mu.Lock()
		defer b.mu.Unlock()
		count := 0
		for _, e := range b.events {
			if e.Event && e.Type == kind {
				if count++; count == times {
					return e, true
				}
			}
		}
		return event{}, false
	})
}

// heard is what baresip heard in its latest call that is over, at 8 kHz.
func (b *baresip) heard() []int16 {
	b.t.Helper()
	files, err := filepath.Glob(filepath.Join(b.dir, "dump-*-dec.wav"))
	if err != nil || len(files) == 0 {
		b.t.Fatalf("baresip wrote no recording: %v", err)
	}
	latest := files[0]
	for _, f := range files[1:] {
		if modified(f).After(modified(latest)) {
			latest = f
		}
	}
	if keep := os.Getenv("HOTLINE_KEEP"); keep != "" {
		if text, err := os.ReadFile(latest); err == nil {
			_ = os.WriteFile(filepath.Join(keep, "baresip.wav"), text, 0o644)
		}
	}
	f, err := os.Open(latest)
	if err != nil {
		b.t.Fatal(err)
	}
	defer f.Close()
	clip, err := wav.Read(f)
	if err != nil {
		b.t.Fatalf("read what baresip heard: %v", err)
	}
	return clip.Samples
}

func modified(file string) time.Time {
	s, err := os.Stat(file)
	if err != nil {
		return time.Time{}
	}
	return s.ModTime()
}

// takenBy is a caller whom a real phone of agent-1001 takes: through the menu, until they hear the agent.
func (n *node) takenBy(real *baresip) *testkit.Talk {
	t := n.t
	t.Helper()
	n.awaitAgent("agent-1001", "ready")
	talk := n.carrier().dial(t, "4008001234", "13800138000")
	happens(t, talk, "answered", patience)
	talk.Press('1')
	real.told("CALL_ESTABLISHED", 1)
	hears(t, "the caller", talk, agentHz)
	return talk
}
