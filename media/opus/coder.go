package opus

import "errors"

// Rate is the sampling rate of what is decoded and encoded: libopus converts from and to the RTP clock's by itself.
const Rate = 8000

const unitsPerSample = ClockRate / Rate

// How we encode: speech at 8 kHz that survives some loss, at a price that a core can pay 120 times.
const (
	bitrate    = 24000
	complexity = 5
	expectLoss = 5 // percent; makes libopus spend bits on copies for FEC
)

// ErrNoLibrary means that the binary was built without cgo, and so without libopus.
var ErrNoLibrary = errors.New("built without libopus")

// decoder and encoder are what libopus does for a worker.
type decoder interface {
	decode(packet []byte, pcm []int16) (int, error)
	recover(next []byte, pcm []int16) (int, error) // the packet before next; its length is pcm's
	conceal(pcm []int16) (int, error)
}

type encoder interface {
	encode(pcm []int16, packet []byte) (int, error)
}
