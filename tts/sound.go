package tts

import (
	"bytes"
	"fmt"

	"hotline/media/wav"
)

// sound reads the WAV file that a speaker made, at 8 kHz whatever it spoke at. A program that writes to a pipe cannot know its
// length: media/wav takes the lengths that such programs claim for all there is.
func sound(file []byte) ([]int16, error) {
	clip, err := wav.Read(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoSound, err)
	}
	return clip.Samples, nil
}
