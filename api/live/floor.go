package live

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
	"hotline/floor"
)

type closingsOut struct{ Body []floor.Closing }

type closingOut struct{ Body floor.Closing }

type closingIn struct {
	Body struct {
		Queue   string    `json:"queue,omitempty" maxLength:"64" doc:"the whole centre when absent"`
		Until   time.Time `json:"until,omitempty" doc:"until it is taken back when absent; at most 90 days ahead"`
		Prompt  string    `json:"prompt,omitempty" maxLength:"64" doc:"what callers hear; the shipped prompt closed when there is no text either"`
		Text    string    `json:"text,omitempty" maxLength:"500" doc:"spoken to callers, where the node can speak (tts)"`
		Waiting string    `json:"waiting,omitempty" enum:"stay,hangup,queue,voicemail,callback" default:"stay" doc:"what becomes of those who wait already: they are still served, or they hear the message and hang up, wait in another queue, leave a message, may agree on a callback"`
		To      string    `json:"to,omitempty" maxLength:"64" doc:"the other queue"`
	}
}

type openIn struct {
	Queue string `query:"queue" maxLength:"64" doc:"the whole centre when absent"`
}

type memberIn struct {
	ID   string `path:"id"`
	Body floor.Difference
}

type memberOut struct{ Body floor.Member }

func (s *Routes) floor() {
	tags := []string{"queues"}
	gate.Add(s.Gate, account.Agent, huma.Operation{Method: "GET", Path: "/closings", Summary: "Queues that are closed out of turn", Tags: tags},
		func(context.Context, gate.Identity, *gate.Nothing) (*closingsOut, error) {
			return &closingsOut{Body: s.Floor.Closings(time.Now())}, nil
		})
	gate.Add(s.Gate, account.Supervisor, huma.Operation{
		Method: "POST", Path: "/closings", Summary: "Close a queue or the whole centre at once, whatever the hours say", Tags: tags, DefaultStatus: 201,
		Description: "Callers hear the message; then those who come new go on as their flow has it for a queue that is closed, and those who wait already as the order says. " +
			"Offers and talks go on, callbacks begin when it is open again. An order for the same queue replaces the one before; a queue's own stands before the centre's.",
	}, s.closeQueue)
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "DELETE", Path: "/closings", Summary: "Open again what was closed out of turn", Tags: tags}, s.openQueue)
	gate.Add(s.Gate, account.Supervisor, huma.Operation{
		Method: "PATCH", Path: "/agents/{id}/membership", Summary: "Change an agent's queues and skills just now", Tags: tags,
		Description: "It stands over the configuration, also over later versions of it, until it is taken back; what is not named stays as it is. Nobody who waits or talks loses anything.",
	}, s.changeMember)
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "DELETE", Path: "/agents/{id}/membership", Summary: "Make an agent's queues and skills those of the configuration again", Tags: tags}, s.resetMember)
	s.messages()
}

func (s *Routes) closeQueue(ctx context.Context, who gate.Identity, in *closingIn) (*closingOut, error) {
	b := in.Body
	c, err := s.Floor.Close(ctx, floor.Closing{Queue: b.Queue, Until: b.Until, Prompt: b.Prompt, Text: b.Text, Waiting: b.Waiting, To: b.To, By: who.Name}, time.Now())
	if err != nil {
		return nil, err
	}
	detail := []string{c.Waiting}
	for _, more := range []string{c.To, c.Prompt, c.Text} {
		if more != "" {
			detail = append(detail, more)
		}
	}
	if !c.Until.IsZero() {
		detail = append(detail, "until "+c.Until.UTC().Format(time.RFC3339))
	}
	s.Audit(ctx, who, "queue.close", cmp.Or(c.Queue, floor.Everybody), strings.Join(detail, ", "))
	return &closingOut{Body: c}, nil
}

func (s *Routes) openQueue(ctx context.Context, who gate.Identity, in *openIn) (*gate.Nothing, error) {
	if err := s.Floor.Open(ctx, in.Queue, time.Now()); err != nil {
		return nil, err
	}
	s.Audit(ctx, who, "queue.open", cmp.Or(in.Queue, floor.Everybody), "")
	return &gate.Nothing{}, nil
}

