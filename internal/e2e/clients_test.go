package e2e

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"hotline/account"
)

var (
	clients     = flag.Int("clients", 40, "browsers that are online in TestClients")
	clientsRate = flag.Float64("clients-rate", 200, "changes of agents' states a second in TestClients")
	clientsFor  = flag.Duration("clients-for", time.Second, "how long TestClients changes states")
)

// crowd is a centre with many agents, each with a phone.
func crowd(agents int) centre {
	var people, phones strings.Builder
	for i := 0; i < agents; i += 1000 { // a range has its limit
		fmt.Fprintf(&phones, "  - {user: %d-%d, password: \"pw${user}\"}\n", 10000+i, 10000+min(agents, i+1000)-1)
	}
	for i := range agents {
		fmt.Fprintf(&people, "  - {login: %s, phone: \"%d\", queues: {desk: 1}}\n", crowdAgent(i), 10000+i)
	}
	return centre{"data.yml": fmt.Sprintf(`trunks:
  - {id: carrier, sources: [TRUNK]}
phones:
%speople:
%squeues:
  - {id: desk, ring: 2s}
routes:
  - {id: all, steps: [{queue: desk}]}
numbers:
  - {number: "600", flow: echo}
flows: [flows/*.yml]
`, phones.String(), people.String()), "flows/echo.yml": "flow: echo\nstart: echo\nnodes:\n  echo: {type: echo}\n"}
}

func crowdAgent(i int) string { return fmt.Sprintf("agent-%05d", i) }

