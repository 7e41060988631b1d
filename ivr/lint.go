package ivr

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"hotline/ivr/form"
	"hotline/ivr/variable"
)

// maxLayers is how many menus a caller may meet before a person.
const maxLayers = 4

// Lint checks the flows of the library against each other: targets, sub-flows, calendars, prompt files and queues that do
// not exist (the last two where the library knows them), dead ends, missing time-outs, loops that never wait, nodes that
// nothing leads to, and menus too far from a person. The problems come by flow and line; nil when there are none.
func (l *Library) Lint() form.Problems {
	c := &linter{lib: l}
	for _, id := range slices.Sorted(maps.Keys(l.Flows)) {
		c.flow = l.Flows[id]
		if c.flow == nil {
			continue
		}
		c.edges()
		c.references()
		c.unreachable()
		c.spinning()
		c.circles()
		c.people()
	}
	sort.SliceStable(c.problems, func(i, j int) bool {
		a, b := c.problems[i], c.problems[j]
		if a.Flow != b.Flow {
			return a.Flow < b.Flow
		}
		return a.Line < b.Line
	})
	return c.problems
}

// linter checks one flow after another.
type linter struct {
	lib      *Library
	flow     *Flow
	problems form.Problems
}

func (c *linter) add(warning bool, n *node, line int, format string, args ...any) {
	p := form.Problem{File: c.flow.File, Flow: c.flow.ID, Line: line, Warning: warning, Text: fmt.Sprintf(format, args...)}
	if n != nil {
		p.Node = n.name
	}
	c.problems = append(c.problems, p)
}

// edges looks for targets that do not exist and for ways out that are missing.
func (c *linter) edges() {
	for _, e := range c.flow.ways {
		if c.flow.nodes[e.To] == nil {
			c.add(false, nil, e.Line, "%s leads to %q, which is no node of the flow: correct the name%s", e.Name, e.To, c.guess(e.To))
		}
	}
	for _, n := range c.flow.order {
		for _, e := range n.ways {
			switch {
			case e.To == "" && e.Name == "timeout":
				c.add(false, n, e.Line, "%s node %s has no \"timeout\" under \"on\": say where callers go who wait too long", n.kind, n.name)
			case e.To == "":
				c.add(false, n, e.Line, "%s node %s is a dead end: give it %q, or lead it to hangup", n.kind, n.name, e.Name)
			case e.To == form.ToHangup || e.To == form.ToReturn || e.Name == "person" || c.flow.nodes[e.To] != nil:
			default:
				c.add(false, n, e.Line, "%q of node %s leads to %q, which is no node of the flow: correct the name%s",
					e.Name, n.name, e.To, c.guess(e.To))
			}
		}
	}
}

// guess proposes the node whose name is nearest to a wrong one.
func (c *linter) guess(name string) string {
	best, distance := "", min(3, len(name))
	for _, n := range c.flow.order {
		if d := editDistance(n.name, name); d < distance {
			best, distance = n.name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", best)
}

// editDistance counts the letters to insert, remove or change (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

// references looks for calendars, sub-flows, queues and prompt files that do not exist.
func (c *linter) references() {
	for _, n := range c.flow.order {
		switch b := n.does.(type) {
		case hoursNode:
			if c.lib.Calendars[b.calendar] == nil {
				c.add(false, n, b.line, "node %s asks the calendar %q, which does not exist: make it or correct the id", n.name, b.calendar)
			}
		case subflowNode:
			if c.lib.Flows[b.flow] == nil {
				c.add(false, n, b.line, "node %s runs the flow %q, which does not exist: make it or correct the id", n.name, b.flow)
			}
		case queueNode:
			c.queue(n, b.queue)
		case voicemailNode:
			c.queue(n, b.queue)
		case callbackNode:
			c.queue(n, b.queue)
		}
		for _, p := range n.prompts {
			file, fixed := p.File.Fixed()
			if fixed && file != "" && c.lib.Prompts != nil && !c.lib.Prompts[file] {
				c.add(false, n, p.Line, "node %s plays %q, which is not in the prompt set: record it or correct the name", n.name, file)
			}
		}
	}
}

func (c *linter) queue(n *node, queue variable.Text) {
	id, fixed := queue.Fixed()
	if fixed && id != "" && c.lib.Queues != nil && !c.lib.Queues[id] {
		c.add(false, n, n.line, "node %s names the queue %q, which does not exist: make it or correct the id", n.name, id)
	}
}

// unreachable warns of nodes that no caller can get to.
func (c *linter) unreachable() {
	seen := map[string]bool{c.flow.Start: true}
	for todo := []string{c.flow.Start}; len(todo) > 0; todo = todo[1:] {
		n := c.flow.nodes[todo[0]]
		if n == nil {
			continue
		}
		for _, e := range n.ways {
			if !seen[e.To] {
				seen[e.To] = true
				todo = append(todo, e.To)
			}
		}
	}
	for _, n := range c.flow.order {
		if !seen[n.name] {
			c.add(true, n, n.line, "no way leads to node %s: lead one there or remove it", n.name)
		}
	}
	for _, placed := range c.flow.layout {
		if c.flow.nodes[placed.To] == nil {
			c.add(true, nil, placed.Line, "the layout places %q, which is no node of the flow: remove the line", placed.To)
		}
	}
}

// spinning looks for loops in which no node waits. Each loop is told once, at its first node in the file.
func (c *linter) spinning() {
	told := map[string]bool{}
	for _, n := range c.flow.order {
		if loop := c.loop(n, n, nil, map[string]bool{}); loop != nil && !told[n.name] {
			for _, name := range loop {
				told[name] = true
			}
			c.add(false, n, n.line, "the nodes %s form a loop that never waits: put a menu, a prompt or a way out into it",
				strings.Join(append(loop, n.name), " → "))
		}
	}
}

// loop is a way from a node back to a goal through nodes that do not wait; nil when there is none.
func (c *linter) loop(n, goal *node, path []string, seen map[string]bool) []string {
	if c.waits(n) {
		return nil
	}
	seen[n.name] = true
	path = append(path, n.name)
	for _, e := range n.ways {
		next := c.flow.nodes[e.To]
		if next == goal {
			return slices.Clone(path)
		}
		if next == nil || seen[next.name] {
			continue
		}
		if found := c.loop(next, goal, path, seen); found != nil {
			return found
		}
	}
	return nil
}

// waits says whether every visit of a node waits for something. A sub-flow does when no way through it avoids waiting.
func (c *linter) waits(n *node) bool {
	if sub, ok := n.does.(subflowNode); ok {
		return !c.passes(sub.flow, map[string]bool{})
	}
	w, ok := n.does.(waiter)
	return ok && w.waits()
}

// passes says whether a call can go from the start of a flow to its return without waiting. Flows looked at before
// count as waiting: circles of flows are a problem of their own.
func (c *linter) passes(id string, flows map[string]bool) bool {
	f := c.lib.Flows[id]
	if f == nil || flows[id] {
		return false
	}
	flows[id] = true
	seen := map[string]bool{}
	for todo := []string{f.Start}; len(todo) > 0; todo = todo[1:] {
		if todo[0] == form.ToReturn {
			return true
		}
		n := f.nodes[todo[0]]
		if n == nil || seen[n.name] {
			continue
		}
		seen[n.name] = true
		if w, ok := n.does.(waiter); ok && w.waits() {
			continue
		}
		if sub, ok := n.does.(subflowNode); ok && !c.passes(sub.flow, flows) {
			continue
		}
		for _, e := range n.ways {
			todo = append(todo, e.To)
		}
	}
	return false
}
