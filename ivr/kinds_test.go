package ivr

import (
	"fmt"
	"testing"

	"hotline/ivr/form"
)

// Every kind of node tells its keys, and a node with all the keys it needs is one that Read takes no key of amiss.
func TestKindsTellTheirKeys(t *testing.T) {
	all := Kinds()
	if len(all) != len(kinds) {
		t.Fatalf("got %d kinds, want %d", len(all), len(kinds))
	}
	told := map[string]form.Key{}
	for _, k := range all {
		for _, key := range k.Keys {
			told[k.Name+"."+key.Name] = key
			for _, inner := range key.Keys {
				told[k.Name+"."+key.Name+"."+inner.Name] = inner
			}
		}
	}
	for name, want := range map[string]form.Key{
		"menu.prompts":          {As: form.AsPrompts},
		"play.prompts":          {As: form.AsPrompts, Need: true},
		"menu.keys":             {As: form.AsKeyWays},
		"menu.timeout":          {As: form.AsTime, Otherwise: "5s", Low: "1s", High: "1m"},
		"menu.on.timeout":       {As: form.AsWay, Need: true},
		"collect.max":           {As: form.AsCount, Need: true, Low: "1", High: "32"},
		"queue.queue":           {As: form.AsQueue},
		"queue.music":           {As: form.AsFile},
		"queue.comfort":         {As: form.AsFiles},
		"region.regions":        {As: form.AsWays},
		"set.vars":              {As: form.AsTexts},
		"survey.reasons":        {As: form.AsKeyTexts},
		"dial.targets.trunk":    {As: form.AsTrunks},
		"hours.calendar":        {As: form.AsCalendar, Need: true},
		"flow.flow":             {As: form.AsFlow, Need: true},
		"lookup.on.fallback":    {As: form.AsWay, Need: true},
		"play.interruptible":    {As: form.AsFlag, Otherwise: "true"},
		"voicemail.max":         {As: form.AsTime, Otherwise: "2m", Low: "1s", High: "15m"},
		"branch.if":             {As: form.AsText, Need: true},
		"queue.max-wait":        {As: form.AsTime, Low: "1s", High: "4h"},
		"dial.targets.phone":    {As: form.AsText},
		"callback.on.cancel":    {As: form.AsWay},
		"collect.on.timeout":    {As: form.AsWay, Need: true},
		"survey.reason-prompts": {As: form.AsPrompts},
	} {
		got, ok := told[name]
		got.Name, got.Keys, got.Words = "", nil, nil
		if !ok || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
	if words := told["collect.end"].Words; fmt.Sprint(words) != "[# * none]" {
		t.Errorf("collect.end: got the words %v", words)
	}
}
