package switchboard

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"hotline/call"
	"hotline/internal/testkit"
	"hotline/ivr"
	"hotline/media/tone"
	"hotline/media/wav"
	"hotline/queue"
	"hotline/queue/dispatch"
	"hotline/recording"
	"hotline/route"
	"hotline/sip/ua"
)

func TestCallerReachesTheAgent(t *testing.T) {
	r := newRig(t)
	r.ready()
	caller := r.arrive("13800138000", "4001")
	eventually(t, "an answer", func() bool { return caller.was("answer") })
	agent := r.dialled(0)
	d := agent.dial
	if d.Target != (ivr.Target{Kind: ivr.ToPhone, Value: "1001"}) || d.From != "13800138000" || d.Near != caller.stream || d.Prefer != caller.kind {
		t.Errorf("dialled %+v", d)
	}
	agent.tell(call.LegAnswered{Leg: agent.id})
	caller.phone.play(700)
	agent.phone.play(1300)
	hears(t, caller.phone, 1300)
	hears(t, agent.phone, 700)
	if r.agent() != queue.Talking {
		t.Errorf("the agent is %s", r.agent())
	}
	caller.end(call.LegEnded{Cause: call.Normal, ByPeer: true})
	r.over()
	eventually(t, "the agent to be free", func() bool { return r.agent() == queue.Ready })
	if !agent.was("hangup normal") || len(r.noted(call.Ended)) != 1 {
		t.Errorf("the agent's leg was told %v", agent.all())
	}
}

func TestArrivalsThatAreRefused(t *testing.T) {
	r := newRig(t, func(c *Config) { c.MaxCalls = 1 })
	r.ready() // so that the second call stays: its agent is rung
	for _, c := range []struct {
		number, told string
	}{
		{"4999", "hangup not-found"}, // no such number
		{"4001", ""},
		{"4001", "hangup unavailable"}, // one call is the most
	} {
		l := r.arrive("13800138000", c.number)
		if c.told != "" && !l.was(c.told) || c.told == "" && strings.HasPrefix(l.all(), "hangup") {
			t.Errorf("%s: told %s, want %q", c.number, l.all(), c.told)
		}
	}
	r = newRig(t)
	r.b.Drain()
	if l := r.arrive("13800138000", "4001"); !l.was("hangup unavailable") || !r.b.Draining() {
		t.Errorf("told %s while draining", l.all())
	}
	if n := r.b.exchange.Live(); n != 0 {
		t.Errorf("%d calls began", n)
	}
}

func TestNumbersAreKnownAsVIPOrBlocked(t *testing.T) {
	r := newRig(t)
	c := *r.b.Centre()
	f, err := ivr.Read("who.yml", []byte("flow: who\nstart: who\nnodes:\n  who: {type: caller, on: {vip: v, blocked: b, else: e}}\n"+
		"  v: {type: hangup, cause: busy}\n  b: {type: hangup, cause: declined}\n  e: {type: hangup, cause: normal}\n"))
	if err != nil {
		t.Fatal(err)
	}
	c.Flows = &ivr.Library{Flows: map[string]*ivr.Flow{"who": f}}
	c.Routes = &route.Table{Numbers: []route.Number{{Pattern: "4001", Flow: "who"}}}
	r.b.Replace(&c)
	for from, want := range map[string]string{
		"013900000001": "hangup busy", "+86 139 0000 0001": "hangup busy", "13900000009": "hangup normal", "anonymous": "hangup normal",
	} {
		l := r.arrive(from, "4001")
		eventually(t, want, func() bool { return l.was(want) })
	}
	r.over()
}

func TestReplaceLetsCallsGoOn(t *testing.T) {
	r := newRig(t)
	r.ready()
	r.disp.Busy("anna", true, false) // for the time being
	first := r.arrive("13800138000", "4001")
	eventually(t, "an answer", func() bool { return first.was("answer") })
	r.b.Replace(centre(t, "4002", strings.Replace(flows, "queue: q", "queue: other", 1)))
	if l := r.arrive("13800138000", "4001"); !l.was("hangup not-found") {
		t.Errorf("the old number is still known: %s", l.all())
	}
	r.disp.Busy("anna", false, false)
	r.dialled(0).tell(call.LegAnswered{Leg: "leg2"})
	eventually(t, "the first call to be connected by its own flow", func() bool { return len(r.noted(call.Connected)) == 1 })
	first.end(call.LegEnded{Cause: call.Normal, ByPeer: true})
	r.over()
}

