package transaction

import (
	"fmt"
	"testing"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transport"
)

// A dead phone fails at once, from no more than the beginning of the request that ICMP brings back; within a dialog, where the route may
// only have flapped, the timers find out.
func TestUnreachableEndsNewRequestsAtOnce(t *testing.T) {
	for name, row := range map[string]struct {
		method sip.RequestMethod
		tag    bool
		quote  int
		want   string
	}{
		"INVITE":                        {sip.INVITE, false, 500, "transport"},
		"OPTIONS":                       {sip.OPTIONS, false, 500, "transport"},
		"BYE":                           {sip.BYE, true, 500, "transport"},
		"re-INVITE":                     {sip.INVITE, true, 500, ""},
		"INFO":                          {sip.INFO, true, 500, ""},
		"eight octets of an old router": {sip.INVITE, false, 8, ""},
		"before the To":                 {sip.INVITE, false, 150, ""},
	} {
		t.Run(name, func(t *testing.T) {
			atDesk(t, Config{}, func(d *desk) {
				var h heard
				req := outgoing(row.method, "c")
				if row.tag {
					req.To().Params = sip.HeaderParams{{K: "tag", V: "them"}}
				}
				req.SetBody(make([]byte, 800))
				d.ask(req, phone, &h)
				raw := []byte(d.lastRequest(t, string(row.method)))
				d.Failed(phone, raw[:min(row.quote, len(raw))], fmt.Errorf("icmp: %w", transport.ErrUnreachable))
				wait(sec)
				h.expect(t, row.want)
			})
		})
	}
}

// Whoever does not know the branch cannot end a request.
func TestForgedUnreachableDoesNothing(t *testing.T) {
	atDesk(t, Config{}, func(d *desk) {
		var h heard
		d.ask(outgoing(sip.INVITE, "c"), phone, &h)
		d.Failed(phone, []byte(asked("INVITE", "guess", "c")), transport.ErrUnreachable)
		wait(sec)
		h.expect(t, "")
	})
}
