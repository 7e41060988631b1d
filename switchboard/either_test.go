package switchboard

import (
	"testing"

	"hotline/call"
	"hotline/media"
)

// device is a line that does what the test says.
type device struct {
	sink  func(call.Event)
	ended []call.Cause
}

func (d *device) Ring()                           {}
func (d *device) Early()                          {}
func (d *device) Answer()                         {}
func (d *device) Transferred(int)                 {}
func (d *device) Stream() *media.Stream           { return nil }
func (d *device) Hangup(cause call.Cause, _ int)  { d.ended = append(d.ended, cause) }
func (d *device) dial(sink func(call.Event)) Line { d.sink = sink; return d }
func (d *device) says(ev call.Event)              { d.sink(ev) }
func (d *device) goes(cause call.Cause, person bool) {
	d.sink(call.LegEnded{Cause: cause, ByPeer: person})
}
func two() (browser, desk *device, heard *[]call.Event, line Line) {
	browser, desk, heard = &device{}, &device{}, &[]call.Event{}
	line = Either(func(ev call.Event) { *heard = append(*heard, ev) }, browser.dial, desk.dial)
	return browser, desk, heard, line
}

func TestWhicheverAnswersIsTheLeg(t *testing.T) {
	browser, desk, heard, line := two()
	browser.says(call.LegRinging{})
	desk.says(call.LegRinging{})
	desk.says(call.LegAnswered{})
	browser.goes(call.AnsweredBefore, false)
	desk.says(call.Digit{Key: '5'})
	browser.says(call.LegAnswered{}) // it crossed
	if len(browser.ended) != 1 || browser.ended[0] != call.AnsweredBefore || len(desk.ended) != 0 {
		t.Errorf("hung up: browser %v, desk %v; want the browser alone, answered elsewhere", browser.ended, desk.ended)
	}
	line.Hangup(call.Normal, 0)
	desk.goes(call.Normal, false)
	want := []call.Event{call.LegRinging{}, call.LegAnswered{}, call.Digit{Key: '5'}, call.LegEnded{Cause: call.Normal}}
	if len(*heard) != len(want) {
		t.Fatalf("heard %+v, want %+v", *heard, want)
	}
	for i := range want {
		if got := (*heard)[i]; !same(got, want[i]) {
			t.Errorf("event %d = %+v, want %+v", i, got, want[i])
		}
	}
	if len(browser.ended) != 1 {
		t.Errorf("the browser was hung up %d times, want once", len(browser.ended))
	}
}

// same compares events, of which LegEnded has a list.
func same(a, b call.Event) bool {
	x, xe := a.(call.LegEnded)
	y, ye := b.(call.LegEnded)
	if xe || ye {
		return xe && ye && x.Cause == y.Cause && x.ByPeer == y.ByPeer
	}
	return a == b
}

func TestANoOnOneIsANoOnAll(t *testing.T) {
	browser, desk, heard, _ := two()
	browser.goes(call.Declined, true)
	desk.goes(call.Declined, false)
	if len(desk.ended) != 1 || len(*heard) != 1 || !same((*heard)[0], call.LegEnded{Cause: call.Declined, ByPeer: true}) {
		t.Errorf("desk hung up %v, heard %+v; want one end, declined by the agent", desk.ended, *heard)
	}
}

func TestADeadDeviceLeavesTheOtherRinging(t *testing.T) {
	browser, desk, heard, _ := two()
	desk.goes(call.NotRegistered, false)
	if len(*heard) != 0 || len(browser.ended) != 0 {
		t.Fatalf("heard %+v after one of two devices was gone", *heard)
	}
	browser.goes(call.NoAnswer, false)
	if len(*heard) != 1 || !same((*heard)[0], call.LegEnded{Cause: call.NoAnswer}) {
		t.Errorf("heard %+v, want the end of the one that rang", *heard)
	}
}

func TestADeviceThatAnswersWhileTheOtherIsDialled(t *testing.T) {
	browser, desk := &device{}, &device{}
	Either(func(call.Event) {}, func(sink func(call.Event)) Line {
		line := browser.dial(sink)
		browser.says(call.LegAnswered{})
		return line
	}, desk.dial)
	if len(desk.ended) != 1 || desk.ended[0] != call.AnsweredBefore {
		t.Errorf("desk hung up %v, want answered elsewhere", desk.ended)
	}
}
