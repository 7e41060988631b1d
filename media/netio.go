package media

import "net/netip"

// conn is one UDP socket of a stream. Only the shard calls it, and no call ever waits. Two files implement it: for
// Linux raw system calls, elsewhere package net. Forwarding in the kernel would be a third.
type conn interface {
	read(b []byte) (n int, from netip.AddrPort, ok bool) // !ok: nothing is there
	write(b []byte, to netip.AddrPort) bool              // to is ignored once connected
	connect(to netip.AddrPort) bool                      // invalid: part from the peer again
	close()
}

// poller finds the sockets of a shard that have something to read.
type poller interface {
	add(c conn, token int32) error
	remove(c conn, token int32) // of a socket that stays open; closed ones go by themselves
	ready(tokens []int32) int   // how many of tokens it filled; never waits
	sleep(ns int64)             // may return early
	close()
}

const (
	receiveBuffer = 64 << 10 // octets asked of the kernel, which doubles them: 2 to 3 s of G.711, older sound helps nobody
	expedited     = 0xb8     // DSCP EF (RFC 3246): desk phones and switches queue it first
)
