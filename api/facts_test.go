package api

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"time"

	"hotline/call"
	"hotline/media/codec"
	"hotline/media/tone"
	"hotline/media/wav"
	"hotline/recording"
)

// facts are one call's.
type facts struct {
	id    call.ID
	at    time.Time
	seq   int
	facts []call.Fact
}

func (f *facts) add(after time.Duration, x call.Fact) *facts {
	f.seq++
	f.at = f.at.Add(after)
	x.Call, x.Seq, x.At = f.id, f.seq, f.at
	f.facts = append(f.facts, x)
	return f
}

// started is a call that came in on the 400 number and has chosen a topic.
func started(id string, at time.Time) *facts {
	f := &facts{id: call.ID(id), at: at}
	f.add(0, call.Fact{Kind: call.Started, Leg: call.CallerLeg, From: caller, FromRaw: raw, To: "4001", DID: "4001", Trunk: "t1", Direction: "in",
		Region: "广东/广州", Confidence: 90, Flow: "main", FlowVersion: 3, Dialogs: []string{raw + "@carrier"}})
	f.add(time.Second, call.Fact{Kind: call.Answered, Leg: call.CallerLeg})
	return f.add(time.Second, call.Fact{Kind: call.Chosen, Topic: "refund"})
}

// offered rings an agent who does not answer.
func (f *facts) offered(agent, q string) *facts {
	leg := call.LegID("leg-" + agent)
	f.add(time.Second, call.Fact{Kind: call.Offer, Agent: agent, Queue: q, Leg: leg})
	return f.add(5*time.Second, call.Fact{Kind: call.Refused, Agent: agent, Queue: q, Leg: leg, Reason: "no-answer"})
}

// talks connects an agent with a recording; the call is not over.
func (f *facts) talks(agent, q string) *facts {
	leg := call.LegID("leg2")
	f.add(0, call.Fact{Kind: call.Queued, Queue: q})
	f.add(time.Second, call.Fact{Kind: call.Offer, Agent: agent, Queue: q, Leg: leg})
	f.add(time.Second, call.Fact{Kind: call.Connected, Agent: agent, Leg: leg})
	return f.add(0, call.Fact{Kind: call.RecordingStarted, Recording: "rec-" + string(f.id)})
}

func (f *facts) over() []call.Fact {
	f.add(5*time.Second, call.Fact{Kind: call.LegGone, Leg: call.CallerLeg, Cause: call.Normal, Side: "caller"})
	return f.add(0, call.Fact{Kind: call.Ended, Cause: call.Normal, Q850: 16, Side: "caller"}).facts
}

// journalled notes facts and waits until they, and the records and tickets of them, can be read.
func (h *house) journalled(all ...[]call.Fact) {
	h.Helper()
	for _, list := range all {
		for _, f := range list {
			h.journal.Append(f)
		}
	}
	h.eventually("facts are kept", func() bool { return h.journal.Waiting() == 0 })
	kept, err := h.db.FactsSince(h.Context(), 0, 1<<20)
	h.must(err)
	if n := len(kept); n > 0 { // listeners hear of them beside the journal
		h.eventually("facts are shown", func() bool { return h.shown.last.Load() >= kept[n-1].Number })
	}
	for _, list := range all {
		if id := list[0].Call; list[len(list)-1].Kind == call.Ended {
			h.eventually("record of "+string(id), func() bool { _, ok, err := h.db.Record(h.Context(), id); return ok && err == nil })
		}
	}
}

// record keeps a recording of d: 700 Hz left, 1300 Hz right.
func (h *house) record(id, of string, d time.Duration, state recording.State) recording.Row {
	h.Helper()
	row := recording.Row{
		ID: id, Call: of, Kind: recording.Conversation, Segment: 1, Queue: "sales", Agent: "1001", From: caller, Started: noon,
		File: "2026/11/22/" + id + ".wav", State: state,
	}
	name := filepath.Join(h.folder, filepath.FromSlash(row.File))
	h.must(os.MkdirAll(filepath.Dir(name), 0o750))
	if state != recording.Lost {
		f, err := os.Create(name)
		h.must(err)
		out := wav.NewStereoWriter(f)
		h.must(out.WriteAt(stereo(d), 0))
		h.must(out.Header())
		h.must(f.Close())
	}
	if state == recording.Sealed {
		body, err := os.ReadFile(name)
		h.must(err)
		sum := sha256.Sum256(body)
		row.SHA256, row.Bytes, row.Duration = hex.EncodeToString(sum[:]), int64(len(body)), d
	}
	h.must(h.db.SaveRecording(h.Context(), row))
	return row
}

func stereo(d time.Duration) []byte {
	n := int(codec.Samples(d))
	pcm, left, right := make([]int16, n), make([]byte, n), make([]byte, n)
	tone.NewSine(700, -12).Read(pcm)
	codec.EncodeALaw(left, pcm)
	tone.NewSine(1300, -12).Read(pcm)
	codec.EncodeALaw(right, pcm)
	both := make([]byte, 0, 2*n)
	for i := range left {
		both = append(both, left[i], right[i])
	}
	return both
}
