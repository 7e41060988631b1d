package switchboard

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"hotline/call"
	"hotline/internal/testkit"
	"hotline/ivr"
	"hotline/media"
	"hotline/media/codec"
	"hotline/media/tape"
	"hotline/media/tone"
	"hotline/media/wav"
	"hotline/number"
	"hotline/queue"
	"hotline/queue/dispatch"
	"hotline/recording"
	"hotline/route"
	"hotline/sip/ua"
)

const patience = 20 * time.Second

// leg is a line without SIP: it keeps what it was told, and its sound is real.
type leg struct {
	id     call.LegID
	stream *media.Stream
	phone  *phone
	kind   codec.Kind
	came   atomic.Bool // sound from the phone

	mu    sync.Mutex
	told  []string
	sink  func(call.Event)
	ended bool
	dial  ua.Dialling
	call  call.ID
}

func (l *leg) say(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = append(l.told, what)
}

func (l *leg) Ring()                  { l.say("ring") }
func (l *leg) Early()                 { l.say("early") }
func (l *leg) Answer()                { l.say("answer") }
func (l *leg) Transferred(status int) { l.say("transferred " + strconv.Itoa(status)) }
func (l *leg) Stream() *media.Stream  { return l.stream }
func (l *leg) Dialog() string         { return "dialog" }
func (l *leg) Codec() codec.Kind      { return l.kind }

func (l *leg) Hear(id call.LegID, sink func(call.Event)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.id, l.sink = id, sink
}

func (l *leg) Hangup(cause call.Cause, status int) {
	l.say("hangup " + string(cause))
	l.end(call.LegEnded{Cause: cause, SIP: status})
}

// tell sends an event of this leg to its call.
func (l *leg) tell(ev call.Event) {
	l.mu.Lock()
	sink := l.sink
	l.mu.Unlock()
	sink(ev)
}

func (l *leg) end(e call.LegEnded) {
	l.mu.Lock()
	again := l.ended
	l.ended = true
	e.Leg = l.id
	l.mu.Unlock()
	if !again {
		l.tell(e)
	}
}

// all is what the leg was told, in order.
func (l *leg) all() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.told, ",")
}

func (l *leg) was(what string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Contains(l.told, what)
}

// phone is the far end of a leg's sound.
type phone struct {
	stream *media.Stream
	tap    *tape.Tap
	mu     sync.Mutex
	heard  []int16
}

func (p *phone) play(hz float64) {
	p.stream.Play(media.Playback{ID: 1, Sounds: []*media.Sound{media.NewSound(tone.Make(hz, -12, time.Second))}, Loop: true})
}

// recent is what was heard since the last time.
func (p *phone) recent() []int16 {
	p.mu.Lock()
	defer p.mu.Unlock()
	var f tape.Frame
	var fresh []int16
	for p.tap.Read(&f) {
		pcm := make([]int16, len(f.Payload))
		codec.DecodeALaw(pcm, f.Payload)
		fresh = append(fresh, pcm...)
	}
	p.heard = append(p.heard, fresh...)
	return fresh
}

// all is everything heard.
func (p *phone) all() []int16 {
	p.recent()
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.heard)
}

// rows keeps recordings' rows in memory.
type rows struct {
	mu  sync.Mutex
	row map[string]recording.Row
}

func (r *rows) SaveRecording(_ context.Context, row recording.Row) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.row[row.ID] = row
	return nil
}

func (r *rows) Recording(_ context.Context, id string) (recording.Row, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if row, ok := r.row[id]; ok {
		return row, nil
	}
	return recording.Row{}, recording.ErrNotFound
}

func (r *rows) RecordingsOf(context.Context, string) ([]recording.Row, error) { return nil, nil }
func (r *rows) OpenRecordings(context.Context) ([]recording.Row, error)       { return nil, nil }

// speech speaks every text as 1300 Hz once it may.
type speech struct{ may chan struct{} }

