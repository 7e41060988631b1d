package ua

import (
	"slices"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"hotline/call"
	"hotline/ivr"
	"hotline/sip/trunk"
)

// TestTheWireHasWhatTheTestBoxShows: each line that the box shows stands in the INVITE that is sent.
func TestTheWireHasWhatTheTestBoxShows(t *testing.T) {
	r := newRig(t, 0)
	b := r.bare(carrierAddr, reject(486))
	full := trunk.Form{Show: trunk.CallerPlaces(), Domain: "pbx.test", UserPhone: true, Format: trunk.E164, Forwarded: trunk.ByBoth}
	hidden, account := full, full
	hidden.Hide, hidden.Trusted = true, true
	account.Show = []string{trunk.Asserted}
	for name, row := range map[string]struct {
		form trunk.Form
		dial Dialling
		not  string // that the INVITE must not hold
	}{
		"plain":           {trunk.Form{}, Dialling{From: "01066551234"}, "Diversion:"},
		"all of it":       {full, Dialling{From: "01066551234", Called: "4008001234"}, "Privacy:"},
		"handed on":       {full, Dialling{From: "01066551234", Called: "4008001234", By: "1001"}, "unconditional"},
		"302":             {trunk.Form{}, Dialling{From: "01066551234", Diverted: "1002", By: "1002"}, "History-Info:"},
		"hidden":          {hidden, Dialling{From: "01066551234"}, "From: <sip:+86"},
		"the account":     {account, Dialling{From: "01066551234"}, "From: <sip:+86"},
		"a secret caller": {full, Dialling{From: "anonymous"}, "P-Asserted-Identity:"},
	} {
		t.Run(name, func(t *testing.T) {
			tr := out(b)
			tr.Form, tr.CallerID, tr.User = row.form, "4001", "auth"
			r.useTrunks(tr)
			row.dial.Target = ivr.Target{Kind: ivr.ToNumber, Value: "13800138000"}
			w := newWitness()
			r.ua.Dial("leg2", row.dial, w.hear)
			if e := await[call.LegEnded](t, w, nil); e.Trunk != "out" {
				t.Errorf("the end names trunk %q", e.Trunk)
			}
			invite := strings.Split(b.received("INVITE"), "\r\n")
			q := trunk.Question{Number: "13800138000", From: row.dial.From, Forwards: row.dial.Called + row.dial.Diverted, Host: nodeAddr.String()}
			sent := tr.Send(trunk.Calling{
				Number: q.Number, Caller: q.From, Forwards: q.Forwards, Deflected: row.dial.By != "", Host: q.Host, To: tr.Targets[0].Host(),
			})
			for _, line := range sent.Lines() {
				if !slices.ContainsFunc(invite, func(s string) bool { return s == line || strings.HasPrefix(s, line+";tag=") }) {
					t.Errorf("%s\nis not in\n%s", line, strings.Join(invite, "\n"))
				}
			}
			if all := strings.Join(invite, "\n"); strings.Contains(all, row.not) {
				t.Errorf("%s is in\n%s", row.not, all)
			}
			if a, err := tr.Ask(q); row.dial.By == "" && (err != nil || !slices.Equal(a.Sent.Lines(), sent.Lines())) {
				t.Errorf("the box shows %+v, %v", a.Sent, err)
			}
		})
	}
	r.idle()
}

// TestCallerWhoHidesIsKnownToUsAlone: the number is there for routes and records, and is marked.
func TestCallerWhoHidesIsKnownToUsAlone(t *testing.T) {
	r := newRig(t, 0, carrier())
	b := r.bare(carrierAddr, nil)
	for value, private := range map[string]bool{"id": true, "none": false} {
		s, _ := b.dial("4001", "anonymous", offerOf("", "8"), sip.NewHeader("P-Asserted-Identity", "<sip:013800138000@carrier>"), sip.NewHeader("Privacy", value))
		a, w := r.arrival()
		if a.From != "+8613800138000" || a.Wire != "013800138000" || a.Private != private {
			t.Errorf("Privacy: %s: got %+v", value, a)
		}
		s.Hangup(0, "")
		await[call.LegEnded](t, w, nil)
	}
	r.idle()
}

// TestDiversionReachesTheNextCarrier: what a call came with is told with it, and goes out behind our own entry.
func TestDiversionReachesTheNextCarrier(t *testing.T) {
	r := newRig(t, 0, carrier())
	b := r.bare(carrierAddr, reject(486))
	const before = "<sip:01066550000@carrier>;reason=no-answer"
	s, _ := b.dial("4001", "1", offerOf("", "8"), sip.NewHeader("Diversion", before))
	a, w := r.arrival()
	if !slices.Equal(a.Earlier.Diversion, []string{before}) {
		t.Errorf("arrived with %q", a.Earlier)
	}
	s.Hangup(0, "")
	await[call.LegEnded](t, w, nil)
	c := r.bare(secondAddr, reject(486))
	r.useTrunks(carrier(), out(c))
	w = newWitness()
	r.ua.Dial("leg2", Dialling{Target: ivr.Target{Kind: ivr.ToNumber, Value: "13800138000", Trunk: "out"}, Called: a.Dialled, Earlier: a.Earlier}, w.hear)
	await[call.LegEnded](t, w, nil)
	if invite := c.received("INVITE"); !strings.Contains(invite, "Diversion: <sip:4001@127.0.40.1>;reason=unconditional;counter=1\r\nDiversion: "+before+"\r\n") {
		t.Errorf("got\n%s", invite)
	}
	r.idle()
}
