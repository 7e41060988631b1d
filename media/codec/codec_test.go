package codec

import (
	"strings"
	"testing"
	"time"
)

func TestKind(t *testing.T) {
	rows := []struct {
		kind    Kind
		name    string
		payload uint8
		silence byte
		clock   int
		law     bool
	}{
		{None, "none", 127, 0, 8000, false},
		{PCMU, "PCMU", 0, 0xFF, 8000, true},
		{PCMA, "PCMA", 8, 0xD5, 8000, true},
		{G722, "G722", 9, 0, 8000, false},
		{Opus, "opus", OpusType, 0, 48000, false},
		{Kind(99), "none", 127, 0, 8000, false},
	}
	for _, row := range rows {
		if got := row.kind.String(); got != row.name {
			t.Errorf("Kind(%d).String() = %q, want %q", row.kind, got, row.name)
		}
		if got := row.kind.PayloadType(); got != row.payload {
			t.Errorf("%v.PayloadType() = %d, want %d", row.kind, got, row.payload)
		}
		if got := row.kind.Silence(); got != row.silence {
			t.Errorf("%v.Silence() = %#x, want %#x", row.kind, got, row.silence)
		}
		if got := row.kind.ClockRate(); got != row.clock {
			t.Errorf("%v.ClockRate() = %d, want %d", row.kind, got, row.clock)
		}
		if got := row.kind.Law(); got != row.law {
			t.Errorf("%v.Law() = %v, want %v", row.kind, got, row.law)
		}
		if got := Named(strings.ToLower(row.name)); row.name != "none" && got != row.kind {
			t.Errorf("Named(%q) = %v, want %v", row.name, got, row.kind)
		}
	}
}

func TestNamedUnknown(t *testing.T) {
	for _, name := range []string{"", "none", "GSM", "G729"} {
		if got := Named(name); got != None {
			t.Errorf("Named(%q) = %v, want none", name, got)
		}
	}
}

func TestList(t *testing.T) {
	if got, err := List([]string{"opus", "pcma"}); err != nil || len(got) != 2 || got[0] != Opus || got[1] != PCMA {
		t.Errorf("List = %v, %v", got, err)
	}
	for _, names := range [][]string{{"G729"}, {"PCMA", "pcma"}} {
		if _, err := List(names); err == nil {
			t.Errorf("List(%v) has no error", names)
		}
	}
}

func TestKindCodes(t *testing.T) {
	var octets [4]byte
	var samples [4]int16
	for _, kind := range []Kind{PCMU, PCMA} {
		if got := kind.Encode(octets[:], []int16{1000, -1000}); got != 2 {
			t.Errorf("%v.Encode of 2 samples = %d, want 2", kind, got)
		}
		if got := kind.Decode(samples[:], octets[:2]); got != 2 {
			t.Errorf("%v.Decode of 2 octets = %d, want 2", kind, got)
		}
		if samples[0] < 950 || samples[0] > 1050 || samples[1] != -samples[0] {
			t.Errorf("%v of ±1000 = %v, want about the same", kind, samples[:2])
		}
	}
	if got := None.Encode(octets[:], []int16{1}); got != 0 {
		t.Errorf("None.Encode = %d, want 0", got)
	}
	if got := None.Decode(samples[:], []byte{1}); got != 0 {
		t.Errorf("None.Decode = %d, want 0", got)
	}
}

func TestSamplesAndDuration(t *testing.T) {
	rows := []struct {
		d    time.Duration
		want int
	}{
		{0, 0}, {-time.Second, 0}, {125 * time.Microsecond, 1}, {124 * time.Microsecond, 0},
		{20 * time.Millisecond, 160}, {time.Hour, 28_800_000},
	}
	for _, row := range rows {
		if got := Samples(row.d); got != row.want {
			t.Errorf("Samples(%v) = %d, want %d", row.d, got, row.want)
		}
	}
	if got := Duration(160); got != 20*time.Millisecond {
		t.Errorf("Duration(160) = %v, want 20ms", got)
	}
}
