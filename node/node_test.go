package node

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"hotline/call"
	"hotline/cdr"
	"hotline/configs"
	"hotline/internal/testkit"
	"hotline/node/datadir"
	"hotline/queue"
	"hotline/sip/transport"
	"hotline/store"
)

// patience is how long a test waits for something that must happen.
const patience = time.Minute

var (
	nodeAt  = netip.MustParseAddr("127.0.42.1")
	trunkAt = netip.MustParseAddrPort("127.0.42.2:0")
	deskAt  = netip.MustParseAddrPort("127.0.42.3:0")
)

const smallCentre = `
trunks: [{id: t, sources: [127.0.42.2]}]
numbers: [{number: "4001", flow: people, from: trunk}]
routes: [{id: rest, steps: [{queue: q}]}]
queues: [{id: q, ring: 10s, wrap_up: 700ms}]
people: [{login: anna, phone: "1001", queues: {q: 1}, ready: true}]
phones: [{user: "1001", password: pw1001}]
flows: [people.yml]
`

const peopleFlow = `
flow: people
start: people
nodes:
  people: {type: queue, on: {timeout: bye, full: bye, no-agents: bye, closed: bye}}
  bye: {type: hangup}
`

// smallData reads a data file with the flow beside it.
func smallData(t *testing.T, text string) *configs.Data {
	t.Helper()
	d, err := configs.ReadDataFS(fstest.MapFS{"data.yml": {Data: []byte(text)}, "people.yml": {Data: []byte(peopleFlow)}}, "data.yml", "")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// runNode runs a whole node in this process until the test ends, with its settings changed.
func runNode(t *testing.T, data *configs.Data, change ...func(*configs.Node)) *Node {
	t.Helper()
	c := configs.Defaults()
	c.Data = t.TempDir()
	c.SIP.UDP, c.SIP.TCP, c.SIP.Realm = []netip.AddrPort{netip.AddrPortFrom(nodeAt, 0)}, nil, "small"
	c.Media.Address, c.Media.PortMin, c.Media.PortMax, c.Media.Shards = nodeAt.String(), 31000, 31999, 1
	c.HTTP.Listen = netip.MustParseAddrPort("127.0.42.1:0")
	c.Softphone.UDP, c.Softphone.TCP = []netip.AddrPort{netip.AddrPortFrom(nodeAt, 0)}, nil
	c.Calls.Drain, c.Recording.MinFree = time.Second, 1
	for _, f := range change {
		f(&c)
	}
	ctx, stop := context.WithCancel(context.Background())
	unlock, err := datadir.Lock(c.Data)
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(ctx, datadir.Database(c.Data))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := WriteCentre(ctx, db, c.SIP.Realm, data); err != nil {
		t.Fatal(err)
	}
	n, err := newNode(ctx, c, db, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- n.run(ctx, context.Background(), func() { close(ready) }) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-ended:
			if err != nil {
				t.Error("the node ended with", err)
			}
		case <-time.After(patience):
			t.Error("the node does not stop")
		}
		_ = db.Close()
		unlock()
	})
	select {
	case <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	return n
}

func (n *Node) sipAt() netip.AddrPort { return n.transport.Addrs("udp")[0] }

// person is a synthetic phone that runs until the test ends.
func person(t *testing.T, c testkit.Config) *testkit.Phone {
	t.Helper()
	p, err := testkit.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = p.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	return p
}

func eventually(t *testing.T, what string, true func() bool) {
	t.Helper()
	limit := time.After(patience)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !true() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func until(t *testing.T, talk *testkit.Talk, what string) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	if _, ok := talk.Wait(ctx, what); !ok {
		t.Fatalf("%q never happened: %v", what, talk.Moments())
	}
}

// anna registers the agent's phone, which answers at once.
func anna(t *testing.T, n *Node) {
	t.Helper()
	p := person(t, testkit.Config{Bind: deskAt, Server: n.sipAt(), User: "1001", Password: "pw1001", Ring: func(talk *testkit.Talk) { talk.Answer() }})
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	if err := p.Register(ctx, time.Hour); err != nil {
		t.Fatal(err)
	}
}

