package e2e

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/internal/testkit"
	"hotline/internal/testkit/impair"
	"hotline/media/codec"
	"hotline/media/tone"
)

// clap is a tone of 100 ms.
func clap(hz float64) []int16 { return tone.Make(hz, -9, 100*time.Millisecond) }

// TestBadNetwork: a recorded call whose both phones are behind networks that lose 5 % in bursts, delay by 40 ± 30 ms, reorder and
// double. Keys arrive in order and once; both legs of the recording keep in step; the quality is what the network did.
func TestBadNetwork(t *testing.T) {
	t.Parallel()
	weather := impair.Profile{
		Seed: uint64(time.Now().UnixNano()), Loss: 0.05, Burst: 6, InBurst: 0.5, Delay: 40 * time.Millisecond, Jitter: 30 * time.Millisecond,
		Reorder: 0.05, Duplicate: 0.02,
	}
	t.Log(weather)
	n := start(t, taped())
	behind := func(c *testkit.Config) { c.Weather = &weather }
	caller := n.open(trunkHost, "caller", "", behind)
	agent := n.open(phoneHost, "1001", "pw1001", behind)
	if err := agent.Register(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	out := caller.dial(t, "1001", "13800138000")
	in := agent.take(t, 0)
	happens(t, out, "answered", patience)
	happens(t, in, "sound", patience)
	keys := clapAndPress(out, in, *impaired)
	// Two such networks lose 10 %, and once in some hundred presses every packet of a key.
	if got := heardKeys(in); !inOrder(got, keys) || len(keys)-len(got) > 1+len(keys)/200 {
		t.Errorf("of %d keys %d were heard, or others:\nsent  %s\nheard %s", len(keys), len(got), keys, got)
	}
	out.Hangup()
	happens(t, in, "ended", patience)
	r := n.record(out)
	left, right := n.audio(n.sealed(r))
	first, last, count := apart(left, right)
	t.Logf("%d keys; %d claps; legs %v apart at first, %v at last; MOS %v", len(keys), count, first, last, mos(in))
	if count < 6 || (last-first).Abs() > 40*time.Millisecond || last.Abs() > 120*time.Millisecond {
		t.Errorf("%d claps in both legs; they were %v apart at first and %v at last", count, first, last)
	}
	if q := in.Quality(); q == nil || q.Received == 0 || q.LossPct < 3 || q.LossPct > 20 {
		t.Errorf("quality %+v, want about 10 %% of loss: two networks", q)
	}
}

func mos(talk *testkit.Talk) float64 {
	if q := talk.Quality(); q != nil {
		return q.MOS
	}
	return 0
}

// clapAndPress lets both clap at one moment, and the caller press a key, in turns, and waits until the last has had time to arrive.
func clapAndPress(out, in *testkit.Talk, d time.Duration) (keys string) {
	rnd := rand.New(rand.NewPCG(1, 2))
	const turn = 300 * time.Millisecond
	tick := time.NewTicker(turn)
	defer tick.Stop()
	for i := range int(d / turn) {
		if i%2 == 0 {
			out.Play(clap(callerHz), false)
			in.Play(clap(agentHz), false)
		} else {
			key := "0123456789*#"[rnd.IntN(12)]
			out.Press(key)
			keys += string(key)
		}
		out.Attend()
		in.Attend()
		<-tick.C
	}
	<-tick.C
	<-tick.C
	return keys
}

// inOrder says that keys were heard as they were pressed and none twice, though some may be missing.
func inOrder(heard, pressed string) bool {
	for i := range len(heard) {
		at := strings.IndexByte(pressed, heard[i])
		if at < 0 {
			return false
		}
		pressed = pressed[at+1:]
	}
	return true
}

// heardKeys are the keys that a talk was told, in order of time.
func heardKeys(talk *testkit.Talk) string {
	moments := slices.DeleteFunc(talk.Moments(), func(m testkit.Moment) bool { return m.What != "key" })
	slices.SortStableFunc(moments, func(a, b testkit.Moment) int { return int(a.At - b.At) })
	var b strings.Builder
	for _, m := range moments {
		b.WriteString(m.Word)
	}
	return b.String()
}

// apart is by how much the claps of the right leg come later than those of the left one that both heard: the middle of the first third of
// them, and of the last.
func apart(left, right []int16) (first, last time.Duration, count int) {
	l, r := claps(left, callerHz), claps(right, agentHz)
	var off []int64
	for _, at := range l {
		for _, other := range r {
			if d := other - at; d > -2000 && d < 2000 {
				off = append(off, int64(d))
			}
		}
	}
	third := len(off) / 3
	if third == 0 {
		return 0, 0, len(off)
	}
	middle := func(part []int64) time.Duration {
		part = slices.Sorted(slices.Values(part))
		return codec.Duration(part[len(part)/2])
	}
	return middle(off[:third]), middle(off[len(off)-third:]), len(off)
}

// claps are the middles of the bursts of a tone that lost nothing.
func claps(pcm []int16, hz float64) (at []int) {
	const step = 40 // 5 ms
	begin := -1
	for i := 0; i+2*step <= len(pcm); i += step {
		loud := tone.Level(pcm[i:i+2*step]) > -25 && tone.Find(pcm[max(0, i-160):min(len(pcm), i+240)], hz) > -30
		switch {
		case loud && begin < 0:
			begin = i
		case !loud && begin >= 0:
			if length := i - begin; length > 720 && length < 920 {
				at = append(at, begin+length/2)
			}
			begin = -1
		}
	}
	return at
}
