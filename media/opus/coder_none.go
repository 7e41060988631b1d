//go:build !cgo

package opus

// Available says whether this binary has libopus.
const Available = false

func newDecoder() (decoder, error) { return nil, ErrNoLibrary }

func newEncoder() (encoder, error) { return nil, ErrNoLibrary }
