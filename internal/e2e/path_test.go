package e2e

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hotline/media/tone"
)

// path is the network between a browser and a node: what comes to its address goes on to the node's port of the same number, and back,
// until it is cut. Each browser's socket has one of its own towards the node, as behind NAT.
type path struct {
	to   *net.UDPAddr
	at   *net.UDPConn
	dead atomic.Bool

	mu    sync.Mutex
	known map[netip.AddrPort]*net.UDPConn
}

func openPath(t *testing.T, at netip.Addr, to netip.AddrPort) *path {
	t.Helper()
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(at, to.Port())))
	if err != nil {
		t.Fatal(err)
	}
	p := &path{to: net.UDPAddrFromAddrPort(to), at: c, known: map[netip.AddrPort]*net.UDPConn{}}
	go p.there()
	t.Cleanup(func() {
		_ = c.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, c := range p.known {
			_ = c.Close()
		}
	})
	return p
}

// there carries what browsers send.
func (p *path) there() {
	for b := make([]byte, 2000); ; {
		n, from, err := p.at.ReadFromUDPAddrPort(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil || p.dead.Load() {
			continue
		}
		if c := p.towards(from); c != nil {
			_, _ = c.Write(b[:n])
		}
	}
}

// towards is the socket to the node of a browser's.
func (p *path) towards(browser netip.AddrPort) *net.UDPConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.known[browser]
	if c == nil {
		var err error
		if c, err = net.DialUDP("udp", &net.UDPAddr{IP: p.at.LocalAddr().(*net.UDPAddr).IP}, p.to); err != nil {
			return nil
		}
		p.known[browser] = c
		go p.back(c, browser)
	}
	return c
}

// back carries what the node sends to a browser.
func (p *path) back(c *net.UDPConn, browser netip.AddrPort) {
	for b := make([]byte, 2000); ; {
		n, err := c.Read(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil && !p.dead.Load() {
			_, _ = p.at.WriteToUDPAddrPort(b[:n], browser)
		}
	}
}

// The way of an agent's sound breaks in the middle of a call, longer than anybody would overhear: the caller has music, the call stays,
// and both hear each other again when the way is back. The recording goes on through all of it.
func TestTheNetworkBreaksInACall(t *testing.T) {
	t.Parallel()
	const far = 62
	n := prepare(t, demo(t), `tcp: []}`, `tcp: [], advertise: FAR}`)
	at := n.block.addr(far)
	n.replace("FAR", at.String())
	way := openPath(t, at, netip.AddrPortFrom(n.block.addr(nodeHost), 24000))
	n.run()
	b, caller := n.tab(), n.carrier()
	n.attends(b)
	talk := n.taken(caller, b)
	b.hears(callerHz, agentHz)

	way.dead.Store(true)
	cut := time.Now()
	hearsSpeech(t, "the caller, of the music", talk)
	music := time.Since(cut)
	way.dead.Store(false)
	mended := time.Now()
	await(t, "the caller to hear the agent again", 2*patience, func() (float64, bool) {
		part := latest(talk, 500*time.Millisecond)
		return tone.SNR(part, agentHz), len(part) == 4000 && tone.Level(part) > silent && tone.SNR(part, agentHz) > pureTone
	})
	t.Logf("music %v after the cut; the agent is heard again %v after the way was back", music.Round(time.Millisecond), time.Since(mended).Round(time.Millisecond))
	b.do("back")
	b.hears(callerHz, agentHz)
	b.do("hangUp")
	happens(t, talk, "ended", patience)

	r := n.record(talk)
	if len(r.Agents) != 1 || r.Agents[0].Agent != "agent-1001" || r.HungUp != "agent" {
		t.Errorf("record: agents %+v, hung up by %q", r.Agents, r.HungUp)
	}
	left, right := n.audio(n.sealed(r))
	if long := time.Duration(len(left)) * time.Second / 8000; long < music || len(left) != len(right) {
		t.Errorf("the recording has %v, left %d and right %d samples; the break alone was %v", long, len(left), len(right), music)
	}
	third := len(right) / 3
	if before, after := loudest(right[:third], agentHz), loudest(right[2*third:], agentHz); before < -30 || after < -30 {
		t.Errorf("the recording has the agent at %.0f dB before the break and %.0f dB after it", before, after)
	}
	if l := loudest(left[2*third:], callerHz); l < -30 {
		t.Errorf("the recording has the caller at %.0f dB after the break", l)
	}
}

// Where no UDP comes through, the sound of a browser goes by TCP.
func TestABrowserWithoutUDP(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t), "tcp: []}", `tcp: ["127.0.0.1:0"]}`) // the addresses of tests are on no interface, by which candidates go
	b, caller := n.tab(), n.carrier()
	b.do("noUDP")
	n.attends(b)
	talk := n.taken(caller, b)
	b.hears(callerHz, agentHz)
	if got := b.do("way"); got.Way != "tcp" || got.Codec != "PCMA" {
		t.Errorf("the sound goes by %q as %q, want tcp as PCMA", got.Way, got.Codec)
	}
	b.do("reload")
	hears(t, "the caller after a reload", talk, agentHz)
	b.do("hangUp")
	happens(t, talk, "ended", patience)
}

// With Opus in the setting, two browsers speak it with each other; with a caller of the telephone network it is G.711 all the same.
func TestABrowserSpeaksOpus(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t), "softphone: {", "button: {number: \"4008001234\"}\nsoftphone: {codecs: [opus, PCMA, PCMU], ")
	agent, visitor, caller := n.tab(), n.tabOf(callerHz), n.carrier()
	n.attends(agent)
	visitor.do("visit", n.url+"/call")
	visitor.do("call")
	visitor.do("key", "1")
	agent.do("answer")
	agent.hears(callerHz, agentHz)
	visitor.hears(agentHz, callerHz)
	if a, v := agent.do("way").Codec, visitor.do("way").Codec; a != "opus" || v != "opus" {
		t.Errorf("the agent speaks %s, the visitor %s, want opus", a, v)
	}
	agent.do("hangUp")
	visitor.do("over")

	n.awaitAgent("agent-1001", "ready")
	talk := n.taken(caller, agent)
	agent.hears(callerHz, agentHz)
	if got := agent.do("way").Codec; got != "PCMA" {
		t.Errorf("the agent speaks %s with a caller of PCMA", got)
	}
	agent.do("hangUp")
	happens(t, talk, "ended", patience)
}