func (s *Routes) changeMember(ctx context.Context, who gate.Identity, in *memberIn) (*memberOut, error) {
	m, err := s.Floor.Change(ctx, in.ID, who.Name, in.Body, time.Now())
	if err != nil {
		return nil, err
	}
	s.Audit(ctx, who, "agent.membership", in.ID, in.Body.String())
	return &memberOut{Body: m}, nil
}

func (s *Routes) resetMember(ctx context.Context, who gate.Identity, in *gate.ByID) (*gate.Nothing, error) {
	if err := s.Floor.Reset(ctx, in.ID); err != nil {
		return nil, err
	}
	s.Audit(ctx, who, "agent.membership", in.ID, "as configured")
	return &gate.Nothing{}, nil
}

type messagesIn struct {
	Unread bool `query:"unread" doc:"only those that were not read"`
	Limit  int  `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type sentIn struct {
	gate.Paging
	Agent  string `query:"agent" maxLength:"64" doc:"to whom"`
	Unread bool   `query:"unread" doc:"only those that were not read"`
	Sort   string `query:"sort" enum:"at,-at,read,-read" default:"-at"`
}

type sentOut struct {
	Body struct {
		Messages []floor.Message `json:"messages"`
		Total    int             `json:"total" doc:"on all pages"`
	}
}

type messagesOut struct{ Body []floor.Message }

type messageIn struct {
	Body struct {
		Agents []string `json:"agents,omitempty" maxItems:"1000" doc:"to whom"`
		To     string   `json:"to,omitempty" maxLength:"64" doc:"to all agents of this queue, as they are now; all: to every agent"`
		Text   string   `json:"text" minLength:"1" maxLength:"500"`
	}
}

type readIn struct {
	Body struct {
		IDs []string `json:"ids" minItems:"1" maxItems:"1000"`
	}
}

func (s *Routes) messages() {
	tags := []string{"messages"}
	gate.Add(s.Gate, account.Agent, huma.Operation{Method: "GET", Path: "/messages", Summary: "What supervisors wrote to the agent who asks, the newest first", Tags: tags},
		func(ctx context.Context, who gate.Identity, in *messagesIn) (*messagesOut, error) {
			if who.Agent == "" {
				return &messagesOut{Body: []floor.Message{}}, nil
			}
			all, err := s.Post.Store.MessagesTo(ctx, who.Agent, in.Unread, in.Limit)
			return &messagesOut{Body: gate.List(all)}, err
		})
	gate.Add(s.Gate, account.Agent, huma.Operation{Method: "POST", Path: "/messages/read", Summary: "Say that messages to oneself were read", Tags: tags},
		func(ctx context.Context, who gate.Identity, in *readIn) (*gate.Nothing, error) {
			if who.Agent == "" {
				return nil, huma.Error403Forbidden("Only agents are written to.")
			}
			return &gate.Nothing{}, s.Post.Store.ReadMessages(ctx, who.Agent, in.Body.IDs, time.Now())
		})
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "GET", Path: "/messages/sent", Summary: "Messages to all agents and when they read them", Tags: tags},
		func(ctx context.Context, _ gate.Identity, in *sentIn) (*sentOut, error) {
			q := floor.MessageQuery{Search: in.Search, Agent: in.Agent, Unread: in.Unread, Sort: in.Sort, Offset: in.Offset, Limit: in.Limit}
			all, total, err := s.Post.Store.Messages(ctx, q)
			out := &sentOut{}
			out.Body.Messages, out.Body.Total = gate.List(all), total
			return out, err
		})
	gate.Add(s.Gate, account.Supervisor, huma.Operation{
		Method: "POST", Path: "/messages", Summary: "Write to agents, or to a team; who is offline reads it later", Tags: tags, DefaultStatus: 201,
	}, func(ctx context.Context, who gate.Identity, in *messageIn) (*messagesOut, error) {
		b := in.Body
		all, err := s.Post.Send(ctx, b.Agents, b.To, b.Text, who.Name, time.Now())
		if err != nil {
			return nil, err
		}
		s.Audit(ctx, who, "message.send", strings.Join(append(b.Agents, b.To), " "), b.Text)
		return &messagesOut{Body: all}, nil
	})
}