func TestRecordSaysHowLongTheWorkAfterTheCallTook(t *testing.T) {
	n := runNode(t, smallData(t, smallCentre))
	anna(t, n)
	caller := person(t, testkit.Config{Bind: trunkAt, Server: n.sipAt(), User: "13800138000"})
	talk, err := caller.Call("4001", "13800138000")
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "two who talk", func() bool { return agentState(n, "anna") == queue.Talking })
	id := n.board.Exchange().IDs()[0]
	talk.Hangup()
	until(t, talk, "ended")
	eventually(t, "the wrap-up", func() bool { return agentState(n, "anna") == queue.Ready })
	var r cdr.Record
	eventually(t, "the record with its wrap-up", func() bool {
		facts, err := n.db.FactsOf(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		r = cdr.Fold(facts)
		return r.WrapMS > 0
	})
	if r.WrapMS < 650 || r.WrapMS > 1500 || len(r.Agents) != 1 || r.Agents[0].WrapMS != r.WrapMS {
		t.Errorf("got wrap-up %d ms, agents %+v, want about 700", r.WrapMS, r.Agents)
	}
}

func agentState(n *Node, id string) queue.State {
	for _, a := range n.dispatcher.Snapshot().Agents {
		if a.ID == id {
			return a.State
		}
	}
	return ""
}

func TestWrapUpsKnowTheirCalls(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	w := wrapUps{}
	for i, c := range []struct {
		e    queue.AgentChanged
		want string // agent and call of the fact; "" none
	}{
		{queue.AgentChanged{Agent: "a", From: queue.Offline, To: queue.Ready}, ""},
		{queue.AgentChanged{Agent: "a", From: queue.Talking, To: queue.WrapUp, Reason: "after call c1"}, ""},
		{queue.AgentChanged{Agent: "b", From: queue.Talking, To: queue.WrapUp, Reason: "after call c2"}, ""},
		{queue.AgentChanged{Agent: "a", From: queue.WrapUp, To: queue.WrapUp, Reason: "after call c1", Next: queue.NotReady}, ""},
		{queue.AgentChanged{Agent: "a", From: queue.WrapUp, To: queue.Ready, Next: queue.Ready}, "a c1"},
		{queue.AgentChanged{Agent: "a", From: queue.WrapUp, To: queue.Ready, Next: queue.Ready}, ""},
		{queue.AgentChanged{Agent: "b", From: queue.WrapUp, To: queue.Offline, Next: queue.Ready}, "b c2"}, // the phone went away
		{queue.AgentChanged{Agent: "b", From: queue.Offline, To: queue.WrapUp, Reason: "after call c2"}, ""},
		{queue.AgentChanged{Agent: "b", From: queue.WrapUp, To: queue.NotReady, Next: queue.NotReady}, "b c2"},
		{queue.AgentChanged{Agent: "c", From: queue.WrapUp, To: queue.Ready, Next: queue.Ready}, ""}, // from before the start
	} {
		c.e.At = at.Add(time.Duration(i) * time.Second)
		f, ok := w.changed(c.e)
		if got := strings.TrimSpace(f.Agent + " " + string(f.Call)); got != c.want || ok != (c.want != "") {
			t.Errorf("change %d gave %q, want %q", i, got, c.want)
		}
		if ok && (f.Kind != cdr.Wrapped || f.Seq < cdr.LateSeq || !f.At.Equal(c.e.At)) {
			t.Errorf("change %d gave %+v", i, f)
		}
	}
	if len(w) != 0 {
		t.Errorf("kept %v", w)
	}
}

func TestReloadTakesTheCentreWhileCallsGoOn(t *testing.T) {
	n := runNode(t, smallData(t, smallCentre))
	anna(t, n)
	ctx := t.Context()
	if err := (datadir.Access{PID: 0}).Write(n.config.Data); err != nil {
		t.Fatal(err)
	}
	if err := datadir.Reload(n.config.Data); err == nil {
		t.Fatal("a node without a process id was told")
	}
	if err := n.grantCLI(ctx); err != nil {
		t.Fatal(err)
	}
	caller := person(t, testkit.Config{Bind: trunkAt, Server: n.sipAt(), User: "13800138000"})
	talk, err := caller.Call("4001", "")
	if err != nil {
		t.Fatal(err)
	}
	until(t, talk, "answered")
	eventually(t, "two who talk", func() bool { return agentState(n, "anna") == queue.Talking })
	more := strings.Replace(smallCentre, `numbers: [`, `numbers: [{number: "4002", flow: people}, `, 1)
	more = strings.Replace(more, `phones: [`, `phones: [{user: "1002", password: pw}, `, 1)
	more = strings.Replace(more, `people: [`, `people: [{login: ben, phone: "1002", queues: {q: 1}, ready: true}, `, 1)
	if _, err := WriteCentre(ctx, n.db, n.config.SIP.Realm, smallData(t, more)); err != nil {
		t.Fatal(err)
	}
	if err := datadir.Reload(n.config.Data); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the new phone", func() bool { return n.known("1002") })
	eventually(t, "the new agent", func() bool { return agentState(n, "ben") != "" })
	second, err := caller.Call("4002", "")
	if err != nil {
		t.Fatal(err)
	}
	until(t, second, "answered") // by the flow
	second.Hangup()
	if agentState(n, "anna") != queue.Talking || slices.ContainsFunc(talk.Moments(), func(m testkit.Moment) bool { return m.What == "ended" }) {
		t.Error("the call under way was disturbed")
	}
	talk.Hangup()
	until(t, talk, "ended")

	less := strings.NewReplacer(`people: [{login: anna, phone: "1001", queues: {q: 1}, ready: true}]`, `people: []`,
		`phones: [{user: "1001", password: pw1001}]`, `phones: []`).Replace(smallCentre)
	if _, err := WriteCentre(ctx, n.db, n.config.SIP.Realm, smallData(t, less)); err != nil {
		t.Fatal(err)
	}
	if err := n.reload(ctx); err != nil {
		t.Fatal(err)
	}
	if n.known("1001") || n.registrar.Reachable("1001") {
		t.Error("a phone that was removed is still registered")
	}
}

