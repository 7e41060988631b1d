package media

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"hotline/media/rtp"
	"hotline/media/srtp"

	"hotline/media/socket"
)

const (
	bufferLen  = 2048 // a datagram; longer ones are cut and then thrown away as junk
	batch      = 256  // sockets asked for at once
	maxRounds  = 8    // of batches in one tick
	extraReads = 8    // of a socket whose packet was a stranger's
	patience   = 200 * int64(time.Millisecond)
	dozeAfter  = 50 // ticks without a packet, and the shard looks only at every
	dozeTicks  = 8  // eighth: waking up for nothing costs as much as ten packets
)

// shard is one thread and all it owns. Nothing here is touched from outside except box, counters and assigned.
type shard struct {
	engine   *Engine
	log      *slog.Logger
	poll     socket.Poller
	box      inbox
	counters counters
	assigned atomic.Int64 // streams given to the shard, for placing new ones
	over     atomic.Bool

	now     int64 // ns since the engine was made
	next    int64 // when the next tick is due
	quiet   int   // ticks since a packet came or went
	ahead   bool  // of the other threads, on a thread of its own
	nice    int   // that thread before
	plain   bool  // it may not be
	wheel   wheel
	fire    func(*timer)
	streams []*Stream
	free    []int32
	open    int
	orders  []command
	current *Stream // whose packet, timer or command is being handled

	buf    [bufferLen]byte
	out    [bufferLen]byte
	pcm    [bufferLen]int16                // a packet's sound
	clear  [bufferLen]byte                 // a packet opened
	sealed [bufferLen + srtp.Overhead]byte // a packet protected
	tokens [batch]int32
	packet rtp.Packet
	report rtp.Report
}

func newShard(e *Engine) (*shard, error) {
	poll, err := socket.NewPoller()
	if err != nil {
		return nil, err
	}
	sh := &shard{engine: e, log: e.log, poll: poll}
	sh.box.bell = make(chan struct{}, 1)
	sh.wheel.start(int64(e.config.Tick), 0)
	sh.fire = sh.fired
	return sh, nil
}

// run is the shard's goroutine.
func (sh *shard) run(ctx context.Context) {
	for !sh.over.Load() {
		sh.loop(ctx)
	}
	sh.forward(false)
	sh.end()
}

// loop ticks until the engine is over or something panics; run enters it again then.
func (sh *shard) loop(ctx context.Context) {
	defer sh.recovered()
	for !sh.over.Load() {
		if sh.open == 0 && !sh.box.any.Load() {
			sh.idle(ctx)
		}
		sh.wait()
		sh.tick(sh.engine.clock())
	}
}

// forward takes the shard ahead of the other threads while packets move. While none do it must not be on a thread of its own: the runtime
// interrupts what has run for 10 ms, waiting in a raw system call or not, and to get from a locked thread through the queue and back takes
// three changes of threads, a hundred times a second.
func (sh *shard) forward(on bool) {
	if on == sh.ahead || sh.plain {
		return
	}
	if !on {
		if err := lower(sh.nice); err == nil { // else it ends with its shard
			sh.ahead = false
			runtime.UnlockOSThread()
		}
		return
	}
	runtime.LockOSThread()
	var err error
	if sh.nice, err = raise(); err != nil {
		sh.engine.log.Debug("media thread runs at the priority of all others", "error", err)
		sh.plain = true
		runtime.UnlockOSThread()
		return
	}
	sh.ahead = true
}

// idle waits without ticking while there is no stream.
func (sh *shard) idle(ctx context.Context) {
	sh.box.idle.Store(true)
	defer sh.box.idle.Store(false)
	if sh.box.any.Load() {
		return
	}
	sh.forward(false)
	select {
	case <-sh.box.bell:
	case <-ctx.Done():
	}
	sh.next = 0
}

// wait sleeps until the next tick and counts how late it begins.
func (sh *shard) wait() {
	sh.forward(sh.quiet <= dozeAfter)
	tick := sh.stride()
	now := sh.engine.clock()
	if sh.next == 0 {
		sh.next = now
	}
	for now < sh.next {
		sh.poll.Sleep(sh.next - now)
		now = sh.engine.clock()
	}
	sh.counters.late(now - sh.next)
	sh.next += tick
	if now > sh.next {
		sh.next = now - now%tick + tick // missed ticks are not made up: the wheel catches up by itself
	}
}

