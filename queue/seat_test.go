package queue

import "testing"

// Signed out is who said so or was taken out of the centre, not who has yet to sign in or has lost their device.
func TestSignedOut(t *testing.T) {
	for _, c := range []struct {
		what string
		e    AgentChanged
		want bool
	}{
		{"by themselves", AgentChanged{To: Offline, Next: Offline, Reason: "signed out", Source: "anna"}, true},
		{"taken out of the centre", AgentChanged{To: Offline, Next: Offline, Reason: removed, Source: byConfig}, true},
		{"not yet signed in", AgentChanged{To: Offline, Next: Offline, Reason: "signed out", Source: byConfig}, false},
		{"signed out once the call is over", AgentChanged{To: Talking, Next: Offline, Source: "anna"}, false},
		{"the device is gone", AgentChanged{To: Offline, Next: Ready, Source: byPhone}, false},
	} {
		if got := c.e.SignedOut(); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
}
