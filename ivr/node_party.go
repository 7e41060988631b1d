package ivr

import (
	"slices"
	"strings"
	"time"

	"hotline/ivr/form"
	"hotline/ivr/variable"
)

// queueNode lets the caller wait for an agent: in a queue of that name, or where the routing matrix says.
type queueNode struct {
	queue                            variable.Text
	music                            string
	maxWait, every                   time.Duration
	position, wait                   bool
	comfort                          []string
	priority                         int
	full, timeout, noAgents, isClose form.Way
	onBreak, next                    form.Way
	keys                             map[byte]form.Way
}

func readQueue(_ *Flow, s *form.Section) body {
	n := queueNode{}
	n.queue, _ = s.Filled("queue")
	n.music = s.File("music")
	n.maxWait = s.Duration("max-wait", 0, time.Second, 4*time.Hour)
	n.position, n.wait = s.Flag("position", false), s.Flag("wait", false)
	n.comfort = s.Files("comfort")
	n.every = s.Duration("every", 0, 5*time.Second, time.Hour)
	n.priority = s.Count("priority", 0, -1000, 1000)
	on := s.Sub("on")
	n.full, n.timeout = on.Way("full"), on.Must("timeout")
	n.noAgents, n.isClose, n.onBreak = on.Way("no-agents"), on.Way("closed"), on.Way("on-break")
	on.Done()
	n.keys = s.KeyWays()
	n.next = s.Way("next")
	return n
}

func (n queueNode) waits() bool { return true }

func (n queueNode) refers() Reference { return toQueue(n.queue) }

