package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestBansArePrinted(t *testing.T) {
	var out bytes.Buffer
	err := printBans(&out, []banned{{Source: "127.0.42.66", Why: "wrong passwords", Until: time.Now().Add(time.Hour), Times: 20}})
	if err != nil || !strings.Contains(out.String(), "127.0.42.66  wrong passwords  20") {
		t.Errorf("got %q, %v", out.String(), err)
	}
	out.Reset()
	if err := printBans(&out, nil); err != nil || out.String() != "nobody is banned\n" {
		t.Errorf("got %q", out.String())
	}
}
