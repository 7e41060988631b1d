package media

import (
	"net/netip"
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/tape"
)

const attackerAt = "127.0.9.66:7000"

// inject sends an attacker's packets of 2100 Hz at the stream of the victim, with the victim's payload type.
func inject(victim, attacker *party, n int, every time.Duration) {
	for range n {
		victim.wire.in = append(victim.wire.in, letter{octets: attacker.packet(), from: attacker.addr})
		victim.rig.run(every)
	}
}

// sentTo counts what went to an address.
func (p *party) sentTo(addr netip.AddrPort) (n int) {
	for _, w := range []*wire{p.wire, p.rtcp} {
		for _, l := range w.out {
			if l.to.Addr() == addr.Addr() {
				n++
			}
		}
	}
	return n
}

func TestStrangerIsNeitherHeardNorSentTo(t *testing.T) {
	for _, when := range []string{"before", "during", "after"} {
		t.Run(when, func(t *testing.T) {
			r := newRig(t)
			caller, agent := r.phone(callerAt, codec.PCMA, 700), r.phone(agentAt, codec.PCMA, 1300)
			attacker := r.phone(attackerAt, codec.PCMA, 2100)
			tap := tape.New(4096)
			caller.stream.Tap(tap, tape.Left)
			caller.stream.Bridge(agent.stream)
			if when == "before" {
				inject(caller, attacker, 40, 20*time.Millisecond)
			}
			for range 50 {
				caller.send(caller.packet())
				agent.send(agent.packet())
				if when == "during" {
					inject(caller, attacker, 5, 2*time.Millisecond)
					r.run(10 * time.Millisecond)
				} else {
					r.run(20 * time.Millisecond)
				}
			}
			if when == "after" {
				inject(caller, attacker, 200, 20*time.Millisecond)
			}
			_, pcm := agent.heard()
			only(t, pcm, 700, 2100, 36)
			if n := caller.sentTo(attacker.addr); n != 0 {
				t.Errorf("%d packets went to the attacker", n)
			}
			var f tape.Frame
			var recorded []int16
			for tap.Read(&f) {
				out := make([]int16, len(f.Payload))
				codec.DecodeALaw(out, f.Payload)
				recorded = append(recorded, out...)
			}
			only(t, recorded, 700, 2100, 36)
			if caller.wire.connected != caller.addr {
				t.Errorf("connected to %v, want the caller", caller.wire.connected)
			}
			if when == "before" && caller.stream.strangers != 40 {
				t.Errorf("%d strangers' packets counted, want 40", caller.stream.strangers)
			}
		})
	}
}

func TestLearning(t *testing.T) {
	for _, row := range []struct {
		name, named, from string
		learn             bool
		delivered         int // of 10 packets at 20 ms
		connected         bool
	}{
		{"as the SDP said", "203.0.113.5:4000", "203.0.113.5:4000", true, 10, true},
		{"as the SDP said, no learning", "203.0.113.5:4000", "203.0.113.5:4000", false, 10, true},
		{"other port", "203.0.113.5:4000", "203.0.113.5:4444", true, 8, false},
		{"behind NAT", "192.168.1.5:4000", "203.0.113.9:4444", true, 8, false},
		{"no address in the SDP", "0.0.0.0:0", "203.0.113.9:4444", true, 8, false},
		{"other host though not behind NAT", "203.0.113.5:4000", "203.0.113.9:4000", true, 0, false},
		{"other port, no learning", "203.0.113.5:4000", "203.0.113.5:4444", false, 0, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRig(t)
			p := r.phone(callerAt, codec.PCMA, 700)
			params := p.params()
			params.Remote, params.Learn = netip.MustParseAddrPort(row.named), row.learn
			p.addr = netip.MustParseAddrPort(row.from)
			p.stream.latch = latch{} // as if this were the first Set
			p.stream.Set(params)
			p.stream.Echo(true)
			r.run(2 * time.Millisecond)
			r.talk(200*time.Millisecond, p)
			if got := int(p.stream.in.Received); got != row.delivered {
				t.Errorf("%d packets of 10 were taken, want %d", got, row.delivered)
			}
			if got := p.wire.connected.IsValid(); got != row.connected {
				t.Errorf("connected %v, want %v", got, row.connected)
			}
			want := p.addr
			if row.delivered == 0 {
				want = params.Remote // and never to who was not believed
			}
			if got := p.stream.latch.remote; got != want {
				t.Errorf("sends to %v, want %v", got, want)
			}
			r.talk(11*time.Second, p)
			if got := p.wire.connected.IsValid(); got != (row.learn || row.connected) && row.delivered > 0 {
				t.Errorf("connected %v after it settled", got)
			}
		})
	}
}

func TestOtherHostAloneForASecondIsTakenUntilTheNamedOneSpeaks(t *testing.T) {
	r := newRig(t)
	p := r.phone("203.0.113.5:4000", codec.PCMA, 700)
	gateway := r.phone("203.0.113.77:9000", codec.PCMA, 1300)
	inject(p, gateway, 60, 20*time.Millisecond)
	if got := p.stream.latch.remote; got != gateway.addr {
		t.Fatalf("sends to %v, want the gateway", got)
	}
	r.talk(100*time.Millisecond, p)
	if got := p.stream.latch.remote; got != p.addr || p.wire.connected != p.addr {
		t.Errorf("sends to %v, want the address that the SDP named", got)
	}
}

func TestLearnsAgainAfterSilenceAndAfterSet(t *testing.T) {
	r := newRig(t)
	p := r.phone("192.168.1.5:4000", codec.PCMA, 700)
	p.addr = netip.MustParseAddrPort("203.0.113.9:4444")
	r.talk(12*time.Second, p)
	moved := netip.MustParseAddrPort("203.0.113.9:5555")
	p.addr = moved
	r.talk(200*time.Millisecond, p)
	if p.stream.latch.remote == moved {
		t.Fatal("moved without silence")
	}
	r.run(11 * time.Second)
	r.talk(200*time.Millisecond, p)
	if got := p.stream.latch.remote; got != moved {
		t.Errorf("after silence sends to %v, want %v", got, moved)
	}
	p.stream.Set(p.params())
	r.talk(100*time.Millisecond, p)
	if got := p.wire.connected; got != moved {
		t.Errorf("after Set connected to %v, want %v", got, moved)
	}
}

func TestOldHoldKeepsTheAddress(t *testing.T) {
	r := newRig(t)
	p := r.phone(callerAt, codec.PCMA, 700)
	p.stream.Echo(true)
	r.talk(100*time.Millisecond, p)
	held := p.params()
	held.Remote = netip.MustParseAddrPort("0.0.0.0:4000")
	p.stream.Set(held)
	p.heard()
	r.talk(100*time.Millisecond, p)
	if packets, _ := p.heard(); len(packets) > 0 {
		t.Errorf("%d packets sent during a hold by 0.0.0.0", len(packets))
	}
	if p.stream.latch.remote != p.addr || !p.stream.latch.locked {
		t.Error("the hold forgot the address: a stranger could take it")
	}
}
