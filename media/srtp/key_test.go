package srtp

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const (
	text30 = "inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj" // RFC 4568's example
	text28 = "inline:AAECAwQFBgcICQoLDA0OD6ChoqOkpaanqKmqqw=="
)

func TestParseInline(t *testing.T) {
	for _, row := range []struct {
		suite Suite
		text  string
		mki   string
		life  uint64
	}{
		{SHA80, text30, "", 0},
		{SHA32, strings.Replace(text30, "inline", "INLINE", 1), "", 0},
		{GCM128, text28, "", 0},
		{GCM128, strings.TrimRight(text28, "="), "", 0},
		{SHA80, text30 + "|2^31", "", 1 << 31},
		{SHA80, text30 + "|2147483648", "", 1 << 31},
		{SHA80, text30 + "|2^48|1:4", "\x00\x00\x00\x01", 1 << 48},
		{SHA80, text30 + "|1066:4", "\x00\x00\x04\x2a", 0},
		{SHA80, text30 + "|1:1", "\x01", 0},
	} {
		k, err := ParseInline(row.suite, row.text)
		if err != nil || k.mki != row.mki || k.life != row.life || k.Suite() != row.suite {
			t.Errorf("%s: got %q %d %v", row.text, k.mki, k.life, err)
			continue
		}
		again, err := ParseInline(row.suite, k.Inline())
		if err != nil || again.secret != k.secret {
			t.Errorf("%s: written and read it is another key: %v", row.text, err)
		}
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	for _, row := range []struct {
		suite Suite
		text  string
	}{
		{None, text30}, {GCM128, text30}, {GCM256, text30}, {SHA80, text28}, {SHA80, ""}, {SHA80, "inline:"}, {SHA80, "uri:http://x"},
		{SHA80, text30[:30]}, {SHA80, "inline:" + strings.Repeat("!", 40)}, {SHA80, text30 + "|2^19"}, {SHA80, text30 + "|0"},
		{SHA80, text30 + "|2^49"}, {SHA80, text30 + "|2^x"}, {SHA80, text30 + "|many"}, {SHA80, text30 + "|-1"}, {SHA80, text30 + "|1:0"},
		{SHA80, text30 + "|1:129"}, {SHA80, text30 + "|256:1"}, {SHA80, text30 + "|x:4"}, {SHA80, text30 + "|2^31|1:4|more"},
		{SHA80, text30 + ";" + text30},
	} {
		if _, err := ParseInline(row.suite, row.text); !errors.Is(err, ErrKey) {
			t.Errorf("%s %q: error %v, want ErrKey", row.suite, row.text, err)
		} else if strings.Contains(err.Error(), "d0Rmdm") {
			t.Errorf("the error tells the key: %v", err)
		}
	}
	for _, err := range []error{second(KeyOf(GCM128, make([]byte, 16), nil)), second(KeyOf(None, nil, nil)), second(NewOut(Key{})), second(NewIn(Key{}, nil))} {
		if !errors.Is(err, ErrKey) {
			t.Errorf("error %v, want ErrKey", err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestKeysAreNotPrinted in whatever way they may get into a log.
func TestKeysAreNotPrinted(t *testing.T) {
	k, err := ParseInline(SHA80, text30)
	if err != nil {
		t.Fatal(err)
	}
	type holder struct{ In, Out Key }
	var b strings.Builder
	fmt.Fprintf(&b, "%v %+v %#v %s %x %d %q %v", k, k, k, k, k, k, k, &k)
	fmt.Fprintf(&b, "%v %+v %s %x", holder{k, k}, holder{k, k}, holder{k, k}, holder{k, k})
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "key", k, "both", holder{k, k})
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "key", k, "both", holder{k, k})
	got := strings.ToLower(b.String())
	for _, secret := range []string{"d0rmdm", "776476", "wdfvg&t", "119 68 102", "0x77, 0x44"} {
		if strings.Contains(got, secret) {
			t.Errorf("a key was printed: %s", got)
		}
	}
	if !strings.Contains(got, "aes_cm_128_hmac_sha1_80") {
		t.Errorf("the suite is not there: %s", got)
	}
}

func TestSuiteNames(t *testing.T) {
	for _, s := range Suites {
		if got := SuiteNamed(strings.ToLower(s.String())); got != s {
			t.Errorf("%s is read as %s", s, got)
		}
		if k := NewKey(s); k == NewKey(s) || !k.On() || k.Suite() != s {
			t.Errorf("%s: two new keys are the same", s)
		}
	}
	for _, name := range []string{"", "F8_128_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_80"} {
		if got := SuiteNamed(name); got != None {
			t.Errorf("%q is read as %s", name, got)
		}
	}
	if None.String() != "" || Suite(99).String() != "" || (Key{}).On() {
		t.Error("none has no name")
	}
}

func FuzzParseInline(f *testing.F) {
	f.Add(text30 + "|2^31|1:4")
	f.Add(text28)
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range Suites {
			k, err := ParseInline(s, text)
			if err != nil {
				continue
			}
			if _, err := NewIn(k, nil); err != nil {
				t.Fatalf("%q was read but cannot be used: %v", text, err)
			}
		}
	})
}
