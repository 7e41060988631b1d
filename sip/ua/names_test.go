package ua

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"hotline/call"
	"hotline/internal/testkit/dns"
	"hotline/ivr"
	"hotline/sip/resolve"
	"hotline/sip/trunk"
)

// records are those of one name.
type records = []dnsmessage.ResourceBody

// names gives the node a DNS server, and lets it look up names until the test ends.
func (r *rig) names(z dns.Zone) *dns.Server {
	r.t.Helper()
	d := dns.Start(r.t, z)
	finder := resolve.New(resolve.Config{
		Servers: []netip.AddrPort{d.Addr}, Hosts: filepath.Join(r.t.TempDir(), "none"), Try: 50 * time.Millisecond, Deadline: 500 * time.Millisecond,
	})
	r.trunks.Names, r.ua.Find = finder, finder.Find
	ctx, stop := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() { _ = finder.Run(ctx) })
	wait.Go(func() { _ = r.trunks.Run(ctx) })
	r.t.Cleanup(func() { stop(); wait.Wait() })
	eventually(r.t, "the look-ups to begin", func() bool {
		asked := make(chan error, 1)
		finder.Find(resolve.Query{Host: "begun.test"}, func(_ []resolve.Server, err error) { asked <- err })
		return !errors.Is(<-asked, resolve.ErrStopped)
	})
	return d
}

// known waits until a trunk has so many addresses.
func (r *rig) known(id string, n int) {
	r.t.Helper()
	eventually(r.t, "the addresses of trunk "+id, func() bool {
		for _, t := range r.trunks.Trunks() {
			if t.ID == id {
				return len(t.Targets) == n
			}
		}
		return false
	})
}

// closed is an address at which nobody listens.
func closed(t *testing.T, at netip.Addr) netip.AddrPort {
	t.Helper()
	conn := must(net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(at, 0))))(t)
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

// TestTrunkByNameGoesToItsLiveAddress: SRV names two dead addresses and a live one; each dead one costs answer_within, once.
func TestTrunkByNameGoesToItsLiveAddress(t *testing.T) {
	r := newPacedRig(t, 500*time.Millisecond, 0)
	one, two := newMute(t, carrierAddr), newMute(t, otherAddr)
	good := r.bare(secondAddr, accepts)
	tr := trunk.Trunk{ID: "out", AnswerWithin: within, Targets: []trunk.Target{{URI: "sip:carrier.test", Name: "carrier.test"}}}
	r.useTrunks(tr)
	d := r.names(dns.Zone{
		"_sip._udp.carrier.test SRV": records{
			dns.SRV(1, 0, one.at.Port(), "one.test"), dns.SRV(2, 0, two.at.Port(), "two.test"), dns.SRV(3, 0, good.at.Port(), "good.test"),
		},
		"one.test A": records{dns.A(carrierAddr.String())}, "two.test A": records{dns.A(otherAddr.String())}, "good.test A": records{dns.A(secondAddr.String())},
	})
	r.known("out", 3)
	begun := time.Now()
	l, w := r.dial(ivr.ToNumber, "13800138000")
	for _, dead := range []*mute{one, two} {
		if invite := dead.await("INVITE"); !strings.HasPrefix(invite, "INVITE sip:13800138000@carrier.test SIP/2.0\r\n") {
			t.Errorf("got %s", invite)
		}
	}
	await[call.LegAnswered](t, w, nil)
	if took := time.Since(begun); took < 2*within || took > 15*time.Second {
		t.Errorf("the third address answered after %v", took)
	}
	l.Hangup(call.Normal, 0)
	await[call.LegEnded](t, w, nil)

	d.Set(func(d *dns.Server) { d.Dead = true })
	l, w = r.dial(ivr.ToNumber, "13800138001")
	await[call.LegAnswered](t, w, nil)
	l.Hangup(call.Normal, 0)
	await[call.LegEnded](t, w, nil)
	r.idle()
	if one.was("INVITE sip:13800138001@") || two.was("INVITE sip:13800138001@") {
		t.Error("with DNS dead, addresses known as silent were tried before the one that lives")
	}
}

// TestURIByName is RFC 3263 4.3: the next address is tried where one fails, and only then.
func TestURIByName(t *testing.T) {
	r := newRig(t, 0)
	good, busy := r.bare(secondAddr, accepts), r.bare(otherAddr, reject(486))
	dead := closed(t, carrierAddr)
	srv := func(a, b netip.AddrPort) records {
		return records{dns.SRV(1, 0, a.Port(), "a"+a.Addr().String()+".test"), dns.SRV(2, 0, b.Port(), "a"+b.Addr().String()+".test")}
	}
	z := dns.Zone{
		"_sip._udp.desk.test SRV": srv(dead, good.at), "_sip._udp.busy.test SRV": srv(busy.at, good.at), "_sip._udp.trunk.test SRV": srv(good.at, busy.at),
	}
	for _, a := range []netip.Addr{carrierAddr, secondAddr, otherAddr} {
		z["a"+a.String()+".test A"] = records{dns.A(a.String())}
	}
	d := r.names(z)
	l, w := r.dial(ivr.ToURI, "sip:x@desk.test")
	await[call.LegAnswered](t, w, nil)
	if got := good.received("INVITE"); !strings.HasPrefix(got, "INVITE sip:x@desk.test SIP/2.0\r\n") {
		t.Errorf("got %s", got)
	}
	l.Hangup(call.Normal, 0)
	await[call.LegEnded](t, w, nil)

	r.useTrunks(trunk.Trunk{ID: "out", Targets: []trunk.Target{{Network: "udp", Addr: netip.AddrPortFrom(phoneAddr, 5060)}}})
	ends := func(uri string, want call.Cause) {
		t.Helper()
		_, w := r.dial(ivr.ToURI, uri)
		if e := await[call.LegEnded](t, w, nil); e.Cause != want {
			t.Errorf("%s: got %s, want %s", uri, e.Cause, want)
		}
	}
	ends("sip:x@busy.test", call.Busy)
	ends("sip:x@nowhere.test", call.NotFound)
	ends("sip:x@df7jal23ls0d.invalid", call.NotFound)
	r.useTrunks(trunk.Trunk{ID: "out", Targets: []trunk.Target{{Network: "udp", Addr: netip.AddrPortFrom(otherAddr, 5060)}}})
	ends("sip:x@trunk.test", call.Forbidden) // by its second address
	d.Set(func(d *dns.Server) { d.Dead = true })
	ends("sip:x@unknown.test", call.Unavailable)
	r.idle()
}

func TestHungUpWhileItsNameIsLookedUp(t *testing.T) {
	r := newRig(t, 0)
	var done func([]resolve.Server, error)
	r.ua.Find = func(_ resolve.Query, f func([]resolve.Server, error)) { done = f }
	l, w := r.dial(ivr.ToURI, "sip:x@desk.test")
	l.Hangup(call.Normal, 0)
	await[call.LegEnded](t, w, nil)
	good := r.bare(secondAddr, accepts)
	done([]resolve.Server{{Network: "udp", Addr: good.at}}, nil)
	later := make(chan struct{})
	l.onLane(func() { l.onLane(func() { close(later) }) })
	<-later
	if n := has[call.LegEnded](w); n != 1 || len(l.forks) != 0 || l.Stream() != nil {
		t.Errorf("ended %d times, rings %d, sound %v", n, len(l.forks), l.Stream())
	}
	r.idle()
}
