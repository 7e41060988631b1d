package switchboard

import (
	"testing"
	"time"

	"hotline/call"
)

// A phone is on a call from when it is rung, or came, until its leg is gone, is given away, or the call is over.
func TestStations(t *testing.T) {
	for _, c := range []struct {
		what  string
		facts []call.Fact
		want  string // the legs that are left, those that ring in brackets
	}{
		{"rings", []call.Fact{{Kind: call.Dialled, Leg: "leg1", To: "1001"}}, "[leg1]"},
		{"talks", []call.Fact{{Kind: call.Dialled, Leg: "leg1", To: "1001"}, {Kind: call.Connected, Leg: "leg1"}}, "leg1"},
		{"came", []call.Fact{{Kind: call.Joined, Leg: "leg1", To: "1001", Reason: "came"}}, "leg1"},
		{"one of two is gone", []call.Fact{
			{Kind: call.Dialled, Leg: "leg1", To: "1001"}, {Kind: call.Dialled, Leg: "leg2", To: "1002"}, {Kind: call.LegGone, Leg: "leg1"},
		}, "[leg2]"},
		{"parked somebody", []call.Fact{
			{Kind: call.Dialled, Leg: "leg1", To: "1001"}, {Kind: call.Connected, Leg: "leg1"}, {Kind: call.Parked, Leg: "leg1"},
		}, ""},
		{"went to another call", []call.Fact{
			{Kind: call.Dialled, Leg: "leg1", To: "1001"}, {Kind: call.Connected, Leg: "leg1"}, {Kind: call.Joined, Leg: "leg1", Reason: "left"},
		}, ""},
		{"over", []call.Fact{{Kind: call.Dialled, Leg: "leg1", To: "1001"}, {Kind: call.Ended}}, ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			var s stations
			for i, f := range c.facts {
				f.Call, f.At = "call", time.Unix(int64(i), 0)
				s.learn(f)
			}
			got := ""
			for _, one := range s.find(func(station) bool { return true }) {
				if word := string(one.leg); one.rings {
					got += "[" + word + "]"
				} else {
					got += word
				}
			}
			if got != c.want || (got == "") != (len(s.all) == 0) {
				t.Errorf("left %q of %d calls, want %q", got, len(s.all), c.want)
			}
		})
	}
}
