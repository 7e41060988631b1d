//go:build cgo

package opus

import (
	"fmt"

	lib "github.com/hraban/opus"
)

// Available says whether this binary has libopus.
const Available = true

type libDecoder struct{ d *lib.Decoder }

func newDecoder() (decoder, error) {
	d, err := lib.NewDecoder(Rate, 1)
	if err != nil {
		return nil, fmt.Errorf("make an Opus decoder: %w", err)
	}
	return libDecoder{d}, nil
}

func (l libDecoder) decode(packet []byte, pcm []int16) (int, error) { return l.d.Decode(packet, pcm) }

func (l libDecoder) recover(next []byte, pcm []int16) (int, error) {
	return len(pcm), l.d.DecodeFEC(next, pcm)
}

func (l libDecoder) conceal(pcm []int16) (int, error) { return len(pcm), l.d.DecodePLC(pcm) }

type libEncoder struct{ e *lib.Encoder }

func newEncoder() (encoder, error) {
	e, err := lib.NewEncoder(Rate, 1, lib.AppVoIP)
	if err != nil {
		return nil, fmt.Errorf("make an Opus encoder: %w", err)
	}
	for _, set := range []error{
		e.SetBitrate(bitrate), e.SetComplexity(complexity), e.SetInBandFEC(true), e.SetPacketLossPerc(expectLoss),
	} {
		if set != nil {
			return nil, fmt.Errorf("set an Opus encoder up: %w", set)
		}
	}
	return libEncoder{e}, nil
}

func (l libEncoder) encode(pcm []int16, packet []byte) (int, error) { return l.e.Encode(pcm, packet) }
