package media

import "time"

// Event is something a stream tells its owner, on the shard's thread: the receiver must not wait. The set is closed.
type Event interface{ event() }

// DigitPressed is one key of RFC 4733 or, with Params.KeyTones, of its tone, told once for each press: '0'..'9', '*', '#', 'A'..'D'.
type DigitPressed struct{ Key byte }

// PlayDone says that the last sound of the Playback with this ID went out whole. A playback that was stopped or replaced has none.
type PlayDone struct{ ID int }

// Silent says that nothing came for For while Receive was on. It repeats every Config.SilenceAfter with a growing For.
type Silent struct{ For time.Duration }

// FirstPacket says that the first packet of the peer was accepted. It comes once in a stream's life.
type FirstPacket struct{}

// Failed says that the shard had to drop the stream because handling it panicked. Its port is free already; Close still answers.
type Failed struct{ Why string }

func (DigitPressed) event() {}
func (PlayDone) event()     {}
func (Silent) event()       {}
func (FirstPacket) event()  {}
func (Failed) event()       {}
