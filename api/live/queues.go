package live

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
	"hotline/floor"
	"hotline/queue"
)

type queueOut struct {
	Body []queueView
}

type queueView struct {
	ID           string              `json:"id"`
	Name         string              `json:"name"`
	Waiting      int                 `json:"waiting"`
	Closed       bool                `json:"closed" doc:"by its hours, or out of turn"`
	Closing      *floor.Closing      `json:"closing,omitempty" doc:"who closed it out of turn, and how"`
	EstimateMS   int64               `json:"estimateMs,omitempty" doc:"how long one who joined now would wait; absent when nobody can say"`
	HandlingMS   int64               `json:"handlingMs,omitempty" doc:"mean of talk and wrap-up lately"`
	AtWork       int                 `json:"atWork" doc:"agents signed in whose device is there, or was half a minute ago"`
	LongestSince *time.Time          `json:"longestSince,omitempty" doc:"since when the first caller has waited"`
	Agents       map[queue.State]int `json:"agents" doc:"how many agents are in each state"`
}

type agentView struct {
	ID         string      `json:"id"`
	Name       string      `json:"name"`
	State      queue.State `json:"state" doc:"offline 设备离线, ready 示闲, not-ready 示忙, offered 振铃, talking 通话, wrap-up 话后处理, missed 未应答"`
	Reason     string      `json:"reason,omitempty"`
	Since      time.Time   `json:"since"`
	Next       queue.State `json:"next,omitempty" doc:"the state that follows the call or the wrap-up"`
	NextReason string      `json:"nextReason,omitempty"`
	Queue      string      `json:"queue,omitempty"`
	Call       string      `json:"call,omitempty"`
	Reachable  bool        `json:"reachable" doc:"the phone is registered"`
	Phone      string      `json:"phone,omitempty" doc:"the extension that rings; absent: none"`
	RingUntil  *time.Time  `json:"ringUntil,omitempty" doc:"until when the phone rings for the offer of now"`
	Misses     int         `json:"misses,omitempty" doc:"offers in a row without an answer"`
	Wrap       *wrapView   `json:"wrapUp,omitempty" doc:"the work after a call that goes on"`

	Queues map[string]int `json:"queues" doc:"the queues the agent takes calls of now, by level"`
	Skills map[string]int `json:"skills" doc:"by level"`
	Live   *floor.Member  `json:"live,omitempty" doc:"how queues and skills differ from the configuration just now"`

	Followers []followerView `json:"followers,omitempty" doc:"supervisors who follow the agent from call to call; for supervisors, and for the agent where calls.tell_supervision is on"`
}

type wrapView struct {
	Call             string     `json:"call"`
	Until            *time.Time `json:"until,omitempty" doc:"absent: only the disposition is missing"`
	CanLengthen      bool       `json:"canLengthen"`
	NeedsDisposition bool       `json:"needsDisposition"`
}

func wrapOf(a queue.AgentView) *wrapView {
	if a.WrapOf == "" {
		return nil
	}
	v := &wrapView{Call: a.WrapOf, CanLengthen: a.WrapMore, NeedsDisposition: a.NeedsDisposition}
	if !a.WrapUntil.IsZero() {
		v.Until = &a.WrapUntil
	}
	return v
}

type agentsOut struct{ Body []agentView }

type waitingView struct {
	Call     string    `json:"call"`
	Queue    string    `json:"queue"`
	Priority int       `json:"priority"`
	Since    time.Time `json:"since"`
	AsSince  time.Time `json:"asSince" doc:"the time that decides the order: since, earlier by what the priority is worth"`
	Position int       `json:"position" doc:"1 is next; 0 while an agent is rung"`
	Agent    string    `json:"agent,omitempty" doc:"who is rung, the first where there are several"`
	Ringing  []string  `json:"ringing,omitempty" doc:"all who are rung"`
	Familiar string    `json:"familiar,omitempty" doc:"the agent who alone may serve for now"`
}

type waitingOut struct{ Body []waitingView }

type stateIn struct {
	ID   string `path:"id"`
	Body struct {
		State  queue.State `json:"state" enum:"ready,not-ready,offline"`
		Reason string      `json:"reason,omitempty" doc:"needed for not-ready, such as 小休" maxLength:"100"`
	}
}

