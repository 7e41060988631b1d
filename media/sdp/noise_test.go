package sdp

import (
	"strings"
	"testing"

	"hotline/media/codec"
)

// Comfort noise is taken where it is offered beside a codec of 8 kHz, offered where it was agreed, and agreed only by both.
func TestComfortNoise(t *testing.T) {
	const opusToo = "a=rtpmap:111 opus/48000/2"
	for _, c := range []struct {
		name, formats string
		attributes    []string
		codecs        []codec.Kind
		want          bool
	}{
		{"static", "8 13 101", nil, both, true},
		{"mapped", "8 0 13", []string{"a=rtpmap:13 cn/8000"}, both, true},
		{"G.722", "9 13", nil, []codec.Kind{codec.G722}, true},
		{"not offered", "8 101", nil, both, false},
		{"13 is something else", "8 13", []string{"a=rtpmap:13 G728/8000"}, both, false},
		{"of another clock", "8 97", []string{"a=rtpmap:97 CN/16000"}, both, false},
		{"beside Opus", "111 13", []string{opusToo}, []codec.Kind{codec.Opus}, false},
	} {
		offer := parse(t, audio(c.formats, c.attributes...))
		l := local()
		l.Codecs = c.codecs
		body, chosen, err := MakeAnswer(offer, l)
		written := strings.Contains(string(body), "a=rtpmap:13 CN/8000\r\n") && strings.Contains(strings.SplitN(string(body), "m=audio", 2)[1], " 13")
		if err != nil || chosen.Noise != c.want || written != c.want {
			t.Errorf("%s: %v, agreed %v, want %v\n%s", c.name, err, chosen.Noise, c.want, body)
		}
		for _, asked := range []bool{true, false} {
			l.Noise = asked
			if got := strings.Contains(string(MakeOffer(l)), "CN/8000"); got != (asked && c.codecs[0] != codec.Opus) {
				t.Errorf("%s: asked for it %v, offered %v", c.name, asked, got)
			}
			if chosen, err := Accept(l, offer); err != nil || chosen.Noise != (c.want && asked) {
				t.Errorf("%s: asked for it %v, accepted %v, %v", c.name, asked, chosen.Noise, err)
			}
		}
	}
}
