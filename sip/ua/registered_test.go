package ua

import (
	"testing"

	"github.com/emiago/sipgo/sip"

	"hotline/call"
	"hotline/route"
	"hotline/sip/trunk"
)

// TestCallToARegisteredContact: it is the trunk's whose Contact it is, and the dialled number stands beside.
func TestCallToARegisteredContact(t *testing.T) {
	r := newRig(t, 0)
	b := r.bare(carrierAddr, nil)
	var all []trunk.Trunk
	for _, id := range []string{"a", "b"} {
		tr := out(b)
		tr.ID, tr.Register = id, &trunk.Register{Domain: "d", User: "u", Contact: "hotline-" + id}
		all = append(all, tr)
	}
	r.useTrunks(all...)
	for _, row := range []struct {
		user, trunk, dialled string
		headers              []sip.Header
	}{
		{"hotline-b", "b", "hotline-b", nil}, // To is what the test's peer makes of the Request-URI
		{"hotline-b", "b", "01066551234", []sip.Header{sip.NewHeader("P-Called-Party-ID", "<sip:01066551234@carrier.example>")}},
		{"01066551234", "a", "01066551234", []sip.Header{sip.NewHeader("P-Called-Party-ID", "<sip:9@carrier.example>")}},
	} {
		s, _ := b.dial(row.user, "13800138000", offerOf("", "8"), row.headers...)
		a, w := r.arrival()
		if a.Origin != (route.Origin{Kind: route.FromTrunk, Trunk: row.trunk}) || a.Dialled != row.dialled {
			t.Errorf("%+v: got %+v %s", row, a.Origin, a.Dialled)
		}
		s.Hangup(16, "")
		await[call.LegEnded](t, w, nil)
	}
	r.idle()
}