// stride is the time from one tick to the next.
func (sh *shard) stride() int64 {
	if sh.quiet > dozeAfter {
		return dozeTicks * sh.wheel.tick
	}
	return sh.wheel.tick
}

// tick does everything that there is to do at the time now.
func (sh *shard) tick(now int64) {
	moved := sh.counters.in + sh.counters.out
	sh.now = now
	sh.obey()
	sh.drain()
	sh.wheel.advance(now, sh.fire)
	sh.current = nil
	sh.counters.ticked(sh.open)
	if sh.quiet++; sh.counters.in+sh.counters.out != moved {
		sh.quiet = 0
	}
}

func (sh *shard) obey() {
	if len(sh.orders) == 0 {
		sh.orders = sh.box.take()
	}
	for len(sh.orders) > 0 {
		c := sh.orders[0]
		sh.orders = sh.orders[1:] // before it is done: a panic must not repeat it
		sh.current = c.stream
		c.do(c.stream)
	}
}

// drain reads one packet of each socket that has any. Further ones wait for the next tick, 2 ms later.
func (sh *shard) drain() {
	for range maxRounds {
		n := sh.poll.Ready(sh.tokens[:])
		for _, token := range sh.tokens[:n] {
			s := sh.streams[token>>1]
			if s == nil {
				continue
			}
			sh.current = s
			if token&1 == 0 {
				s.readable()
			} else {
				s.readableRTCP()
			}
		}
		if n < batch {
			return
		}
	}
}

func (sh *shard) fired(t *timer) {
	sh.current = t.stream
	t.fire(t.stream, sh.now)
}

// adopt gives a new stream its place.
func (sh *shard) adopt(s *Stream) {
	if n := len(sh.free); n > 0 {
		s.slot = sh.free[n-1]
		sh.free = sh.free[:n-1]
		sh.streams[s.slot] = s
	} else {
		s.slot = int32(len(sh.streams))
		sh.streams = append(sh.streams, s)
	}
	sh.open++
	if s.shared {
		return // its socket comes with Plug
	}
	err := sh.poll.Add(s.rtp, s.slot<<1)
	if err == nil && s.rtcp != nil {
		err = sh.poll.Add(s.rtcp, s.slot<<1|1)
	}
	if err != nil {
		sh.drop(s, err.Error())
	}
}

// release takes a stream out and returns its ports. Twice is once.
func (sh *shard) release(s *Stream) {
	if s.slot < 0 {
		return
	}
	sh.streams[s.slot] = nil
	sh.free = append(sh.free, s.slot)
	s.slot, s.unwatched = -1, false
	sh.open--
	sh.assigned.Add(-1)
	s.stopTimers()
	s.part()
	s.standUp()
	s.tap, s.play.sounds = nil, nil
	s.deafen()
	s.silence()
	s.rtp.Close()
	if s.rtcp != nil {
		s.rtcp.Close()
	}
	if !s.shared {
		sh.engine.ports.Give(s.addr.Port())
	}
}

// drop ends a stream that cannot go on and tells its owner.
func (sh *shard) drop(s *Stream, why string) {
	if s.slot < 0 {
		return
	}
	s.last = s.quality()
	sh.release(s)
	sh.log.Error("media stream dropped", "port", s.addr.Port(), "why", why)
	s.tell(Failed{Why: why})
}

// recovered drops the stream whose turn it was when something panicked; the others go on.
func (sh *shard) recovered() {
	r := recover()
	if r == nil {
		return
	}
	sh.counters.recovered.Add(1)
	s := sh.current
	sh.current = nil
	if sh.counters.recovered.Load() == 1 {
		sh.log.Error("media shard recovered", "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
	}
	if s == nil {
		return
	}
	defer func() {
		if again := recover(); again != nil { // the owner's callback: there is no one left to tell
			sh.counters.recovered.Add(1)
		}
	}()
	sh.drop(s, fmt.Sprintf("panic: %v", r))
}

// end closes what is still open when the engine ends.
func (sh *shard) end() {
	sh.finish(sh.orders)
	sh.finish(sh.box.take())
	for _, s := range sh.streams {
		if s != nil {
			sh.finish([]command{{stream: s, do: func(s *Stream) { s.close(nil) }}})
		}
	}
	sh.finish(sh.box.close())
	sh.poll.Close()
	sh.counters.ticked(0)
}

// finish carries out commands, each on its own should it panic.
func (sh *shard) finish(orders []command) {
	for _, c := range orders {
		func() {
			defer sh.recovered()
			sh.current = c.stream
			c.do(c.stream)
		}()
	}
}