func (n queueNode) begin(r *Run) move {
	r.answer()
	keys := make([]byte, 0, len(n.keys))
	for key := range n.keys {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	r.say(Queue{
		Queue: n.queue.Fill(r.value, nil), Topic: r.topic, Music: n.music, MaxWait: n.maxWait,
		Position: n.position, Wait: n.wait, Comfort: n.comfort, Every: n.every, Priority: n.priority, NeedAgents: n.noAgents.To != "", NeedReady: n.onBreak.To != "",
		Keys: string(keys),
	})
	return waitFor(queueing{node: n})
}

// queueing waits until the queue or an agent is done with the caller.
type queueing struct{ node queueNode }

func (q queueing) on(r *Run, in Input) move {
	switch in := in.(type) {
	case QueueLeft:
		if e, ok := q.node.keys[in.Key]; ok && in.Why == "key" {
			return take(e)
		}
		return q.left(in.Why)
	case TalkEnded:
		r.answered, r.talked, r.invited = true, true, in.Invited
		return take(q.node.next)
	}
	return waitFor(q)
}

func (q queueing) left(why string) move {
	way, cause := q.node.timeout, causeNoAnswer
	switch why {
	case "full":
		way, cause = q.node.full, causeUnavailable
	case "no-agents":
		way, cause = q.node.noAgents, causeUnavailable
	case "on-break":
		way, cause = q.node.onBreak, causeUnavailable
	case "closed":
		way, cause = q.node.isClose, causeUnavailable
	}
	if way.To == "" {
		return hangUp(cause, 0)
	}
	return take(way)
}

// dialNode rings one or more parties together. It does not answer: the caller hears what the far side sends.
type dialNode struct {
	targets []dialTarget
	length  time.Duration
	from    variable.Text
	record  bool
	music   string
	ways    map[string]form.Way // by outcome
	next    form.Way
}

type dialTarget struct {
	kind  TargetKind
	value variable.Text
	trunk string
}

const maxTargets = 20

func readDial(_ *Flow, s *form.Section) body {
	n := dialNode{ways: map[string]form.Way{}}
	rows, many, line := s.Rows("targets", "a target of "+s.What, func(m *form.Section) { readTarget(m) })
	for _, m := range rows {
		n.targets = append(n.targets, readTarget(m))
	}
	if many == 0 || many > maxTargets {
		s.Bad(line, "%s needs \"targets\": one to %d, such as - phone: \"1001\"", s.What, maxTargets)
	}
	n.length = s.Duration("for", 30*time.Second, time.Second, 10*time.Minute)
	n.from, _ = s.Filled("from")
	n.record = s.Flag("record", false)
	n.music = s.File("music")
	on := s.Sub("on")
	for _, way := range []string{"busy", "no-answer", "declined", "unreachable", "failed", "else"} {
		n.ways[way] = on.Way(way)
	}
	on.Done()
	n.next = s.Way("next")
	return n
}

// readTarget reads {phone: ...}, {number: ..., trunk: a or [a, b]} or {uri: ...}.
func readTarget(s *form.Section) dialTarget {
	var t dialTarget
	found := 0
	for _, kind := range []TargetKind{ToPhone, ToNumber, ToURI} {
		if value, _ := s.Filled(string(kind)); !value.Empty() {
			t.kind, t.value = kind, value
			found++
		}
	}
	trunks, line := s.Trunks("trunk")
	if t.trunk = strings.Join(trunks, ","); t.trunk != "" && t.kind != ToNumber {
		s.Bad(line, "%s names a trunk, which only a number goes through: leave it out", s.What)
	}
	s.Done()
	if found != 1 {
		s.Bad(s.Line, "%s needs one of phone, number and uri: give exactly one", s.What)
	}
	return t
}

func (n dialNode) waits() bool { return true }

func (n dialNode) begin(r *Run) move {
	var targets []Target
	for _, t := range n.targets {
		var escape func(string) string
		if t.kind == ToURI {
			escape = variable.InURL
		}
		if value := strings.TrimSpace(t.value.Fill(r.value, escape)); value != "" {
			targets = append(targets, Target{Kind: t.kind, Value: value, Trunk: t.trunk})
		}
	}
	if len(targets) == 0 {
		return n.ended(DialEnded{Cause: causeNotFound})
	}
	r.say(Dial{Targets: targets, For: n.length, From: variable.InLine(n.from.Fill(r.value, nil)), Record: n.record, Music: n.music})
	return waitFor(dialling{node: n})
}

// dialling waits until nobody answered or the talk is over.
type dialling struct{ node dialNode }

func (d dialling) on(r *Run, in Input) move {
	switch in := in.(type) {
	case DialEnded:
		return d.node.ended(in)
	case TalkEnded:
		r.answered, r.talked, r.invited = true, true, in.Invited
		return take(d.node.next)
	}
	return waitFor(d)
}

// outcomes sort the words of call.Cause under the ways of a dial node; the rest is "failed".
var outcomes = map[string]string{
	"busy": "busy", "declined": "declined", causeNoAnswer: causeNoAnswer,
	"not-registered": "unreachable", causeNotFound: "unreachable", causeUnavailable: "unreachable", "timeout": "unreachable",
}

// ended goes the way of an outcome. Without one the caller gets the very cause and status of the far side.
func (n dialNode) ended(in DialEnded) move {
	outcome := outcomes[in.Cause]
	if outcome == "" {
		outcome = "failed"
	}
	for _, way := range []string{outcome, "else"} {
		if e := n.ways[way]; e.To != "" {
			return take(e)
		}
	}
	return hangUp(in.Cause, in.SIP)
}

// voicemailNode takes a message.
type voicemailNode struct {
	prompts []form.Prompt
	queue   variable.Text
	max     time.Duration
	next    form.Way
}

// voicemailGrace is how long a run waits beyond the longest message before it goes on by itself.
const voicemailGrace = 5 * time.Second

func readVoicemail(_ *Flow, s *form.Section) body {
	n := voicemailNode{prompts: s.Prompts("prompts"), max: s.Duration("max", 2*time.Minute, time.Second, 15*time.Minute)}
	n.queue, _ = s.Filled("queue")
	n.next = s.Way("next")
	return n
}

func (n voicemailNode) waits() bool { return true }

func (n voicemailNode) refers() Reference { return toQueue(n.queue) }

func (n voicemailNode) begin(r *Run) move {
	r.answerNow()
	m := &message{node: n}
	if m.play = r.play(n.prompts); m.play == 0 {
		m.record(r)
	}
	return waitFor(m)
}

// message is a voicemail: first the greeting plays, then the caller is recorded.
type message struct {
	node        voicemailNode
	play, timer int
}

func (m *message) record(r *Run) {
	m.play = 0
	r.say(Voicemail{Queue: m.node.queue.Fill(r.value, nil), Max: m.node.max})
	m.timer = r.timer(m.node.max + voicemailGrace)
}

func (m *message) on(r *Run, in Input) move {
	switch in := in.(type) {
	case Played:
		if m.play > 0 && in.Play == m.play {
			m.record(r)
		}
	case Recorded:
		if m.play == 0 {
			return take(m.node.next)
		}
	case Timer:
		if m.play == 0 && in.ID == m.timer {
			return take(m.node.next)
		}
	}
	return waitFor(m)
}
