package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"time"

	"hotline/internal/testkit"
	"hotline/media/tone"
	"hotline/media/wav"
)

// sound is what a synthetic person plays.
type sound struct {
	Tone float64 `help:"Play a sine of so many Hz." placeholder:"HZ"`
	WAV  string  `help:"Play this WAV, again and again." type:"existingfile"`
	Save string  `help:"Write what was heard to this WAV." type:"path"`
}

// pcm is the sound to play, again and again. Silence is sent too, as phones do: a leg that sends nothing is hung up.
func (s sound) pcm() ([]int16, error) {
	if s.Tone > 0 {
		return tone.Make(s.Tone, -12, 8*time.Second), nil
	}
	if s.WAV == "" {
		return make([]int16, 8000), nil
	}
	f, err := os.Open(s.WAV)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	clip, err := wav.Read(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", s.WAV, err)
	}
	return clip.Samples, nil
}

func (s sound) save(heard []int16) error {
	if s.Save == "" {
		return nil
	}
	f, err := os.Create(s.Save)
	if err != nil {
		return err
	}
	return errors.Join(wav.Write(f, heard), f.Close())
}

type line struct {
	Server   string `help:"The switch: address and port." default:"127.0.0.1:5060"`
	Bind     string `help:"Own address, and port if it matters; found by the route when left out."`
	Network  string `help:"udp or tcp." default:"udp" enum:"udp,tcp"`
	User     string `help:"Phone user; without it the call comes from a trunk." default:""`
	Password string `help:"The phone's password." env:"HOTLINE_PHONE_PASSWORD"`
}

func (l line) config() (testkit.Config, error) {
	server, err := serverOf(l.Server)
	if err != nil {
		return testkit.Config{}, err
	}
	c := testkit.Config{Server: server, Network: l.Network, User: l.User, Password: l.Password}
	if l.Bind == "" {
		conn, err := net.Dial("udp", server.String())
		if err != nil {
			return c, fmt.Errorf("find a way to %s: %w", server, err)
		}
		defer conn.Close()
		own, err := netip.ParseAddrPort(conn.LocalAddr().String())
		if err != nil {
			return c, err
		}
		c.Bind = netip.AddrPortFrom(own.Addr(), 0)
		return c, nil
	}
	if addr, err := netip.ParseAddr(l.Bind); err == nil {
		c.Bind = netip.AddrPortFrom(addr, 0)
		return c, nil
	}
	c.Bind, err = netip.ParseAddrPort(l.Bind)
	return c, err
}

func serverOf(server string) (netip.AddrPort, error) {
	if at, err := netip.ParseAddrPort(server); err == nil {
		return at, nil
	}
	host, port, err := net.SplitHostPort(server)
	if err != nil {
		host, port = server, "5060"
	}
	udp, err := net.ResolveUDPAddr("udp", net.JoinHostPort(host, port))
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("find %s: %w", server, err)
	}
	at := udp.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port()), nil
}

type callCmd struct {
	line
	sound
	Number string        `arg:"" help:"The number to dial."`
	From   string        `help:"The caller's number." default:"13800138000"`
	Key    []string      `help:"Keys at seconds after the answer, as in 4:1 or 6:155#." placeholder:"SECONDS:KEYS"`
	For    time.Duration `help:"Hang up after so long from the answer; 0 waits for the other side." default:"20s"`
	Wait   time.Duration `help:"Give up when nobody answers for so long." default:"60s"`
	Expect []float64     `help:"Fail unless these tones were heard (Hz)." placeholder:"HZ"`
}

// Run dials, listens and prints. The exit status is 0 when the call was answered and everything expected was heard.
func (c callCmd) Run() error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	if cfg.User == "" {
		cfg.User = c.From
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	phone, err := testkit.Open(cfg)
	if err != nil {
		return err
	}
	running, end := context.WithCancel(context.Background())
	defer end()
	go func() { _ = phone.Run(running) }()
	from := c.From
	if c.User != "" {
		from = c.User
	}
	talk, err := phone.Call(c.Number, from)
	if err != nil {
		return err
	}
	if err := c.through(ctx, talk); err != nil {
		printTalk(talk)
		return err
	}
	printTalk(talk)
	if err := c.save(talk.Heard()); err != nil {
		return err
	}
	return c.judge(talk)
}

