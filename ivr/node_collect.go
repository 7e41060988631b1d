package ivr

import (
	"strings"
	"time"

	"hotline/ivr/form"
)

// collectNode takes digits into a variable: a card number, an order, a code.
type collectNode struct {
	asking
	into           string
	min, max       int
	end            byte // 0: none
	first, between time.Duration
	masked         bool
	next           form.Way
}

func readCollect(_ *Flow, s *form.Section) body {
	n := collectNode{asking: readAsking(s), next: s.Must("next")}
	into, line := s.Need("into", "name the variable that gets the digits")
	if into != "" {
		settable(s, into, line)
	}
	n.into = into
	n.max = s.Count("max", 0, 1, 32)
	s.Needs("max")
	if n.max == 0 {
		s.Bad(s.Line, "%s needs \"max\": how many digits at most", s.What)
	}
	n.min = s.Count("min", n.max, 1, 32)
	if n.min > n.max && n.max > 0 {
		s.Bad(s.Line, "%s wants at least %d digits and at most %d: exchange them", s.What, n.min, n.max)
	}
	if end := s.Word("end", "#", "*", "none"); end != "none" {
		n.end = end[0]
	}
	n.first = s.Duration("timeout", 5*time.Second, time.Second, time.Minute)
	n.between = s.Duration("between", 3*time.Second, 500*time.Millisecond, time.Minute)
	n.masked = s.Flag("masked", true)
	return n
}

func (n collectNode) waits() bool { return true }

func (n collectNode) begin(r *Run) move {
	r.answer()
	c := &collecting{node: n, attempt: attempt{asking: n.asking, first: n.first}}
	if !n.bargeIn || len(r.ahead) == 0 {
		c.ask(r, nil)
		return waitFor(c)
	}
	c.try = 1
	m := waitFor(c)
	for key, ok := r.nextAhead(); ok && m.wait == activity(c); key, ok = r.nextAhead() {
		m = c.key(r, key)
	}
	return m
}

// collecting waits for digits.
type collecting struct {
	attempt
	node   collectNode
	digits string
}

func (c *collecting) on(r *Run, in Input) move {
	switch d, isDigit := in.(Digit); {
	case isDigit:
		if form.IsKey(d.Key) && c.interrupt(r) {
			return c.key(r, d.Key)
		}
	case c.late(in):
		if c.digits == "" {
			return c.again(r, true)
		}
		return c.complete(r)
	default:
		c.heard(r, in)
	}
	return waitFor(c)
}

// key takes one key: a digit, the end, or * which begins anew.
func (c *collecting) key(r *Run, key byte) move {
	switch {
	case key == c.node.end:
		return c.complete(r)
	case key == '*':
		c.digits = ""
	case '0' <= key && key <= '9':
		c.digits += string(key)
		if len(c.digits) >= c.node.max {
			return c.complete(r)
		}
	}
	c.timer = r.timer(c.patience())
	return waitFor(c)
}

func (c *collecting) patience() time.Duration {
	if c.digits == "" {
		return c.first
	}
	return c.node.between
}

func (c *collecting) complete(r *Run) move {
	if len(c.digits) < c.node.min {
		return c.again(r, false)
	}
	shown := c.digits
	if c.node.masked {
		shown = strings.Repeat("*", len(shown))
	}
	r.say(Digits{Masked: shown})
	r.assign(c.node.into, c.digits)
	return take(c.node.next)
}

func (c *collecting) again(r *Run, silent bool) move {
	c.digits = ""
	return c.fail(r, c, silent)
}
