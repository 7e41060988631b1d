package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/call"
	"hotline/media/tone"
)

// A real phone (baresip) over TLS with SRTP, demanded or optional, takes a call of a trunk without: the sound is right both ways and in the
// recording, the record says the suite of the one leg, and no key is in the ladder or the log.
func TestRealPhoneWithSRTP(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ mediaenc, profile string }{{"srtp-mand", "RTP/SAVP"}, {"srtp", "RTP/AVP"}} {
		t.Run(row.mediaenc, func(t *testing.T) {
			t.Parallel()
			policy := "optional"
			if row.profile == "RTP/SAVP" {
				policy = "required"
			}
			c := demo(t).with(t, `password: "pw${user}"`, `srtp: `+policy+`, password: "pw${user}"`)
			n := start(t, c, `tcp: ["NODE:5080"]`, `tcp: ["NODE:5080"], tls: ["NODE:5081"]`)
			aor := fmt.Sprintf("sip:1001@%s:5081;transport=tls", n.sip.Addr())
			real := n.realPhoneBy("1001", 2*time.Minute, "", aor, ";mediaenc="+row.mediaenc)
			talk := n.takenBy(real)
			pass(3 * time.Second)
			real.command("hold", "") // a re-INVITE: the keys stay, or others come
			await(t, "the caller to hear no more of the agent", patience, func() (float64, bool) {
				level := tone.Find(latest(talk, 400*time.Millisecond), agentHz)
				return level, level < silent
			})
			real.command("resume", "")
			hears(t, "the caller after the hold", talk, agentHz)
			pass(time.Second)
			talk.Hangup()
			real.told("CALL_CLOSED", 1)
			r := n.record(talk)
			if r.Cause != call.Normal || len(r.Agents) != 1 {
				t.Errorf("cause %q, agents %+v", r.Cause, r.Agents)
			}
			left, right := n.audio(n.sealed(r))
			sides(t, left, right)
			if heard := measure(real.heard(), callerHz); heard.seconds < 1 || heard.snr < 25 {
				t.Errorf("the real phone heard %.1f s of the caller, SNR %.1f dB", heard.seconds, heard.snr)
			}
			var suites []string
			for _, leg := range r.Legs {
				if leg.Quality != nil {
					suites = append(suites, leg.Quality.SRTP)
				}
			}
			slices.Sort(suites)
			if len(suites) != 2 || suites[0] != "" || !strings.HasPrefix(suites[1], "AE") {
				t.Errorf("the legs' suites are %q, want one on the phone's leg alone", suites)
			}
			var ladder string
			for _, m := range get[[]struct{ Raw string }](n, "/calls/"+string(r.Call)+"/ladder") {
				ladder += m.Raw + "\n"
			}
			if !strings.Contains(ladder, row.profile+" ") || !strings.Contains(ladder, "inline:(key)") {
				t.Errorf("the ladder:\n%s", ladder)
			}
			if strings.Contains(n.out.String(), "inline:") {
				t.Error("a key is in the log")
			}
		})
	}
}
