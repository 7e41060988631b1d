package route

import (
	"fmt"
	"strings"
	"time"
)

// reason says in one English sentence why a rule was chosen and where it leads.
func (m match) reason(q Query) string {
	var why []string
	if m.rank[0] > 0 {
		why = append(why, "the number is "+q.DID)
	}
	switch m.rank[1] {
	case byCity:
		why = append(why, "the caller is from the city "+q.Region.String())
	case byProvince:
		why = append(why, "the caller is from "+wide(q))
	}
	if m.rank[2] > 0 {
		why = append(why, "the topic is "+q.Topic)
	}
	if m.rank[3] > 0 {
		why = append(why, fmt.Sprintf("calendar %s is %s", m.rule.Hours, m.state.Why))
	}
	if len(why) == 0 {
		why = append(why, "no rule names this call more closely")
	}
	return fmt.Sprintf("Rule %s: %s; it goes to %s.", m.rule.ID, strings.Join(why, ", "), way(m.rule.Steps, "queue %s", "the same queue", ", after %s to ", [3]string{"h", "min", "s"}))
}

// reasonZH is reason in Chinese.
func (m match) reasonZH(q Query) string {
	var why []string
	if m.rank[0] > 0 {
		why = append(why, "被叫号码为 "+q.DID)
	}
	switch m.rank[1] {
	case byCity:
		why = append(why, "来电归属地为 "+q.Region.String())
	case byProvince:
		why = append(why, "来电归属地为 "+wide(q))
	}
	if m.rank[2] > 0 {
		why = append(why, "业务为 "+q.Topic)
	}
	if m.rank[3] > 0 {
		why = append(why, "日历 "+m.rule.Hours+" "+m.state.WhyZH)
	}
	if len(why) == 0 {
		why = append(why, "没有更具体的规则")
	}
	return fmt.Sprintf("规则 %s：%s，进入%s。", m.rule.ID, strings.Join(why, "，"), way(m.rule.Steps, "队列 %s", "原队列", "，%s后进入", [3]string{"小时", "分", "秒"}))
}

// wide is the province of a call, or its country outside China.
func wide(q Query) string {
	if q.Region.Province != "" {
		return q.Region.Province
	}
	return q.Region.Country
}

// way lists the queues in the order in which they are asked. units are the words for hours, minutes and seconds.
func way(steps []Step, queue, same, after string, units [3]string) string {
	var b strings.Builder
	for i, s := range steps {
		if i > 0 {
			fmt.Fprintf(&b, after, since(s.After, units))
		}
		if s.Queue == "" {
			b.WriteString(same)
		} else {
			fmt.Fprintf(&b, queue, s.Queue)
		}
		if wanted := skills(s); wanted != "" {
			b.WriteString(" (" + wanted + ")")
		}
	}
	return b.String()
}

// skills is "english ≥ 2, japanese ≥ 1 | korean ≥ 1".
func skills(s Step) string {
	parts := []string{oneOf(s.Skills, ", ")}
	if len(s.Skills) == 0 {
		parts = nil
	}
	for _, list := range s.Any {
		parts = append(parts, oneOf(list, " | "))
	}
	return strings.Join(parts, ", ")
}

func oneOf(needs []Need, between string) string {
	words := make([]string, len(needs))
	for i, n := range needs {
		words[i] = fmt.Sprintf("%s ≥ %d", n.Skill, n.Level)
	}
	return strings.Join(words, between)
}

// since is a duration that is read easily: "30 s", "2 min", "1 min 30 s", "1 h".
func since(d time.Duration, units [3]string) string {
	var parts []string
	d = d.Round(time.Second)
	for i, size := range []time.Duration{time.Hour, time.Minute, time.Second} {
		if n := d / size; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, units[i]))
		}
		d %= size
	}
	if len(parts) == 0 {
		return "0 " + units[2]
	}
	return strings.Join(parts, " ")
}
