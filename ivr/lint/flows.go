package lint

import (
	"strings"

	"hotline/ivr"
	"hotline/ivr/form"
)

// circles looks for flows that run themselves, directly or through others.
func (c *linter) circles() {
	for _, n := range c.flow.Nodes {
		sub, ok := subflow(n)
		if !ok {
			continue
		}
		if way := c.circle(sub, []string{c.flow.ID}, map[string]bool{}); way != nil {
			c.add(false, n, n.Refers().Line, "the flows %s run each other in a circle: come back with the target return instead", strings.Join(way, " → "))
		}
	}
}

func (c *linter) circle(id string, path []string, seen map[string]bool) []string {
	path = append(path, id)
	if id == c.flow.ID {
		return path
	}
	f := c.lib.Flows[id]
	if f == nil || seen[id] {
		return nil
	}
	seen[id] = true
	for _, n := range f.Nodes {
		if sub, ok := subflow(n); ok {
			if way := c.circle(sub, path, seen); way != nil {
				return way
			}
		}
	}
	return nil
}

// place is a node of some flow.
type place struct {
	flow *ivr.Flow
	node string
}

// people warns of menus from which a caller does not get to a person within maxLayers menus, the menu itself counted.
func (c *linter) people() {
	for _, n := range c.flow.Nodes {
		if n.Type == "menu" && !c.reachesPerson(place{c.flow, n.Name}) {
			c.add(true, n, n.Line, "from menu %s no person can be reached within %d menus: lead a key to a queue, or name one under \"person\"",
				n.Name, maxLayers)
		}
	}
}

func (c *linter) reachesPerson(from place) bool {
	seen := map[place]bool{from: true}
	layer := []place{from}
	for range maxLayers {
		var deeper []place
		for todo := layer; len(todo) > 0; todo = todo[1:] {
			for _, next := range c.ways(todo[0]) {
				n := next.flow.Node(next.node)
				if n == nil || seen[next] {
					continue
				}
				seen[next] = true
				switch n.Type {
				case "queue", "dial":
					return true
				case "menu":
					deeper = append(deeper, next)
				default:
					todo = append(todo, next)
				}
			}
		}
		layer = deeper
	}
	return false
}

// ways are the places after a place: through its ways out, into a sub-flow, or back to the flows that run this one.
func (c *linter) ways(at place) []place {
	n := at.flow.Node(at.node)
	if n == nil {
		return nil
	}
	if sub, ok := subflow(n); ok {
		if f := c.lib.Flows[sub]; f != nil {
			return []place{{f, f.Start}}
		}
		return nil
	}
	var out []place
	for _, e := range n.Ways {
		if e.To == form.ToReturn {
			out = append(out, c.returns(at.flow.ID)...)
			continue
		}
		out = append(out, place{at.flow, e.To})
	}
	return out
}

// returns are the places to which a flow may come back.
func (c *linter) returns(id string) []place {
	var out []place
	for _, f := range c.lib.Flows {
		if f == nil {
			continue
		}
		for _, n := range f.Nodes {
			if sub, ok := subflow(n); ok && sub == id {
				for _, e := range n.Ways { // its only one: next
					out = append(out, place{f, e.To})
				}
			}
		}
	}
	return out
}

// subflow is the flow that a node runs.
func subflow(n *ivr.Node) (id string, ok bool) {
	to := n.Refers()
	return to.ID, to.To == "flow"
}