func (s *speech) Speak(ctx context.Context, _, _ string) ([]int16, error) {
	select {
	case <-s.may:
		return tone.Make(1300, -12, 3*time.Second), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// rig is a switchboard with a real engine, queue, recorder and exchange; only lines, rows and speech are the test's.
type rig struct {
	t      *testing.T
	b      *Switchboard
	engine *media.Engine
	disp   *dispatch.Dispatcher
	rec    *recording.Recorder
	rows   *rows
	speech *speech

	mu     sync.Mutex
	dialed []*leg
	facts  []call.Fact
}

func sine(hz float64) *fstest.MapFile {
	var b bytes.Buffer
	_ = wav.Write(&b, tone.Make(hz, -12, 3*time.Second))
	return &fstest.MapFile{Data: b.Bytes()}
}

const flows = `
flow: people
start: people
nodes:
  people: {type: queue, queue: q, on: {timeout: bye, full: bye, no-agents: bye, closed: bye}}
  bye: {type: hangup}
`

func newRig(t *testing.T, change ...func(*Config)) *rig {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	r := &rig{t: t, rows: &rows{row: map[string]recording.Row{}}, speech: &speech{may: make(chan struct{})}}
	var err error
	r.engine, err = media.New(media.Config{
		Addr: netip.MustParseAddr("127.0.44.1"), PortMin: 22000, PortMax: 22999, Shards: 1, SilenceAfter: time.Hour, Logger: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	sounds, err := LoadSounds(r.speech, log, fstest.MapFS{"any/hold-music.wav": sine(450), "zh/parked-in.wav": sine(1500), "zh/now-ready.wav": sine(1500), "zh/low.wav": sine(700), "zh/high.wav": sine(2100)})
	if err != nil {
		t.Fatal(err)
	}
	r.rec = recording.New(recording.Config{Dir: t.TempDir(), MinFree: 1, Logger: log}, r.rows)
	board := queue.NewBoard([]queue.Queue{{ID: "q", RingFor: 5 * time.Second}}, []queue.Agent{{ID: "anna", Phone: "1001", Queues: map[string]int{"q": 1}}})
	r.disp = dispatch.New(board, func(e queue.Effect) bool { return r.b.Deliver(e) })
	r.disp.Logger = log
	c := Config{
		Dial: func(id call.LegID, d ua.Dialling, sink func(call.Event)) Line {
			l := r.leg(d.Near)
			l.dial = d
			l.Hear(id, sink)
			r.mu.Lock()
			r.dialed = append(r.dialed, l)
			r.mu.Unlock()
			return l
		},
		Dispatcher: r.disp, Recorder: r.rec, Sounds: sounds, HTTP: http.DefaultClient, Logger: log,
		Note: func(f call.Fact) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.facts = append(r.facts, f)
		},
	}
	for _, f := range change {
		f(&c)
	}
	r.b = New(c, centre(t, "4001", flows))
	ctx, stop := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	for _, run := range []func(context.Context) error{r.engine.Run, r.disp.Run, r.rec.Run} {
		wait.Go(func() { _ = run(ctx) })
	}
	t.Cleanup(func() { stop(); wait.Wait() })
	return r
}

// centre is one number with one flow.
func centre(t *testing.T, dialled, flow string) *Centre {
	t.Helper()
	f, err := ivr.Read("flow.yml", []byte(flow))
	if err != nil {
		t.Fatal(err)
	}
	return &Centre{
		Routes: &route.Table{Numbers: []route.Number{{Pattern: dialled, Flow: f.ID}}}, Flows: &ivr.Library{Flows: map[string]*ivr.Flow{f.ID: f}},
		Atlas: number.NewAtlas(), Agents: map[string]string{"1001": "anna"}, VIP: map[number.E164]bool{"+8613900000001": true},
	}
}

// leg makes a line with a phone at its far end.
func (r *rig) leg(near *media.Stream) *leg {
	l := &leg{kind: codec.PCMA, phone: &phone{tap: tape.New(16384)}}
	open := func(near *media.Stream, events func(media.Event)) *media.Stream {
		s, err := r.engine.Open(near, events)
		if err != nil {
			r.t.Error(err)
		}
		return s
	}
	l.stream = open(near, func(ev media.Event) {
		switch ev := ev.(type) {
		case media.FirstPacket:
			l.came.Store(true)
		case media.PlayDone:
			l.tell(call.PromptDone{Leg: l.id, Play: ev.ID})
		case media.DigitPressed:
			l.tell(call.Digit{Leg: l.id, Key: ev.Key})
		}
	})
	l.phone.stream = open(nil, nil)
	join := func(a, b *media.Stream) {
		a.Set(media.Params{Remote: b.Addr(), Codec: codec.PCMA, PayloadType: 8, EventType: 101, Ptime: 20 * time.Millisecond, Send: true, Receive: true})
	}
	join(l.stream, l.phone.stream)
	join(l.phone.stream, l.stream)
	l.phone.stream.Tap(l.phone.tap, tape.Left)
	return l
}

// arrive brings a call from the trunk.
func (r *rig) arrive(from, dialled string) *leg {
	l := r.leg(nil)
	r.b.arrive(context.Background(), ua.Arrival{From: from, Dialled: dialled, Origin: route.Origin{Kind: route.FromTrunk, Trunk: "t"}}, l)
	return l
}

// bare plugs a call in that no rules lead, so that a test gives the actions itself.
func (r *rig) bare(legs ...call.LegID) (call.ID, map[call.LegID]*leg) {
	p := &plugs{legs: map[call.LegID]Line{}, taps: map[string]*tapped{}, playing: map[call.LegID]int{}, caller: number.Parse("13800138000")}
	all := map[call.LegID]*leg{}
	var near *media.Stream
	for _, id := range legs {
		l := r.leg(near)
		near = l.stream
		l.Hear(id, func(call.Event) {})
		p.legs[id], all[id] = l, l
	}
	r.b.mu.Lock()
	r.b.plugs["bare"] = p
	r.b.mu.Unlock()
	return "bare", all
}

func (r *rig) dialled(n int) *leg {
	r.t.Helper()
	eventually(r.t, "a leg to be dialled", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.dialed) > n
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.dialed[n]
}

func (r *rig) noted(kind call.Kind) []call.Fact {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []call.Fact
	for _, f := range r.facts {
		if f.Kind == kind {
			all = append(all, f)
		}
	}
	return all
}

func (r *rig) agent() queue.State { return r.seat("anna").State }

// seat is an agent as the queues have them.
func (r *rig) seat(id string) queue.AgentView {
	for _, a := range r.disp.Snapshot().Agents {
		if a.ID == id {
			return a
		}
	}
	return queue.AgentView{}
}

// sounding waits until sound comes from the phones of all legs: on a busy machine the first packet may be a second late.
func sounding(t *testing.T, legs map[call.LegID]*leg) {
	t.Helper()
	for id, l := range legs {
		eventually(t, "sound from "+string(id), l.came.Load)
	}
}

// ready signs anna in.
func (r *rig) ready() {
	r.t.Helper()
	r.b.PhoneReachable("1001", true)
	r.disp.Set("anna", queue.Ready, "", "test")
	eventually(r.t, "anna to be ready", func() bool { return r.agent() == queue.Ready })
}

func (r *rig) over() {
	r.t.Helper()
	eventually(r.t, "all calls to be over", func() bool {
		r.b.mu.Lock()
		defer r.b.mu.Unlock()
		return r.b.exchange.Live() == 0 && len(r.b.plugs) == 0
	})
}

func eventually(t *testing.T, what string, true func() bool) {
	t.Helper()
	limit := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !true() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// hears waits for a tone at a phone, from now on.
func hears(t *testing.T, p *phone, hz float64) {
	t.Helper()
	p.recent()
	var pcm []int16
	eventually(t, "a tone", func() bool {
		pcm = append(pcm, p.recent()...)
		return testkit.HeardTone(pcm, hz)
	})
}

// is says whether a phone is busy with calls outside the queues.
func (b *busy) is(phone string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls[phone] != presence{}
}
