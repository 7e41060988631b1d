package configs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheKeyOfTheButton(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	for text, want := range map[string]string{"0123456789abcdef\n": "0123456789abcdef", "": "", "short\n": "error"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Button{Key: file}.Secret()
		if (err != nil) != (want == "error") || err == nil && string(got) != want {
			t.Errorf("%q = %q, %v; want %q", text, got, err, want)
		}
	}
	if _, err := (Button{Key: file + ".none"}).Secret(); err == nil {
		t.Error("a file that is not there is no mistake")
	}
	t.Setenv(ButtonKey, "fedcba9876543210")
	if got, err := (Button{}).Secret(); string(got) != "fedcba9876543210" || err != nil {
		t.Errorf("of the environment = %q, %v", got, err)
	}
}

func TestMistakesInTheButton(t *testing.T) {
	_, err := ParseNode("x.yml", []byte("softphone: {udp: []}\nbutton: {number: \"4001\", origins: [www.example.com, \"https://a.example/x\"], most: 0, rate: -1}\n"))
	if err == nil {
		t.Fatal("no mistakes")
	}
	for _, want := range []string{"needs softphone.udp", `"www.example.com" is no origin`, `"https://a.example/x" is no origin`, "button.most", "button.rate"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing about %s in:\n%v", want, err)
		}
	}
}
