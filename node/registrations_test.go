package node

import (
	"net/netip"
	"testing"
	"time"

	"hotline/sip/registration"
	"hotline/sip/trunk"
)

func TestAccountsOfTrunksThatRegister(t *testing.T) {
	carrier := netip.MustParseAddrPort("127.0.0.1:5060")
	got := registrations([]trunk.Trunk{
		{ID: "plain"},
		{ID: "a", User: "auth", Password: "p", Register: &trunk.Register{Domain: "d", User: "u", Contact: "c", Expires: time.Minute}, Targets: []trunk.Target{
			{Network: "udp", Addr: carrier, Priority: 2}, {Network: "tcp", Addr: carrier, Priority: 1},
		}},
	})
	if len(got) != 1 || got[0].User != "u" || got[0].AuthUser != "auth" || got[0].Password != "p" || got[0].Contact != "c" ||
		got[0].Targets[0] != (registration.Target{Network: "tcp", Addr: carrier}) {
		t.Errorf("got %+v", got)
	}
}