// through lives the call from the answer to its end.
func (c callCmd) through(ctx context.Context, talk *testkit.Talk) error {
	waiting, cancel := context.WithTimeout(ctx, c.Wait)
	defer cancel()
	ended := make(chan struct{})
	go func() { talk.Wait(ctx, "ended"); close(ended); cancel() }()
	if _, ok := talk.Wait(waiting, "answered"); !ok {
		talk.Hangup()
		waitEnd(ended)
		return fmt.Errorf("not answered (%d)", talk.Code())
	}
	pcm, err := c.pcm()
	if err != nil {
		return err
	}
	if pcm != nil {
		talk.Play(pcm, true)
	}
	keys, err := testkit.ReadPlan(c.Key)
	if err != nil {
		return err
	}
	began := time.Now()
	var limit <-chan time.Time
	if c.For > 0 {
		limit = time.After(c.For)
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return nil
		case <-limit:
			talk.Hangup()
			waitEnd(ended)
			return nil
		case <-ctx.Done():
			talk.Hangup()
			waitEnd(ended)
			return nil
		case <-tick.C:
			for len(keys) > 0 && time.Since(began) >= keys[0].At {
				talk.Press(keys[0].Key)
				keys = keys[1:]
			}
			talk.Attend()
		}
	}
}

func waitEnd(ended chan struct{}) {
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
	}
}

func printTalk(t *testkit.Talk) {
	for _, m := range t.Moments() {
		fmt.Printf("%8.2f s  %-12s %s\n", m.At.Seconds(), m.What, m.Word)
	}
	for _, s := range testkit.Listen(t.Heard()) {
		fmt.Printf("%8.2f s  heard        %s for %.2f s at %.0f dBFS (since the first sound)\n", s.At.Seconds(), s.What, s.For.Seconds(), s.Level)
	}
	if q := t.Quality(); q != nil {
		fmt.Printf("            sound        %s, %d packets, %.2f %% lost, jitter %s, MOS %.1f\n", q.Codec, q.Received, q.LossPct, q.Jitter.Round(10*time.Microsecond), q.MOS)
	}
}

// judge decides the exit status.
func (c callCmd) judge(t *testkit.Talk) error {
	heard := t.Heard()
	for _, hz := range c.Expect {
		if !testkit.HeardTone(heard, hz) {
			return fmt.Errorf("a tone of %.0f Hz was expected and not heard", hz)
		}
	}
	return nil
}

type phoneCmd struct {
	line
	sound
	After  time.Duration `help:"Answer after ringing so long." default:"2s"`
	Talk   time.Duration `help:"Hang up after so long; 0 waits for the other side." default:"0s"`
	Reject int           `help:"Refuse calls with this status instead."`
	Calls  int           `help:"Stop after so many calls; 0 goes on." default:"0"`
	Expire time.Duration `help:"Register for so long; it is refreshed." default:"5m"`
}

// Run registers and takes calls until it is interrupted.
func (p phoneCmd) Run() error {
	if p.User == "" {
		return errors.New("say which phone it is: --user and --password")
	}
	cfg, err := p.config()
	if err != nil {
		return err
	}
	pcm, err := p.pcm()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	done := make(chan *testkit.Talk, 16)
	cfg.Ring = func(t *testkit.Talk) { p.take(ctx, t, pcm, done) }
	phone, err := testkit.Open(cfg)
	if err != nil {
		return err
	}
	running, end := context.WithCancel(context.Background())
	defer end()
	go func() { _ = phone.Run(running) }()
	if err := phone.Register(ctx, p.Expire); err != nil {
		return err
	}
	fmt.Printf("%s is registered at %s\n", p.User, cfg.Server)
	refresh := time.NewTicker(p.Expire / 2)
	defer refresh.Stop()
	for calls := 0; p.Calls == 0 || calls < p.Calls; {
		select {
		case <-ctx.Done():
			return unregister(phone)
		case <-refresh.C:
			if err := phone.Register(ctx, p.Expire); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		case t := <-done:
			calls++
			printTalk(t)
			if err := p.save(t.Heard()); err != nil {
				return err
			}
		}
	}
	return unregister(phone)
}

func unregister(phone *testkit.Phone) error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	return phone.Register(ctx, 0)
}

// take lives one incoming call.
func (p phoneCmd) take(ctx context.Context, t *testkit.Talk, pcm []int16, done chan<- *testkit.Talk) {
	defer func() { done <- t }()
	if p.Reject > 0 {
		t.Reject(p.Reject)
		t.Wait(ctx, "ended")
		return
	}
	t.Ring()
	ringing, cancel := context.WithTimeout(ctx, p.After)
	defer cancel()
	if _, over := t.Wait(ringing, "ended"); over {
		return
	}
	t.Answer()
	if pcm != nil {
		t.Play(pcm, true)
	}
	talking := ctx
	if p.Talk > 0 {
		var end context.CancelFunc
		talking, end = context.WithTimeout(ctx, p.Talk)
		defer end()
	}
	for {
		second, stop := context.WithTimeout(talking, time.Second)
		_, over := t.Wait(second, "ended")
		stop()
		t.Attend()
		if over {
			return
		}
		if talking.Err() != nil {
			t.Hangup()
			last, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			t.Wait(last, "ended")
			stop()
			return
		}
	}
}
