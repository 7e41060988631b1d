package e2e

import (
	"strings"
	"testing"

	"hotline/internal/testkit"
)

// Four callers choose a topic and land where the demo's rules say; each record keeps the rule and the reason.
func TestRegionsAndTopics(t *testing.T) {
	t.Parallel()
	n := start(t, demo(t))
	carrier := n.carrier()
	for _, user := range []string{"1001", "1002", "1003"} {
		n.desk(user).answerAll(t)
		n.awaitAgent("agent-"+user, "ready")
	}
	callers := []struct {
		name, from, number string
		key                byte
		topic, region      string
		rule, queue, word  string // word is in the reason
		talk               *testkit.Talk
	}{
		{name: "Beijing landline", from: "01062345678", number: "4008001234", key: '2', topic: "账号", region: "北京", rule: "beijing", queue: "beijing", word: "北京"},
		{name: "Guangzhou mobile", from: "13602212345", number: "02166551234", key: '4', topic: "技术", region: "广东/广州", rule: "guangzhou", queue: "guangzhou", word: "广州"},
		{name: "unknown prefix", from: "19912345678", number: "4008001234", key: '1', topic: "退款", rule: "everybody", queue: "nation", word: "nation"},
		{name: "anonymous", from: "anonymous", number: "4008001234", key: '3', topic: "投诉", rule: "vip-complaints", queue: "complaints", word: "complaint"},
	}
	for i, c := range callers {
		talk := carrier.dial(t, c.number, c.from)
		callers[i].talk = talk
		happens(t, talk, "answered", patience)
		talk.Press(c.key)
		hears(t, "the caller from "+c.name, talk, agentHz)
		talk.Hangup()
	}
	for _, c := range callers {
		r := n.record(c.talk)
		if r.Topic != c.topic || r.Rule != c.rule || !strings.HasPrefix(r.Region, c.region) || c.region == "" && r.Region != "" {
			t.Errorf("%s: topic %q, region %q, rule %q; want %q, %q, %q", c.name, r.Topic, r.Region, r.Rule, c.topic, c.region, c.rule)
		}
		if len(r.Queues) != 1 || r.Queues[0].Queue != c.queue {
			t.Errorf("%s: queues %+v, want %s", c.name, r.Queues, c.queue)
		}
		if !strings.Contains(r.Reason, c.word) {
			t.Errorf("%s: the reason %q says nothing of %s", c.name, r.Reason, c.word)
		}
		if !r.Talked || r.HungUp != "caller" {
			t.Errorf("%s: talked %v, hung up by %q", c.name, r.Talked, r.HungUp)
		}
		t.Logf("%s: %s %q, %s: %s", c.name, r.Caller.Best(), r.Region, r.Rule, r.Reason)
	}
}
