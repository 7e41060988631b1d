package session

import (
	"fmt"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
)

func rseq(m sip.Message) (n int) {
	_, _ = fmt.Sscan(message.Value(m, "RSeq"), &n)
	return n
}

// RFC 3262 4: our side as the caller.
func TestWePrackInOrder(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, k := a.dial(addrB, "offer", nil)
		m := p.request("INVITE")
		if !message.Lists(m, "100rel", "Supported") || !message.Lists(m, "PRACK", "Allow") || message.Lists(m, "100rel", "Require") {
			t.Errorf("INVITE:\n%s", m)
		}
		rel := func(code, rseq int, tag, sdp string) {
			p.reply(m, code, tag, sdp, "Require: 100rel", fmt.Sprint("RSeq: ", rseq), "Contact: <sip:"+tag+"@127.0.0.12:5060>")
		}
		seq := message.CSeq(m)
		acked := func(rack, tag string) {
			t.Helper()
			seq++
			r := p.request("PRACK")
			if got := message.Value(r, "RAck"); got != rack || message.ToTag(r) != tag || message.CSeq(r) != seq || r.Recipient.User != tag {
				t.Errorf("PRACK of %s, want %s with CSeq %d:\n%s", got, rack, seq, r)
			}
			p.reply(r, 200, "", "")
		}
		rel(183, 7, "one", "early")
		acked("7 1 INVITE", "one")
		rel(183, 7, "one", "early") // a copy
		rel(180, 9, "one", "")      // 8 is missing
		rel(180, 6, "one", "")      // old
		p.silent(time.Second)
		rel(180, 8, "one", "")
		acked("8 1 INVITE", "one")
		rel(180, 4000000000, "two", "") // a fork counts by itself
		acked("4000000000 1 INVITE", "two")
		p.reply(m, 180, "one", "", "RSeq: 99") // without Require it is none
		p.silent(time.Second)
		p.reply(m, 200, "one", "", "Contact: <sip:one@127.0.0.12:5060>")
		ack := p.request("ACK")
		if message.CSeq(ack) != message.CSeq(m) {
			t.Errorf("ACK:\n%s", ack)
		}
		k.want("early 183 early", "rang 180", "rang 180", "rang 180", "answered early")
		s.Hangup(0, "")
		bye := p.request("BYE")
		if message.CSeq(bye) != seq+1 {
			t.Errorf("BYE with CSeq %d after %d", message.CSeq(bye), seq)
		}
		p.reply(bye, 200, "", "")
		time.Sleep(time.Minute)
		if a.ss.Live() != 0 {
			t.Error("session left")
		}
	})
}

// A PRACK may be challenged, and may fail: the INVITE decides.
func TestOurPrackIsChallengedOrLost(t *testing.T) {
	world(t, func(w *wire) {
		a, p := w.node("A", addrA, nil), w.script("P", addrB)
		s, k := a.dial(addrB, "offer", withPassword)
		m := p.request("INVITE")
		p.reply(m, 180, "one", "", "Require: 100rel", "RSeq: 1")
		first := p.request("PRACK")
		p.reply(first, 407, "", "", `Proxy-Authenticate: Digest realm="r", nonce="n", algorithm=MD5`)
		second := p.request("PRACK")
		if message.Value(second, "Proxy-Authorization") == "" || message.CSeq(second) != message.CSeq(first)+1 || message.Value(second, "RAck") != message.Value(first, "RAck") {
			t.Errorf("second PRACK:\n%s", second)
		}
		p.reply(m, 180, "one", "", "Require: 100rel", "RSeq: 2")
		p.reply(p.request("PRACK"), 481, "", "")
		p.reply(m, 200, "one", "answer")
		p.request("ACK")
		time.Sleep(time.Minute)
		k.want("rang 180", "rang 180", "answered answer")
		s.Hangup(0, "")
		p.reply(p.request("BYE"), 200, "", "")
		time.Sleep(time.Minute)
	})
}
