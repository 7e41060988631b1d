package ivr

import (
	"strings"
	"time"

	"hotline/ivr/form"
	"hotline/ivr/variable"
)

// lookupNode asks another system. It always has a way out for the case that the answer does not come.
type lookupNode struct {
	url, body      variable.Text
	method         string
	header         map[string]variable.Text
	timeout        time.Duration
	values         map[string]string // variable -> name in the answer
	next, fallback form.Way
}

func readLookup(_ *Flow, s *form.Section) body {
	n := lookupNode{header: map[string]variable.Text{}, values: map[string]string{}, next: s.Must("next")}
	url, line := s.Need("url", "write the address to ask, such as https://crm.example/customer?phone=${caller}")
	n.url = s.Variables(url, line)
	if url != "" && !variable.FixedHost(url) {
		s.Bad(line, "%s asks %q: begin with http:// or https:// and a host without variables", s.What, url)
	}
	n.method = s.Word("method", "GET", "POST")
	n.body, _ = s.Filled("body")
	s.Sub("headers").All(form.AsTexts, func(name, value string, line int) {
		if name != variable.InLine(name) || strings.ContainsAny(name, ": ") || name == "" {
			s.Bad(line, "%s has the header %q: a header name has no spaces and no colon", s.What, name)
		}
		n.header[name] = s.Variables(value, line)
	})
	n.timeout = s.Duration("timeout", 2*time.Second, 100*time.Millisecond, 30*time.Second)
	s.Sub("values").All(form.AsTexts, func(name, from string, line int) {
		settable(s, name, line)
		n.values[name] = from
	})
	on := s.Sub("on")
	n.fallback = on.Way("fallback")
	on.Needs("fallback")
	if n.fallback.To == "" {
		s.Bad(on.Line, "%s needs \"fallback\" under \"on\": where callers go when the other system does not answer", s.What)
	}
	on.Done()
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
			return take(l.node.fallback)
		}
	case LookedUp:
		if in.Err != "" {
			return take(l.node.fallback)
		}
		for name, from := range l.node.values {
			r.assign(name, in.Values[from])
		}
		return take(l.node.next)
	}
	return waitFor(l)
}
