package e2e

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"hotline/call"
	"hotline/cdr"
	"hotline/internal/testkit"
	"hotline/ticket"
)

// hangupWithin is how soon one side's end must be heard of on the other.
const hangupWithin = 200 * time.Millisecond

// A customer dials the 400 number, chooses a topic, waits and talks to an agent; afterwards there are a record, a recording
// and a ticket.
func TestHotlineCall(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	caller, desk := n.carrier(), n.desk("1001")
	n.awaitAgent("agent-1001", "ready")

	talk, other := n.throughMenu(caller, desk, "13800138000")
	caller.hangsUp(t, talk, desk, other)
	r := n.record(talk)
	checkRecord(t, r, "caller")
	n.checkSound(r)
	n.checkTicket(r)

	n.awaitAgent("agent-1001", "ready") // after wrap-up
	talk, other = n.throughMenu(caller, desk, "13800138000")
	desk.hangsUp(t, other, caller, talk)
	r = n.record(talk)
	checkRecord(t, r, "agent")
	n.checkSound(r)
}

// throughMenu brings a caller through the demo's menu to an agent who is away at first, until both hear each other.
func (n *node) throughMenu(caller, desk *phone, from string) (talk, other *testkit.Talk) {
	t := n.t
	t.Helper()
	n.setAgent("agent-1001", "not-ready", "小休")
	talk = caller.dial(t, "4008001234", from)
	happens(t, talk, "answered", patience)
	hearsSpeech(t, "the caller in the menu", talk)
	talk.Press('1')
	await(t, "the caller to wait", patience, func() (int, bool) {
		waiting := len(get[[]any](n, "/queues/waiting"))
		return waiting, waiting == 1
	})
	hearsSpeech(t, "the caller in the queue", talk)
	n.makeReady("agent-1001")
	other = desk.take(t, 600*time.Millisecond)
	hears(t, "the caller", talk, agentHz)
	hears(t, "the agent", other, callerHz)
	pass(2 * time.Second)
	hears(t, "the caller", talk, agentHz)
	hears(t, "the agent", other, callerHz)
	return talk, other
}

// makeReady does not wait for the state: the phone may ring at once.
func (n *node) makeReady(id string) {
	n.t.Helper()
	ask[any](n, http.MethodPut, "/agents/"+id+"/state", map[string]string{"state": "ready"})
}

// hangsUp ends a talk and checks that the other side hears of it soon, and who is said to have done it.
func (p *phone) hangsUp(t *testing.T, own *testkit.Talk, far *phone, other *testkit.Talk) {
	t.Helper()
	own.Hangup()
	happens(t, own, "ended", patience)
	happens(t, other, "ended", patience)
	bounded(t, "the hang-up of "+p.User+" until "+far.User+" hears of it",
		p.wire.at(t, own.Dialog(), true, "BYE "), far.wire.at(t, other.Dialog(), false, "BYE "), hangupWithin)
}