func (s *Routes) queues() {
	tags := []string{"queues"}
	gate.Add(s.Gate, account.Agent, huma.Operation{Method: "GET", Path: "/queues", Summary: "Queues with who waits and who is free", Tags: tags}, s.listQueues)
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "GET", Path: "/queues/waiting", Summary: "Callers in the order of service", Tags: tags}, s.listWaiting)
	gate.Add(s.Gate, account.Agent, huma.Operation{Method: "GET", Path: "/agents", Summary: "Agents and their states", Tags: tags}, s.listAgents)
	gate.Add(s.Gate, account.Agent, huma.Operation{Method: "PUT", Path: "/agents/{id}/state", Summary: "Set an agent's state", Tags: tags}, s.setAgent)
	s.wrapUps()
}

func (s *Routes) queueView(q queue.QueueView, now time.Time) queueView {
	v := queueView{
		ID: q.ID, Name: q.Name, Waiting: q.Waiting, Closed: q.Closed, EstimateMS: q.Estimate.Milliseconds(), HandlingMS: q.Handling.Milliseconds(),
		AtWork: q.AtWork, Agents: q.Agents,
	}
	if c, ok := s.Floor.Closing(q.ID, now); ok {
		v.Closing = &c
	}
	if !q.LongestSince.IsZero() {
		v.LongestSince = &q.LongestSince
	}
	return v
}

func viewOfRequest(r queue.RequestView) waitingView {
	return waitingView{
		Call: r.ID, Queue: r.Queue, Priority: r.Priority, Since: r.Since, AsSince: r.Rank, Position: r.Position,
		Agent: r.Agent, Ringing: r.Ringing, Familiar: r.Familiar,
	}
}

func (s *Routes) agentView(a queue.AgentView, followers map[string][]followerView) agentView {
	v := agentView{
		ID: a.ID, Name: a.Name, State: a.State, Reason: a.Reason, Since: a.Since, Next: a.Next, NextReason: a.NextReason,
		Queue: a.Queue, Call: a.Request, Reachable: a.Reachable, Phone: s.PhoneOf(a.ID), Misses: a.Misses, Wrap: wrapOf(a),
		Queues: gate.Mapping(a.Queues), Skills: gate.Mapping(a.Skills),
		Followers: followers[a.ID],
	}
	if m, ok := s.Floor.Member(a.ID); ok {
		v.Live = &m
	}
	if !a.RingUntil.IsZero() {
		v.RingUntil = &a.RingUntil
	}
	return v
}

func (s *Routes) listQueues(context.Context, gate.Identity, *gate.Nothing) (*queueOut, error) {
	out, now := &queueOut{Body: []queueView{}}, time.Now()
	for _, q := range s.Queues.Snapshot().Queues {
		out.Body = append(out.Body, s.queueView(q, now))
	}
	return out, nil
}

func (s *Routes) listWaiting(context.Context, gate.Identity, *gate.Nothing) (*waitingOut, error) {
	out := &waitingOut{Body: []waitingView{}}
	for _, r := range s.Queues.Snapshot().Requests {
		out.Body = append(out.Body, viewOfRequest(r))
	}
	return out, nil
}

func (s *Routes) listAgents(_ context.Context, who gate.Identity, _ *gate.Nothing) (*agentsOut, error) {
	out, followers := &agentsOut{Body: []agentView{}}, s.followers(time.Now())
	for _, a := range s.Queues.Snapshot().Agents {
		out.Body = append(out.Body, s.mayKnow(who, s.agentView(a, followers)))
	}
	return out, nil
}

func (s *Routes) setAgent(ctx context.Context, who gate.Identity, in *stateIn) (*gate.Nothing, error) {
	own := who.Agent != "" && who.Agent == in.ID
	if !own && who.Masks() {
		return nil, huma.Error403Forbidden("Agents set their own state only.")
	}
	reason := strings.TrimSpace(in.Body.Reason)
	if in.Body.State == queue.NotReady && reason == "" {
		return nil, huma.Error422UnprocessableEntity("Say why: not-ready needs a reason, such as 小休.")
	}
	if !slices.ContainsFunc(s.Queues.Snapshot().Agents, func(a queue.AgentView) bool { return a.ID == in.ID }) {
		return nil, huma.Error404NotFound("There is no such agent.")
	}
	by := "agent"
	if !own {
		by = "supervisor " + who.Name
	}
	if !s.Queues.Set(in.ID, in.Body.State, reason, by) {
		return nil, huma.Error503ServiceUnavailable("The queues have stopped.")
	}
	if !own {
		s.Audit(ctx, who, "agent.state", in.ID, strings.TrimSpace(string(in.Body.State)+" "+reason))
	}
	return &gate.Nothing{}, nil
}
