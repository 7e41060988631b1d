package transport

import (
	"cmp"
	"log/slog"
	"sync/atomic"
	"time"
)

func (c Config) withDefaults() Config {
	c.MaxHead = cmp.Or(c.MaxHead, 1<<16)
	c.MaxBody = cmp.Or(c.MaxBody, 1<<16)
	c.MaxFrame = cmp.Or(c.MaxFrame, 1<<16)
	c.MaxConns = cmp.Or(c.MaxConns, 4096)
	c.PerHost = cmp.Or(c.PerHost, 64)
	c.Queue = cmp.Or(c.Queue, 256)
	c.Idle = cmp.Or(c.Idle, 10*time.Minute)
	c.Stall = cmp.Or(c.Stall, 10*time.Second)
	c.Write = cmp.Or(c.Write, 5*time.Second)
	c.Dial = cmp.Or(c.Dial, 5*time.Second)
	c.Handshake = cmp.Or(c.Handshake, 5*time.Second)
	c.Watch = cmp.Or(c.Watch, 30*time.Second)
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// counts are the live counters behind Counters.
type counts struct {
	received, receivedUDP, sent, sentUDP         atomic.Uint64
	keepAlives, junk, unread, queueFull          atomic.Uint64
	sendFailed, framing, refused, stalled, idled atomic.Uint64
	handshakes, bounced                          atomic.Uint64
}

// Counters returns a snapshot for metrics.
func (l *Layer) Counters() Counters {
	n := &l.n
	c := Counters{
		Counters: l.Guard.Counters(),
		Received: n.received.Load(), Sent: n.sent.Load(), ReceivedUDP: n.receivedUDP.Load(), SentUDP: n.sentUDP.Load(),
		KeepAlives: n.keepAlives.Load(), Junk: n.junk.Load(),
		Unread: n.unread.Load(), QueueFull: n.queueFull.Load(), SendFailed: n.sendFailed.Load(), Framing: n.framing.Load(),
		Refused: n.refused.Load(), Stalled: n.stalled.Load(), Idled: n.idled.Load(),
		Bounced: n.bounced.Load(), Handshakes: n.handshakes.Load(), Connections: l.pool.size(), Listeners: len(l.udp) + len(l.streams),
		CertificateUntil: l.certs.until(),
	}
	if !c.CertificateUntil.IsZero() {
		c.CertificateDays = daysLeft(c.CertificateUntil, time.Now())
	}
	return c
}
