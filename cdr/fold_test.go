package cdr

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/call"
)

var update = flag.Bool("update", false, "write the golden records anew")

// TestFoldGolden folds each scene and compares the record with the one beside it.
func TestFoldGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/fold/*.txt")
	if err != nil || len(files) < 10 {
		t.Fatalf("got %d scenes, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r := Fold(scene(t, string(text)))
			got, err := json.MarshalIndent(map[string]any{"record": r, "result": r.Result(), "inspection": r.Inspect()}, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".txt") + ".golden"
			if *update {
				if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if strings.TrimSpace(string(got)) != strings.TrimSpace(string(want)) {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
}

// TestFoldFigures states the figures that matter by hand, so that -update cannot hide a mistake.
func TestFoldFigures(t *testing.T) {
	for _, c := range []struct {
		scene                            string
		result                           string
		duration, wait, ring, talk, hold float64
		wrap                             float64
		agents                           map[string]float64 // own talk time
		short                            bool
		hungUp                           string
	}{
		{scene: "answered", result: "answered", duration: 120.2, wait: 15.5, ring: 3.5, talk: 81.5, hold: 15, wrap: 15,
			agents: map[string]float64{"a1": 81.5}, hungUp: "caller"},
		{scene: "abandoned-ivr", result: "abandoned-ivr", duration: 3, hungUp: "caller"},
		{scene: "abandoned-queue", result: "abandoned-queue", duration: 41, wait: 40, hungUp: "caller"},
		{scene: "abandoned-ring", result: "abandoned-ring", duration: 22, wait: 21, ring: 19, agents: map[string]float64{"a1": 0, "a2": 0}, hungUp: "caller"},
		{scene: "short-abandon", result: "abandoned-queue", duration: 4, wait: 3, short: true, hungUp: "caller"},
		{scene: "transfer", result: "answered", duration: 104, wait: 13, ring: 6, talk: 90, wrap: 96, agents: map[string]float64{"a1": 30, "a2": 60},
			hungUp: "agent"},
		{scene: "transfer-by-agent", result: "answered", duration: 100, wait: 3, ring: 8, talk: 90, hold: 6, agents: map[string]float64{"a1": 30, "a2": 60},
			hungUp: "agent"},
		{scene: "transfer-by-caller", result: "answered", duration: 100, wait: 3, ring: 8, talk: 90, hold: 6, agents: map[string]float64{"a1": 90}, hungUp: "agent"},
		{scene: "taken-over", result: "answered", duration: 94, wait: 3, ring: 2, talk: 90, agents: map[string]float64{"a1": 30, "a9": 60}, hungUp: "agent"},
		{scene: "voicemail", result: "voicemail", duration: 80, wait: 60, hungUp: "caller"},
		{scene: "outbound-busy", result: "not-connected", duration: 6, ring: 6, hungUp: "system"},
		{scene: "crashed", result: "answered", duration: 33, wait: 3, ring: 2, talk: 29, agents: map[string]float64{"a1": 29}, hungUp: "system"},
		{scene: "running", result: "open", duration: 11, wait: 10},
		{scene: "orphan", result: "answered", talk: 60, agents: map[string]float64{"a2": 60}, hungUp: "agent"},
		{scene: "self-service", result: "self-service", duration: 12, hungUp: "system"},
	} {
		r := Fold(sceneFile(t, c.scene))
		got := []float64{seconds(r.DurationMS), seconds(r.WaitMS), seconds(r.RingMS), seconds(r.TalkMS), seconds(r.HoldMS), seconds(r.WrapMS)}
		want := []float64{c.duration, c.wait, c.ring, c.talk, c.hold, c.wrap}
		if !slices.Equal(got, want) || r.Result() != c.result || r.ShortAbandon != c.short || r.HungUp != c.hungUp {
			t.Errorf("%s: got %v %q short %v hung up %q, want %v %q %v %q", c.scene, got, r.Result(), r.ShortAbandon, r.HungUp, want, c.result, c.short,
				c.hungUp)
		}
		agents := map[string]float64{}
		for _, p := range r.Agents {
			agents[p.Agent] += seconds(p.TalkMS)
		}
		if len(agents) != len(c.agents) || len(agents) > 0 && !reflect.DeepEqual(agents, c.agents) {
			t.Errorf("%s: agents' own talk: got %v, want %v", c.scene, agents, c.agents)
		}
	}
}

func TestFoldDetails(t *testing.T) {
	r := Fold(sceneFile(t, "answered"))
	if got, want := r.Caller, (Party{Raw: "013800138000", E164: "+8613800138000"}); got != want {
		t.Errorf("caller: got %+v, want %+v", got, want)
	}
	if got, want := r.Called, (Party{Raw: "4001"}); got != want {
		t.Errorf("called: got %+v, want %+v", got, want)
	}
	if got, want := len(r.Path), 3; got != want || r.Path[1].Node != "menu" || r.Path[1].Version != 7 {
		t.Errorf("path: got %+v", r.Path)
	}
	if r.Rule != "r12" || r.Reason == "" || r.Topic != "refund" || r.Region != "广东/广州" || r.Confidence != 95 {
		t.Errorf("routing: got %q %q %q %q %d", r.Rule, r.Reason, r.Topic, r.Region, r.Confidence)
	}
	if got, want := r.Recordings, []string{"c1-1"}; !slices.Equal(got, want) {
		t.Errorf("recordings: got %v, want %v", got, want)
	}
	if got, want := len(r.Legs), 2; got != want || r.Legs[1].Quality == nil || r.Legs[1].Quality.MOS != 4.1 {
		t.Errorf("legs: got %+v", r.Legs)
	}
	t1 := Fold(sceneFile(t, "transfer"))
	if got, want := t1.Transfers, []Transfer{{At: noon.Add(34 * time.Second), From: "a1", To: "q2", How: "blind"}}; !slices.Equal(got, want) {
		t.Errorf("transfers: got %+v, want %+v", got, want)
	}
	if got, want := len(t1.Queues), 2; got != want || t1.Queues[0].WaitMS != 3000 || t1.Queues[1].WaitMS != 10_000 || t1.Queues[1].Why != "answered" {
		t.Errorf("queues: got %+v", t1.Queues)
	}
	if w := Fold(sceneFile(t, "abandoned-queue")).Queues; len(w) != 1 || !slices.Equal(w[0].Widened, []string{"all-fault"}) || w[0].Why != "abandoned" {
		t.Errorf("stay: got %+v", w)
	}
	if p := Fold(sceneFile(t,
		"abandoned-ring")).Agents; len(p) != 2 || p[0].Refused != "no-answer" || p[0].RingMS != 15_000 || p[1].Refused != "caller-left" {
		t.Errorf("parts: got %+v", p)
	}
}

func TestFoldKeepsEveryDialogOnce(t *testing.T) {
	facts := sceneFile(t, "answered")
	facts[0].Dialogs = []string{"x@carrier"}
	facts[16].Dialogs, facts[18].Dialogs = []string{"x@carrier"}, []string{"y@phone", "z@phone"}
	if got, want := Fold(facts).Dialogs, []string{"x@carrier", "y@phone", "z@phone"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestFoldOddities feeds what should never come.
func TestFoldOddities(t *testing.T) {
	if got := Fold(nil); !reflect.DeepEqual(got, Record{}) {
		t.Errorf("no facts: got %+v", got)
	}
	facts := sceneFile(t, "answered")
	foreign := append(slices.Clone(facts), call.Fact{Call: "c2", Seq: 1, Kind: call.Started, At: noon})
	if got, want := Fold(foreign), Fold(facts); !reflect.DeepEqual(got, want) {
		t.Errorf("a foreign fact changed the record")
	}
	twice := append(slices.Clone(facts), call.Fact{Call: "c1", Seq: 900, Kind: call.Ended, At: noon.Add(time.Hour), Cause: call.Crashed})
	if got, want := Fold(twice).Ended, Fold(facts).Ended; got != want {
		t.Errorf("second end: got %v, want %v", got, want)
	}
	back := scene(t, "10 started\n5 queued queue=q\n1 ended cause=normal side=caller")
	if r := Fold(back); r.DurationMS != 0 || r.WaitMS != 0 {
		t.Errorf("clock set back: got %d ms, waited %d ms, want none", r.DurationMS, r.WaitMS)
	}
}

// TestFoldAnyOrder folds each scene shuffled and doubled: the record must be the same.
func TestFoldAnyOrder(t *testing.T) {
	files, _ := filepath.Glob("testdata/fold/*.txt")
	random := rand.New(rand.NewPCG(1, 2))
	for _, file := range files {
		facts := sceneFile(t, strings.TrimSuffix(filepath.Base(file), ".txt"))
		want := Fold(facts)
		for range 50 {
			mixed := append(slices.Clone(facts), facts[:random.IntN(len(facts)+1)]...)
			random.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
			if got := Fold(mixed); !reflect.DeepEqual(got, want) {
				t.Fatalf("%s: shuffled and doubled: got %+v, want %+v", file, got, want)
			}
		}
	}
}

// FuzzFold makes calls of random facts: folding never panics, order never matters, there is one end, and no figure is
// negative or longer than the call.
func FuzzFold(f *testing.F) {
	f.Add([]byte("\x00\x05\x06\x08\x0a\x0c\x10\x13"), uint64(1))
	f.Add([]byte("\x00\x09\x0a\x0b\x0c\x0c\x0d\x10\x10\x11\x13\x13"), uint64(7))
	f.Fuzz(func(t *testing.T, script []byte, seed uint64) {
		facts := randomFacts(script)
		want := Fold(facts)
		mixed := slices.Clone(facts)
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		got := Fold(mixed)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("order changed the record:\n%+v\n%+v", got, want)
		}
		checkFigures(t, facts, got)
	})
}

func checkFigures(t *testing.T, facts []call.Fact, r Record) {
	t.Helper()
	ended := slices.ContainsFunc(facts, func(f call.Fact) bool { return f.Kind == call.Ended })
	if r.Open() == ended {
		t.Fatalf("an end among the facts: %v, but the record is open: %v", ended, r.Open())
	}
	var span int64
	if len(facts) > 0 {
		span = facts[len(facts)-1].At.Sub(facts[0].At).Milliseconds()
	}
	for _, ms := range []int64{r.DurationMS, r.WaitMS, r.RingMS, r.TalkMS, r.HoldMS} {
		if ms < 0 || ms > span {
			t.Fatalf("a figure of %d ms in a call of %d ms: %+v", ms, span, r)
		}
	}
	for _, p := range r.Agents {
		if p.TalkMS > r.TalkMS || p.RingMS > r.RingMS || p.HoldMS > r.HoldMS || p.TalkMS < 0 || p.RingMS < 0 || p.WrapMS < 0 {
			t.Fatalf("an agent's part is more than the whole: %+v of %+v", p, r)
		}
	}
	if r.Talked && r.AbandonedIn != "" {
		t.Fatalf("talked and abandoned: %+v", r)
	}
}

// randomFacts makes a fact of each byte: the kind by its value, legs and agents by its place.
func randomFacts(script []byte) []call.Fact {
	kinds := []call.Kind{
		call.Started, call.Answered, call.Entered, call.Chosen, call.Routed, call.Queued, call.Widened, call.LeftQueue, call.Offer, call.Dialled,
		call.Refused, call.Connected, call.Held, call.Resumed, call.RecordingStarted, call.Voicemail, call.LegGone, call.Transferred, call.Joined, Wrapped, call.Ended,
		"unknown",
	}
	legs := []call.LegID{call.CallerLeg, "leg2", "leg3", ""}
	agents := []string{"", "a1", "a2"}
	sides := []string{"caller", "agent", "system", ""}
	var facts []call.Fact
	at := noon
	for i, b := range script[:min(len(script), 200)] {
		at = at.Add(time.Duration(b) * 100 * time.Millisecond)
		n := int(b) + i
		facts = append(facts, call.Fact{
			Call: "c1", Seq: i + 1, At: at, Kind: kinds[int(b)%len(kinds)], Leg: legs[n/3%4], Agent: agents[n/5%3], Queue: "q", Side: sides[n/7%4],
			Cause: call.Normal, Recording: "r", To: "1001",
		})
	}
	return facts
}

func sceneFile(t testing.TB, name string) []call.Fact {
	t.Helper()
	text, err := os.ReadFile("testdata/fold/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	return scene(t, string(text))
}

func seconds(ms int64) float64 { return float64(ms) / 1000 }

// TestRecordNamesTheTrunkThatTookTheCall: the leg went by another than the flow named first.
func TestRecordNamesTheTrunkThatTookTheCall(t *testing.T) {
	r := Fold([]call.Fact{
		{Call: "c", Seq: 1, At: noon, Kind: call.Started, Leg: call.CallerLeg, From: "+8613800138000", FromRaw: "013800138000", Trunk: "in"},
		{Call: "c", Seq: 2, At: noon, Kind: call.Dialled, Leg: "leg2", To: "10086", Trunk: "a,b"},
		{Call: "c", Seq: 3, At: noon, Kind: call.LegGone, Leg: "leg2", Trunk: "b"},
	})
	if r.Trunk != "in" || len(r.Legs) != 1 || r.Legs[0].Trunk != "b" || r.Caller != (Party{Raw: "013800138000", E164: "+8613800138000"}) {
		t.Errorf("got %+v", r)
	}
}
