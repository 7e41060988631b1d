package number

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	tests := []struct {
		raw  string
		e164 E164
		kind Kind
		ext  string
	}{
		// Mobile numbers in the five forms that must come out the same.
		{"13800138000", "+8613800138000", Mobile, ""},
		{"013800138000", "+8613800138000", Mobile, ""},
		{"8613800138000", "+8613800138000", Mobile, ""},
		{"+8613800138000", "+8613800138000", Mobile, ""},
		{"008613800138000", "+8613800138000", Mobile, ""},
		{"+86 138-0013-8000", "+8613800138000", Mobile, ""},
		{"１３８００１３８０００", "+8613800138000", Mobile, ""},
		{"+86013800138000", "+8613800138000", Mobile, ""},
		{"\u202a13800138000\u202c", "+8613800138000", Mobile, ""},
		{"19212345678", "+8619212345678", Mobile, ""},
		{"16212345678", "+8616212345678", Mobile, ""},
		// Fixed lines.
		{"0755-83765566", "+8675583765566", Fixed, ""},
		{"075583765566,8001", "+8675583765566", Fixed, "8001"},
		{"0755-83765566-8001", "+8675583765566", Fixed, "8001"},
		{"0755-83765566 转 8001", "+8675583765566", Fixed, "8001"},
		{"0755-83765566转分机8001", "+8675583765566", Fixed, "8001"},
		{"075583765566 ext. 12", "+8675583765566", Fixed, "12"},
		{"075583765566#8001", "+8675583765566", Fixed, "8001"},
		{"075583765566;8001", "+8675583765566", Fixed, "8001"},
		{"(010) 6655 1234", "+861066551234", Fixed, ""},
		{"1066551234", "+861066551234", Fixed, ""},
		{"861066551234", "+861066551234", Fixed, ""},
		{"8601066551234", "+861066551234", Fixed, ""},
		{"+8601066551234", "+861066551234", Fixed, ""},
		{"2087654321", "+862087654321", Fixed, ""},
		{"+869551234567", "+869551234567", Fixed, ""},
		// 400 and 800.
		{"400-123-4567", "+864001234567", SharedCost, ""},
		{"4001234567", "+864001234567", SharedCost, ""},
		{"04001234567", "+864001234567", SharedCost, ""},
		{"+864001234567", "+864001234567", SharedCost, ""},
		{"4008008888,123", "+864008008888", SharedCost, "123"},
		{"8001234567", "+868001234567", SharedCost, ""},
		// Service numbers, which libphonenumber places in Ningxia and Beijing.
		{"95588", "", Service, "95588"},
		{"095588", "", Service, "95588"},
		{"+8695588", "", Service, "95588"},
		{"0755-95588", "", Service, "95588"},
		{"+8675595588", "", Service, "95588"},
		{"01010086", "", Service, "10086"},
		{"0755961234", "", Service, "961234"},
		{"10101010", "", Service, "10101010"},
		{"95040123456", "", Service, "95040123456"},
		{"9511234567", "", Service, "9511234567"},
		{"96110", "", Service, "96110"},
		{"10086", "", Service, "10086"},
		{"+8610086", "", Service, "10086"},
		{"1008611", "", Service, "1008611"},
		{"12306", "", Service, "12306"},
		{"110", "", Service, "110"},
		{"1069123456", "", Service, "1069123456"},
		{"106912345678", "", Service, "106912345678"},
		{"10655012345678901234", "", Service, "10655012345678901234"},
		// The number protection range, to manage and in use.
		{"70012345678", "", MaskRange, "70012345678"},
		{"700123456789012", "", MaskRange, "700123456789012"},
		{"+86700123456789012", "", MaskRange, "700123456789012"},
		{"0700123456789012", "", MaskRange, "700123456789012"},
		{"7001234567", "", Invalid, ""},
		{"7001234567890", "", Invalid, ""},
		// Abroad.
		{"+85223456789", "+85223456789", Foreign, ""},
		{"0085223456789", "+85223456789", Foreign, ""},
		{"+886912345678", "+886912345678", Foreign, ""},
		{"+1 650-253-0000", "+16502530000", Foreign, ""},
		{"0016502530000", "+16502530000", Foreign, ""},
		// Traps: each of these has a place in libphonenumber's tables and must have none here.
		{"9013800138000", "", Invalid, ""},
		{"85223456789", "", Invalid, ""},
		{"0013912345678", "", Invalid, ""},
		{"14912345678", "", Invalid, ""},
		{"00000000", "", Invalid, ""},
		{"83765566", "", Invalid, ""},
		{"83795588", "", Invalid, ""},
		{"71010000", "", Invalid, ""},
		{"0939123456", "", Invalid, ""},
		{"0106655123", "", Invalid, ""},
		{"+1650253000", "", Invalid, ""},
		{"+", "", Invalid, ""},
		{"+86", "", Invalid, ""},
		{"0", "", Invalid, ""},
		{"00", "", Invalid, ""},
		{"7", "", Invalid, ""},
		{"138+00138000", "", Invalid, ""},
		{"13800138000,x", "", Invalid, ""},
		{"alice", "", Invalid, ""},
		{strings.Repeat("1", 300), "", Invalid, ""},
		// Withheld.
		{"", "", Anonymous, ""},
		{"  ", "", Anonymous, ""},
		{"anonymous", "", Anonymous, ""},
		{"Anonymous", "", Anonymous, ""},
		{"unavailable", "", Anonymous, ""},
		{"RESTRICTED", "", Anonymous, ""},
		{"匿名", "", Anonymous, ""},
		{"sip:anonymous@anonymous.invalid", "", Anonymous, ""},
		{`"Anonymous" <sip:c8oqz84zk7z@anonymous.invalid;user=phone>`, "", Anonymous, ""},
		{"<sip:@10.0.0.1>", "", Anonymous, ""},
		// Extensions.
		{"80", "", Extension, "80"},
		{"101", "", Extension, "101"},
		{"8001", "", Extension, "8001"},
		{"60001", "", Extension, "60001"},
		// Addresses.
		{"sip:8001@10.0.0.1", "", Extension, "8001"},
		{"8001@10.0.0.1:5060", "", Extension, "8001"},
		{"sip:+8613800138000@10.0.0.1;user=phone", "+8613800138000", Mobile, ""},
		{"sips:013800138000@10.0.0.1:5061;transport=tls", "+8613800138000", Mobile, ""},
		{"sip:13800138000:secret@10.0.0.1", "+8613800138000", Mobile, ""},
		{"sip:%2B8613800138000@10.0.0.1", "+8613800138000", Mobile, ""},
		{`"138" <sip:13800138000@10.0.0.1>;tag=1`, "+8613800138000", Mobile, ""},
		{"+8613800138000;npdi;rn=+8613900000000", "+8613800138000", Mobile, ""},
		{"sip:13800138000;phone-context=+86@10.0.0.1", "+8613800138000", Mobile, ""},
		{"83765566;phone-context=+86755", "+8675583765566", Fixed, ""},
		{"tel:83765566;phone-context=+86755", "+8675583765566", Fixed, ""},
		{"tel:13800138000;phone-context=+86755", "+8613800138000", Mobile, ""},
		{"tel:8001;phone-context=hotline.example", "", Extension, "8001"},
		{"tel:+86-755-83765566;ext=8001", "+8675583765566", Fixed, "8001"},
		{"TEL:+852-2345-6789", "+85223456789", Foreign, ""},
		{"sip:alice@example.com", "", Invalid, ""},
	}
	for _, tt := range tests {
		t.Run(tt.raw, func(t *testing.T) {
			want := Number{Raw: tt.raw, E164: tt.e164, Kind: tt.kind, Ext: tt.ext}
			if got := Parse(tt.raw); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestPrintAndMasked(t *testing.T) {
	tests := []struct{ raw, printed, masked string }{
		{"13800138000", "138 0013 8000", "138****8000"},
		{"13812341234", "138 1234 1234", "138****1234"},
		{"01066551234", "010-6655 1234", "010-****1234"},
		{"0755-83765566", "0755-8376 5566", "0755-****5566"},
		{"09551234567", "0955-123 4567", "0955-****4567"},
		{"075583765566,8001", "0755-8376 5566 转 8001", "0755-****5566"},
		{"4001234567", "400-123-4567", "400****4567"},
		{"70012345678", "700 1234 5678", "700****5678"},
		{"700123456789012", "700 1234 5678 9012", "700****9012"},
		{"+85223456789", "+852 2345 6789", "+852****6789"},
		{"+16502530000", "+1 650-253-0000", "+1****0000"},
		{"+442079460018", "+44 20 7946 0018", "+44****0018"},
		{"95588", "95588", "****"},
		{"95040123456", "95040123456", "950****"},
		{"8001", "8001", "****"},
		{"anonymous", "匿名", "anonymous"},
		{"", "匿名", "anonymous"},
		{"9013800138000", "9013800138000", "901****8000"},
		{"a\nb\x1b[31m", "ab[31m", "ab[31m"},
		{"83765566", "83765566", "837****66"},
	}
	for _, tt := range tests {
		n := Parse(tt.raw)
		if got := n.Print(); got != tt.printed {
			t.Errorf("%q printed: got %q, want %q", tt.raw, got, tt.printed)
		}
		if got := n.String(); got != tt.printed {
			t.Errorf("%q as a string: got %q, want %q", tt.raw, got, tt.printed)
		}
		if got := n.Masked(); got != tt.masked {
			t.Errorf("%q masked: got %q, want %q", tt.raw, got, tt.masked)
		}
	}
}

func TestMask(t *testing.T) {
	tests := []struct{ in, want string }{
		{"13800138000", "138****8000"},
		{"sip:+8613800138000@10.0.0.1", "138****8000"},
		{"INVITE sip:+8613800138000@10.0.0.1:5060 SIP/2.0", "INVITE sip:+861****8000@10.0.0.1:5060 SIP/2.0"},
		{"call from 138 0013 8000 to 8001", "call from 138****8000 to 8001"},
		{"call from 138 0013 8000, to 8001", "call from 138****8000, to 8001"},
		{"caller １３８００１３８０００ left", "caller 138****8000 left"},
		{"8001", "****"},
		{"110", "****"},
		{"7", "****"},
		{"sip:8001@10.0.0.1", "****"},
		{"trunk t1 is down", "trunk t1 is down"},
		{"192.168.100.200:5060", "192.168.100.200:5060"},
		{"", ""},
		{"anonymous", "anonymous"},
		{"138****8000", "138****8000"},
	}
	for _, tt := range tests {
		if got := Mask(tt.in); got != tt.want {
			t.Errorf("Mask(%q): got %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestNational(t *testing.T) {
	for raw, want := range map[string]string{
		"+8613800138000": "13800138000", "01066551234": "1066551234", "+85223456789": "85223456789",
		"95588": "95588", "8001": "8001", "anonymous": "", "9013800138000": "",
	} {
		if got := Parse(raw).National(); got != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
	}
}

// seeds are texts from which the fuzz tests start.
var seeds = []string{
	"13800138000", "0755-83765566,8001", "+85223456789", "sip:+8613800138000;phone-context=+86@a;user=phone", "tel:1;ext=2", "700123456789012",
	"anonymous", "95588", "<<>>@;:%2B", "０７５５－８３７６５５６６转1", "1 2-3(4)5 6789012", "",
}

// longestRun is the largest number of digits in a row, not counting the separators that Mask joins over.
func longestRun(s string) int {
	longest, n := 0, 0
	for _, r := range s {
		switch r = plain(r); {
		case r >= '0' && r <= '9':
			n++
			longest = max(longest, n)
		case r < 0 || n > 0 && strings.ContainsRune(" -()", r):
		default:
			n = 0
		}
	}
	return longest
}

func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		n := Parse(raw)
		if n.Raw != raw || n.Kind == "" {
			t.Fatalf("got %+v", n)
		}
		if hasE164 := n.Kind == Mobile || n.Kind == Fixed || n.Kind == SharedCost || n.Kind == Foreign; hasE164 != (n.E164 != "") {
			t.Fatalf("kind and E.164 disagree: %+v", n)
		}
		if n.Kind == Invalid && n.Ext != "" {
			t.Fatalf("an invalid number has an extension: %+v", n)
		}
		if n.Kind == Invalid {
			return
		}
		again := Parse(n.Print())
		if again.E164 != n.E164 || again.Kind != n.Kind || again.Ext != n.Ext {
			t.Fatalf("%q printed %q reads back as %+v, want %+v", raw, n.Print(), again, n)
		}
		if got := longestRun(n.Masked()); got >= longRun {
			t.Fatalf("%q masked shows %d digits: %q", raw, got, n.Masked())
		}
	})
}

func FuzzMask(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Mask(s)
		if got := longestRun(once); got >= longRun {
			t.Fatalf("Mask(%q) shows %d digits in a row: %q", s, got, once)
		}
	})
}
