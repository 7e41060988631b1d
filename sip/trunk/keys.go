package trunk

import (
	"fmt"
	"strings"
)

// Keys is how the keys that people press come from a carrier. The zero value leaves it to the carrier: events where it
// has telephone-event, tones where it has not, and INFO.
type Keys struct {
	Events bool // RFC 4733
	Info   bool // SIP INFO (RFC 6086)
	Tones  bool // in the speech, looked for as long as the call lasts
}

// The words of ReadKeys.
const (
	wordEvents = "rfc4733"
	wordInfo   = "info"
	wordTones  = "inband"
)

// ReadKeys reads the ways by name: rfc4733, info, inband; none is the zero Keys. The error is a sentence for who wrote them.
func ReadKeys(words []string) (Keys, error) {
	var k Keys
	for _, w := range words {
		var way *bool
		switch strings.ToLower(w) {
		case wordEvents:
			way = &k.Events
		case wordInfo:
			way = &k.Info
		case wordTones:
			way = &k.Tones
		default:
			return Keys{}, fmt.Errorf("keys do not come by %q; write some of %s, %s and %s", w, wordEvents, wordInfo, wordTones)
		}
		if *way {
			return Keys{}, fmt.Errorf("%q is there twice", w)
		}
		*way = true
	}
	return k, nil
}

// Any says that the carrier decides.
func (k Keys) Any() bool { return k == Keys{} }