// TestNewTrunkIsTrusted: all addresses of a trunk that came by a reload, and those of one that was there are still.
func TestNewTrunkIsTrusted(t *testing.T) {
	n := runNode(t, smallData(t, smallCentre))
	offends := func() (banned int) {
		for _, a := range []string{"127.0.42.70:5060", "127.0.42.100:5060", trunkAt.String()} {
			for range 100 {
				n.transport.Offend(transport.Peer{Network: "udp", Addr: netip.MustParseAddrPort(a)})
			}
		}
		return len(n.transport.Guard.Bans())
	}
	if got := offends(); got != 2 {
		t.Fatalf("%d strangers are banned, want 2", got)
	}
	more := strings.Replace(smallCentre, `trunks: [`, `trunks: [{id: other, sources: [127.0.42.64/26]}, `, 1)
	if _, err := WriteCentre(t.Context(), n.db, n.config.SIP.Realm, smallData(t, more)); err != nil {
		t.Fatal(err)
	}
	if err := n.reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := offends(); got != 0 {
		t.Errorf("%d addresses of trunks are banned: %+v", got, n.transport.Guard.Bans())
	}
}

func TestReloadThatFailsChangesNothing(t *testing.T) {
	n := runNode(t, smallData(t, smallCentre))
	before := n.board.Centre()
	all, err := n.db.Settings(t.Context(), configs.KindTrunk)
	if err != nil || len(all) != 1 {
		t.Fatal(err, all)
	}
	all[0].Body = []byte(`{"place":0,"item":{"id":"t","sources":["203.0.113.7/33"]}}`)
	if _, _, err := n.db.PublishSettings(t.Context(), store.SettingVersion{By: "test"}, all[0]); err != nil {
		t.Fatal(err)
	}
	if err := n.reload(t.Context()); err == nil {
		t.Fatal("a broken centre was taken")
	}
	if n.board.Centre() != before || !n.known("1001") {
		t.Error("the centre changed")
	}
}

func TestNobodyIsToldWhereNoNodeRuns(t *testing.T) {
	if err := datadir.Reload(t.TempDir()); !errors.Is(err, datadir.ErrNotRunning) {
		t.Errorf("got %v, want datadir.ErrNotRunning", err)
	}
}

func TestNodeThatStopsRefusesCallsAndEndsThem(t *testing.T) {
	n := runNode(t, smallData(t, smallCentre))
	anna(t, n)
	caller := person(t, testkit.Config{Bind: trunkAt, Server: n.sipAt(), User: "13800138000"})
	talk, err := caller.Call("4001", "")
	if err != nil {
		t.Fatal(err)
	}
	until(t, talk, "answered")
	n.board.Drain()
	if n.ready() == nil {
		t.Error("ready while it stops")
	}
	refused, err := caller.Call("4001", "")
	if err != nil {
		t.Fatal(err)
	}
	until(t, refused, "ended")
	if refused.Code() != 503 {
		t.Errorf("got %d, want 503", refused.Code())
	}
	id := n.board.Exchange().IDs()[0]
	n.endCalls()
	until(t, talk, "ended")
	eventually(t, "the last fact", func() bool {
		facts, err := n.db.FactsOf(t.Context(), id)
		return err == nil && slices.ContainsFunc(facts, func(f call.Fact) bool { return f.Kind == call.Ended && f.Cause == call.Unavailable })
	})
}
