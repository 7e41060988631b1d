package ivr

import (
	"slices"
	"strings"
	"time"

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
	full, timeout, noAgents, isClose edge
	onBreak, next                    edge
	keys                             map[byte]edge
}

func readQueue(_ *Flow, s *section) body {
	n := queueNode{}
	n.queue, _ = s.filled("queue")
	n.music = s.file("music")
	n.maxWait = s.duration("max-wait", 0, time.Second, 4*time.Hour)
	n.position, n.wait = s.flag("position", false), s.flag("wait", false)
	n.comfort = s.fileList("comfort")
	n.every = s.duration("every", 0, 5*time.Second, time.Hour)
	n.priority = s.count("priority", 0, -1000, 1000)
	on := s.sub("on")
	n.full, n.timeout = on.edge("full"), on.must("timeout")
	n.noAgents, n.isClose, n.onBreak = on.edge("no-agents"), on.edge("closed"), on.edge("on-break")
	on.done()
	n.keys = s.keyEdges()
	n.next = s.edge("next")
	return n
}

// keyEdges reads which key leads where; nil for none.
func (s *section) keyEdges() map[byte]edge {
	ways := map[byte]edge{}
	s.sub("keys").all(asKeyWays, func(key, to string, line int) {
		if len(key) != 1 || !isKey(key[0]) || to == "" {
			s.src.bad(line, "%s has the key %q: name a key of a telephone, 0 to 9, * or #, and where it leads", s.what, key)
			return
		}
		ways[key[0]] = s.src.note(edge{name: "key " + key, to: to, line: line})
	})
	return ways
}

// file is the name of a prompt file that is played by others; Lint looks for it.
func (s *section) file(key string) string {
	name, line := s.text(key)
	s.ask(key).As = asFile
	if name == "" {
		return ""
	}
	if !isID(name) {
		s.src.bad(line, "%q of %s is %q: name a prompt file, without its extension", key, s.what, name)
	}
	p := prompt{line: line, file: variable.Plain(name)}
	s.src.node.prompts = append(s.src.node.prompts, p)
	return name
}

// fileList is file for several.
func (s *section) fileList(key string) []string {
	values, line := s.list(key)
	s.ask(key).As = asFiles
	var names []string
	for _, v := range values {
		name, ok := s.src.scalar(v, key+" of "+s.what)
		if !ok || !isID(name) {
			s.src.bad(line, "%q of %s has %q: name prompt files, without their extension", key, s.what, name)
			continue
		}
		names = append(names, name)
		s.src.node.prompts = append(s.src.node.prompts, prompt{line: line, file: variable.Plain(name)})
	}
	return names
}

func (n queueNode) waits() bool { return true }

func (n queueNode) begin(r *Run) move {
	r.answer()
	keys := make([]byte, 0, len(n.keys))
	for key := range n.keys {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	r.say(Queue{
		Queue: n.queue.Fill(r.value, nil), Topic: r.topic, Music: n.music, MaxWait: n.maxWait,
		Position: n.position, Wait: n.wait, Comfort: n.comfort, Every: n.every, Priority: n.priority, NeedAgents: n.noAgents.to != "", NeedReady: n.onBreak.to != "",
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
			return e.take()
		}
		return q.left(in.Why)
	case TalkEnded:
		r.answered, r.talked, r.invited = true, true, in.Invited
		return q.node.next.take()
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
	if way.to == "" {
		return hangUp(cause, 0)
	}
	return way.take()
}

// dialNode rings one or more parties together. It does not answer: the caller hears what the far side sends.
type dialNode struct {
	targets []dialTarget
	length  time.Duration
	from    variable.Text
	record  bool
	music   string
	ways    map[string]edge // by outcome
	next    edge
}

type dialTarget struct {
	kind  TargetKind
	value variable.Text
	trunk string
}

const maxTargets = 20

func readDial(_ *Flow, s *section) body {
	n := dialNode{ways: map[string]edge{}}
	values, line := s.list("targets")
	s.rows("targets", func(m *section) { m.target() })
	for _, v := range values {
		if m := s.src.mapping(v, "a target of "+s.what); m != nil {
			n.targets = append(n.targets, m.target())
		}
	}
	if len(values) == 0 || len(values) > maxTargets {
		s.src.bad(line, "%s needs \"targets\": one to %d, such as - phone: \"1001\"", s.what, maxTargets)
	}
	n.length = s.duration("for", 30*time.Second, time.Second, 10*time.Minute)
	n.from, _ = s.filled("from")
	n.record = s.flag("record", false)
	n.music = s.file("music")
	on := s.sub("on")
	for _, way := range []string{"busy", "no-answer", "declined", "unreachable", "failed", "else"} {
		n.ways[way] = on.edge(way)
	}
	on.done()
	n.next = s.edge("next")
	return n
}

// target reads {phone: ...}, {number: ..., trunk: a or [a, b]} or {uri: ...}.
func (s *section) target() dialTarget {
	var t dialTarget
	found := 0
	for _, kind := range []TargetKind{ToPhone, ToNumber, ToURI} {
		if value, _ := s.filled(string(kind)); !value.Empty() {
			t.kind, t.value = kind, value
			found++
		}
	}
	trunks, line := s.list("trunk")
	s.ask("trunk").As = asTrunks
	var ids []string
	for _, v := range trunks {
		id, _ := s.src.scalar(v, `"trunk" of `+s.what)
		if strings.Contains(id, ",") {
			s.src.bad(line, "%s has a comma in the trunk %q: write a list such as [a, b]", s.what, id)
		}
		ids = append(ids, id)
	}
	if t.trunk = strings.Join(ids, ","); t.trunk != "" && t.kind != ToNumber {
		s.src.bad(line, "%s names a trunk, which only a number goes through: leave it out", s.what)
	}
	s.done()
	if found != 1 {
		s.src.bad(s.line, "%s needs one of phone, number and uri: give exactly one", s.what)
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
		return d.node.next.take()
	}
	return waitFor(d)
}

// outcomes sort the words of call.Cause under the edges of a dial node; the rest is "failed".
var outcomes = map[string]string{
	"busy": "busy", "declined": "declined", causeNoAnswer: causeNoAnswer,
	"not-registered": "unreachable", causeNotFound: "unreachable", causeUnavailable: "unreachable", "timeout": "unreachable",
}

// ended follows the edge of an outcome. Without one the caller gets the very cause and status of the far side.
func (n dialNode) ended(in DialEnded) move {
	outcome := outcomes[in.Cause]
	if outcome == "" {
		outcome = "failed"
	}
	for _, way := range []string{outcome, "else"} {
		if e := n.ways[way]; e.to != "" {
			return e.take()
		}
	}
	return hangUp(in.Cause, in.SIP)
}

// voicemailNode takes a message.
type voicemailNode struct {
	prompts []prompt
	queue   variable.Text
	max     time.Duration
	next    edge
}

// voicemailGrace is how long a run waits beyond the longest message before it goes on by itself.
const voicemailGrace = 5 * time.Second

func readVoicemail(_ *Flow, s *section) body {
	n := voicemailNode{prompts: s.prompts("prompts"), max: s.duration("max", 2*time.Minute, time.Second, 15*time.Minute)}
	n.queue, _ = s.filled("queue")
	n.next = s.edge("next")
	return n
}

func (n voicemailNode) waits() bool { return true }

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
			return m.node.next.take()
		}
	case Timer:
		if m.play == 0 && in.ID == m.timer {
			return m.node.next.take()
		}
	}
	return waitFor(m)
}
