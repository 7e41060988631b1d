package route

import (
	"strings"
	"testing"
)

var (
	fromT1    = Origin{Kind: FromTrunk, Trunk: "t1"}
	fromT2    = Origin{Kind: FromTrunk, Trunk: "t2"}
	fromPhone = Origin{Kind: FromPhone, Phone: "8001"}
)

func numbers() *Table {
	return &Table{Numbers: []Number{
		{Pattern: ".", Origin: "trunk", Flow: "default"},
		{Pattern: "XXXX", Flow: "internal"},
		{Pattern: "40XX", Flow: "test"},
		{Pattern: "400.", Flow: "rest"},
		{Pattern: "4001", Flow: "first", Topic: "sales", Language: "zh", Brand: "blue", DID: "hotline"},
		{Pattern: "4001", Flow: "second"},
		{Pattern: "4002", Flow: "any"},
		{Pattern: "4002", Origin: "trunk", Flow: "outside"},
		{Pattern: "4002", Origin: "trunk", Trunk: "t2", Flow: "second trunk"},
		{Pattern: "4003", Trunk: "t1", Flow: "first trunk"},
		{Pattern: "+861066551234", Flow: "beijing"},
		{Pattern: "0755XXXXXXXX", Flow: "shenzhen"},
		{Pattern: "*97", Origin: "phone", Flow: "voicemail"},
	}}
}

func TestArrive(t *testing.T) {
	tests := []struct {
		dialled    string
		from       Origin
		flow, did  string
		pattern    string
		wantReason string
	}{
		{"4001", fromT1, "first", "hotline", "4001", "the most specific of 6"},
		{"4002", fromPhone, "any", "4002", "4002", "from phone 8001"},
		{"4002", fromT1, "outside", "4002", "4002", "from trunk t1"},
		{"4002", fromT2, "second trunk", "4002", "4002", "from trunk t2"},
		{"4003", fromT1, "first trunk", "4003", "4003", ""},
		{"4003", fromT2, "rest", "4003", "400.", ""},
		{"4003", fromPhone, "rest", "4003", "400.", ""},
		{"40012", fromPhone, "rest", "40012", "400.", ""},
		{"4099", fromPhone, "test", "4099", "40XX", ""},
		{"8001", fromPhone, "internal", "8001", "XXXX", ""},
		{"+861066551234", fromT1, "beijing", "+861066551234", "+861066551234", ""},
		{"01066551234", fromT1, "beijing", "01066551234", "+861066551234", ""},
		{"861066551234", fromT1, "beijing", "861066551234", "+861066551234", ""},
		{"010-6655 1234", fromPhone, "beijing", "01066551234", "+861066551234", ""},
		{"sip:+861066551234@10.0.0.1;user=phone", fromT1, "beijing", "+861066551234", "+861066551234", ""},
		{"+8675583765566", fromPhone, "shenzhen", "+8675583765566", "0755XXXXXXXX", ""},
		{"*97", fromPhone, "voicemail", "*97", "*97", ""},
		{"*97", fromT1, "default", "*97", ".", ""},
		{"", fromT1, "default", "", ".", ""},
		{"alice", fromT1, "default", "alice", ".", ""},
	}
	for _, tt := range tests {
		got, ok := numbers().Arrive(tt.dialled, tt.from)
		if !ok || got.Flow != tt.flow || got.DID != tt.did || got.Pattern != tt.pattern || !strings.Contains(got.Reason, tt.wantReason) {
			t.Errorf("%q from %s: got %+v %v, want %+v", tt.dialled, tt.from, got, ok, tt)
		}
	}
	got, _ := numbers().Arrive("4001", fromT1)
	if want := `线路 t1 来的 4001 符合号码 "4001"，是 6 个符合的号码中最具体的`; got.ReasonZH != want {
		t.Errorf("the reason in Chinese is %q, want %q", got.ReasonZH, want)
	}
	if got.Topic != "sales" || got.Language != "zh" || got.Brand != "blue" {
		t.Errorf("got %+v", got)
	}
	for _, dialled := range []string{"12345", "*98", "alice", ""} {
		if got, ok := numbers().Arrive(dialled, fromPhone); ok {
			t.Errorf("%q: got %+v, want nothing", dialled, got)
		}
	}
	if o := (Origin{}); o.String() == "" || o.zh() == "" {
		t.Error("an origin without a kind has no name")
	}
}

// The order of the entries decides only between those that are equally specific.
func TestArriveDoesNotDependOnOrder(t *testing.T) {
	table := numbers()
	table.Numbers = append(table.Numbers[:5:5], table.Numbers[6:]...) // without the second 4001
	for shift := range table.Numbers {
		turned := &Table{Numbers: append(table.Numbers[shift:len(table.Numbers):len(table.Numbers)], table.Numbers[:shift]...)}
		for _, dialled := range []string{"4001", "4002", "4003", "40012", "8001", "01066551234", "*97"} {
			for _, from := range []Origin{fromT1, fromT2, fromPhone} {
				want, wantOK := table.Arrive(dialled, from)
				if got, ok := turned.Arrive(dialled, from); got != want || ok != wantOK {
					t.Errorf("%q from %s turned by %d: got %+v, want %+v", dialled, from, shift, got, want)
				}
			}
		}
	}
}

func FuzzArrive(f *testing.F) {
	f.Add("4001", true)
	f.Add("sip:+861066551234@a", false)
	table := numbers()
	f.Fuzz(func(t *testing.T, dialled string, trunk bool) {
		from := fromPhone
		if trunk {
			from = fromT1
		}
		plan, ok := table.Arrive(dialled, from)
		if trunk && !ok {
			t.Fatalf("%q: the pattern %q from trunks missed it", dialled, ".")
		}
		if ok && (plan.Flow == "" || plan.Reason == "" || plan.Pattern == "") {
			t.Fatalf("%q: got %+v", dialled, plan)
		}
	})
}
