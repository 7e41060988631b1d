package ivr

import (
	"strings"

	"hotline/ivr/form"
)

// circles looks for flows that run themselves, directly or through others.
func (c *linter) circles() {
	for _, n := range c.flow.order {
		sub, ok := n.does.(subflowNode)
		if !ok {
			continue
		}
		if way := c.circle(sub.flow, []string{c.flow.ID}, map[string]bool{}); way != nil {
			c.add(false, n, sub.line, "the flows %s run each other in a circle: come back with the target return instead", strings.Join(way, " → "))
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
	for _, n := range f.order {
		if sub, ok := n.does.(subflowNode); ok {
			if way := c.circle(sub.flow, path, seen); way != nil {
				return way
			}
		}
	}
	return nil
}

// place is a node of some flow.
type place struct {
	flow *Flow
	node string
}

// people warns of menus from which a caller does not get to a person within maxLayers menus, the menu itself counted.
func (c *linter) people() {
	for _, n := range c.flow.order {
		if _, menu := n.does.(menuNode); menu && !c.reachesPerson(place{c.flow, n.name}) {
			c.add(true, n, n.line, "from menu %s no person can be reached within %d menus: lead a key to a queue, or name one under \"person\"",
				n.name, maxLayers)
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
				n := next.flow.nodes[next.node]
				if n == nil || seen[next] {
					continue
				}
				seen[next] = true
				switch n.does.(type) {
				case queueNode, dialNode:
					return true
				case menuNode:
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

// ways are the places after a place: through its edges, into a sub-flow, or back to the flows that run this one.
func (c *linter) ways(at place) []place {
	n := at.flow.nodes[at.node]
	if n == nil {
		return nil
	}
	if sub, ok := n.does.(subflowNode); ok {
		if f := c.lib.Flows[sub.flow]; f != nil {
			return []place{{f, f.Start}}
		}
		return nil
	}
	var out []place
	for _, e := range n.ways {
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
		for _, n := range f.order {
			if sub, ok := n.does.(subflowNode); ok && sub.flow == id {
				out = append(out, place{f, sub.next.To})
			}
		}
	}
	return out
}
