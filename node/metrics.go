package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"hotline/sip/transaction"
	"hotline/sip/transport"
	"hotline/sip/trunk"
)

// figure is one metric read from a snapshot when it is scraped.
type figure struct {
	name, help string
	counter    bool
	read       func() float64
}

// metrics is the registry of a node: snapshots only, nothing on a packet's path.
func (n *Node) metrics() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, f := range n.figures() {
		opts := prometheus.Opts{Namespace: "hotline", Name: f.name, Help: f.help}
		if f.counter {
			r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts(opts), f.read))
		} else {
			r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts(opts), f.read))
		}
	}
	return r
}

func (n *Node) figures() []figure {
	return []figure{
		{"calls_live", "Calls under way.", false, func() float64 { return float64(n.board.Exchange().Live()) }},
		{"callers_waiting", "Callers in queues.", false, func() float64 { return float64(len(n.dispatcher.Snapshot().Requests)) }},
		{"facts_waiting", "Facts that the store has not committed yet.", false, func() float64 { return float64(n.journal.Waiting()) }},
		{"media_streams", "RTP streams open.", false, func() float64 { return float64(n.engine.Load().Streams) }},
		{"media_ports_used", "RTP port pairs in use.", false, func() float64 { return float64(n.engine.Load().PortsUsed) }},
		{"media_tick_late_p99_seconds", "99th percentile of how late media ticks began.", false, func() float64 { return n.engine.Load().LateP99.Seconds() }},
		{"media_ticks_total", "Media ticks.", true, func() float64 { return float64(n.engine.Load().Ticks) }},
		{"media_ticks_late_total", "Media ticks that began 5 ms late or later.", true, func() float64 { return float64(n.engine.Load().LaterThan(5 * time.Millisecond)) }},
		{"media_packets_in_total", "RTP packets received.", true, func() float64 { return float64(n.engine.Load().PacketsIn) }},
		{"media_packets_out_total", "RTP packets sent.", true, func() float64 { return float64(n.engine.Load().PacketsOut) }},
		{"media_strangers_total", "Packets dropped because they came from a third address.", true, func() float64 { return float64(n.engine.Load().Strangers) }},
		{"media_forged_total", "Packets dropped because they were not protected with the peer's SRTP key, or came twice.", true, func() float64 {
			return float64(n.engine.Load().Forged)
		}},
		{"media_decoding", "Streams whose sound is decoded: another codec, or somebody listens.", false, func() float64 { return float64(n.engine.Load().Decoding) }},
		{"media_opus_ports", "Opus decoders and encoders open.", false, func() float64 { return float64(n.engine.Load().OpusPorts) }},
		{"media_behind_total", "Frames that an Opus worker brought too late: too little CPU.", true, func() float64 { return float64(n.engine.Load().Behind) }},
		{"recording_frames_lost_total", "Frames that found a full ring on the way to a recording.", true, func() float64 { return float64(n.engine.Load().TapLost) }},
		{"sip_received_total", "SIP messages received.", true, func() float64 { return float64(n.transport.Counters().Received) }},
		{"sip_sent_total", "SIP messages sent.", true, func() float64 { return float64(n.transport.Counters().Sent) }},
		{"sip_limited_total", "SIP messages dropped over the rate of their source.", true, func() float64 { return float64(n.transport.Counters().Limited) }},
		{"sip_junk_total", "Datagrams dropped that do not look like SIP.", true, func() float64 { return float64(n.transport.Counters().Junk) }},
		{"sip_limited_all_total", "SIP messages dropped over the rate of all strangers together.", true, func() float64 {
			return float64(n.transport.Counters().LimitedTotal)
		}},
		{"sip_scanners_total", "SIP messages of scanners dropped.", true, func() float64 { return float64(n.transport.Counters().Scanners) }},
		{"sip_bans_total", "SIP sources banned.", true, func() float64 { return float64(n.transport.Counters().Bans) }},
		{"sip_banned", "SIP sources banned now.", false, func() float64 { return float64(n.transport.Counters().BannedNow) }},
		{"sip_banned_messages_total", "SIP messages and connections of banned sources dropped.", true, func() float64 { return float64(n.transport.Counters().Banned) }},
		{"sip_connections", "SIP connections of TCP, TLS and WebSocket now.", false, func() float64 { return float64(n.transport.Counters().Connections) }},
		{"sip_shed_total", "SIP requests refused because their lane had too much to do.", true, func() float64 { return float64(n.tx.Counters().Shed) }},
		{"sip_tls_handshakes_failed_total", "TLS connections whose handshake failed or took too long.", true, func() float64 {
			return float64(n.transport.Counters().Handshakes)
		}},
		{"sip_certificate_days", "Days until the SIP certificate ends, below zero once it has; 0 without TLS.", false, func() float64 {
			return float64(n.transport.Counters().CertificateDays)
		}},
		{"sip_transactions", "SIP transactions under way.", false, func() float64 { c := n.tx.Counters(); return float64(c.Servers + c.Clients) }},
		{"sip_timeouts_total", "SIP transactions that timed out.", true, func() float64 { return float64(n.tx.Counters().Timeouts) }},
		{"sip_panics_total", "Faults recovered in SIP handlers.", true, func() float64 { return float64(n.tx.Counters().Panics) }},
	}
}

// pinger sends OPTIONS to trunks.
type pinger struct{ n *Node }

// errSilent is what a target that answers 408 or 503 counts as.
var errSilent = errors.New("target is not in service")

// Ping sends one OPTIONS and waits for its answer (RFC 3261 section 11).
func (p pinger) Ping(ctx context.Context, _ string, target trunk.Target) error {
	peer := transport.Peer{Network: target.Network, Addr: target.Addr}
	var uri sip.Uri
	if err := sip.ParseUri(target.URI, &uri); err != nil {
		return fmt.Errorf("read the target %q: %w", target.URI, err)
	}
	own := p.n.transport.LocalFor(peer)
	req := sip.NewRequest(sip.OPTIONS, uri)
	from := sip.NewParams()
	from.Add("tag", sip.GenerateTagN(12))
	us := sip.Uri{Scheme: "sip", User: "hotline", Host: own.Addr().String(), Port: int(own.Port())}
	req.AppendHeader(&sip.FromHeader{Address: us, Params: from})
	req.AppendHeader(&sip.ToHeader{Address: uri, Params: sip.NewParams()})
	id := sip.CallIDHeader(sip.GenerateTagN(24))
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: 1, MethodName: sip.OPTIONS})
	req.AppendHeader(&sip.ContactHeader{Address: us})
	answer := make(chan error, 1)
	p.n.tx.Do(string(id), func() {
		p.n.tx.Request(req, peer, func(r transaction.Reply) {
			if r.Err == nil && r.Response.StatusCode < 200 {
				return
			}
			err := r.Err
			if err == nil && (r.Response.StatusCode == 408 || r.Response.StatusCode == 503) {
				err = fmt.Errorf("%w: %d", errSilent, r.Response.StatusCode)
			}
			select {
			case answer <- err:
			default:
			}
		})
	})
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(33 * time.Second):
		return errSilent
	}
}
