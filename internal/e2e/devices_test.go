package e2e

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

// An agent tries microphone, record-and-play and an echo call on the device page, and sees what the network does to the sound.
// With HOTLINE_KEEP set, a picture of the page is left in that folder.
func TestTheDevicePage(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	n.person("desk", "agent-1001", "correct horse")
	b := n.tab()
	b.do("signIn", "desk", "correct horse")
	said := b.do("devices", "600", os.Getenv("HOTLINE_KEEP")).Title
	score, err := strconv.ParseFloat(regexp.MustCompile(`\d\.\d\d`).FindString(said), 64)
	if err != nil || score < 1 || score > 4.6 {
		t.Errorf("the score of the echo call is %q", said)
	}
	if e := b.do("errors").Errors; len(e) != 0 {
		t.Errorf("errors on the page: %v", e)
	}
}
