package e2e

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"hotline/internal/testkit"
)

// Asked to stop during a call, the node refuses new ones, lets the live one finish and goes with exit code 0.
func TestDrain(t *testing.T) {
	t.Parallel()
	n := start(t, taped())
	carrier := n.carrier()
	live := carrier.dial(t, "600", "13800138001")
	hears(t, "the caller", live, callerHz)
	n.signal(syscall.SIGTERM)
	await(t, "/readyz to say 503", 5*time.Second, func() (int, bool) {
		res, _ := n.request(http.MethodGet, "/readyz", nil)
		return res.StatusCode, res.StatusCode == http.StatusServiceUnavailable
	})

	late := carrier.dial(t, "600", "13800138002")
	happens(t, late, "ended", 5*time.Second)
	refusal := await(t, "the refusal", time.Second, func() (string, bool) {
		o, ok := carrier.wire.first(late.Dialog(), false, "SIP/2.0 503")
		return string(o.Raw), ok
	})
	if late.Code() != 503 || !strings.Contains(refusal, "\r\nRetry-After:") {
		t.Errorf("a new call gets %d: %s", late.Code(), refusal)
	}
	pass(time.Second)
	if _, over := carrier.wire.first(live.Dialog(), false, "BYE "); over {
		t.Error("the live call was ended")
	}
	hears(t, "the caller of the live call", live, callerHz)
	live.Hangup()
	happens(t, live, "ended", 5*time.Second)
	if code := n.end(5 * time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}

	n.run() // what the last call left is complete
	if r := n.record(live); r.HungUp != "caller" || len(r.Recordings) != 1 {
		t.Errorf("record of the call that ended last: %+v", r)
	} else {
		n.sealed(r)
	}
}

// A second signal does not wait for calls, but tells the other sides.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	n := start(t, taped())
	carrier := n.carrier()
	var talks []*testkit.Talk
	for range 3 {
		talk := carrier.dial(t, "600", "13800138003")
		hears(t, "the caller", talk, callerHz)
		talks = append(talks, talk)
	}
	n.signal(syscall.SIGTERM)
	await(t, "/readyz to say 503", 5*time.Second, func() (int, bool) {
		res, _ := n.request(http.MethodGet, "/readyz", nil)
		return res.StatusCode, res.StatusCode == http.StatusServiceUnavailable
	})
	asked := time.Now()
	n.signal(syscall.SIGTERM)
	code := n.end(10 * time.Second)
	bounded(t, "the second signal until the process is gone", asked, time.Now(), 2*time.Second)
	if code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, talk := range talks {
		happens(t, talk, "ended", time.Second)
	}
}
