package e2e

import (
	"bytes"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"testing"

	"hotline/configs/prompts"
	"hotline/media/wav"
)

// An agent tries microphone, record-and-play and an echo call on the device page, and sees what the network does to the sound.
// With HOTLINE_KEEP set, a picture of the page is left in that folder.
func TestTheDevicePage(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	n.person("desk", "agent-1001", "correct horse")
	b, caller := n.tab(), n.carrier()
	b.do("wear")
	b.do("signIn", "desk", "correct horse")
	said := b.do("devices", "600", os.Getenv("HOTLINE_KEEP")).Title
	score, err := strconv.ParseFloat(regexp.MustCompile(`\d\.\d\d`).FindString(said), 64)
	if err != nil || score < 1 || score > 4.6 {
		t.Errorf("the score of the echo call is %q", said)
	}
	b.do("hangUp")
	n.headsetTest(b)
	n.makeReady("agent-1001")
	n.awaitAgent("agent-1001", "ready")
	n.headsetTakesACall(b, caller)
	if e := b.do("errors").Errors; len(e) != 0 {
		t.Errorf("errors on the page: %v", e)
	}
}

// headsetTest presses buttons of the stub of a headset while there is no call, and lights a lamp of it by the page.
func (n *node) headsetTest(b *tab) {
	b.t.Helper()
	b.do("headset", "", 0b0001, 0)
	b.do("sees", "已按 1 次 · 现在：按下")
	b.do("headset", "", 0b0000, 0)
	b.do("sees", "已按 1 次 · 现在：松开")
	b.do("headset", "", 0b0010, 0)
	b.do("headset", "", 0b0000, 0)
	b.do("headset", "", 0b0010, 0)
	b.do("headset", "", 0b0000, 0)
	b.do("sees", "已按 2 次")
	b.do("sees", "此耳机没有") // it has no button to drop a call
	b.do("lamp", "响铃灯", "2: 4 0")
	b.do("lamp", "响铃灯", "2: 0 0")
}

// headsetTakesACall answers, mutes and hangs up by the buttons of the headset, whose lamps follow.
func (n *node) headsetTakesACall(b *tab, caller *phone) {
	t := b.t
	t.Helper()
	talk := caller.dial(t, "4008001234", "13800138000")
	happens(t, talk, "answered", patience)
	hearsSpeech(t, "the caller in the menu", talk)
	talk.Press('1')
	b.do("headset", "2: 4 0", 0b0001, 0) // it rings: off the hook
	b.do("lamps", "2: 1 0")
	hears(t, "the caller", talk, agentHz)
	b.hears(callerHz, agentHz)
	b.do("headset", "2: 1 0", 0b0011, 0) // mute, a touch
	b.do("headset", "2: 3 0", 0b0001, 0)
	b.do("sees", "已静音")
	b.do("headset", "2: 3 0", 0b0011, 0)
	b.do("headset", "2: 1 0", 0b0001, 0)
	hears(t, "the caller again", talk, agentHz)
	b.do("headset", "2: 1 0", 0b0000, 0) // on the hook
	happens(t, talk, "ended", patience)
	b.do("lamps", "2: 0 0")
}

// An agent in a noisy room switches RNNoise on: callers hear the voice and not the room. Where its code does not run there would be
// silence; the page sees that and lets the microphone be heard as it is.
func TestDeepNoiseSuppression(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	n.person("desk", "agent-1001", "correct horse")
	b := n.tabWith(noisySpeech(t))
	b.do("signIn", "desk", "correct horse")
	b.do("dial", "600")
	raw := b.do("spread").Levels
	b.do("hangUp")
	b.do("deep")
	b.do("dial", "600")
	filtered := b.do("spread").Levels
	b.do("spoilWasm")
	b.do("reload")
	b.do("sees", "深度降噪没有工作")
	spoilt := b.do("spread").Levels
	t.Logf("pauses and speech: raw %.0f dB, filtered %.0f dB, spoilt %.0f dB", raw, filtered, spoilt)
	if filtered[0] > raw[0]-12 || filtered[1] < raw[1]-15 {
		t.Errorf("with RNNoise the pauses are at %.0f dB and speech at %.0f dB; without it %.0f and %.0f dB", filtered[0], filtered[1], raw[0], raw[1])
	}
	if spoilt[0] < raw[0]-6 || spoilt[1] < raw[1]-6 {
		t.Errorf("without its code the pauses are at %.0f dB and speech at %.0f dB; the microphone has %.0f and %.0f dB", spoilt[0], spoilt[1], raw[0], raw[1])
	}
	if e := b.do("errors").Errors; len(e) != 0 {
		t.Errorf("errors on the page: %v", e)
	}
}

// noisySpeech is a voice with pauses in a room that hisses.
func noisySpeech(t *testing.T) []byte {
	t.Helper()
	file, err := prompts.Read(prompts.Files, "zh", "blocked")
	if err != nil {
		t.Fatal(err)
	}
	clip, err := wav.Read(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	return studio(func(i int) float64 {
		voice, at := 0.0, i%(3*studioRate)*8000/studioRate
		if at < len(clip.Samples) {
			voice = float64(clip.Samples[at])
		}
		return 0.8*voice + 600*random.NormFloat64()
	})
}
