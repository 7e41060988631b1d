package toll

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"hotline/number"
)

func TestOnlyChinaWithoutPremiumByDefault(t *testing.T) {
	for text, want := range map[string]error{
		"13800138000": nil, "+8613800138000": nil, "008613800138000": nil, "013800138000": nil,
		"01066551234": nil, "0755-83765566": nil, "4008001234": nil, "95588": nil, "10086": nil, "110": nil, "12345": nil,
		"700123456789012": nil, // a masked number may be called back
		"8001":            nil, // an extension of another exchange
		"callee":          nil, // a name
		"+14155552671":    ErrCountry, "0014155552671": ErrCountry, "+85223456789": ErrCountry, "+447911123456": ErrCountry,
		"+18765551234": ErrCountry, // Jamaica
		"+19005551234": ErrPremium, "+979123456789": ErrPremium, "+882161234567": ErrPremium, "00881612345678": ErrPremium,
		"16812345": ErrPremium, "075516812345": ErrPremium, "01016012345": ErrPremium,
		"9013800138000": ErrUnknown, "00000000": ErrUnknown, "anonymous": nil, "": ErrUnknown, "+999": ErrUnknown, "0013912345678": ErrUnknown,
	} {
		if err := (Policy{}).Check(Request{Number: text}); !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("%q: got %v, want %v", text, err, want)
		}
		if err := (Policy{}).Check(Request{Number: text}); err != nil && !errors.Is(err, ErrBarred) {
			t.Errorf("%q: %v does not wrap ErrBarred", text, err)
		}
	}
}

func TestPatternsGoBeforeCountries(t *testing.T) {
	p := Policy{
		Countries: []string{"CN", "HK", "US"}, Allow: []number.Pattern{"+44207.", "149XXXXXXXX", "16812345"},
		Deny: []number.Pattern{"+442079460000", "0755.", "+1."},
	}
	for text, want := range map[string]error{
		"+85223456789": nil, "+442079461234": nil, "00442079461234": nil, "+442079460000": ErrDenied, "+447911123456": ErrCountry,
		"14912345678": nil, "16812345": nil, "+8675583765566": ErrDenied, "0755-83765566": ErrDenied, "+14155552671": ErrDenied, "01066551234": nil,
	} {
		if err := p.Check(Request{Number: text}); !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("%q: got %v, want %v", text, err, want)
		}
	}
	if err := (Policy{Countries: []string{}}).Check(Request{Number: "13800138000"}); !errors.Is(err, ErrCountry) {
		t.Errorf("no country allowed: %v", err)
	}
	if err := (Policy{Countries: []string{}, Deny: []number.Pattern{"."}}).Check(Request{Number: "120"}); err != nil {
		t.Errorf("help was refused: %v", err)
	}
	if err := (Policy{Countries: []string{"*"}}).Check(Request{Number: "+14155552671"}); err != nil {
		t.Errorf("every country: %v", err)
	}
}