// sessions signs everybody in, in the store, before the node runs: ten thousand passwords would take it an hour.
func (n *node) sessions(agents int) []string {
	t := n.t
	t.Helper()
	db := n.store()
	defer db.Close()
	cheap := account.Config{Cost: account.Cost{Time: 1, Memory: 8, Threads: 1}, Logger: slog.New(slog.DiscardHandler)}
	accounts, err := account.New(cheap, db)
	if err != nil {
		t.Fatal(err)
	}
	const password = "correct horse battery"
	all := make([]string, agents)
	var failed atomic.Pointer[error]
	var wait sync.WaitGroup
	for worker := range 16 { // the store commits what comes together at once
		wait.Go(func() {
			for i := worker; i < agents && failed.Load() == nil; i += 16 {
				_, err := accounts.Create(t.Context(), account.Person{Login: crowdAgent(i), Role: account.Agent, AgentID: crowdAgent(i)}, password)
				if err == nil {
					all[i], _, err = accounts.Login(t.Context(), crowdAgent(i), password, fmt.Sprintf("10.0.%d.%d", i/256, i%256))
				}
				if err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	wait.Wait()
	if err := failed.Load(); err != nil {
		t.Fatal(*err)
	}
	return all
}

// client is one browser that is online and reads.
type client struct {
	socket *websocket.Conn
	busy   chan struct{} // holds a token from when a change of the agent's state is asked for until it is seen
	asked  atomic.Int64  // when that was, ns; 0: it was seen
}

// online connects a browser and waits for its snapshot.
func (n *node) online(ctx context.Context, session string) (*client, error) {
	header := http.Header{"Cookie": {"hotline_session=" + session}}
	c, _, err := websocket.Dial(ctx, strings.Replace(n.url, "http", "ws", 1)+"/api/v1/softphone", &websocket.DialOptions{HTTPHeader: header})
	if err != nil {
		return nil, err
	}
	c.SetReadLimit(64 << 10)
	if err := c.Write(ctx, websocket.MessageText, []byte(`{"id":1,"do":"hello","v":1,"device":"load"}`)); err != nil {
		return nil, err
	}
	for {
		_, b, err := c.Read(ctx)
		if err != nil {
			return nil, err
		}
		if strings.Contains(string(b), `"snapshot"`) {
			return &client{socket: c, busy: make(chan struct{}, 1)}, nil
		}
	}
}

// read hands over how long each change took to be seen, until the connection ends.
func (c *client) read(ctx context.Context, seen chan<- time.Duration) {
	for {
		_, b, err := c.socket.Read(ctx)
		if err != nil {
			return
		}
		now := time.Now()
		var ev struct{ Event string }
		if json.Unmarshal(b, &ev) != nil || ev.Event != "agent" {
			continue
		}
		if asked := c.asked.Swap(0); asked != 0 {
			seen <- now.Sub(time.Unix(0, asked))
			<-c.busy
		}
	}
}

// Many browsers are online; agents' states change, and each browser sees the change of its own agent. Forty in everyday runs; `make
// clients` makes 10,000, and says how long it took.
func TestClients(t *testing.T) {
	t.Parallel()
	n := prepare(t, crowd(*clients))
	sessions := n.sessions(*clients)
	n.run()
	idle := n.metrics()
	all := n.allOnline(sessions)
	up := n.metrics()
	seen := make(chan time.Duration, 1000)
	var readers sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	for _, c := range all {
		readers.Go(func() { c.read(ctx, seen) })
	}
	began, before := time.Now(), n.metrics()
	changes := int(clientsFor.Seconds() * *clientsRate)
	took := n.change(all, changes, seen)
	span := time.Since(began)
	after := n.metrics()
	stop()
	for _, c := range all {
		_ = c.socket.CloseNow()
	}
	readers.Wait()
	if len(took) != changes {
		t.Fatalf("%d changes were seen of %d", len(took), changes)
	}
	slices.Sort(took)
	cpu := (after["process_cpu_seconds_total"] - before["process_cpu_seconds_total"]) / span.Seconds()
	t.Logf("%d clients, %.0f changes a second for %v: p50 %v, p99 %v, most %v; %.0f %% of a core, %.1f kB a client", len(all), float64(changes)/span.Seconds(),
		span.Round(time.Second), took[changes/2].Round(100*time.Microsecond), took[changes*99/100].Round(100*time.Microsecond),
		took[changes-1].Round(100*time.Microsecond), 100*cpu, (up["process_resident_memory_bytes"]-idle["process_resident_memory_bytes"])/1000/float64(len(all)))
}

// allOnline connects everybody, some at a time.
func (n *node) allOnline(sessions []string) []*client {
	t := n.t
	t.Helper()
	all := make([]*client, len(sessions))
	var failed atomic.Pointer[error]
	var wait sync.WaitGroup
	for worker := range 16 {
		wait.Go(func() {
			for i := worker; i < len(all) && failed.Load() == nil; i += 16 {
				c, err := n.online(t.Context(), sessions[i])
				if err != nil {
					failed.Store(&err)
					return
				}
				all[i] = c
			}
		})
	}
	wait.Wait()
	if err := failed.Load(); err != nil {
		t.Fatal(*err)
	}
	return all
}

// change changes agents' states at the rate, one after the other, and returns how long each took to be seen.
func (n *node) change(all []*client, changes int, seen <-chan time.Duration) (took []time.Duration) {
	t := n.t
	t.Helper()
	own := http.DefaultTransport.(*http.Transport).Clone()
	own.MaxIdleConnsPerHost = 32
	defer own.CloseIdleConnections()
	caller := http.Client{Transport: own}
	orders := make(chan int, 64)
	for range 16 {
		go func() {
			for i := range orders {
				who := i % len(all)
				state := []string{"not-ready", "ready"}[i/len(all)%2]
				body := strings.NewReader(fmt.Sprintf(`{"state":%q,"reason":%q}`, state, map[string]string{"not-ready": "小休"}[state]))
				req, _ := http.NewRequest(http.MethodPut, n.url+"/api/v1/agents/"+crowdAgent(who)+"/state", body)
				req.Header.Set("Authorization", "Bearer "+n.token)
				req.Header.Set("Content-Type", "application/json")
				all[who].busy <- struct{}{}
				all[who].asked.Store(time.Now().UnixNano())
				if res, err := caller.Do(req); err == nil {
					_ = res.Body.Close()
				}
			}
		}()
	}
	tick := time.NewTicker(time.Duration(float64(time.Second) / *clientsRate))
	defer tick.Stop()
	late := time.NewTimer(*clientsFor + 2*patience)
	defer late.Stop()
	for made := 0; len(took) < changes; {
		next := tick.C
		if made == changes {
			next = nil
		}
		select {
		case <-next:
			orders <- made
			if made++; made == changes {
				close(orders)
			}
		case d := <-seen:
			took = append(took, d)
		case <-late.C:
			return took
		}
	}
	return took
}
