package ivr

import (
	"strconv"
	"strings"

	"hotline/ivr/form"
)

// maxNodes keeps a hostile or broken file from costing more than a moment.
const maxNodes = 1000

// Flow is one voice flow as read from a file. It is never changed after Read and shared by all its runs.
type Flow struct {
	ID       string
	Version  int
	Language string // "zh" or "en"
	Start    string // name of the first node
	Person   string // name of the node that key 0 of every menu leads to; empty: none
	File     string // the name given to Read

	ways  []form.Way // start and person
	nodes map[string]*node
	order []*node // as written

	layout []form.Way // nodes that an editor has placed
}

// node is one step of a flow.
type node struct {
	name, kind string
	line       int
	does       body
	ways       []form.Way
	prompts    []form.Prompt // all that it may play, for Lint
}

// body is what a node does when a run enters it: it gives commands and says what comes next.
type body interface{ begin(r *Run) move }

// waiter is a body whose visits always wait for something, so that a loop through it cannot spin.
type waiter interface{ waits() bool }

// Node is what an editor or a report needs to know about a node.
type Node struct {
	Name, Type string
	Line       int
	Ways       []form.Way
}

// Nodes are the nodes of the flow in the order of the file.
func (f *Flow) Nodes() []Node {
	out := make([]Node, 0, len(f.order))
	for _, n := range f.order {
		out = append(out, Node{Name: n.name, Type: n.kind, Line: n.line, Ways: n.ways})
	}
	return out
}

// Read reads a flow from YAML (or JSON, which is YAML). The name is for messages only. The error, if any, is form.Problems: all
// mistakes of the file at once. Whether names of nodes, flows and calendars exist is for Library.Lint.
func Read(name string, src []byte) (*Flow, error) {
	doc, problems := form.Open(name, src)
	if doc == nil {
		return nil, problems
	}
	f := &Flow{File: name, nodes: map[string]*node{}}
	f.read(doc)
	if problems = doc.Problems(); len(problems) > 0 {
		return nil, problems
	}
	return f, nil
}

func (f *Flow) read(doc *form.Section) {
	var line int
	f.ID, line = doc.Need("flow", "give the flow an id, such as flow: hotline")
	doc.OfFlow(f.ID)
	if f.ID != "" && !form.IsID(f.ID) {
		doc.Bad(line, "the id %q may have small letters, digits and - only, and at most 64 of them", f.ID)
	}
	f.Version = doc.Count("version", 1, 1, 1<<30)
	f.Language = doc.Word("language", "zh", "en")
	f.Start, line = doc.Need("start", "name the first node")
	if f.Start != "" {
		f.ways = append(f.ways, form.Way{Name: "start", To: f.Start, Line: line})
	}
	if f.Person, line = doc.Text("person"); f.Person != "" {
		f.ways = append(f.ways, form.Way{Name: "person", To: f.Person, Line: line})
	}
	f.readLayout(doc.Sub("layout"))
	nodes := doc.Sub("nodes")
	if nodes.Len() == 0 {
		doc.Bad(nodes.Line, "the flow needs \"nodes\": at least the one it starts with")
	}
	doc.Done()
	f.readNodes(nodes)
}

// readLayout reads where an editor draws nodes, which means nothing to a call: a pair of whole numbers for each.
func (f *Flow) readLayout(layout *form.Section) {
	layout.All(form.AsTexts, func(name, at string, line int) {
		x, y, _ := strings.Cut(at, " ")
		_, errX := strconv.Atoi(x)
		_, errY := strconv.Atoi(y)
		if errX != nil || errY != nil {
			layout.Bad(line, "the layout places %s at %q: write two whole numbers such as 240 80, or remove the line", name, at)
		}
		f.layout = append(f.layout, form.Way{To: name, Line: line})
	})
}

func (f *Flow) readNodes(nodes *form.Section) {
	if nodes.Len() > maxNodes {
		nodes.Bad(nodes.Line, "the flow has %d nodes; it may have %d: split it into sub-flows", nodes.Len(), maxNodes)
		return
	}
	nodes.Nodes(func(name string, line int, s *form.Section) { f.readNode(&node{name: name, line: line}, s) })
}

func (f *Flow) readNode(n *node, s *form.Section) {
	var line int
	n.kind, line = s.Need("type", "say what the node does, such as type: play")
	if n.kind == "" {
		return
	}
	read, ok := kinds[n.kind]
	if !ok {
		s.Bad(line, "node %s has the type %q, which does not exist: use one of %s", n.name, n.kind, kindNames())
		return
	}
	s.What = n.kind + " node " + n.name
	n.does = read(f, s)
	s.Done()
	n.ways, n.prompts = s.Noted()
	f.nodes[n.name] = n
	f.order = append(f.order, n)
}
