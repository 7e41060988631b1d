package agentphone

import (
	"errors"
	"strings"
	"testing"

	"hotline/media/codec"
)

// chromium is an offer in the form that Chromium writes, shortened.
const chromium = "v=0\r\no=- 46 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\na=extmap-allow-mixed\r\n" +
	"m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:aB3d\r\n" +
	"a=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=ice-options:trickle\r\na=fingerprint:sha-256 " + hash + "\r\na=setup:actpass\r\na=mid:0\r\n" +
	"a=sendrecv\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n" +
	"a=rtpmap:110 telephone-event/48000\r\na=rtpmap:126 telephone-event/8000\r\na=candidate:1 1 udp 2122260223 127.0.0.1 41234 typ host\r\n" +
	"m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=rtpmap:96 VP8/90000\r\n"

const hash = "AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB"

func TestOfferOfABrowser(t *testing.T) {
	o, err := readOffer(chromium, []codec.Kind{codec.PCMU, codec.PCMA})
	if err != nil {
		t.Fatal(err)
	}
	if o.codec != codec.PCMU || o.payload != 0 || o.events != 126 || o.ufrag != "aB3d" || o.fingerprint != hash || len(o.candidates) != 1 {
		t.Errorf("offer = %+v", o)
	}
	got := o.answer(ours{lite: true, ufrag: "uuuu", pwd: "pppppppppppppppppppppp", fingerprint: hash, candidates: []string{"1 1 udp 1 127.0.0.1 2 typ host"}, session: 7})
	for _, want := range []string{
		"a=group:BUNDLE 0\r\n", "a=ice-lite\r\n", "m=audio 9 UDP/TLS/RTP/SAVPF 0 126\r\n", "a=setup:passive\r\n", "a=rtpmap:0 PCMU/8000\r\n",
		"a=candidate:1 1 udp 1 127.0.0.1 2 typ host\r\na=end-of-candidates\r\n", "m=video 0 UDP/TLS/RTP/SAVPF 96\r\n", "a=mid:1\r\na=inactive\r\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the answer lacks %q:\n%s", want, got)
		}
	}
}

// The codecs of a leg are what its other side speaks, where that needs no converting, and then those of the setting.
func TestTheCodecOfALeg(t *testing.T) {
	opus := []codec.Kind{codec.Opus, codec.G722}
	without := strings.ReplaceAll(chromium, "opus/48000/2", "speex/8000")
	for _, tt := range []struct {
		setting []codec.Kind
		other   codec.Kind
		offer   string
		want    codec.Kind
		answer  string
	}{
		{nil, codec.None, chromium, codec.PCMA, "m=audio 9 UDP/TLS/RTP/SAVPF 8 126\r\n"},
		{nil, codec.PCMU, chromium, codec.PCMU, "a=rtpmap:0 PCMU/8000\r\n"},
		{opus, codec.PCMU, chromium, codec.PCMU, "a=rtpmap:126 telephone-event/8000\r\n"},
		{opus, codec.PCMA, chromium, codec.PCMA, "a=rtpmap:8 PCMA/8000\r\n"},
		{opus, codec.None, chromium, codec.Opus, "m=audio 9 UDP/TLS/RTP/SAVPF 111 110\r\n"},
		{opus, codec.Opus, chromium, codec.Opus, "a=rtpmap:111 opus/48000/2\r\n"},
		{opus, codec.G722, chromium, codec.Opus, "a=rtpmap:110 telephone-event/48000\r\n"},
		{opus, codec.None, without, codec.G722, "a=rtpmap:9 G722/8000\r\n"},
	} {
		o, err := readOffer(tt.offer, (&Phones{Config: Config{Codecs: tt.setting}}).codecs(tt.other))
		if err != nil {
			t.Errorf("%v beside %v: %v", tt.setting, tt.other, err)
			continue
		}
		if got := o.answer(ours{}); o.codec != tt.want || !strings.Contains(got, tt.answer) {
			t.Errorf("%v beside %v: %v, want %v; the answer must have %q:\n%s", tt.setting, tt.other, o.codec, tt.want, tt.answer, got)
		}
	}
}

func TestOffersThatCannotBeUsed(t *testing.T) {
	without := func(line string) string { return strings.Replace(chromium, line, "a=x", 1) }
	for _, tt := range []struct {
		name, offer string
		want        error
	}{
		{"nothing", "", errOffer},
		{"huge", "v=0\r\n" + strings.Repeat("a=x\r\n", 10000), errOffer},
		{"no audio", strings.ReplaceAll(chromium, "m=audio", "m=text"), errNoAudio},
		{"no G.711", strings.NewReplacer("111 63 9 0 8 13", "111", "rtpmap:0 ", "rtpmap:1 ").Replace(chromium), errNoAudio},
		{"no ufrag", without("a=ice-ufrag:aB3d"), errNoICE},
		{"short password", strings.Replace(chromium, "abcdefghijklmnopqrstuvwx", "short", 1), errNoICE},
		{"no fingerprint", without("a=fingerprint:sha-256 " + hash), errFingerprint},
		{"weak fingerprint", strings.Replace(chromium, "sha-256", "sha-1", 1), errFingerprint},
		{"passive", strings.Replace(chromium, "actpass", "passive", 1), errSetup},
	} {
		if _, err := readOffer(tt.offer, []codec.Kind{codec.PCMA, codec.PCMU}); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func FuzzReadOffer(f *testing.F) {
	f.Add(chromium)
	f.Add("v=0\r\nm=audio 9 x 8\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		o, err := readOffer(text, []codec.Kind{codec.Opus, codec.PCMA})
		if err != nil {
			return
		}
		if got := strings.Count(o.answer(ours{}), "m="); got < len(o.lines) {
			t.Errorf("%d lines answered of %d", got, len(o.lines))
		}
	})
}