func TestWhatTheQueuesSayToCallsThatAreGone(t *testing.T) {
	r := newRig(t)
	offer := queue.Offer{ID: "o", Request: "gone", Agent: "anna", Phone: "1001"}
	for _, e := range []queue.Effect{
		queue.OfferMade{Offer: offer}, queue.OfferWithdrawn{Offer: offer}, queue.Told{Request: "gone"}, queue.Widened{Request: "gone"}, queue.GaveUp{Request: "gone"},
	} {
		if r.b.Deliver(e) {
			t.Errorf("%T was taken for a call that is over", e)
		}
	}
	if !r.b.Deliver(queue.Rejected{Verb: "accept"}) {
		t.Error("a rejection matters to nobody")
	}
	r.b.Do("gone", call.Dial{Leg: "leg2"}) // an action behind the end does nothing
}

func TestAgentOnADirectCallIsOfferedNobody(t *testing.T) {
	r := newRig(t)
	r.ready()
	id, _ := r.bare(call.CallerLeg)
	r.b.Do(id, call.PhoneBusy{Phone: "1001", On: true})
	r.b.Do(id, call.PhoneBusy{Phone: "9999", On: true}) // nobody's phone
	eventually(t, "anna to talk", func() bool { return r.agent() == queue.Talking })
	caller := r.arrive("13800138000", "4001")
	eventually(t, "the caller to wait", func() bool { return len(r.disp.Snapshot().Requests) == 1 })
	r.mu.Lock()
	if len(r.dialed) != 0 {
		t.Error("an agent who talks was offered a caller")
	}
	r.mu.Unlock()
	r.b.Do(id, call.PhoneBusy{Phone: "1001"})
	r.b.Gone(id)
	r.dialled(0)
	caller.end(call.LegEnded{Cause: call.Normal, ByPeer: true})
	r.over()
}

func TestQueuesThatStoppedLetTheFlowGoOn(t *testing.T) {
	r := newRig(t)
	ctx, stop := context.WithCancel(context.Background())
	stop()
	stopped := dispatch.New(queue.NewBoard(nil, nil), func(queue.Effect) bool { return true })
	_ = stopped.Run(ctx)
	r.b.Dispatcher = stopped
	l := r.arrive("13800138000", "4001")
	eventually(t, "the flow's way out", func() bool { return l.was("hangup normal") })
	if left := r.noted(call.LeftQueue); len(left) != 1 || left[0].Reason != queue.Closed {
		t.Errorf("got %+v", left)
	}
	r.over()
}

// TestRecordingChangesWhoIsOnTheRight: the caller alone, then with one agent, then with another.
func TestRecordingChangesWhoIsOnTheRight(t *testing.T) {
	r := newRig(t)
	id, legs := r.bare(call.CallerLeg, "leg2", "leg3")
	legs[call.CallerLeg].phone.play(700)
	legs["leg2"].phone.play(1000)
	legs["leg3"].phone.play(1300)
	sounding(t, legs)
	rec := func(right call.LegID) {
		r.b.Do(id, call.Record{Recording: "rec-1", Kind: "call", Left: call.CallerLeg, Right: right})
	}
	began := time.Now()
	past := func(d time.Duration) { eventually(t, "time to pass", func() bool { return time.Since(began) > d }) }
	rec("")
	past(time.Second)
	rec("leg2")
	past(2500 * time.Millisecond)
	rec("leg2") // the same again changes nothing
	rec("leg3")
	past(4 * time.Second)
	r.b.Do(id, call.StopRecord{Recording: "rec-1"})
	r.b.Do(id, call.StopRecord{Recording: "rec-1"})
	eventually(t, "the recording to be sealed", func() bool {
		row, err := r.rows.Recording(t.Context(), "rec-1")
		return err == nil && row.State == recording.Sealed
	})
	row, _ := r.rows.Recording(t.Context(), "rec-1")
	if row.From != "+8613800138000" || row.Call != "bare" || row.Kind != recording.Conversation {
		t.Errorf("got row %+v", row)
	}
	left, right := channel(t, r, wav.Left), channel(t, r, wav.Right)
	if !testkit.HeardTone(left, 700) || testkit.HeardTone(left, 1000) || testkit.HeardTone(left, 1300) {
		t.Errorf("left: %+v", testkit.Listen(left))
	}
	first, last := windows(right, 1000)
	next, _ := windows(right, 1300)
	if quiet := tone.Level(right[:1600]); quiet > -55 || first < 2 || next <= first || last > next {
		t.Errorf("right: level %.0f dBFS at first, 1000 Hz in windows %d to %d, 1300 Hz from %d", quiet, first, last, next)
	}
}

