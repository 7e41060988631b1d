package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"net/http"
	"slices"
	"testing"

	"hotline/media/codec"
	"hotline/media/tone"
	"hotline/media/wav"
	"hotline/recording"
)

// audio fetches a recording in two HTTP ranges, checks its hash, and gives its channels: the caller's and the agent's.
func (n *node) audio(row recording.Row) (left, right []int16) {
	n.t.Helper()
	path := "/api/v1/recordings/" + row.ID + "/audio"
	part := func(first, last int64) []byte {
		n.t.Helper()
		res, body := n.request(http.MethodGet, path, nil, "Range", fmt.Sprintf("bytes=%d-%d", first, last))
		if want := fmt.Sprintf("bytes %d-%d/%d", first, last, row.Bytes); res.StatusCode != http.StatusPartialContent || res.Header.Get("Content-Range") != want {
			n.t.Fatalf("range of a recording: %s, Content-Range %q, want %q", res.Status, res.Header.Get("Content-Range"), want)
		}
		return body
	}
	if row.Bytes < 1000 {
		n.t.Fatalf("recording %s has %d bytes", row.ID, row.Bytes)
	}
	file := append(part(0, 499), part(500, row.Bytes-1)...)
	sum := sha256.Sum256(file)
	if got := hex.EncodeToString(sum[:]); got != row.SHA256 {
		n.t.Errorf("SHA-256 of the sound is %s, the row says %q", got, row.SHA256)
	}
	return channels(n.t, file)
}

// channels takes a stereo file apart.
func channels(t *testing.T, file []byte) (left, right []int16) {
	t.Helper()
	s, err := wav.OpenStereo(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatalf("open the recording: %v", err)
	}
	both := make([]byte, 2*s.Frames())
	if got, err := s.ReadFrames(both, 0); int64(got) != s.Frames() {
		t.Fatalf("read the recording: %d of %d frames: %v", got, s.Frames(), err)
	}
	pcm := make([]int16, len(both))
	codec.DecodeALaw(pcm, both)
	for i := 0; i+1 < len(pcm); i += 2 {
		left, right = append(left, pcm[i]), append(right, pcm[i+1])
	}
	return left, right
}

// sides fails unless some second of a recording has the caller's tone on the left and the agent's on the right, each so
// much over the other's that they are apart.
func sides(t *testing.T, left, right []int16) {
	t.Helper()
	const apart = 20.0 // dB
	best, at := math.Inf(-1), 0
	for i := 0; i+8000 <= len(left); i += 800 {
		l, r := left[i:i+8000], right[i:i+8000]
		if tone.Find(l, callerHz) < silent || tone.Find(r, agentHz) < silent {
			continue
		}
		gap := min(tone.Find(l, callerHz)-tone.Find(l, agentHz), tone.Find(r, agentHz)-tone.Find(r, callerHz))
		if gap > best {
			best, at = gap, i
		}
	}
	if best < apart {
		t.Errorf("caller left and agent right are %.1f dB apart at best (%d samples); %.0f at least", best, len(left), apart)
		return
	}
	t.Logf("caller left, agent right: %.1f dB apart (second from %.1f s of %.1f s)", best, float64(at)/8000, float64(len(left))/8000)
}

// sound is what a tone is like over a long time: windows of 200 ms.
type sound struct {
	seconds     float64
	snr, lowest float64 // dB, median and worst window
	ppm         float64 // how far the clock that it is heard by is from the one it was made by
}

// measure takes the longest stretch of a tone out of what was heard.
func measure(pcm []int16, hz float64) sound {
	first, last := stretch(pcm, hz)
	part := pcm[first:last]
	var s sound
	s.seconds = float64(len(part)) / 8000
	var levels, turns, times []float64
	for i := 0; i+tone.Window <= len(part); i += tone.Window {
		w := part[i : i+tone.Window]
		levels = append(levels, tone.SNR(w, hz))
		turns = append(turns, phase(w, hz, i))
		times = append(times, float64(i)/8000)
	}
	if len(levels) < 4 {
		return s
	}
	for i := 1; i < len(turns); i++ {
		for turns[i]-turns[i-1] > 0.5 {
			turns[i]--
		}
		for turns[i]-turns[i-1] < -0.5 {
			turns[i]++
		}
	}
	s.ppm = slope(times, turns) / hz * 1e6
	slices.Sort(levels)
	s.snr, s.lowest = levels[len(levels)/2], levels[0]
	return s
}

// stretch is where a tone is heard without a break of half a second.
func stretch(pcm []int16, hz float64) (first, last int) {
	const step = tone.Window / 2
	from, quiet := -1, 0
	for i := 0; i+step <= len(pcm); i += step {
		switch {
		case tone.Find(pcm[i:i+step], hz) > silent:
			if from < 0 {
				from = i
			}
			quiet = 0
			if i+step-from > last-first {
				first, last = from, i+step
			}
		case quiet > 4:
			from = -1
		default:
			quiet++
		}
	}
	// The edges are half full.
	if last-first > 4*step {
		first, last = first+step, last-step
	}
	return first, last
}

// phase is how many turns a tone is ahead of one that began with the first sample.
func phase(pcm []int16, hz float64, offset int) float64 {
	var re, im float64
	for i, x := range pcm {
		a := 2 * math.Pi * math.Mod(hz*float64(offset+i)/8000, 1)
		w := 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/float64(len(pcm)))
		re += w * float64(x) * math.Cos(a)
		im -= w * float64(x) * math.Sin(a)
	}
	return math.Atan2(im, re) / (2 * math.Pi)
}

// slope is the line through points, by least squares.
func slope(x, y []float64) float64 {
	var mx, my, xy, xx float64
	for i := range x {
		mx, my = mx+x[i]/float64(len(x)), my+y[i]/float64(len(y))
	}
	for i := range x {
		xy += (x[i] - mx) * (y[i] - my)
		xx += (x[i] - mx) * (x[i] - mx)
	}
	return xy / xx
}
