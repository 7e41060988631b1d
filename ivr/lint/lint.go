// Package lint looks at all flows of a library together: targets that do not exist, loops that never wait, dead ends, people who cannot be
// reached. What is wrong with one file alone ivr.Read says.
package lint

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"hotline/ivr"
	"hotline/ivr/form"
)

// maxLayers is how many menus a caller may meet before a person.
const maxLayers = 4

// Flows checks the flows of a library against each other: targets, sub-flows, calendars, prompt files and queues that do
// not exist (the last two where the library knows them), dead ends, missing time-outs, loops that never wait, nodes that
// nothing leads to, and menus too far from a person. The problems come by flow and line; nil when there are none.
func Flows(l *ivr.Library) form.Problems {
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
	lib      *ivr.Library
	flow     *ivr.Flow
	problems form.Problems
}

func (c *linter) add(warning bool, n *ivr.Node, line int, format string, args ...any) {
	p := form.Problem{File: c.flow.File, Flow: c.flow.ID, Line: line, Warning: warning, Text: fmt.Sprintf(format, args...)}
	if n != nil {
		p.Node = n.Name
	}
	c.problems = append(c.problems, p)
}

// edges looks for targets that do not exist and for ways out that are missing.
func (c *linter) edges() {
	for _, e := range c.flow.Ways {
		if c.flow.Node(e.To) == nil {
			c.add(false, nil, e.Line, "%s leads to %q, which is no node of the flow: correct the name%s", e.Name, e.To, c.guess(e.To))
		}
	}
	for _, n := range c.flow.Nodes {
		for _, e := range n.Ways {
			switch {
			case e.To == "" && e.Name == "timeout":
				c.add(false, n, e.Line, "%s node %s has no \"timeout\" under \"on\": say where callers go who wait too long", n.Type, n.Name)
			case e.To == "":
				c.add(false, n, e.Line, "%s node %s is a dead end: give it %q, or lead it to hangup", n.Type, n.Name, e.Name)
			case e.To == form.ToHangup || e.To == form.ToReturn || e.Name == "person" || c.flow.Node(e.To) != nil:
			default:
				c.add(false, n, e.Line, "%q of node %s leads to %q, which is no node of the flow: correct the name%s",
					e.Name, n.Name, e.To, c.guess(e.To))
			}
		}
	}
}

// guess proposes the node whose name is nearest to a wrong one.
func (c *linter) guess(name string) string {
	best, distance := "", min(3, len(name))
	for _, n := range c.flow.Nodes {
		if d := editDistance(n.Name, name); d < distance {
			best, distance = n.Name, d
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
	for _, n := range c.flow.Nodes {
		switch to := n.Refers(); {
		case to.To == "calendar" && c.lib.Calendars[to.ID] == nil:
			c.add(false, n, to.Line, "node %s asks the calendar %q, which does not exist: make it or correct the id", n.Name, to.ID)
		case to.To == "flow" && c.lib.Flows[to.ID] == nil:
			c.add(false, n, to.Line, "node %s runs the flow %q, which does not exist: make it or correct the id", n.Name, to.ID)
		case to.To == "queue" && to.ID != "" && c.lib.Queues != nil && !c.lib.Queues[to.ID]:
			c.add(false, n, to.Line, "node %s names the queue %q, which does not exist: make it or correct the id", n.Name, to.ID)
		}
		for _, p := range n.Prompts {
			file, fixed := p.File.Fixed()
			if fixed && file != "" && c.lib.Prompts != nil && !c.lib.Prompts[file] {
				c.add(false, n, p.Line, "node %s plays %q, which is not in the prompt set: record it or correct the name", n.Name, file)
			}
		}
	}
}

// unreachable warns of nodes that no caller can get to.
func (c *linter) unreachable() {
	seen := map[string]bool{c.flow.Start: true}
	for todo := []string{c.flow.Start}; len(todo) > 0; todo = todo[1:] {
		n := c.flow.Node(todo[0])
		if n == nil {
			continue
		}
		for _, e := range n.Ways {
			if !seen[e.To] {
				seen[e.To] = true
				todo = append(todo, e.To)
			}
		}
	}
	for _, n := range c.flow.Nodes {
		if !seen[n.Name] {
			c.add(true, n, n.Line, "no way leads to node %s: lead one there or remove it", n.Name)
		}
	}
	for _, placed := range c.flow.Layout {
		if c.flow.Node(placed.To) == nil {
			c.add(true, nil, placed.Line, "the layout places %q, which is no node of the flow: remove the line", placed.To)
		}
	}
}

// spinning looks for loops in which no node waits. Each loop is told once, at its first node in the file.
func (c *linter) spinning() {
	told := map[string]bool{}
	for _, n := range c.flow.Nodes {
		if loop := c.loop(n, n, nil, map[string]bool{}); loop != nil && !told[n.Name] {
			for _, name := range loop {
				told[name] = true
			}
			c.add(false, n, n.Line, "the nodes %s form a loop that never waits: put a menu, a prompt or a way out into it",
				strings.Join(append(loop, n.Name), " → "))
		}
	}
}

// loop is a way from a node back to a goal through nodes that do not wait; nil when there is none.
func (c *linter) loop(n, goal *ivr.Node, path []string, seen map[string]bool) []string {
	if c.waits(n) {
		return nil
	}
	seen[n.Name] = true
	path = append(path, n.Name)
	for _, e := range n.Ways {
		next := c.flow.Node(e.To)
		if next == goal {
			return slices.Clone(path)
		}
		if next == nil || seen[next.Name] {
			continue
		}
		if found := c.loop(next, goal, path, seen); found != nil {
			return found
		}
	}
	return nil
}

// waits says whether every visit of a node waits for something. A sub-flow does when no way through it avoids waiting.
func (c *linter) waits(n *ivr.Node) bool {
	if sub, ok := subflow(n); ok {
		return !c.passes(sub, map[string]bool{})
	}
	return n.Waits()
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
		n := f.Node(todo[0])
		if n == nil || seen[n.Name] {
			continue
		}
		seen[n.Name] = true
		if n.Waits() {
			continue
		}
		if sub, ok := subflow(n); ok && !c.passes(sub, flows) {
			continue
		}
		for _, e := range n.Ways {
			todo = append(todo, e.To)
		}
	}
	return false
}
