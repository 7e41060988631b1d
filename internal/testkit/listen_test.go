package testkit

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/media/tone"
)

func join(parts ...[]int16) []int16 { return slices.Concat(parts...) }

func silence(d time.Duration) []int16 { return make([]int16, int(d*perSecond/time.Second)) }

func noise(d time.Duration) []int16 {
	r := rand.New(rand.NewPCG(1, 2))
	pcm := silence(d)
	for i := range pcm {
		pcm[i] = int16(r.IntN(8000) - 4000)
	}
	return pcm
}

func TestListenTellsTonesSoundAndSilenceApart(t *testing.T) {
	pcm := join(silence(time.Second), tone.Make(450, -12, time.Second), silence(500*time.Millisecond),
		tone.Make(700, -30, 800*time.Millisecond), noise(time.Second), silence(time.Second))
	var got []string
	for _, s := range Listen(pcm) {
		got = append(got, fmt.Sprintf("%v %s %v", s.At, s.What, s.For))
	}
	want := "0s silence 1s; 1s tone 450 Hz 1s; 2s silence 500ms; 2.5s tone 700 Hz 800ms; 3.3s sound 1s; 4.3s silence 1s"
	if s := strings.Join(got, "; "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

func TestListenBridgesPausesOfSpeech(t *testing.T) {
	got := Listen(join(noise(time.Second), silence(200*time.Millisecond), noise(time.Second)))
	if len(got) != 1 || got[0].What != "sound" || got[0].For != 2200*time.Millisecond {
		t.Errorf("got %+v, want one stretch", got)
	}
	if got := Listen(nil); len(got) != 0 {
		t.Errorf("of nothing %+v", got)
	}
}

func TestHeardTone(t *testing.T) {
	for _, c := range []struct {
		pcm  []int16
		hz   float64
		want bool
	}{
		{tone.Make(700, -12, time.Second), 700, true}, {tone.Make(700, -12, time.Second), 1300, false}, {tone.Make(700, -12, 300*time.Millisecond), 700, false},
		{join(tone.Make(700, -12, 300*time.Millisecond), silence(time.Second), tone.Make(700, -12, 300*time.Millisecond)), 700, true},
		{tone.Make(700, -70, time.Second), 700, false}, {noise(time.Second), 700, false}, {nil, 700, false},
	} {
		if got := HeardTone(c.pcm, c.hz); got != c.want {
			t.Errorf("%d samples, %.0f Hz: got %v", len(c.pcm), c.hz, got)
		}
	}
}

func TestReadPlan(t *testing.T) {
	got, err := ReadPlan([]string{"6.5:15#", "4:A"})
	want := []Press{{4 * time.Second, 'A'}, {6500 * time.Millisecond, '1'}, {6900 * time.Millisecond, '5'}, {7300 * time.Millisecond, '#'}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range []string{"", "4", "4:", ":1", "x:1", "-1:1", "NaN:1", "Inf:1", "1e300:1", "4:x", "4:1 2"} {
		if _, err := ReadPlan([]string{bad}); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func FuzzReadPlan(f *testing.F) {
	f.Add("4:1")
	f.Add("6.5:155#")
	f.Fuzz(func(t *testing.T, s string) {
		all, err := ReadPlan([]string{s})
		for i, p := range all {
			if err != nil || p.At < 0 || p.At > 2*latest+time.Duration(len(s))*betweenKeys || i > 0 && p.At < all[i-1].At {
				t.Errorf("%q: got %v, %v", s, all, err)
			}
		}
	})
}
