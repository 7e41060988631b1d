// Package socket is what streams of sound stand on: UDP sockets that are read and written without waiting, the poller that tells
// which of them have something, and the pairs of ports they are opened on. It knows nothing about what the datagrams say.
package socket

import (
	"errors"
	"net/netip"
)

// Why no socket could be had.
var (
	ErrPorts = errors.New("no RTP port pair is free in the range")
	ErrFiles = errors.New("the limit of open files is reached")
)

// Conn is one UDP socket of a stream. Only one thread calls it, and no call ever waits. Two files implement it: for
// Linux raw system calls, elsewhere package net. Forwarding in the kernel would be a third.
type Conn interface {
	Read(b []byte) (n int, from netip.AddrPort, ok bool) // !ok: nothing is there
	Write(b []byte, to netip.AddrPort) bool              // to is ignored once connected
	Connect(to netip.AddrPort) bool                      // invalid: part from the peer again
	Close()
}

// Poller finds the sockets of a thread that have something to read.
type Poller interface {
	Add(c Conn, token int32) error
	Remove(c Conn, token int32) // of a socket that stays open; closed ones go by themselves
	Ready(tokens []int32) int   // how many of tokens it filled; never waits
	Sleep(ns int64)             // may return early
	Close()
}

const (
	receiveBuffer = 64 << 10 // octets asked of the kernel, which doubles them: 2 to 3 s of G.711, older sound helps nobody
	datagramMost  = 2048     // octets; longer ones are cut
	expedited     = 0xb8     // DSCP EF (RFC 3246): desk phones and switches queue it first
)
