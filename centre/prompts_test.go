package centre

import (
	"encoding/json"
	"slices"
	"testing"

	"hotline/configs"
)

func TestPromptUses(t *testing.T) {
	d := open(t)
	d.publish(
		d.with(configs.KindQueue, "sales", "music", `"piano"`), d.with(configs.KindQueue, "care", "whisper", `{"prompt":"listen","topics":{"refund":"money"}}`),
		d.with(configs.KindPerson, "amy", "greeting", `"amy"`),
		Change{Kind: configs.KindFlow, Item: json.RawMessage(`{"file":"bye.yml","source":"flow: bye\nstart: bye\nnodes:\n  bye: {type: hangup, prompts: [goodbye, piano]}\n"}`)},
	)
	uses, err := d.PromptUses(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"piano": {"flow bye", "queue sales"}, "goodbye": {"flow bye"}, "listen": {"queue care"}, "money": {"queue care"}, "amy": {"person amy"}, "none": nil,
	} {
		if !slices.Equal(uses[name], want) {
			t.Errorf("%s: got %q, want %q", name, uses[name], want)
		}
	}
}
