package e2e

import (
	"slices"
	"testing"
	"time"

	"hotline/call"
	"hotline/media/tone"
)

// TestCodecsOfRealPhones: a real phone (baresip) that speaks G.722 or Opus only takes the call of a carrier that speaks G.711 only, and calls the
// echo itself. The sound is right both ways, each party is in its channel, and the record names the codecs.
func TestCodecsOfRealPhones(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, baresip string
		snr           float64 // dB, median
	}{{"G722", "G722/16000", 33}, {"opus", "opus/48000/2", 20}} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			n := start(t, demo(t))
			real := n.realPhoneOf("1001", 3*time.Minute, row.baresip)
			talk := n.takenBy(real)
			pass(10 * time.Second)
			talk.Hangup()
			real.told("CALL_CLOSED", 1)

			r := n.record(talk)
			if r.Cause != call.Normal || len(r.Agents) != 1 || r.Agents[0].Agent != "agent-1001" {
				t.Errorf("cause %q, agents %+v", r.Cause, r.Agents)
			}
			left, right := n.audio(n.sealed(r))
			sides(t, left, right)
			keep(t, row.name+"-caller.wav", talk.Heard())
			keep(t, row.name+"-phone.wav", real.heard())
			keep(t, row.name+"-right.wav", right)
			good(t, "the caller hears the real phone", talk.Heard(), agentHz, row.snr)
			good(t, "the real phone hears the caller", real.heard(), callerHz, row.snr)
			good(t, "the recording's left channel", left, callerHz, wantSNR)
			good(t, "the recording's right channel", right, agentHz, row.snr)
			var names []string
			for _, leg := range r.Legs {
				if leg.Quality != nil {
					names = append(names, leg.Quality.Codec)
				}
			}
			if !slices.Contains(names, row.name) || !slices.Contains(names, "PCMA") {
				t.Errorf("the record names the codecs %v, want PCMA and %s", names, row.name)
			}

			real.command("dial", "sip:600@"+n.sip.String())
			real.told("CALL_ESTABLISHED", 2)
			pass(5 * time.Second)
			real.command("hangup", "")
			real.told("CALL_CLOSED", 2)
			good(t, "the real phone hears its echo", real.heard(), agentHz, row.snr)
		})
	}
}

// good fails unless a tone was heard for seconds, as pure as wanted in the middle one of its windows.
func good(t *testing.T, what string, pcm []int16, hz, want float64) {
	t.Helper()
	var levels []float64
	for i := 0; i+tone.Window <= len(pcm); i += tone.Window {
		w := pcm[i : i+tone.Window]
		if tone.Find(w, hz) > silent && tone.Find(w, hz) > tone.Level(w)-3 {
			levels = append(levels, tone.SNR(w, hz))
		}
	}
	if len(levels) < 15 {
		t.Errorf("%s: the tone sounds in %d windows of 200 ms only", what, len(levels))
		return
	}
	slices.Sort(levels)
	median := levels[len(levels)/2]
	t.Logf("%s: SNR %.1f dB in the middle of %d windows, worst %.1f", what, median, len(levels), levels[0])
	if median < want {
		t.Errorf("%s: SNR %.1f dB, want %.0f", what, median, want)
	}
}