func checkRecord(t *testing.T, r cdr.Record, side string) {
	t.Helper()
	if r.Direction != "in" || r.Caller.E164 != "+8613800138000" || r.DID != "400-800-1234" || r.Trunk != "carrier" || r.Called.Best() == "" {
		t.Errorf("parties: direction %q, caller %+v, called %+v, DID %q, trunk %q", r.Direction, r.Caller, r.Called, r.DID, r.Trunk)
	}
	if r.Region != "北京" && r.Region != "北京/北京" || r.Topic != "退款" || r.Rule != "beijing" || r.Reason == "" {
		t.Errorf("region %q, topic %q, rule %q, reason %q", r.Region, r.Topic, r.Rule, r.Reason)
	}
	if len(r.Queues) != 1 || r.Queues[0].Queue != "beijing" {
		t.Errorf("queues %+v, want beijing alone", r.Queues)
	}
	if len(r.Agents) != 1 || r.Agents[0].Agent != "agent-1001" {
		t.Errorf("agents %+v, want agent-1001 alone", r.Agents)
	}
	if r.WaitMS < 1000 || r.RingMS < 300 || r.TalkMS < 2000 || r.HoldMS != 0 || r.WaitMS < r.RingMS {
		t.Errorf("wait %d, ring %d, talk %d, hold %d ms", r.WaitMS, r.RingMS, r.TalkMS, r.HoldMS)
	}
	if r.HungUp != side || r.Cause != call.Normal || r.Q850 != 16 || r.Result() != cdr.ResultTalked {
		t.Errorf("hung up by %q, cause %q, Q.850 %d, result %q; want %q, normal, 16, answered", r.HungUp, r.Cause, r.Q850, r.Result(), side)
	}
	if len(r.Legs) != 2 || len(r.Recordings) != 1 || len(r.Lost) != 0 || len(r.Dialogs) != 2 {
		t.Fatalf("legs %d, recordings %v, lost %v, dialogs %v; want two, one, none, two", len(r.Legs), r.Recordings, r.Lost, r.Dialogs)
	}
	for _, l := range r.Legs {
		if l.Quality == nil || l.Quality.MOS < 3 || l.Quality.Codec == "" || l.Quality.Received < 60 { // of 131 and more: a phone on a busy machine sends fewer
			t.Errorf("quality of leg %s: %+v", l.Leg, l.Quality)
		}
	}
	t.Logf("record: wait %d, ring %d, talk %d ms; MOS %.2f and %.2f; %s", r.WaitMS, r.RingMS, r.TalkMS, r.Legs[0].Quality.MOS, r.Legs[1].Quality.MOS, r.Reason)
}

// checkSound listens to the recording of a call between a caller and an agent.
func (n *node) checkSound(r cdr.Record) {
	n.t.Helper()
	row := n.sealed(r)
	if row.ID != r.Recordings[0] || row.Call != string(r.Call) || len(row.SHA256) != 64 || row.Dropped != 0 {
		n.t.Errorf("recording %+v of call %s", row, r.Call)
	}
	if talked := time.Duration(r.TalkMS) * time.Millisecond; row.Duration < talked-200*time.Millisecond {
		n.t.Errorf("the recording lasts %v, the talk %v", row.Duration, talked)
	}
	left, right := n.audio(row)
	if got := time.Duration(len(left)) * time.Second / 8000; got != row.Duration.Truncate(125*time.Microsecond) {
		n.t.Errorf("the file lasts %v, its row says %v", got, row.Duration)
	}
	sides(n.t, left, right)
}

// checkTicket finds the ticket of a call in every way and adds a note to it.
func (n *node) checkTicket(r cdr.Record) {
	t := n.t
	t.Helper()
	made := n.ticket(r)
	if made.State != ticket.Working || made.Topic != "退款" || made.Origin != ticket.ByAnswer || made.Assignee != "agent-1001" || made.Caller != r.Caller.E164 {
		t.Errorf("ticket %+v", made)
	}
	if !slices.Contains(made.Calls, r.Call) {
		t.Errorf("the ticket's calls are %v, without %s", made.Calls, r.Call)
	}
	await(t, "the ticket to have the recording", patience, func() ([]string, bool) {
		have := n.ticket(r).Recordings
		return have, slices.Equal(have, r.Recordings)
	})
	ask[ticket.Ticket](n, http.MethodPost, "/tickets/"+string(made.ID)+"/notes", map[string]string{"text": "客户询问退款进度，答应明天回电"})
	for _, query := range []string{"number=" + made.Number, "caller=13800138000", "text=退款", "text=回电", "state=working"} {
		found := get[struct{ Tickets []ticket.Ticket }](n, "/tickets?"+query).Tickets
		if len(found) != 1 || found[0].ID != made.ID {
			t.Errorf("searching tickets for %s finds %d", query, len(found))
		}
	}
	if found := get[struct{ Tickets []ticket.Ticket }](n, "/tickets?text=发票").Tickets; len(found) != 0 {
		t.Errorf("searching tickets for a word that nobody wrote finds %d", len(found))
	}
}
