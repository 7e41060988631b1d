package e2e

import (
	"testing"
	"time"

	"hotline/cdr"
	"hotline/media/tone"
	"hotline/recording"
	"hotline/ticket"
)

// Nobody is there: the caller chooses a topic by SIP INFO and leaves a message, which becomes a ticket.
func TestVoicemail(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	for _, a := range get[[]agent](n, "/agents") {
		n.setAgent(a.ID, "offline", "")
	}
	talk := n.carrier().dial(t, "4008001234", "13800138000")
	happens(t, talk, "answered", patience)
	hearsSpeech(t, "the caller in the menu", talk)
	talk.PressInfo('3')
	hearsSpeech(t, "the caller at the voicemail", talk)
	row := await(t, "the message to be recorded", patience, func() (recording.Row, bool) {
		for _, r := range get[[]cdr.Record](n, "/calls/live") {
			for _, row := range get[[]recording.Row](n, "/recordings?call="+string(r.Call)) {
				if row.Kind == recording.Voicemail {
					return row, true
				}
			}
		}
		return recording.Row{}, false
	})
	pass(3 * time.Second)
	talk.Hangup()
	r := n.record(talk)
	if !r.Voicemail || r.Result() != cdr.ResultVoicemail || r.Topic != "投诉" || r.HungUp != "caller" {
		t.Errorf("voicemail %v, result %q, topic %q, hung up by %q", r.Voicemail, r.Result(), r.Topic, r.HungUp)
	}
	row = await(t, "the sealed message", patience, func() (recording.Row, bool) {
		row := get[recording.Row](n, "/recordings/"+row.ID)
		return row, row.State == recording.Sealed
	})
	left, right := n.audio(row)
	if got := measure(left, callerHz); got.seconds < 0.6 || got.snr < wantSNR {
		t.Errorf("the message holds %.1f s of the caller's tone at %.1f dB", got.seconds, got.snr)
	}
	if level := tone.Level(right); level > silent {
		t.Errorf("the right channel of a message is not silent: %.0f dBFS", level)
	}
	made := n.ticket(r)
	if made.Origin != ticket.ByVoicemail || made.State != ticket.Pending || made.Topic != "投诉" || len(made.Recordings) == 0 {
		t.Errorf("ticket %+v", made)
	}
}

// A caller who waited and gave up makes a ticket; one who gave up at once makes none.
func TestAbandon(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	carrier := n.carrier()
	n.desk("1001")
	n.awaitAgent("agent-1001", "ready")
	n.setAgent("agent-1001", "not-ready", "小休")

	talk := carrier.dial(t, "4008001234", "13800138001")
	brief := carrier.dial(t, "4008001234", "13800138002")
	happens(t, talk, "answered", patience)
	happens(t, brief, "answered", patience)
	talk.Press('2')
	brief.PressInfo('1')
	await(t, "two callers to wait", patience, func() (int, bool) {
		waiting := len(get[[]any](n, "/queues/waiting"))
		return waiting, waiting == 2
	})
	pass(time.Second)
	brief.Hangup()
	pass(5 * time.Second) // longer than a short abandon
	talk.Hangup()

	r := n.record(talk)
	if r.AbandonedIn != cdr.InQueue || r.ShortAbandon || r.HungUp != "caller" || r.WaitMS < 5500 || r.Talked {
		t.Errorf("abandoned in %q (short %v), hung up by %q, waited %d ms", r.AbandonedIn, r.ShortAbandon, r.HungUp, r.WaitMS)
	}
	if made := n.ticket(r); made.Origin != ticket.ByAbandon || made.State != ticket.Pending || made.Topic != "账号" {
		t.Errorf("ticket %+v", made)
	}
	if r := n.record(brief); !r.ShortAbandon || r.Topic != "退款" {
		t.Errorf("the short abandon: short %v, topic %q", r.ShortAbandon, r.Topic)
	}
	if all := get[struct{ Tickets []ticket.Ticket }](n, "/tickets").Tickets; len(all) != 1 {
		t.Errorf("%d tickets, want one", len(all))
	}
}
