package cdr

import (
	"testing"
	"time"

	"hotline/call"
)

// Two talks are asked about: the first answer gets its reason, the second none; the wish to be called back is no abandon.
func TestRatingsAndCallbacks(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var facts []call.Fact
	tell := func(f call.Fact) {
		f.Call, f.Seq, f.At = "c1", len(facts)+1, at.Add(time.Duration(len(facts))*time.Second)
		facts = append(facts, f)
	}
	tell(call.Fact{Kind: call.Started, From: "+8613800138000", Direction: "in"})
	tell(call.Fact{Kind: call.SurveyAsked, Agent: "anna", Queue: "east"})
	tell(call.Fact{Kind: call.Rated, Score: 2, Agent: "anna", Queue: "east"})
	tell(call.Fact{Kind: call.Rated, Score: 2, Reason: "waiting", Agent: "anna", Queue: "east"})
	tell(call.Fact{Kind: call.SurveyAsked, Agent: "bo", Queue: "west"})
	tell(call.Fact{Kind: call.Rated, Score: 5, Agent: "bo", Queue: "west"})
	tell(call.Fact{Kind: call.Queued, Queue: "east"})
	tell(call.Fact{Kind: call.LeftQueue, Queue: "east", Reason: "key"})
	tell(call.Fact{Kind: call.CallbackAsked, Queue: "east", To: "+8613800138000"})
	tell(call.Fact{Kind: call.LegGone, Leg: call.CallerLeg, Cause: call.Normal, Side: "caller"})
	tell(call.Fact{Kind: call.Ended, Cause: call.Normal, Side: "caller"})
	r := Fold(facts)
	if len(r.Ratings) != 2 || r.Ratings[0].Reason != "waiting" || r.Ratings[0].Score != 2 || r.Ratings[1].Agent != "bo" || r.Ratings[1].Score != 5 || !r.Surveyed {
		t.Errorf("ratings %+v", r.Ratings)
	}
	if r.Result() != ResultCallback || r.AbandonedIn != "" || r.Queues[0].Why != "callback" {
		t.Errorf("result %s, abandoned %q, queue %+v", r.Result(), r.AbandonedIn, r.Queues[0])
	}
}

// A callback whose customer does not answer is nobody's abandon, and its ringing ends with the answer where there is one.
func TestCallbackNotReached(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	facts := []call.Fact{
		{Kind: call.Started, From: "+8613800138000", Direction: "out", Reason: "callback", Other: "c0"},
		{Kind: call.Queued, Queue: "east"},
		{Kind: call.LeftQueue, Queue: "east", Reason: "turn"},
		{Kind: call.Dialled, Leg: call.CallerLeg, To: "+8613800138000"},
		{Kind: call.LegGone, Leg: call.CallerLeg, Cause: call.Busy, Side: "caller"},
		{Kind: call.Ended, Cause: call.Busy, Side: "system"},
	}
	for i := range facts {
		facts[i].Call, facts[i].Seq, facts[i].At = "c1", i+1, at.Add(time.Duration(i)*time.Second)
	}
	r := Fold(facts)
	if !r.CalledBack || r.CallbackOf != "c0" || r.AbandonedIn != "" || r.Result() != ResultNotConnected || r.RingMS != 1000 {
		t.Errorf("got %+v", r)
	}
}

func TestSurveysRememberWhoWasAsked(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	s := NewSurveys()
	s.Facts([]Numbered{
		{Fact: call.Fact{Call: "c1", Kind: call.Started, From: "+8613800138000"}},
		{Fact: call.Fact{Call: "c1", Kind: call.SurveyAsked, At: at}},
		{Fact: call.Fact{Call: "c1", Kind: call.Ended}},
		{Fact: call.Fact{Call: "c2", Kind: call.Started, From: "anonymous"}},
		{Fact: call.Fact{Call: "c2", Kind: call.SurveyAsked, At: at}},
	})
	if got := s.Asked("+8613800138000"); !got.Equal(at) {
		t.Errorf("asked %v, want %v", got, at)
	}
	if got := s.Asked("+8613900139000"); !got.IsZero() {
		t.Errorf("asked %v, want never", got)
	}
}
