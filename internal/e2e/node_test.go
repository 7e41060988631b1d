package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"hotline/cdr"
	"hotline/configs"
	"hotline/internal/testkit"
	"hotline/recording"
	"hotline/store"
	"hotline/ticket"
)

// The hosts of a test's block.
const (
	nodeHost  = 1
	trunkHost = 2
	phoneHost = 10 // and the following
)

const sipPort = 5080 // not 5060: a hotline that listens on all addresses may run on this machine

// nodeFile is hotline.yml of a test; NODE stands for its address.
const nodeFile = `seed: data.yml
log: {level: info}
sip: {udp: ["NODE:5080"], tcp: ["NODE:5080"], realm: e2e, digest: [MD5], rate: 5000, burst: 5000}
media: {address: NODE, port_min: 20000, port_max: 23999, silence: 20s}
recording: {min_free_mb: 50}
http: {listen: "NODE:8080"}
softphone: {udp: ["NODE:24000"], tcp: []}
calls: {drain: 20s}
`

// centre is the data of a centre: data.yml and files beside it, by name. TRUNK stands for the address of its trunk.
type centre map[string]string

// demo is the sample centre of the demo, for phones with known passwords and for tests that do not like to wait.
func demo(t *testing.T) centre {
	t.Helper()
	files, err := fs.Sub(configs.Samples, "samples/demo")
	if err != nil {
		t.Fatal(err)
	}
	c := centre{}
	err = fs.WalkDir(files, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || p == "hotline.yml" {
			return err
		}
		text, err := fs.ReadFile(files, p)
		c[p] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c.with(t, "sources: [127.0.0.2]", "sources: [TRUNK]", "password: generate", `password: "pw${user}"`,
		"wrap_up: 5s", "wrap_up: 1s", "wrap_up: 10s", "wrap_up: 1s")
}

// with replaces texts in data.yml and the flows; each must occur.
func (c centre) with(t *testing.T, oldnew ...string) centre {
	t.Helper()
	out := centre{}
	found := make([]bool, len(oldnew)/2)
	for name, text := range c {
		for i := range found {
			found[i] = found[i] || strings.Contains(text, oldnew[2*i])
			text = strings.ReplaceAll(text, oldnew[2*i], oldnew[2*i+1])
		}
		out[name] = text
	}
	for i, ok := range found {
		if !ok {
			t.Fatalf("the centre has no %q to replace", oldnew[2*i])
		}
	}
	return out
}

// node is one hotline that runs.
type node struct {
	t      *testing.T
	block  block
	sip    netip.AddrPort
	dir    string // its files
	data   string
	url    string
	token  string
	out    *output
	cmd    *exec.Cmd
	exited chan struct{} // closed when the process is gone; err is set then
	err    error
	phones int
	files  int // most open files of the process; 0: as many as it gets

	browses bool // its test has one of run.browsers
}

// output is what a node prints.
type output struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.String()
}

// start writes a centre's files, with texts of hotline.yml replaced, and starts a node that takes calls.
func start(t *testing.T, c centre, oldnew ...string) *node {
	t.Helper()
	n := prepare(t, c, oldnew...)
	n.run()
	return n
}

// prepare is start without the start.
func prepare(t *testing.T, c centre, oldnew ...string) *node {
	t.Helper()
	b := newBlock()
	n := &node{t: t, block: b, sip: netip.AddrPortFrom(b.addr(nodeHost), sipPort), dir: t.TempDir(), out: &output{}}
	n.data = filepath.Join(n.dir, "var")
	files := centre{"hotline.yml": nodeFile}.with(t, oldnew...)
	for name, text := range c {
		files[name] = text
	}
	for name, text := range files {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "NODE", b.addr(nodeHost).String()), "TRUNK", b.addr(trunkHost).String())
		file := filepath.Join(n.dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		n.kill()
		if t.Failed() {
			t.Logf("the node said:\n%s", tail(n.out.String(), 6000))
		}
	})
	return n
}

// replace changes hotline.yml of a node that does not run yet.
func (n *node) replace(old, text string) {
	n.t.Helper()
	file := filepath.Join(n.dir, "hotline.yml")
	config, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, []byte(strings.Replace(string(config), old, text, 1)), 0o644)
	}
	if err != nil {
		n.t.Fatal(err)
	}
}

func tail(s string, most int) string {
	if len(s) > most {
		return "...\n" + s[len(s)-most:]
	}
	return s
}

// run starts the process, for the first time or again on the same data, and waits until it takes calls.
func (n *node) run() {
	n.t.Helper()
	n.launch("serve", "-c", filepath.Join(n.dir, "hotline.yml"), "--data", n.data)
}

func (n *node) launch(args ...string) {
	n.t.Helper()
	access := filepath.Join(n.data, "cli.json")
	if err := os.Remove(access); err != nil && !os.IsNotExist(err) {
		n.t.Fatal(err)
	}
	n.cmd = exec.Command(run.binary, args...)
	if n.files > 0 {
		limited := fmt.Sprintf(`ulimit -n %d && exec "$0" "$@"`, n.files)
		n.cmd = exec.Command("/bin/sh", append([]string{"-c", limited, run.binary}, args...)...)
	}
	n.cmd.Dir = n.t.TempDir() // another working folder than that of its files
	n.cmd.Stdout, n.cmd.Stderr = n.out, n.out
	if err := n.cmd.Start(); err != nil {
		n.t.Fatalf("start the node: %v", err)
	}
	exited := make(chan struct{})
	n.exited = exited
	cmd := n.cmd
	go func() { n.err = cmd.Wait(); close(exited) }()
	found := await(n.t, "the node to take calls", patience, func() (struct{ URL, Token string }, bool) {
		var a struct{ URL, Token string }
		select {
		case <-exited:
			n.t.Fatalf("the node ended at once: %v\n%s", n.err, n.out)
		default:
		}
		text, err := os.ReadFile(access)
		return a, err == nil && json.Unmarshal(text, &a) == nil && a.URL != ""
	})
	n.url, n.token = found.URL, found.Token
	await(n.t, "/readyz", patience, func() (int, bool) {
		res, err := http.Get(n.url + "/readyz")
		if err != nil {
			return 0, false
		}
		defer res.Body.Close()
		return res.StatusCode, res.StatusCode == http.StatusOK
	})
}

