package main

import (
	"context"
	cryptorand "crypto/rand"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"hotline/configs"
	"hotline/internal/testkit"
	"hotline/media/tone"
	"hotline/node"
)

type demoCmd struct {
	Data  string        `help:"Folder for the demo's database and recordings." default:"var/demo" type:"path"`
	Quiet bool          `help:"No synthetic callers and agents: only you."`
	Every time.Duration `help:"A synthetic customer calls about this often." default:"20s"`
}

// Run serves the demo's centre, with synthetic agents and customers on loopback.
func (d demoCmd) Run() error {
	files, err := fs.Sub(configs.Samples, "samples/demo")
	if err != nil {
		return err
	}
	src, err := fs.ReadFile(files, "hotline.yml")
	if err != nil {
		return err
	}
	c, err := configs.ParseNode("demo/hotline.yml", src)
	if err != nil {
		return err
	}
	c.Data, c.Seed = d.Data, ""
	read := func() (*configs.Data, error) {
		data, err := configs.ReadDataFS(files, "data.yml", "demo")
		if err == nil && !d.Quiet {
			lendPasswords(data)
		}
		return data, err
	}
	return serve(c, read, func(n *node.Node) {
		fmt.Println("  dial        4008001234 from a phone that is registered here as 1001, 1002 or 1003; 600 is an echo")
		fmt.Printf("  or          open http://%s/call in a browser and press the button: it rings 1001, 1002 and 1003\n", n.Web())
		fmt.Println("  or          bin/hotline call 4008001234 --bind 127.0.0.2 --key 12:1 --for 40s")
		if !d.Quiet {
			d.people(n, logger(c.Log))
		}
	})
}

// synthetic are the phone users of the demo's own agents.
var synthetic = []string{"2001", "2002", "2003"}

// lendPasswords gives the synthetic agents passwords that nobody is told: they get new ones at every start.
func lendPasswords(data *configs.Data) {
	for i := range data.Phones {
		if slices.Contains(synthetic, data.Phones[i].User) {
			data.Phones[i].Password = cryptorand.Text()
		}
	}
}

// Loopback addresses of the demo's people: the trunk of the sample is 127.0.0.2.
var (
	demoTrunk  = netip.MustParseAddrPort("127.0.0.2:0")
	demoAgents = netip.MustParseAddrPort("127.0.0.3:0")
	demoServer = netip.MustParseAddrPort("127.0.0.1:5060")
)

// people starts synthetic agents and customers; they end with the process.
func (d demoCmd) people(n *node.Node, log *slog.Logger) {
	ctx := context.Background()
	for i, user := range synthetic {
		password := cryptorand.Text()
		n.LendPhone(user, password)
		go demoAgent(ctx, log, user, password, 1300+100*float64(i))
	}
	go d.customers(ctx, log)
}

// demoAgent answers each call after two seconds, hums, and hangs up after a while.
func demoAgent(ctx context.Context, log *slog.Logger, user, password string, hz float64) {
	hum := tone.Make(hz, -20, 8*time.Second)
	phone, err := testkit.Open(testkit.Config{ //nolint:contextcheck // it only binds sockets: Run has the context
		Bind: demoAgents, Server: demoServer, User: user, Password: password, Logger: log,
		Ring: func(t *testkit.Talk) {
			t.Ring()
			ringing, stop := context.WithTimeout(ctx, 2*time.Second)
			defer stop()
			if _, over := t.Wait(ringing, "ended"); over {
				return
			}
			t.Answer()
			t.Play(hum, true)
			talking, end := context.WithTimeout(ctx, time.Duration(10+rand.IntN(20))*time.Second)
			defer end()
			if _, over := t.Wait(talking, "ended"); !over {
				t.Hangup()
			}
		},
	})
	if err != nil {
		log.Error("synthetic agent", "err", err)
		return
	}
	go func() { _ = phone.Run(ctx) }()
	for {
		if err := phone.Register(ctx, 5*time.Minute); err != nil {
			log.Warn("synthetic agent", "err", err)
		}
		<-time.After(2 * time.Minute)
	}
}

// demoCallers are numbers of several regions, one that is unknown and one that hides itself.
var demoCallers = []string{"13810011234", "01062345678", "13602212345", "02081234567", "13816012345", "19912345678", "anonymous"}

// customers call now and then, choose a topic, and talk until the agent hangs up.
func (d demoCmd) customers(ctx context.Context, log *slog.Logger) {
	phone, err := testkit.Open(testkit.Config{Bind: demoTrunk, Server: demoServer, User: "customer", Logger: log}) //nolint:contextcheck // as above
	if err != nil {
		log.Error("synthetic customers", "err", err)
		return
	}
	go func() { _ = phone.Run(ctx) }()
	dids := []string{"01066551234", "02166551234", "02066551234", "4008001234"}
	hum := tone.Make(700, -20, 8*time.Second)
	for i := 0; ; i++ {
		<-time.After(d.Every/2 + rand.N(d.Every))
		t, err := phone.Call(dids[i%len(dids)], demoCallers[i%len(demoCallers)]) //nolint:contextcheck // it goes on as long as the phone runs
		if err != nil {
			log.Warn("synthetic customer", "err", err)
			continue
		}
		go demoCustomer(ctx, t, hum)
	}
}

func demoCustomer(ctx context.Context, t *testkit.Talk, hum []int16) {
	limit, stop := context.WithTimeout(ctx, 3*time.Minute)
	defer stop()
	if _, ok := t.Wait(limit, "answered"); !ok {
		t.Hangup()
		return
	}
	thinking, ready := context.WithTimeout(limit, time.Duration(4+rand.IntN(8))*time.Second)
	t.Wait(thinking, "ended")
	ready()
	t.Press("1234"[rand.IntN(4)])
	t.Play(hum, true)
	if _, over := t.Wait(limit, "ended"); !over {
		t.Hangup()
	}
}
