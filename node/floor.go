package node

import (
	"context"
	"maps"
	"slices"
	"time"

	"hotline/agentphone"
	"hotline/call"
	"hotline/configs"
	"hotline/floor"
	"hotline/ivr"
	"hotline/queue"
)

// openFloor makes what keeps supervisors' orders, with those of before.
func (n *Node) openFloor(ctx context.Context) error {
	n.floor = floor.New(floor.Config{
		Queue:  func(id string) bool { _, ok := n.built.Load().Rules[id]; return ok },
		Agent:  func(id string) (queue.Agent, bool) { return configuredAgent(n.built.Load(), id) },
		Prompt: func(name string) bool { return n.prompts.Names()[name] },
		Speaks: speaker(n.config) != nil,
		Changed: func() {
			n.takeFloor()
			n.log.Info("a supervisor changed queues or agents")
		},
	}, n.db)
	n.post = &floor.Post{Store: n.db, Staff: n.staff, Tell: n.tellMessage}
	return n.floor.Load(ctx)
}

func configuredAgent(b *configs.Built, id string) (queue.Agent, bool) {
	i := slices.IndexFunc(b.Agents, func(a queue.Agent) bool { return a.ID == id })
	if i < 0 {
		return queue.Agent{}, false
	}
	return b.Agents[i], true
}

// takeFloor tells the queues of the centre as it is now, with what supervisors ordered over it. One at a time: the queues must hear the
// latest last.
func (n *Node) takeFloor() {
	n.staffing.Lock()
	defer n.staffing.Unlock()
	b := n.built.Load()
	n.dispatcher.Replace(b.Queues, n.floor.Staff(b.Agents))
	n.tellHours(time.Now())
}

// staff is the queues of each agent.
func (n *Node) staff() map[string][]string {
	all := map[string][]string{}
	for _, a := range n.floor.Staff(n.built.Load().Agents) {
		all[a.ID] = slices.Collect(maps.Keys(a.Queues))
	}
	return all
}

// tellMessage shows a message in the tabs of its agent.
func (n *Node) tellMessage(m floor.Message) {
	if user := n.phoneOf(m.Agent); n.softphones != nil && user != "" {
		n.softphones.Tell(user, agentphone.Message{ID: m.ID, Text: m.Text, By: m.By, At: m.At})
	}
}

// closingFor is what callers hear of a queue that was closed out of turn.
func (n *Node) closingFor(queue string, waited bool) *call.Closing {
	return n.floor.ForCall(queue, waited, time.Now())
}

// shut is the whole centre closed out of turn, as flows are told.
func (n *Node) shut() *ivr.Shut { return n.floor.Shut(time.Now()) }
