package number

import (
	"slices"
	"strings"
	"testing"
)

func TestPatternMatch(t *testing.T) {
	tests := []struct {
		pattern Pattern
		dialled string
		want    bool
	}{
		{"4001", "4001", true}, {"4001", "40012", false}, {"4001", "400", false},
		{"10XX", "1099", true}, {"10XX", "109", false}, {"10XX", "10999", false}, {"10XX", "10a9", false}, {"10XX", "10*9", false},
		{"0.", "0", true}, {"0.", "0755", true}, {"0.", "1", false}, {".", "", true}, {".", "anything", true},
		{"+861066551234", "+861066551234", true}, {"+86.", "8610", false}, {"*9X", "*91", true}, {"#", "#", true}, {"", "", false},
	}
	for _, tt := range tests {
		if got := tt.pattern.Match(tt.dialled); got != tt.want {
			t.Errorf("%q and %q: got %v, want %v", tt.pattern, tt.dialled, got, tt.want)
		}
	}
}

func TestPatternOrder(t *testing.T) {
	// Each wins over all that follow.
	order := []Pattern{"40012345", "4001234X", "4001234.", "400XXXXX", "400XXXX.", "400.", "XXXXXXXX", "XXXX.", "."}
	for i, p := range order {
		for j, q := range order {
			if got, want := p.Compare(q), i-j; (got < 0) != (want < 0) || (got == 0) != (want == 0) {
				t.Errorf("%q against %q: got %d", p, q, got)
			}
		}
		if err := p.Check(); err != nil {
			t.Errorf("%q: %v", p, err)
		}
	}
	shuffled := slices.Clone(order)
	slices.Reverse(shuffled)
	slices.SortFunc(shuffled, Pattern.Compare)
	if !slices.Equal(shuffled, order) {
		t.Errorf("got %v, want %v", shuffled, order)
	}
}

func TestPatternCheck(t *testing.T) {
	for _, p := range []Pattern{"", "40x1", "4.1", "1+2", "..", "4001 ", Pattern(strings.Repeat("X", 33))} {
		if p.Check() == nil {
			t.Errorf("%q: got no error", p)
		}
	}
}

func TestPatternOverlaps(t *testing.T) {
	tests := []struct {
		p, q Pattern
		want bool
	}{
		{"10XX", "101X", true}, {"10XX", "1X01", true}, {"10XX", "11XX", false}, {"10XX", "10X", false}, {"10.", "1X", true},
		{"10.", "1", false}, {".", "4001", true}, {"X", "*", false}, {"", ".", false},
	}
	for _, tt := range tests {
		if got := tt.p.Overlaps(tt.q); got != tt.want {
			t.Errorf("%q and %q: got %v, want %v", tt.p, tt.q, got, tt.want)
		}
		if got := tt.q.Overlaps(tt.p); got != tt.want {
			t.Errorf("%q and %q: got %v, want %v", tt.q, tt.p, got, tt.want)
		}
	}
}

func TestRewrite(t *testing.T) {
	rules := Rewrites{
		{Match: "9013XXXXXXXXX", Strip: "90"},
		{Match: "852XXXXXXXX", Prefix: "+"},
		{Match: "XXXXXXXX", Prefix: "0755"},
		{Strip: "86", Prefix: "0"},
	}
	if err := rules.Check(); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		raw, text string
		rule      int
		e164      E164
	}{
		{"9013800138000", "13800138000", 0, "+8613800138000"},
		{"85223456789", "+85223456789", 1, "+85223456789"},
		{"8376-5566", "075583765566", 2, "+8675583765566"},
		{"sip:83765566@10.0.0.1", "075583765566", 2, "+8675583765566"},
		{"8613800138000", "013800138000", 3, "+8613800138000"},
		{"13800138000", "13800138000", -1, "+8613800138000"},
		{"anonymous", "anonymous", -1, ""},
		{"", "", -1, ""},
	}
	for _, tt := range tests {
		got := rules.Show(tt.raw)
		if got.Text != tt.text || got.Rule != tt.rule || got.Number.E164 != tt.e164 || got.Raw != tt.raw || got.Number.Raw != tt.raw {
			t.Errorf("%q: got %+v, want %+v", tt.raw, got, tt)
		}
	}
}

func TestRewriteCheck(t *testing.T) {
	for _, r := range []Rewrite{{}, {Match: "a"}, {Strip: "x"}, {Prefix: "0-"}, {Match: "13X", Strip: "9"}, {Prefix: "1+"}} {
		if err := (Rewrites{r}).Check(); err == nil || !strings.HasPrefix(err.Error(), "rewrite 1: ") {
			t.Errorf("%+v: got %v", r, err)
		}
	}
}

func TestDialled(t *testing.T) {
	for raw, want := range map[string]string{
		"sip:4001@10.0.0.1;user=phone": "4001", "010-6655 1234": "01066551234", "+86 10 6655 1234": "+861066551234", "*97": "*97",
		"<sip:%2B8610@a>": "+8610", "alice": "alice", strings.Repeat("1", 300): "",
	} {
		if got := Dialled(raw); got != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
	}
}

func FuzzPattern(f *testing.F) {
	f.Add("10XX", "1.", "1012")
	f.Fuzz(func(t *testing.T, p, q, dialled string) {
		if Pattern(p).Match(dialled) && Pattern(q).Match(dialled) && !Pattern(p).Overlaps(Pattern(q)) {
			t.Fatalf("%q and %q both match %q and do not overlap", p, q, dialled)
		}
	})
}

func FuzzRewrite(f *testing.F) {
	f.Add("9X.", "9", "0", "9013800138000")
	f.Fuzz(func(t *testing.T, match, strip, prefix, raw string) {
		got := Rewrites{{Match: Pattern(match), Strip: strip, Prefix: prefix}}.Show(raw)
		if got.Raw != raw || got.Rule < 0 && got.Text != raw {
			t.Fatalf("got %+v", got)
		}
	})
}