// TestRecordingFollowsACallerWhoHandsOver: the left channel goes to nobody, then to another leg; the right one stays.
func TestRecordingFollowsACallerWhoHandsOver(t *testing.T) {
	r := newRig(t)
	id, legs := r.bare(call.CallerLeg, "leg2", "leg3")
	legs[call.CallerLeg].phone.play(700)
	legs["leg2"].phone.play(1000)
	legs["leg3"].phone.play(1300)
	sounding(t, legs)
	began := time.Now()
	for i, left := range []call.LegID{call.CallerLeg, "", "leg3"} {
		r.b.Do(id, call.Record{Recording: "rec-1", Kind: "call", Left: left, Right: "leg2"})
		eventually(t, "time to pass", func() bool { return time.Since(began) > time.Duration(i+1)*time.Second })
	}
	r.b.Do(id, call.StopRecord{Recording: "rec-1"})
	eventually(t, "the recording to be sealed", func() bool {
		row, err := r.rows.Recording(t.Context(), "rec-1")
		return err == nil && row.State == recording.Sealed
	})
	left, right := channel(t, r, wav.Left), channel(t, r, wav.Right)
	_, last := windows(left, 700)
	if first, _ := windows(left, 1300); last < 2 || first < last+2 {
		t.Errorf("left: 700 Hz until window %d, 1300 Hz from %d", last, first)
	}
	if first, last := windows(right, 1000); first > 10 || last < 20 {
		t.Errorf("right: 1000 Hz in windows %d to %d", first, last)
	}
}

