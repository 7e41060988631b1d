package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/cdr"
)

var iceCalls = flag.Int("ice", 3, "calls that TestABrowserCallsAgainAndAgain makes")

// shop is a company's own page with the call button; customer is what its server says of the visitor.
func shop(t *testing.T, n *node, host byte, customer string) string {
	t.Helper()
	page := fmt.Sprintf(`<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>shop</title><script src="%s/button.js" data-language="zh" data-customer="%s" async></script><h1>shop</h1>`, n.url, customer)
	l, err := net.Listen("tcp", n.block.addr(host).String()+":0")
	if err != nil {
		t.Fatal(err)
	}
	s := &httptest.Server{Listener: l, Config: &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// As strict as a page can be that has the button.
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src "+n.url+"; connect-src "+n.url+" "+strings.Replace(n.url, "http", "ws", 1))
		_, _ = w.Write([]byte(page))
	})}}
	s.Start()
	t.Cleanup(s.Close)
	return s.URL
}

// withButton makes the demo one whose button may be on the pages of one origin.
func withButton(t *testing.T, host byte) (*node, string) {
	t.Helper()
	const secret = "the key of the test's shop"
	n := prepare(t, demo(t), "softphone: {udp", "button: {number: \"4008001234\", origins: [ORIGIN], key: button.key}\nsoftphone: {udp")
	text := fmt.Sprintf("%d.13800138000", time.Now().Add(time.Hour).Unix())
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	page := shop(t, &node{url: "http://" + n.block.addr(nodeHost).String() + ":8080", block: n.block}, host, text+"."+hex.EncodeToString(mac.Sum(nil)))
	n.replace("ORIGIN", `"`+page+`"`)
	if err := os.WriteFile(filepath.Join(n.dir, "button.key"), []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	n.run()
	return n, page
}

// A visitor of a company's page calls the hotline by the button, presses a key in the menu and talks to an agent in another tab; both
// hear each other, and the recording has each on their own side. Another page does not get the button.
func TestAVisitorCallsFromAPage(t *testing.T) {
	t.Parallel()
	n, page := withButton(t, 60)
	agent, visitor := n.tab(), n.tabOf(callerHz)
	n.attends(agent)

	if got := visitor.do("visit", shop(t, n, 61, "")).Title; got != "refused" {
		t.Errorf("the button on a page of another origin: %s", got)
	}
	if got := visitor.do("visit", page).Title; got != "call" {
		t.Fatalf("the button on an allowed page: %s", got)
	}
	called := visitor.do("call")
	visitor.do("key", "1")
	answered := agent.do("answer")
	agent.hears(callerHz, agentHz)
	visitor.hears(agentHz, callerHz)
	t.Logf("click to menu %d ms, answered in %d ms", called.MS, answered.MS)
	agent.do("hangUp")
	visitor.do("over")

	r := await(t, "the record", patience, func() (cdr.Record, bool) {
		all := n.records(10)
		return append(all, cdr.Record{})[0], len(all) == 1 && !all[0].Open()
	})
	if r.Caller.E164 != "+8613800138000" || r.Direction != "in" || r.Topic != "退款" || len(r.Agents) != 1 || r.HungUp != "agent" {
		t.Errorf("record: caller %+v, %s, topic %q, agents %+v, hung up by %q", r.Caller, r.Direction, r.Topic, r.Agents, r.HungUp)
	}
	left, right := n.audio(n.sealed(r))
	if l, a := loudest(left, callerHz), loudest(right, agentHz); l < -30 || a < -30 {
		t.Errorf("the recording has the visitor at %.0f dB on the left, the agent at %.0f dB on the right", l, a)
	}
}

// A browser calls again and again, and every call gets its sound. Three times in everyday runs; `make ice` makes 50, and as many with us
// as a full side of ICE in place of the lite one.
func TestABrowserCallsAgainAndAgain(t *testing.T) {
	t.Parallel()
	modes := []string{"lite", "full"}
	if *iceCalls <= 3 {
		modes = modes[:1]
	}
	for _, ice := range modes {
		t.Run(ice, func(t *testing.T) {
			n := start(t, demo(t), "softphone: {", "button: {number: \"4008001234\", rate: 10000}\nsoftphone: {ice: "+ice+", ")
			if silent := again(t, n); silent > 0 {
				t.Errorf("%d calls without sound", silent)
			}
		})
	}
}

// again makes the calls and says how many of them had no sound.
func again(t *testing.T, n *node) (silent int) {
	t.Helper()
	visitor := n.tabOf(callerHz)
	visitor.do("visit", n.url+"/call")
	var offers []float64
	var clicks []int
	for i := range *iceCalls {
		got := visitor.try("call")
		if l := visitor.try("speech").Levels; !got.OK || len(l) == 0 || l[0] < -60 {
			t.Logf("call %d: the menu is heard at %v dB %s", i+1, l, got.Error)
			silent++
			visitor.do("visit", n.url+"/call")
			continue
		}
		visitor.do("leave")
		offers, clicks = append(offers, got.Offer), append(clicks, got.MS)
	}
	slices.Sort(offers)
	slices.Sort(clicks)
	if len(offers) > 0 {
		t.Logf("%d calls with sound, %d without: offer to connected p50 %.0f ms, most %.0f ms; click to connected and answered p50 %d ms, most %d ms", len(offers),
			silent, offers[len(offers)/2], offers[len(offers)-1], clicks[len(clicks)/2], clicks[len(clicks)-1])
	}
	return silent
}
