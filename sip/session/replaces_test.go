package session

import (
	"fmt"
	"testing"
	"time"

	"hotline/sip/dialog"
	"hotline/sip/message"
)

// sought is what Seek comes to, in a word.
func (n *node) sought(k *sink, r dialog.Replaces) string {
	n.w.t.Helper()
	k.react(func(ev Event) {
		if s, ok := ev.(Sought); ok {
			s.Tell("me")
		}
	})
	got := make(chan string, 2)
	n.ss.Seek(r, func(owner any, st Standing) { got <- fmt.Sprintf("%v early=%v ours=%v", owner, st.Early, st.Ours) }, func(code int) { got <- fmt.Sprint(code) })
	select {
	case s := <-got:
		return s
	case <-time.After(time.Second):
		return "nothing"
	}
}

// RFC 3891 3: which dialog is meant, and what is answered where there is none to be replaced.
func TestSeekADialog(t *testing.T) {
	world(t, func(w *wire) {
		a := w.node("A", addrA, nil)
		p := w.script("P", addrB)
		s, k, tag := p.established(a, 1)
		check := func(what, want string, r dialog.Replaces) {
			t.Helper()
			if got := a.sought(k, r); got != want {
				t.Errorf("%s: got %s, want %s", what, got, want)
			}
		}
		named := dialog.Replaces{CallID: p.id, ToTag: tag, FromTag: "ft"}
		check("answered", "me early=false ours=false", named)
		check("as a watcher names it", "me early=false ours=false", dialog.Replaces{CallID: p.id, ToTag: "ft", FromTag: tag})
		check("early only", "486", dialog.Replaces{CallID: p.id, ToTag: tag, FromTag: "ft", EarlyOnly: true})
		check("another tag", "481", dialog.Replaces{CallID: p.id, ToTag: tag, FromTag: "other"})
		check("another call", "481", dialog.Replaces{CallID: "x" + p.id, ToTag: tag, FromTag: "ft"})
		s.Hangup(0, "")
		check("ending", "603", named)
		p.reply(p.request("BYE"), 200, "", "")
		time.Sleep(time.Minute)
		check("ended", "603", named)
		check("ended, another tag", "481", dialog.Replaces{CallID: p.id, ToTag: tag, FromTag: "other"})
	})
}

// An early dialog is known by the tag of each fork; whether it was us who rang is for the asker to judge.
func TestSeekAnEarlyDialog(t *testing.T) {
	world(t, func(w *wire) {
		a := w.node("A", addrA, nil)
		p := w.script("P", addrB)
		s, k := a.dial(addrB, "offer", nil)
		invite := p.request("INVITE")
		p.reply(invite, 180, "one", "")
		p.reply(invite, 180, "two", "")
		time.Sleep(2 * hop)
		for _, tag := range []string{"one", "two"} {
			if got := a.sought(k, dialog.Replaces{CallID: message.CallID(invite), ToTag: message.FromTag(invite), FromTag: tag, EarlyOnly: true}); got != "me early=true ours=true" {
				t.Errorf("fork %s: got %s", tag, got)
			}
		}
		if got := a.sought(k, dialog.Replaces{CallID: message.CallID(invite), ToTag: message.FromTag(invite), FromTag: "three"}); got != "481" {
			t.Errorf("no such fork: got %s", got)
		}
		s.Hangup(0, "")
		p.request("CANCEL")
		p.reply(invite, 487, "one", "")
		p.request("ACK")
		time.Sleep(time.Minute)

		p.say("INVITE", 1, "ft", "", "offer")
		in, kin := a.taken()
		in.Ring()
		tag := message.ToTag(p.response("180 INVITE"))
		if got := a.sought(kin, dialog.Replaces{CallID: message.CallID(in.Request), ToTag: tag, FromTag: "ft"}); got != "me early=true ours=false" {
			t.Errorf("the peer's INVITE: got %s", got)
		}
		in.Reject(486, "")
		time.Sleep(time.Minute)
	})
}

func TestReplacesOutsideInviteIsRefused(t *testing.T) {
	world(t, func(w *wire) {
		a := w.node("A", addrA, nil)
		p := w.script("P", addrB)
		s, _, tag := p.established(a, 1)
		p.say("INFO", 2, "ft", tag, "", "Replaces: a;to-tag=1;from-tag=2")
		p.response("400 INFO")
		s.Hangup(0, "")
		time.Sleep(time.Minute)
	})
}
