package agentphone

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/pion/ice/v4"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"hotline/media"
	"hotline/media/codec"
	"hotline/media/tone"
	"hotline/number"
)

// rig is a node's part for browsers: an engine that runs, the port, and a web server.
type rig struct {
	t       *testing.T
	engine  *media.Engine
	phones  *Phones
	server  *httptest.Server
	changed chan bool
	arrived chan *Leg
	session context.Context //nolint:containedctx // of whoever is signed in: every request's
	signOut context.CancelFunc

	visitors atomic.Bool  // who comes is a visitor
	source   atomic.Value // string: from where
	user     string
	find     Find
	watch    Watch
}

func newRig(t *testing.T) *rig {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	e, err := media.New(media.Config{Addr: netip.MustParseAddr("127.0.0.1"), PortMin: 22000, PortMax: 22999, Shards: 1, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	port, err := OpenPort(netip.MustParseAddrPort("127.0.0.1:0"), netip.MustParseAddrPort("127.0.0.1:0"), log)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, engine: e, user: "1001", changed: make(chan bool, 8), arrived: make(chan *Leg, 1)}
	r.source.Store("192.0.2.7")
	r.phones, err = New(Config{
		Engine: e, Port: port, Logger: log, Shown: number.Mask,
		Arrive:  func(l *Leg, _, _ string) { r.arrived <- l },
		Changed: func(_ string, on bool) { r.changed <- on },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 2)
	go func() { done <- e.Run(ctx) }()
	go func() { done <- r.phones.Run(ctx) }()
	r.session, r.signOut = context.WithCancel(context.Background())
	r.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if r.visitors.Load() {
			r.phones.Visit(w, q, r.source.Load().(string))
			return
		}
		r.phones.Serve(w, q.WithContext(r.session), r.user, true, r.find, r.watch) //nolint:contextcheck // a session ends before its requests do
	}))
	t.Cleanup(func() {
		r.server.Close()
		r.signOut()
		stop()
		<-done
		<-done
	})
	return r
}

// tab is a browser's tab: a real WebSocket and a real PeerConnection of another implementation's making.
type tab struct {
	rig    *rig
	socket *websocket.Conn
	id     int64
	events []map[string]any
	tcp    bool // its network lets no UDP through
}

func (r *rig) open(hello map[string]any) *tab {
	r.t.Helper()
	c, _, err := websocket.Dial(r.t.Context(), "ws"+strings.TrimPrefix(r.server.URL, "http"), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	b := &tab{rig: r, socket: c}
	r.t.Cleanup(func() { _ = c.CloseNow() })
	if hello != nil {
		if got := b.do("hello", hello); got["ok"] != true {
			r.t.Fatalf("hello = %v", got)
		}
		for len(b.events) == 0 || b.events[len(b.events)-1]["event"] != "snapshot" { // only then it is a telephone
			b.events = append(b.events, b.next())
		}
	}
	return b
}

func (b *tab) next() map[string]any {
	b.rig.t.Helper()
	ctx, cancel := context.WithTimeout(b.rig.t.Context(), 30*time.Second)
	defer cancel()
	_, raw, err := b.socket.Read(ctx)
	if err != nil {
		b.rig.t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		b.rig.t.Fatal(err)
	}
	return m
}

// do sends a command and returns its answer; events that come before it are kept.
func (b *tab) do(verb string, fields map[string]any) map[string]any {
	b.rig.t.Helper()
	b.id++
	m := map[string]any{"id": b.id, "do": verb}
	for k, v := range fields {
		m[k] = v
	}
	raw, _ := json.Marshal(m)
	if err := b.socket.Write(b.rig.t.Context(), websocket.MessageText, raw); err != nil {
		b.rig.t.Fatal(err)
	}
	for {
		got := b.next()
		if got["re"] == nil {
			b.events = append(b.events, got)
			continue
		}
		return got
	}
}

// await returns the first event of the name that ok likes.
func (b *tab) await(name string, ok func(map[string]any) bool) map[string]any {
	b.rig.t.Helper()
	for {
		var ev map[string]any
		if len(b.events) > 0 {
			ev, b.events = b.events[0], b.events[1:]
		} else {
			ev = b.next()
		}
		if ev["event"] == name && (ok == nil || ok(ev)) {
			return ev
		}
	}
}

// inState waits for a call to come into a state, and returns its id.
func (b *tab) inState(s, sound string) string {
	b.rig.t.Helper()
	ev := b.await("call", func(ev map[string]any) bool {
		c := ev["call"].(map[string]any)
		return c["state"] == s && (sound == "" || c["media"] == sound)
	})
	return ev["call"].(map[string]any)["id"].(string)
}

// voice is the PeerConnection of a tab: it speaks a tone and listens.
type voice struct {
	pc    *webrtc.PeerConnection
	track *webrtc.TrackLocalStaticRTP
	heard chan []int16
	net   *wire
	up    chan struct{} // closed when the browser's side is connected
	once  sync.Once
}

// leave is the end of a page: the browser says so.
func (v *voice) leave() {
	<-v.up // until then it would say nothing
	_ = v.pc.Close()
}

// wire is the network of a browser, until it is cut.
type wire struct {
	net.PacketConn
	dead atomic.Bool
}

func (w *wire) cut() { w.dead.Store(true) }

// WriteTo is net.PacketConn.
func (w *wire) WriteTo(b []byte, to net.Addr) (int, error) {
	if w.dead.Load() {
		return len(b), nil
	}
	return w.PacketConn.WriteTo(b, to)
}

func newWire(t *testing.T) (*wire, ice.UDPMux) {
	t.Helper()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{PacketConn: c}
	mux := ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: w})
	t.Cleanup(func() { _ = mux.Close() })
	return w, mux
}

