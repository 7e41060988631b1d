package centre

import (
	"context"
	"slices"

	"hotline/configs"
	"hotline/ivr"
)

// PromptUses are, by the name of each prompt that something plays, who plays it: "flow main", "queue sales", "person amy".
func (e *Editor) PromptUses(ctx context.Context) (map[string][]string, error) {
	settings, err := e.store.Settings(ctx, "")
	if err != nil {
		return nil, err
	}
	data, err := newDraft(settings, e.realm).data()
	if err != nil {
		return nil, err
	}
	uses := map[string][]string{}
	add := func(name, who string) {
		if name != "" && !slices.Contains(uses[name], who) {
			uses[name] = append(uses[name], who)
		}
	}
	for _, s := range data.Sources {
		f, err := ivr.Read(s.File, []byte(s.Source))
		if err != nil {
			continue // the store has checked flows only; this one plays nothing
		}
		for _, name := range f.Plays() {
			add(name, "flow "+f.ID)
		}
	}
	for _, q := range data.Queues {
		queueUses(q, add)
	}
	for _, p := range data.People {
		add(p.Greeting, "person "+p.Login)
	}
	return uses, nil
}

func queueUses(q configs.Queue, add func(name, who string)) {
	who := "queue " + q.ID
	add(q.Music, who)
	if q.Whisper == nil {
		return
	}
	add(q.Whisper.Prompt, who)
	for _, name := range q.Whisper.Topics {
		add(name, who)
	}
}