// TestRuleCannotMakeABarredNumber: a trunk that turns 9 into 00 opens no way abroad, and help is not help once it leads abroad.
func TestRuleCannotMakeABarredNumber(t *testing.T) {
	for _, r := range []Request{{Number: "95588", Sent: "+14155552671"}, {Number: "110", Sent: "0014155552671"}, {Number: "callee", Sent: "00441234"}} {
		if err := (Policy{}).Check(r); !errors.Is(err, ErrBarred) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	for _, r := range []Request{{Number: "13800138000", Sent: "7788#13800138000"}, {Number: "+8613800138000", Sent: "008613800138000"}, {Number: "13800138000", Sent: "013800138000"}} {
		if err := (Policy{}).Check(r); err != nil {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

var noon = time.Date(2026, 11, 27, 4, 0, 0, 0, time.UTC) // in China

func TestDayLimits(t *testing.T) {
	p := Policy{PerPhone: Limit{Calls: 2}, PerTrunk: Limit{Minutes: 10}, Phones: map[string]Limit{"1002": {}}}
	var m Meter
	r := Request{Number: "13800138000", Phone: "1001", Trunk: "a"}
	first := take(t, &m, p, r, noon)
	first.Answered(noon)
	take(t, &m, p, r, noon).Done(noon)
	if _, err := m.Take(p, r, noon); !errors.Is(err, ErrDay) {
		t.Errorf("third call of a phone: %v", err)
	}
	if _, err := m.Take(p, Request{Number: "119", Phone: "1001", Trunk: "a"}, noon); err != nil {
		t.Errorf("help: %v", err)
	}
	r.Phone = "1002"
	take(t, &m, p, r, noon.Add(8*time.Minute))
	if _, err := m.Take(p, r, noon.Add(10*time.Minute)); !errors.Is(err, ErrDay) {
		t.Errorf("a call that lasts ten minutes has used them: %v", err)
	}
	first.Done(noon.Add(10 * time.Minute))
	first.Done(noon.Add(20 * time.Minute))
	if got := m.OfTrunk("a", p, noon.Add(time.Hour)); got != (Used{4, 10}) {
		t.Errorf("got %+v, want 4 calls and 10 minutes", got)
	}
	take(t, &m, p, r, noon.Add(12*time.Hour)) // midnight in China
	if got := m.OfTrunk("a", p, noon.Add(12*time.Hour)); got != (Used{1, 0}) {
		t.Errorf("next day: %+v", got)
	}
}

func TestUndoneCallsDoNotCount(t *testing.T) {
	var m Meter
	r := Request{Number: "13800138000", Phone: "1001", Trunk: "a"}
	u := take(t, &m, Policy{}, r, noon)
	u.Undo()
	u.Undo()
	u.Done(noon)
	if got := m.OfPhone("1001", Policy{}, noon); got != (Used{}) {
		t.Errorf("got %+v", got)
	}
	late := take(t, &m, Policy{}, r, noon)
	m.OfPhone("1001", Policy{}, noon.Add(24*time.Hour))
	late.Undo()
	if got := m.OfPhone("1001", Policy{}, noon.Add(24*time.Hour)); got.Calls != 0 {
		t.Errorf("undone a day later: %+v", got)
	}
}

// TestNothingIsLeftLive: whatever order calls begin, are answered and end in, nothing stays.
func TestNothingIsLeftLive(t *testing.T) {
	var m Meter
	chance := rand.New(rand.NewPCG(1, 2))
	var live []*Use
	now := noon
	for range 5000 {
		now = now.Add(time.Duration(chance.IntN(60)) * time.Second)
		switch n := chance.IntN(4); {
		case n < 2 || len(live) == 0:
			live = append(live, take(t, &m, Policy{}, Request{Number: "95588", Phone: string(rune('a' + chance.IntN(5))), Trunk: "t"}, now))
		default:
			i := chance.IntN(len(live))
			live[i].Answered(now)
			if n == 2 {
				live[i].Done(now)
			} else {
				live[i].Undo()
			}
			live = append(live[:i], live[i+1:]...)
		}
	}
	for _, u := range live {
		u.Done(now)
	}
	for o, a := range m.accounts {
		if len(a.live) != 0 || a.calls < 0 || a.talked < 0 {
			t.Errorf("%v: %+v", o, a)
		}
	}
}

func take(t *testing.T, m *Meter, p Policy, r Request, now time.Time) *Use {
	t.Helper()
	u, err := m.Take(p, r, now)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func FuzzCheck(f *testing.F) {
	f.Add("+8613800138000", "0")
	f.Add("00", "\xff")
	f.Fuzz(func(t *testing.T, text, sent string) {
		err := (Policy{}).Check(Request{Number: text, Sent: sent})
		if n := number.Parse(text); err == nil && n.Kind == number.Foreign {
			t.Errorf("%q is dialled", text)
		}
	})
}
