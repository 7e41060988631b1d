package media

import (
	"net/netip"
	"testing"
	"time"

	"hotline/media/codec"
	"hotline/media/rtp"
)

// reports are the RTCP packets that the phone got on a wire.
func reports(t *testing.T, w *wire) (all []rtp.Report, at []int64) {
	t.Helper()
	for _, l := range w.out {
		var r rtp.Report
		if !rtp.IsRTCP(l.octets) {
			continue
		}
		if err := r.Read(l.octets); err != nil {
			t.Fatal(err)
		}
		all, at = append(all, r), append(at, l.at)
	}
	return all, at
}

func TestReportsAndRoundTrip(t *testing.T) {
	r := newRig(t)
	p := r.phone(callerAt, codec.PCMA, 700)
	p.stream.Echo(true)
	const far = 80 * time.Millisecond // what the path takes, both ways together
	seen := 0
	var answered []int64
	for range 40 {
		r.talk(time.Second, p)
		got, at := reports(t, p.rtcp)
		for ; seen < len(got); seen++ {
			if !got[seen].HasSender {
				continue
			}
			// The peer answers at r.now, having held the report for all but far of the time since.
			held := r.now - at[seen] - int64(far)
			b := rtp.AppendReport(nil, p.ssrc, &rtp.Sender{NTP: p.stream.ntp(r.now), Timestamp: p.stamp}, rtp.Block{
				SSRC: p.stream.out.ssrc, Lost: 10, Jitter: 80, LSR: got[seen].Sender.NTP.Middle(), DLSR: uint32(held * 65536 / 1e9)})
			p.rtcp.in = append(p.rtcp.in, letter{octets: b, from: netip.MustParseAddrPort("127.0.9.2:4001")})
			answered = append(answered, r.now)
		}
	}
	all, at := reports(t, p.rtcp)
	if len(all) < 5 || len(all) > 16 {
		t.Errorf("%d reports in 40 s, want about 8", len(all))
	}
	if to := p.rtcp.out[0].to; to != netip.MustParseAddrPort("127.0.9.2:4001") {
		t.Errorf("reports go to %v, want the port beside the RTP's", to)
	}
	for i := 1; i < len(at); i++ {
		if gap := time.Duration(at[i] - at[i-1]); gap < 2400*time.Millisecond || gap > 7600*time.Millisecond {
			t.Errorf("report %d after %v", i, gap)
		}
	}
	var q Quality
	p.stream.Close(func(got Quality) { q = got })
	r.run(4 * time.Millisecond)
	if d := q.RTT - far; d > 3*time.Millisecond || d < -3*time.Millisecond {
		t.Errorf("round trip %v, want %v", q.RTT, far)
	}
	if q.FarLossPct <= 0 || q.FarJitter != 10*time.Millisecond {
		t.Errorf("far end: loss %v, jitter %v", q.FarLossPct, q.FarJitter)
	}
	if q.MOS < 4.2 || q.Codec != "PCMA" || q.Received != 2000 || q.Lost != 0 {
		t.Errorf("quality %+v", q)
	}
	all, _ = reports(t, p.rtcp)
	last := all[len(all)-1]
	if !last.Bye || !p.wire.closed || !p.rtcp.closed {
		t.Error("no goodbye, or sockets still open")
	}
	b, ok := all[2].About(p.ssrc)
	held := time.Duration(b.DLSR) * time.Second / 65536
	if want := time.Duration(at[2] - answered[1]); !ok || b.LSR == 0 || b.Highest == 0 || held > want || held < want-4*time.Millisecond {
		t.Errorf("report block %+v held for %v, want one about the peer's last report, held for %v", b, held, want)
	}
}

func TestMuxedReports(t *testing.T) {
	r := newRig(t)
	p := r.phone(callerAt, codec.PCMA, 700)
	params := p.params()
	params.Mux = true
	p.stream.Set(params)
	p.stream.Echo(true)
	r.talk(10*time.Second, p)
	if len(p.rtcp.out) != 0 {
		t.Error("reports on the RTCP port although muxed")
	}
	got, _ := reports(t, p.wire)
	if len(got) == 0 {
		t.Fatal("no reports on the RTP port")
	}
	p.send(rtp.AppendReport(nil, p.ssrc, &rtp.Sender{NTP: 7 << 32}))
	r.run(20 * time.Millisecond)
	if p.stream.lastSR != 7<<16 {
		t.Errorf("last report %x, want %x", p.stream.lastSR, 7<<16)
	}
}

func TestStrangersReportsAreIgnored(t *testing.T) {
	r := newRig(t)
	p := r.phone(callerAt, codec.PCMA, 700)
	p.stream.Echo(true)
	r.talk(time.Second, p)
	b := rtp.AppendReport(nil, p.ssrc, &rtp.Sender{NTP: 7 << 32}, rtp.Block{SSRC: p.stream.out.ssrc, Lost: 1000})
	p.rtcp.in = append(p.rtcp.in, letter{octets: b, from: netip.MustParseAddrPort(attackerAt)})
	r.talk(10*time.Second, p)
	if p.stream.lastSR != 0 || p.stream.farLoss != 0 || p.stream.strangers != 1 || p.sentTo(netip.MustParseAddrPort(attackerAt)) != 0 {
		t.Error("a stranger's report was believed or answered")
	}
}

func TestQualityUnderLoss(t *testing.T) {
	r := newRig(t)
	p := r.phone(callerAt, codec.PCMA, 700)
	for i := range 1000 {
		b := p.packet()
		if i%33 != 32 {
			p.send(b)
		}
		r.run(20 * time.Millisecond)
	}
	q := p.stream.quality()
	if q.Lost != 30 || q.LossPct < 2.9 || q.LossPct > 3.1 {
		t.Errorf("lost %d (%.2f %%), want 30 (3 %%)", q.Lost, q.LossPct)
	}
	if q.MOS < 3.6 || q.MOS > 4.2 {
		t.Errorf("MOS %.2f at 3 %% loss, want 3.6 or more", q.MOS)
	}
}
