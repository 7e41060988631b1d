package floor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Message is a word of a supervisor to one agent; one to a team is one message to each, with the same Sent.
type Message struct {
	ID    string    `json:"id"`
	Sent  string    `json:"sent" doc:"the same for all who were sent it together"`
	Agent string    `json:"agent" doc:"to whom"`
	To    string    `json:"to,omitempty" doc:"the queue whose agents were sent it, or all"`
	Text  string    `json:"text"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
	Read  time.Time `json:"read,omitempty,omitzero" doc:"when the agent read it; absent: not yet"`
}

// MessageQuery asks for messages; what is empty asks for all of it.
type MessageQuery struct {
	Search        string // part of the text, of who wrote or to whom, in whatever case
	Agent         string // to whom
	Unread        bool   // only those not read
	Sort          string // at or read, with - before it for the newest first; "": -at
	Offset, Limit int
}

// MessageStore keeps messages.
type MessageStore interface {
	SaveMessages(ctx context.Context, all []Message) error
	// MessagesTo returns an agent's messages, the newest first; unread: only those not read.
	MessagesTo(ctx context.Context, agent string, unread bool, limit int) ([]Message, error)
	// Messages returns a page of the messages to all agents that fit, and how many fit on all pages.
	Messages(ctx context.Context, q MessageQuery) (page []Message, total int, err error)
	// ReadMessages notes when an agent read some of their own; those read before stay as they are.
	ReadMessages(ctx context.Context, agent string, ids []string, at time.Time) error
}

// Everybody is To of a message to all agents.
const Everybody = "all"

// textMost bounds a message, in characters.
const textMost = 500

// Post brings messages from supervisors to agents.
type Post struct {
	Store MessageStore
	Staff func() map[string][]string // the queues of each agent, as they are now
	Tell  func(Message)              // shows it where the agent is now; must not wait
}

// Send sends a text to agents, to those of a queue, or with to Everybody to all. What is offline reads it later. The error is a *Refusal
// where there is nobody to read it, or nothing to be read.
func (p *Post) Send(ctx context.Context, agents []string, to, text, by string, now time.Time) ([]Message, error) {
	text = strings.TrimSpace(text)
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return nil, invalid("Write something.")
	case n > textMost:
		return nil, invalid("A message has at most 500 characters.")
	}
	staff := p.Staff()
	agents = slices.Clone(agents)
	for _, id := range agents {
		if _, ok := staff[id]; !ok {
			return nil, invalid("There is no agent " + id + ".")
		}
	}
	for id, queues := range staff {
		if to == Everybody || to != "" && slices.Contains(queues, to) {
			agents = append(agents, id)
		}
	}
	slices.Sort(agents)
	agents = slices.Compact(agents)
	if len(agents) == 0 {
		return nil, invalid("There is nobody who would read it.")
	}
	sent, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("make a message's id: %w", err)
	}
	all := make([]Message, 0, len(agents))
	for _, id := range agents {
		all = append(all, Message{ID: sent.String() + "." + id, Sent: sent.String(), Agent: id, To: to, Text: text, By: by, At: now})
	}
	if err := p.Store.SaveMessages(ctx, all); err != nil {
		return nil, fmt.Errorf("keep a message: %w", err)
	}
	for _, m := range all {
		p.Tell(m)
	}
	return all, nil
}
