package opus

import "fmt"

// Packets encodes a whole sound of Rate at once, in packets of frame samples each; what is left over at its end is left out. It takes some
// hundredths of the sound's length: not for a shard. Errors: ErrNoLibrary, and what libopus says.
func Packets(pcm []int16, frame int) (all [][]byte, err error) {
	e, err := newEncoder()
	if err != nil {
		return nil, err
	}
	var room [maxPacket]byte
	for ; len(pcm) >= frame; pcm = pcm[frame:] {
		n, err := e.encode(pcm[:frame], room[:])
		if err != nil {
			return nil, fmt.Errorf("encode packet %d: %w", len(all)+1, err)
		}
		all = append(all, append([]byte(nil), room[:n]...))
	}
	return all, nil
}
