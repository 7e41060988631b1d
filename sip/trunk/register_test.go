package trunk

import (
	"errors"
	"net/netip"
	"testing"
	"time"
)

func registering(id, contact string, targets ...Target) Trunk {
	return Trunk{ID: id, Targets: targets, Register: &Register{Domain: "carrier.example", User: contact, Contact: contact}}
}

func TestCallsOfARegisteredTrunk(t *testing.T) {
	s := set(t, nil,
		registering("a", "hotline-a", target("127.0.0.1:5060", 0, 0)), registering("b", "hotline-b", target("127.0.0.1:5070", 0, 0)),
		Trunk{ID: "c", Sources: ranges("127.0.0.1/32", "127.0.0.9/32")}, registering("d", "hotline-d", target("127.0.0.4:5060", 0, 0)),
	)
	for _, row := range []struct{ from, user, want string }{
		{"127.0.0.1", "hotline-a", "a"}, {"127.0.0.1", "hotline-b", "b"}, {"127.0.0.1", "4001", "c"}, {"127.0.0.9", "hotline-a", "c"},
		{"127.0.0.4", "4001", "d"}, {"::ffff:127.0.0.4", "hotline-d", "d"}, {"127.0.0.5", "hotline-a", ""},
	} {
		got, ok := s.Of(netip.MustParseAddr(row.from), row.user)
		if got.ID != row.want || ok != (row.want != "") {
			t.Errorf("%s for %s: got %q %v, want %q", row.from, row.user, got.ID, ok, row.want)
		}
	}
}

func TestTargetThatIsNotRegisteredComesLast(t *testing.T) {
	s := set(t, nil, registering("a", "us", target("127.0.0.1:5060", 0, 0), target("127.0.0.2:5060", 1, 0)))
	now := time.Now()
	s.Registered("a", "udp", addr("127.0.0.1:5060"), Registration{Since: now, Why: "403"})
	s.Registered("a", "udp", addr("127.0.0.2:5060"), Registration{Registered: true, Since: now, Until: now.Add(time.Minute)})
	s.Registered("none", "udp", addr("127.0.0.2:5060"), Registration{})
	a, err := s.TakeOut(by("a"), now)
	if err != nil || a.Target().Addr != addr("127.0.0.2:5060") {
		t.Fatalf("got %+v %v", a, err)
	}
	a.Done()
	st := s.Snapshot()[0].Targets
	if st[0].Registration.Registered || st[0].Registration.Why != "403" || !st[1].Registration.Registered {
		t.Errorf("got %+v %+v", st[0].Registration, st[1].Registration)
	}
	if a, err := s.TakeOut(by("a"), now.Add(2*time.Minute)); err != nil || a.Target().Addr != addr("127.0.0.1:5060") {
		t.Errorf("when the registration has ended: %+v %v", a, err)
	}
	plain := registering("a", "us", target("127.0.0.1:5060", 0, 0))
	plain.Register = nil
	if err := s.Replace([]Trunk{plain}); err != nil || s.Snapshot()[0].Targets[0].Registration != nil {
		t.Errorf("no longer registering: %v %+v", err, s.Snapshot()[0].Targets)
	}
	if err := (Trunk{ID: "x", Register: &Register{}}).Check(); !errors.Is(err, ErrInvalid) {
		t.Errorf("nothing to register with: %v", err)
	}
	if p := registering("a", "us", target("127.0.0.1:5060", 0, 0)).Peers(); len(p) != 1 || p[0].String() != "127.0.0.1/32" {
		t.Errorf("peers %v", p)
	}
}
