package floor

import (
	"context"
	"strings"
	"time"

	"hotline/call"
	"hotline/ivr"
	"hotline/queue"
)

// What becomes of callers who wait already when a queue is closed.
const (
	Stay      = "stay" // they are still served
	HangUp    = "hangup"
	Elsewhere = "queue" // they wait in another queue
	Voicemail = "voicemail"
	Callback  = "callback"
)

// Closing closes a queue out of turn, whatever its hours say.
type Closing struct {
	Queue   string    `json:"queue,omitempty" doc:"absent: the whole centre"`
	Since   time.Time `json:"since"`
	Until   time.Time `json:"until,omitempty,omitzero" doc:"absent: until it is taken back"`
	Prompt  string    `json:"prompt,omitempty" doc:"what callers hear, of the centre's prompts"`
	Text    string    `json:"text,omitempty" doc:"what is spoken to callers, where the node can speak; without prompt and text the shipped prompt closed"`
	Waiting string    `json:"waiting" enum:"stay,hangup,queue,voicemail,callback" doc:"what becomes of those who wait already: they are still served, or they hear the message and hang up, wait in another queue, leave a message, may agree on a callback"`
	To      string    `json:"to,omitempty" doc:"the other queue"`
	By      string    `json:"by" doc:"who did it"`
}

// holds reports whether the closing has not ended.
func (c Closing) holds(now time.Time) bool { return c.Until.IsZero() || now.Before(c.Until) }

// Close closes a queue, or with an empty Queue all of them; a closing that holds already is replaced. Since is set to now. The error is
// a *Refusal where the order makes no sense.
func (f *Floor) Close(ctx context.Context, c Closing, now time.Time) (Closing, error) {
	c.Since, c.Text = now, strings.TrimSpace(c.Text)
	if c.Waiting == "" {
		c.Waiting = Stay
	}
	if err := f.check(c, now); err != nil {
		return c, err
	}
	f.mu.Lock()
	err := f.save(ctx, kindClosing, c.Queue, c)
	if err == nil {
		f.closings[c.Queue] = c
	}
	f.mu.Unlock()
	if err != nil {
		return c, err
	}
	f.Changed()
	return c, nil
}

func (f *Floor) check(c Closing, now time.Time) error {
	switch {
	case c.Queue != "" && !f.Queue(c.Queue):
		return &Refusal{"not-found", "There is no such queue."}
	case !c.holds(now):
		return invalid("The end is past already.")
	case c.Until.After(now.Add(longest)):
		return invalid("It can end at most 90 days ahead; leave the end out to close until it is taken back.")
	case c.Prompt != "" && c.Text != "":
		return invalid("Give a prompt or a text, not both.")
	case c.Prompt != "" && !f.Prompt(c.Prompt):
		return invalid("There is no such prompt.")
	case c.Text != "" && !f.Speaks:
		return invalid("This node cannot speak texts (tts in hotline.yml): choose a prompt.")
	}
	switch c.Waiting {
	case Stay, HangUp, Voicemail, Callback:
		return nil
	case Elsewhere:
		if c.Queue == "" || c.To == c.Queue || !f.Queue(c.To) {
			return invalid("Name another queue that stays open.")
		}
		return nil
	}
	return invalid("Say what becomes of those who wait: stay, hangup, queue, voicemail or callback.")
}

// Open takes a closing back; "" that of the whole centre. The error is a *Refusal where none holds.
func (f *Floor) Open(ctx context.Context, id string, now time.Time) error {
	f.mu.Lock()
	c, ok := f.closings[id]
	var err error
	if ok {
		if err = f.save(ctx, kindClosing, id, nil); err == nil {
			delete(f.closings, id)
		}
	}
	f.mu.Unlock()
	if err != nil {
		return err
	}
	if !ok || !c.holds(now) {
		return &Refusal{"not-found", "It is not closed out of turn."}
	}
	f.Changed()
	return nil
}

// Closing is what holds for a queue: its own closing, or else that of the whole centre.
func (f *Floor) Closing(id string, now time.Time) (Closing, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, key := range []string{id, ""} {
		if c, ok := f.closings[key]; ok && c.holds(now) {
			return c, true
		}
	}
	return Closing{}, false
}

// Closings are all that hold, the whole centre's first, then by queue.
func (f *Floor) Closings(now time.Time) []Closing {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := []Closing{}
	for _, c := range sorted(f.closings) {
		if c.holds(now) {
			all = append(all, c)
		}
	}
	return all
}

// Door is how the closing leaves a queue.
func (c Closing) Door() queue.Door {
	if c.Waiting == Stay {
		return queue.DoorKept
	}
	return queue.DoorEmptied
}

// closedPrompt is heard where the order gives no message.
const closedPrompt = "closed"

// said is the order's own message; nil: it has none.
func (c Closing) said() []ivr.Prompt {
	switch {
	case c.Prompt != "":
		return []ivr.Prompt{{File: c.Prompt}}
	case c.Text != "":
		return []ivr.Prompt{{Text: c.Text}}
	}
	return nil
}

// Shut is the whole centre closed now, as flows are told; nil: it is not.
func (f *Floor) Shut(now time.Time) *ivr.Shut {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.closings[""]
	if !ok || !c.holds(now) {
		return nil
	}
	return &ivr.Shut{Said: c.said()}
}

// ForCall is what a caller hears of a queue that a closing holds for, and where they go: those who waited by the order, others as their
// flow has it for queues that are closed. nil: none holds.
func (f *Floor) ForCall(id string, waited bool, now time.Time) *call.Closing {
	c, ok := f.Closing(id, now)
	if !ok {
		return nil
	}
	out := &call.Closing{Queue: id, Said: c.said()}
	if out.Said == nil {
		out.Said = []ivr.Prompt{{File: closedPrompt}}
	}
	if waited {
		out.Then = map[string]string{HangUp: call.ThenHangup, Elsewhere: call.ThenQueue, Voicemail: call.ThenVoicemail, Callback: call.ThenCallback}[c.Waiting]
		out.To = c.To
	}
	return out
}