func (b *tab) connect(id string, hertz float64) *voice {
	b.rig.t.Helper()
	v := b.peer(hertz)
	b.offer(id, v.pc)
	go v.speak(b.rig.t.Context(), hertz)
	return v
}

// standBy connects a tab that waits for calls.
func (b *tab) standBy() *voice {
	b.rig.t.Helper()
	v := b.peer(0)
	b.offer("", v.pc)
	return v
}

// peer is a browser's side of a connection; it does not speak for 0 Hz.
func (b *tab) peer(hertz float64) *voice {
	t := b.rig.t
	t.Helper()
	engine := &webrtc.MediaEngine{}
	for _, p := range []webrtc.RTPCodecParameters{
		{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: "audio/opus", ClockRate: 48000, Channels: 2}, PayloadType: 111},
		{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: "audio/PCMU", ClockRate: 8000}, PayloadType: 0},
		{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: "audio/PCMA", ClockRate: 8000}, PayloadType: 8},
		{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: "audio/telephone-event", ClockRate: 8000}, PayloadType: 126},
	} {
		if err := engine.RegisterCodec(p, webrtc.RTPCodecTypeAudio); err != nil {
			t.Fatal(err)
		}
	}
	setting := webrtc.SettingEngine{}
	setting.SetIncludeLoopbackCandidate(true)
	setting.SetHandleUndeclaredSSRCWithoutAnswer(true) // as browsers do
	own, mux := newWire(t)
	if b.tcp {
		setting.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4})
	} else {
		setting.SetICEUDPMux(mux)
	}
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(engine), webrtc.WithSettingEngine(setting)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	v := &voice{pc: pc, net: own, heard: make(chan []int16, 200), up: make(chan struct{})}
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			v.once.Do(func() { close(v.up) }) // it may be connected again after a loss
		}
	})
	if v.track, err = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: "audio/PCMA", ClockRate: 8000}, "audio", "tab"); err != nil {
		t.Fatal(err)
	}
	if hertz == 0 {
		_, err = pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
	} else {
		_, err = pc.AddTrack(v.track)
	}
	if err != nil {
		t.Fatal(err)
	}
	pc.OnTrack(func(remote *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			p, _, err := remote.ReadRTP()
			if err != nil {
				return
			}
			pcm := make([]int16, len(p.Payload))
			codec.PCMA.Decode(pcm, p.Payload)
			select {
			case v.heard <- pcm:
			default:
			}
		}
	})
	return v
}

// offer makes a connection known to the server.
func (b *tab) offer(id string, pc *webrtc.PeerConnection) {
	t := b.rig.t
	t.Helper()
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	<-gathered
	answer := b.do("media", map[string]any{"call": id, "sdp": pc.LocalDescription().SDP})
	if answer["ok"] != true {
		t.Fatalf("media = %v", answer)
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer["sdp"].(string)}); err != nil {
		t.Fatalf("answer refused: %v\n%s", err, answer["sdp"])
	}
}

func (v *voice) speak(ctx context.Context, hertz float64) {
	sine := tone.NewSine(hertz, -10)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	pcm, payload := make([]int16, 160), make([]byte, 160)
	for seq := uint16(0); ; seq++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			sine.Read(pcm)
			codec.PCMA.Encode(payload, pcm)
			_ = v.track.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: seq, Timestamp: uint32(seq) * 160}, Payload: payload})
		}
	}
}
