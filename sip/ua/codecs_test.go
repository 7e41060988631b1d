package ua

import (
	"slices"
	"strings"
	"testing"

	"hotline/call"
	"hotline/media/codec"
	"hotline/media/sdp"
	"hotline/sip/session"
)

func TestPreferring(t *testing.T) {
	all := []codec.Kind{codec.PCMA, codec.PCMU, codec.G722, codec.Opus}
	rows := []struct {
		have  []codec.Kind
		first codec.Kind
		want  []codec.Kind
	}{
		{all, codec.None, all},
		{all, codec.PCMA, all},
		{all, codec.PCMU, []codec.Kind{codec.PCMU, codec.PCMA, codec.G722, codec.Opus}},
		{all, codec.Opus, []codec.Kind{codec.Opus, codec.PCMA, codec.PCMU, codec.G722}},
		{[]codec.Kind{codec.Opus, codec.PCMU, codec.G722, codec.PCMA}, codec.PCMA, []codec.Kind{codec.PCMA, codec.PCMU, codec.Opus, codec.G722}},
		{[]codec.Kind{codec.G722}, codec.Opus, []codec.Kind{codec.G722}},
	}
	for _, row := range rows {
		before := slices.Clone(row.have)
		if got := preferring(row.have, row.first); !slices.Equal(got, row.want) {
			t.Errorf("preferring(%v, %v) = %v, want %v", row.have, row.first, got, row.want)
		}
		if !slices.Equal(row.have, before) {
			t.Errorf("the list itself was changed to %v", row.have)
		}
	}
}

// Comfort noise is agreed where it is offered, and then stands in what we offer later.
func TestComfortNoiseIsAgreed(t *testing.T) {
	for _, noise := range []bool{true, false} {
		r := newRig(t, 0, carrier())
		b := r.bare(carrierAddr, nil)
		formats := "8"
		if noise {
			formats = "8 13"
		}
		_, got := b.dial("4001", "1", offerOf("", formats))
		a, w := r.arrival()
		a.Leg.Answer()
		if body := string(next[session.AnsweredBy](t, got).SDP); strings.Contains(body, "a=rtpmap:13 CN/8000") != noise {
			t.Errorf("offered %s, answered\n%s", formats, body)
		}
		noted := make(chan bool, 1)
		a.Leg.onLane(func() { noted <- strings.Contains(string(sdp.MakeOffer(a.Leg.local)), "CN/8000") })
		if got := <-noted; got != noise {
			t.Errorf("agreed on %v, an offer of ours has it: %v", noise, got)
		}
		a.Leg.Hangup(call.Normal, 0)
		await[call.LegEnded](t, w, nil)
		r.idle()
	}
}
