package media

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"hotline/media/dtmf"
	"hotline/media/opus"

	"hotline/media/socket"
)

// Config is what a node decides about its media plane.
type Config struct {
	Addr         netip.Addr    // the address to bind and to offer in SDP
	PortMin      int           // first port of the range; 0: 10000
	PortMax      int           // last port of the range, included; 0: 19999
	Shards       int           // locked threads; 0: cores - 1, at least 1
	Tick         time.Duration // how often sockets are drained; 0: 2 ms
	SilenceAfter time.Duration // without packets for so long, Silent is told; 0: 10 s
	OpusWorkers  int           // goroutines that decode and encode Opus; 0: one for each core
	Logger       *slog.Logger  // nil: slog.Default()
}

// Errors of Open. Compare with errors.Is.
var (
	ErrPorts  = socket.ErrPorts
	ErrFiles  = socket.ErrFiles
	ErrClosed = errors.New("media engine has ended")
)

const (
	defaultTick    = 2 * time.Millisecond
	defaultSilence = 10 * time.Second
	defaultMin     = 10000
	defaultMax     = 19999
)

// Engine owns the shards and the ports. See New.
type Engine struct {
	config Config
	log    *slog.Logger
	ports  *socket.Ports
	shards []*shard
	tones  [16]*Sound // by event code, for peers without telephone-event
	opus   *opus.Pool

	encoding sync.WaitGroup // music being encoded, see encode
	began    time.Time
	wall     int64 // Unix time of began, ns, for NTP timestamps
}

// New checks the configuration and the limit of open files, which it raises if it may. It starts nothing; see Run.
func New(c Config) (*Engine, error) {
	c.fill()
	if !c.Addr.IsValid() {
		return nil, errors.New("media address is missing")
	}
	if c.Tick < 100*time.Microsecond || c.Tick > 20*time.Millisecond {
		return nil, fmt.Errorf("media tick %s: want 100 µs to 20 ms", c.Tick)
	}
	files, err := socket.OpenFiles()
	if err != nil {
		return nil, err
	}
	p, err := socket.NewPorts(c.Addr, c.PortMin, c.PortMax, files)
	if err != nil {
		return nil, err
	}
	if p.Max() < p.Total() {
		c.Logger.Warn("limit of open files is below what the RTP port range allows", "files", files, "streams", p.Max(), "pairs", p.Total())
	}
	began := time.Now()
	e := &Engine{config: c, log: c.Logger, ports: p, opus: opus.NewPool(c.OpusWorkers), began: began, wall: began.UnixNano()}
	for code := range e.tones {
		e.tones[code] = NewSound(dtmf.Tone("0123456789*#ABCD"[code], dtmf.ToneSamples))
	}
	for range c.Shards {
		sh, err := newShard(e)
		if err != nil {
			return nil, errors.Join(err, e.abandon())
		}
		e.shards = append(e.shards, sh)
	}
	return e, nil
}

func (c *Config) fill() {
	c.Addr = c.Addr.Unmap()
	if c.PortMin == 0 {
		c.PortMin = defaultMin
	}
	if c.PortMax == 0 {
		c.PortMax = defaultMax
	}
	if c.Shards <= 0 {
		c.Shards = max(1, runtime.NumCPU()-1)
	}
	if c.OpusWorkers <= 0 {
		c.OpusWorkers = runtime.NumCPU()
	}
	if c.Tick == 0 {
		c.Tick = defaultTick
	}
	if c.SilenceAfter <= 0 {
		c.SilenceAfter = defaultSilence
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
}

// abandon closes the pollers of a half-made engine.
func (e *Engine) abandon() error {
	for _, sh := range e.shards {
		sh.poll.Close()
	}
	return nil
}

// clock is the time in ns since the engine was made; it never jumps.
func (e *Engine) clock() int64 { return int64(time.Since(e.began)) }

// Run works until ctx ends, then says goodbye on every stream still open, returns the ports, and returns nil.
// Run it once; commands posted before wait for it.
func (e *Engine) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for _, sh := range e.shards {
		all.Go(func() { sh.run(ctx) })
	}
	all.Go(func() { e.opus.Run(ctx) })
	<-ctx.Done()
	for _, sh := range e.shards {
		sh.over.Store(true)
	}
	all.Wait()
	e.encoding.Wait()
	return nil
}

// Procs is the GOMAXPROCS at which the engine runs best. Its threads keep their Ps while they wait in raw system calls; one P more is for
// all else, and another for each two shards. Any beyond are searched for work in vain: with one spare on two cores, a set-up cost a tenth more.
func (e *Engine) Procs() int { return len(e.shards) + 1 + len(e.shards)/2 }

// Load reads the shards' counters without disturbing them.
func (e *Engine) Load() Load {
	l := Load{PortsUsed: e.ports.Used(), PortsTotal: e.ports.Total(), MaxStreams: e.ports.Max(), OpusPorts: e.opus.Ports(), Late: make([]Bucket, lateBuckets)}
	for i, bound := range lateBounds {
		l.Late[i].Below = bound
	}
	for _, sh := range e.shards {
		l.add(&sh.counters)
	}
	l.LateP99 = l.percentile(0.99)
	return l
}

// Open takes an RTP/RTCP port pair and binds its first port, on near's shard (nil: the shard with the fewest streams). events runs on the shard's thread and must not
// wait; nil: nobody listens. Errors: ErrPorts, ErrFiles, ErrClosed.
func (e *Engine) Open(near *Stream, events func(Event)) (*Stream, error) {
	sh := e.quietest()
	if near != nil {
		sh = near.shard
	}
	if sh.over.Load() {
		return nil, ErrClosed
	}
	opened, port, err := e.ports.Bind()
	if err != nil {
		return nil, fmt.Errorf("open media stream: %w", err)
	}
	s := newStream(sh, opened, nil, netip.AddrPortFrom(e.config.Addr, port), events)
	sh.assigned.Add(1)
	if !sh.box.put(command{stream: s, do: sh.adopt}) {
		opened.Close()
		e.ports.Give(port)
		sh.assigned.Add(-1)
		return nil, ErrClosed
	}
	return s, nil
}

func (e *Engine) quietest() *shard {
	best := e.shards[0]
	for _, sh := range e.shards[1:] {
		if sh.assigned.Load() < best.assigned.Load() {
			best = sh
		}
	}
	return best
}