// TestAgentTransfersTheCaller: from the agent's phone to an extension; the two left hear each other, the agent is free.
func TestAgentTransfersTheCaller(t *testing.T) {
	r := newRig(t)
	c := *r.b.Centre()
	f, err := ivr.Read("ext.yml", []byte("flow: ext\nstart: ring\nnodes:\n  ring: {type: dial, targets: [{phone: \"${dialled}\"}]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	c.Flows.Flows["ext"] = f
	c.Routes.Numbers = append(c.Routes.Numbers, route.Number{Pattern: "10XX", Flow: "ext"})
	r.b.Replace(&c)
	r.ready()
	caller := r.arrive("13800138000", "4001")
	agent := r.dialled(0)
	agent.tell(call.LegAnswered{Leg: agent.id})
	eventually(t, "the agent to talk", func() bool { return r.agent() == queue.Talking })
	agent.tell(call.TransferAsked{Leg: agent.id, To: "9999"})
	eventually(t, "a refusal", func() bool { return agent.was("transferred 404") })
	agent.tell(call.TransferAsked{Leg: agent.id, To: "1003"})
	third := r.dialled(1)
	if d := third.dial; d.Target != (ivr.Target{Kind: ivr.ToPhone, Value: "1003"}) || d.From != "13800138000" {
		t.Errorf("dialled %+v", d)
	}
	third.tell(call.LegAnswered{Leg: third.id})
	eventually(t, "the agent's leg to end", func() bool { return agent.was("hangup normal") })
	eventually(t, "the agent to be free", func() bool { return r.agent() == queue.Ready })
	if all := agent.all(); !strings.HasSuffix(all, "transferred 200,hangup normal") {
		t.Errorf("the agent's leg was told %s", all)
	}
	caller.phone.play(700)
	third.phone.play(1300)
	hears(t, caller.phone, 1300)
	hears(t, third.phone, 700)
	caller.end(call.LegEnded{Cause: call.Normal, ByPeer: true})
	r.over()
	if moved := r.noted(call.Transferred); len(moved) != 1 || moved[0].Agent != "anna" || moved[0].To != "1003" {
		t.Errorf("got %+v", moved)
	}
}

// windows are the first and the last tenth of a second with a tone; -1 for none.
func windows(pcm []int16, hz float64) (first, last int) {
	first, last = -1, -1
	for i := 0; (i+1)*800 <= len(pcm); i++ {
		if part := pcm[i*800 : (i+1)*800]; tone.Level(part) > -40 && tone.SNR(part, hz) > 12 {
			if last = i; first < 0 {
				first = i
			}
		}
	}
	return first, last
}

func channel(t *testing.T, r *rig, c wav.Channel) []int16 {
	t.Helper()
	audio, err := r.rec.Open(t.Context(), "rec-1")
	if err != nil {
		t.Fatal(err)
	}
	defer audio.Close()
	pcm, err := audio.Export(c)
	if err != nil {
		t.Fatal(err)
	}
	clip, err := wav.Read(pcm)
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return clip.Samples
}

func TestVoicemailIsKeptAsOne(t *testing.T) {
	r := newRig(t)
	id, _ := r.bare(call.CallerLeg)
	r.b.Do(id, call.Record{Recording: "rec-1", Kind: "voicemail", Left: call.CallerLeg})
	r.b.Do(id, call.StopRecord{Recording: "rec-1"})
	eventually(t, "the row", func() bool {
		row, err := r.rows.Recording(t.Context(), "rec-1")
		return err == nil && row.Kind == recording.Voicemail
	})
}

func TestRecordingTroubleIsNoted(t *testing.T) {
	r := newRig(t)
	c := centre(t, "4001", "flow: f\nstart: a\nnodes:\n  a: {type: answer, next: r}\n  r: {type: record, next: q}\n"+
		"  q: {type: queue, queue: q, on: {timeout: b, full: b, no-agents: b, closed: b}}\n  b: {type: hangup}\n")
	r.b.Replace(c)
	r.ready()
	r.b.Dispatcher.Busy("anna", true, false)
	l := r.arrive("13800138000", "4001")
	eventually(t, "a recording", func() bool { return len(r.noted(call.RecordingStarted)) == 1 })
	r.b.RecordingFailed("disk-full")
	eventually(t, "the fact", func() bool { return len(r.noted(call.RecordingLost)) == 1 })
	if f := r.noted(call.RecordingLost)[0]; f.Reason != "disk-full" || f.Recording == "" {
		t.Errorf("got %+v", f)
	}
	l.end(call.LegEnded{Cause: call.Normal, ByPeer: true})
	r.over()
}

func TestLegsAreToldWhatTheCallWants(t *testing.T) {
	r := newRig(t)
	id, legs := r.bare(call.CallerLeg, "leg2")
	for _, a := range []call.Action{
		call.RingLeg{Leg: call.CallerLeg}, call.EarlyLeg{Leg: call.CallerLeg}, call.AnswerLeg{Leg: call.CallerLeg}, call.EndLeg{Leg: "leg2", Cause: call.Busy},
		call.RingLeg{Leg: "nobody"}, call.SendDigit{Leg: "nobody", Key: '1'}, call.Bridge{A: "nobody", B: call.CallerLeg}, call.Echo{Leg: "nobody"},
	} {
		r.b.Do(id, a)
	}
	if got := legs[call.CallerLeg].all(); got != "ring,early,answer" || !legs["leg2"].was("hangup busy") {
		t.Errorf("got %s and %v", got, legs["leg2"].all())
	}
	caller := legs[call.CallerLeg].phone
	caller.play(700)
	r.b.Do(id, call.Echo{Leg: call.CallerLeg})
	hears(t, caller, 700)
}

func TestLegWithoutSoundIsPassedOver(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.Dial = func(call.LegID, ua.Dialling, func(call.Event)) Line { return &leg{} }
	})
	id, _ := r.bare(call.CallerLeg)
	for _, a := range []call.Action{
		call.Dial{Leg: "leg2"}, call.Bridge{A: call.CallerLeg, B: "leg2"}, call.Play{Leg: "leg2", Play: 1, Prompts: []ivr.Prompt{{File: "low"}}},
		call.Play{Leg: "leg2", Play: 2, Prompts: []ivr.Prompt{{Text: "x"}}},
		call.Record{Recording: "rec-9", Left: call.CallerLeg, Right: "leg2"}, call.Unbridge{A: "leg2"},
		call.StopRecord{Recording: "rec-9"}, call.StopPlay{Leg: "leg2"}, call.SendDigit{Leg: "leg2", Key: '1'},
	} {
		r.b.Do(id, a)
	}
}

// TestNumberThatIsHiddenIsShownToNobody: the record and the routes have it, who is called does not; a call that is sent on tells who was called.
func TestNumberThatIsHiddenIsShownToNobody(t *testing.T) {
	for private, shown := range map[bool]string{true: "anonymous", false: "+8613800138000"} {
		r := newRig(t)
		r.ready()
		caller := r.leg(nil)
		r.b.arrive(context.Background(), ua.Arrival{
			From: "+8613800138000", Wire: "013800138000", Private: private, Dialled: "4001", Origin: route.Origin{Kind: route.FromTrunk, Trunk: "t"},
		}, caller)
		if d := r.dialled(0).dial; d.From != shown || d.Called != "4001" {
			t.Errorf("private %v: dialled %+v", private, d)
		}
		if f := r.noted(call.Started)[0]; f.From != "+8613800138000" || f.FromRaw != "013800138000" {
			t.Errorf("private %v: noted %+v", private, f)
		}
		caller.tell(call.LegEnded{Leg: call.CallerLeg, Cause: call.Normal, ByPeer: true})
	}
}
