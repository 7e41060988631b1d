package call

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"hotline/ivr"
	"hotline/route"
)

// tracedCalls is how many of the latest calls are kept for `hotline replay`, tracedMoments how much of each.
const (
	tracedCalls   = 500
	tracedMoments = 400
)

// Moment is one event of a call and what the call did about it, in words.
type Moment struct {
	At      time.Time `json:"at"`
	Event   string    `json:"event"`
	Actions []string  `json:"actions"`
}

type moment struct {
	at      time.Time
	event   Event
	actions []Action
}

// traces keeps what the latest calls went through; words are made only when somebody asks.
type traces struct {
	mu     sync.Mutex
	byCall map[ID][]moment
	order  []ID
}

func newTraces() *traces { return &traces{byCall: map[ID][]moment{}} }

func (t *traces) add(id ID, at time.Time, ev Event, actions []Action) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, known := t.byCall[id]; !known {
		t.order = append(t.order, id)
		if len(t.order) > tracedCalls {
			delete(t.byCall, t.order[0])
			t.order = append(t.order[:0], t.order[1:]...)
		}
	}
	if len(t.byCall[id]) < tracedMoments {
		t.byCall[id] = append(t.byCall[id], moment{at, ev, actions})
	}
}

// Trace is what a recent call went through, oldest first; nil for one that is too old or unknown.
func (x *Exchange) Trace(id ID) []Moment {
	x.traces.mu.Lock()
	raw := append([]moment(nil), x.traces.byCall[id]...)
	x.traces.mu.Unlock()
	var told []Moment
	for _, m := range raw {
		if d, pressed := m.event.(Digit); pressed {
			d.Key = 'x' // a key may be part of a card number; the nodes entered tell what it did
			m.event = d
		}
		words := Moment{At: m.at, Event: Describe(m.event)}
		for _, a := range m.actions {
			words.Actions = append(words.Actions, Describe(a))
		}
		told = append(told, words)
	}
	return told
}

// Describe says an event or an action in one line for people: the words of its type, then what it carries.
func Describe(v any) string {
	if n, ok := v.(Note); ok {
		return strings.TrimSpace("note " + string(n.Fact.Kind) + factDetails(n.Fact))
	}
	name := reflect.TypeOf(v).Name()
	return spaced(name) + details(reflect.ValueOf(v))
}

// factDetails leaves out what every fact has.
func factDetails(f Fact) string {
	f.Call, f.Seq, f.At, f.Kind = "", 0, time.Time{}, ""
	return details(reflect.ValueOf(f))
}

// spaced turns LegAnswered into "leg answered".
func spaced(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

// details lists the fields that are not zero: the leg as it is, the others by name.
func details(v reflect.Value) string {
	var b strings.Builder
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			continue
		}
		name := v.Type().Field(i).Name
		b.WriteByte(' ')
		if name != "Leg" && name != "Key" {
			b.WriteString(strings.ToLower(name) + "=")
		}
		b.WriteString(word(v.Field(i).Interface()))
	}
	return b.String()
}

func word(v any) string {
	switch v := v.(type) {
	case byte:
		return string(rune(v))
	case []ivr.Prompt:
		names := make([]string, 0, len(v))
		for _, p := range v {
			name := p.File
			if name == "" {
				name = strconv.Quote(p.Text)
			}
			names = append(names, name)
		}
		return strings.Join(names, ",")
	case ivr.Target:
		return string(v.Kind) + ":" + v.Value
	case ivr.Lookup:
		return v.Method + " " + v.URL
	case []route.Step:
		steps := make([]string, 0, len(v))
		for _, s := range v {
			steps = append(steps, s.Queue+"@"+s.After.String())
		}
		return strings.Join(steps, ",")
	case TimerID:
		return v.Name
	case time.Time:
		return v.Format(time.TimeOnly)
	case *Quality:
		return fmt.Sprintf("mos %.1f loss %.1f%%", v.MOS, v.LossPct)
	case string:
		if strings.ContainsRune(v, ' ') {
			return strconv.Quote(v)
		}
		return v
	}
	return fmt.Sprint(v)
}
