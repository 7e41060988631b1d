package ivr

import (
	"strings"
	"time"

	"hotline/ivr/variable"
)

// lookupNode asks another system. It always has a way out for the case that the answer does not come.
type lookupNode struct {
	url, body      variable.Text
	method         string
	header         map[string]variable.Text
	timeout        time.Duration
	values         map[string]string // variable -> name in the answer
	next, fallback edge
}

func readLookup(_ *Flow, s *section) body {
	n := lookupNode{header: map[string]variable.Text{}, values: map[string]string{}, next: s.must("next")}
	url, line := s.need("url", "write the address to ask, such as https://crm.example/customer?phone=${caller}")
	n.url = s.template(url, line)
	if url != "" && !variable.FixedHost(url) {
		s.src.bad(line, "%s asks %q: begin with http:// or https:// and a host without variables", s.what, url)
	}
	n.method = s.word("method", "GET", "POST")
	n.body, _ = s.filled("body")
	s.sub("headers").all(asTexts, func(name, value string, line int) {
		if name != variable.InLine(name) || strings.ContainsAny(name, ": ") || name == "" {
			s.src.bad(line, "%s has the header %q: a header name has no spaces and no colon", s.what, name)
		}
		n.header[name] = s.template(value, line)
	})
	n.timeout = s.duration("timeout", 2*time.Second, 100*time.Millisecond, 30*time.Second)
	s.sub("values").all(asTexts, func(name, from string, line int) {
		s.variable(name, line)
		n.values[name] = from
	})
	on := s.sub("on")
	n.fallback = on.edge("fallback")
	on.ask("fallback").Need = true
	if n.fallback.to == "" {
		s.src.bad(on.line, "%s needs \"fallback\" under \"on\": where callers go when the other system does not answer", s.what)
	}
	on.done()
	return n
}

func (n lookupNode) waits() bool { return true }

func (n lookupNode) begin(r *Run) move {
	ask := Lookup{URL: n.url.Fill(r.value, variable.InURL), Method: n.method, Timeout: n.timeout, Body: n.fillBody(r)}
	if len(n.header) > 0 {
		ask.Header = make(map[string]string, len(n.header))
		for name, value := range n.header {
			ask.Header[name] = variable.InLine(value.Fill(r.value, nil))
		}
	}
	r.say(Ask{Lookup: ask})
	return waitFor(lookingUp{node: n, timer: r.timer(n.timeout)})
}

// fillBody escapes values for what the body is: JSON, or a form.
func (n lookupNode) fillBody(r *Run) string {
	escape := variable.InURL
	if strings.HasPrefix(strings.TrimSpace(n.body.Begins()), "{") {
		escape = variable.InJSON
	}
	return n.body.Fill(r.value, escape)
}

// lookingUp waits for the answer, as long as the flow allows.
type lookingUp struct {
	node  lookupNode
	timer int
}

func (l lookingUp) on(r *Run, in Input) move {
	switch in := in.(type) {
	case Timer:
		if in.ID == l.timer {
			return l.node.fallback.take()
		}
	case LookedUp:
		if in.Err != "" {
			return l.node.fallback.take()
		}
		for name, from := range l.node.values {
			r.assign(name, in.Values[from])
		}
		return l.node.next.take()
	}
	return waitFor(l)
}