// signal sends a signal to the process.
func (n *node) signal(s syscall.Signal) {
	n.t.Helper()
	if err := n.cmd.Process.Signal(s); err != nil {
		n.t.Fatalf("send %v: %v", s, err)
	}
}

// kill ends the process as a power cut would, and returns when it is gone.
func (n *node) kill() {
	if n.cmd == nil {
		return
	}
	_ = n.cmd.Process.Kill()
	<-n.exited
}

// end waits for the process to end by itself and gives its exit code.
func (n *node) end(within time.Duration) int {
	n.t.Helper()
	select {
	case <-n.exited:
	case <-time.After(within):
		n.t.Fatalf("the node still runs %v after it was asked to stop", within)
	}
	return n.cmd.ProcessState.ExitCode()
}

// request asks the API and gives the answer with its whole body.
func (n *node) request(method, path string, body any, headers ...string) (*http.Response, []byte) {
	n.t.Helper()
	var in io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			n.t.Fatal(err)
		}
		in = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(n.t.Context(), method, n.url+path, in)
	if err != nil {
		n.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+n.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		n.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		n.t.Fatalf("%s %s: %v", method, path, err)
	}
	return res, answer
}

// ask is request for JSON; anything but success fails the test.
func ask[T any](n *node, method, path string, body any) T {
	n.t.Helper()
	res, text := n.request(method, "/api/v1"+path, body)
	var out T
	if res.StatusCode/100 != 2 {
		n.t.Fatalf("%s %s: %s: %s", method, path, res.Status, text)
	}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &out); err != nil {
			n.t.Fatalf("%s %s: %v: %s", method, path, err, text)
		}
	}
	return out
}

func get[T any](n *node, path string) T {
	n.t.Helper()
	return ask[T](n, http.MethodGet, path, nil)
}

// records are the newest calls that are over.
func (n *node) records(limit int) []cdr.Record {
	n.t.Helper()
	return get[struct{ Calls []cdr.Record }](n, fmt.Sprintf("/calls?limit=%d", limit)).Calls
}

// record is the record of a talk once it is ended.
func (n *node) record(talk *testkit.Talk) cdr.Record {
	n.t.Helper()
	return n.recordOf(talk.Dialog())
}

// recordOf is the ended record that a SIP dialog belongs to, by the beginning of its Call-ID.
func (n *node) recordOf(dialog string) cdr.Record {
	n.t.Helper()
	return await(n.t, "the record of "+dialog, patience, func() (cdr.Record, bool) {
		for _, r := range n.records(200) {
			for _, d := range r.Dialogs {
				if strings.HasPrefix(d, dialog) && !r.Open() {
					return r, true
				}
			}
		}
		return cdr.Record{}, false
	})
}

// sealed is the one recording of a call, once it is complete.
func (n *node) sealed(r cdr.Record) recording.Row {
	n.t.Helper()
	return await(n.t, "the sealed recording of call "+string(r.Call), patience, func() (recording.Row, bool) {
		rows := get[[]recording.Row](n, "/recordings?call="+string(r.Call))
		if len(rows) != 1 {
			return recording.Row{}, false
		}
		return rows[0], rows[0].State == recording.Sealed
	})
}

// ticket is the ticket that a call made.
func (n *node) ticket(r cdr.Record) ticket.Ticket {
	n.t.Helper()
	return await(n.t, "the ticket of call "+string(r.Call), patience, func() (ticket.Ticket, bool) {
		var out ticket.Ticket
		res, text := n.request(http.MethodGet, "/api/v1/calls/"+string(r.Call)+"/ticket", nil)
		return out, res.StatusCode == http.StatusOK && json.Unmarshal(text, &out) == nil
	})
}

// agent is an agent as the API shows them.
type agent struct {
	ID, State, Reason, Call string
	Reachable               bool
}

func (n *node) agent(id string) agent {
	n.t.Helper()
	for _, a := range get[[]agent](n, "/agents") {
		if a.ID == id {
			return a
		}
	}
	n.t.Fatalf("there is no agent %s", id)
	return agent{}
}

// awaitAgent waits for an agent to be in a state.
func (n *node) awaitAgent(id, state string) {
	n.t.Helper()
	await(n.t, id+" to be "+state, patience, func() (agent, bool) {
		a := n.agent(id)
		return a, a.State == state
	})
}

// setAgent sets an agent's state by the API.
func (n *node) setAgent(id, state, reason string) {
	n.t.Helper()
	ask[any](n, http.MethodPut, "/agents/"+id+"/state", map[string]string{"state": state, "reason": reason})
	n.awaitAgent(id, state)
}

// store is the node's, to be filled before it runs.
func (n *node) store() *store.DB {
	n.t.Helper()
	if err := os.MkdirAll(n.data, 0o750); err != nil {
		n.t.Fatal(err)
	}
	db, err := store.Open(n.t.Context(), filepath.Join(n.data, "hotline.db"))
	if err != nil {
		n.t.Fatal(err)
	}
	return db
}
