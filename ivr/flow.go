package ivr

import (
	"strconv"
	"strings"

	"hotline/ivr/form"
	"hotline/ivr/variable"
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

	Ways   []form.Way // start and person, where they are given
	Nodes  []*Node    // as written
	Layout []form.Way // to the nodes that an editor has placed

	byName map[string]*Node
}

// Node is one step of a flow.
type Node struct {
	Name, Type string
	Line       int
	Ways       []form.Way    // out of it, those that are missing too
	Prompts    []form.Prompt // all that it may play

	does body
}

// body is what a node does when a run enters it: it gives commands and says what comes next.
type body interface{ begin(r *Run) move }

// waiter is a body whose visits always wait for something, so that a loop through it cannot spin.
type waiter interface{ waits() bool }

// referring is a body that names something outside the flow.
type referring interface{ refers() Reference }

// Reference is something that a node names outside its flow.
type Reference struct {
	To   string // "calendar", "flow" or "queue"
	ID   string // "": none, or a variable decides
	Line int    // 0: the node's
}

// Node is the node of a name; nil when there is none.
func (f *Flow) Node(name string) *Node { return f.byName[name] }

// Waits says whether every visit of the node waits for something. Of a node that runs another flow that flow has to say.
func (n *Node) Waits() bool {
	w, ok := n.does.(waiter)
	return ok && w.waits()
}

// Refers is what the node names outside its flow; the zero Reference for nothing.
func (n *Node) Refers() Reference {
	r, ok := n.does.(referring)
	if !ok {
		return Reference{}
	}
	to := r.refers()
	if to.Line == 0 {
		to.Line = n.Line
	}
	return to
}

// toQueue is the reference to a queue whose name may hold variables.
func toQueue(queue variable.Text) Reference {
	id, _ := queue.Fixed()
	return Reference{To: "queue", ID: id}
}

// Read reads a flow from YAML (or JSON, which is YAML). The name is for messages only. The error, if any, is form.Problems: all
// mistakes of the file at once. Whether names of nodes, flows and calendars exist is for package lint.
func Read(name string, src []byte) (*Flow, error) {
	doc, problems := form.Open(name, src)
	if doc == nil {
		return nil, problems
	}
	f := &Flow{File: name, byName: map[string]*Node{}}
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
		f.Ways = append(f.Ways, form.Way{Name: "start", To: f.Start, Line: line})
	}
	if f.Person, line = doc.Text("person"); f.Person != "" {
		f.Ways = append(f.Ways, form.Way{Name: "person", To: f.Person, Line: line})
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
		f.Layout = append(f.Layout, form.Way{To: name, Line: line})
	})
}

func (f *Flow) readNodes(nodes *form.Section) {
	if nodes.Len() > maxNodes {
		nodes.Bad(nodes.Line, "the flow has %d nodes; it may have %d: split it into sub-flows", nodes.Len(), maxNodes)
		return
	}
	nodes.Nodes(func(name string, line int, s *form.Section) { f.readNode(&Node{Name: name, Line: line}, s) })
}

func (f *Flow) readNode(n *Node, s *form.Section) {
	var line int
	n.Type, line = s.Need("type", "say what the node does, such as type: play")
	if n.Type == "" {
		return
	}
	read, ok := kinds[n.Type]
	if !ok {
		s.Bad(line, "node %s has the type %q, which does not exist: use one of %s", n.Name, n.Type, kindNames())
		return
	}
	s.What = n.Type + " node " + n.Name
	n.does = read(f, s)
	s.Done()
	n.Ways, n.Prompts = s.Noted()
	f.byName[n.Name] = n
	f.Nodes = append(f.Nodes, n)
}
