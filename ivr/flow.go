package ivr

import (
	"sort"
	"strconv"
	"strings"
)

// Names of targets that are no nodes: every edge may lead there.
const (
	toHangup = "hangup" // ends the call normally
	toReturn = "return" // goes back to the flow that called this one; ends the call when there is none
)

// Flow is one voice flow as read from a file. It is never changed after Read and shared by all its runs.
type Flow struct {
	ID       string
	Version  int
	Language string // "zh" or "en"
	Start    string // name of the first node
	Person   string // name of the node that key 0 of every menu leads to; empty: none
	File     string // the name given to Read

	edges []edge // start and person
	nodes map[string]*node
	order []*node // as written

	layout []edge // nodes that an editor has placed
}

// node is one step of a flow.
type node struct {
	name, kind string
	line       int
	does       body
	edges      []edge
	prompts    []prompt // all that it may play, for Lint
}

// body is what a node does when a run enters it: it gives commands and says what comes next.
type body interface{ begin(r *Run) move }

// waiter is a body whose visits always wait for something, so that a loop through it cannot spin.
type waiter interface{ waits() bool }

// Node is what an editor or a report needs to know about a node.
type Node struct {
	Name, Type string
	Line       int
	Edges      []Edge
}

// Edge is one way out of a node. To is empty when the edge is missing, or "hangup" or "return".
type Edge struct {
	Name, To string
	Line     int
}

// Nodes are the nodes of the flow in the order of the file.
func (f *Flow) Nodes() []Node {
	out := make([]Node, 0, len(f.order))
	for _, n := range f.order {
		edges := make([]Edge, 0, len(n.edges))
		for _, e := range n.edges {
			edges = append(edges, Edge{Name: e.name, To: e.to, Line: e.line})
		}
		out = append(out, Node{Name: n.name, Type: n.kind, Line: n.line, Edges: edges})
	}
	return out
}

// Read reads a flow from YAML (or JSON, which is YAML). The name is for messages only. The error, if any, is Problems: all
// mistakes of the file at once. Whether names of nodes, flows and calendars exist is for Library.Lint.
func Read(name string, src []byte) (*Flow, error) {
	s := &source{file: name}
	f := &Flow{File: name, nodes: map[string]*node{}}
	if doc := s.document(src); doc != nil {
		f.read(s, doc)
	}
	if len(s.problems) > 0 {
		return nil, s.sorted()
	}
	return f, nil
}

func (f *Flow) read(s *source, doc *section) {
	var line int
	f.ID, line = doc.need("flow", "give the flow an id, such as flow: hotline")
	s.flow = f.ID
	if f.ID != "" && !isID(f.ID) {
		s.bad(line, "the id %q may have small letters, digits and - only, and at most 64 of them", f.ID)
	}
	f.Version = doc.count("version", 1, 1, 1<<30)
	f.Language = doc.word("language", "zh", "en")
	f.Start, line = doc.need("start", "name the first node")
	if f.Start != "" {
		f.edges = append(f.edges, edge{name: "start", to: f.Start, line: line})
	}
	if f.Person, line = doc.text("person"); f.Person != "" {
		f.edges = append(f.edges, edge{name: "person", to: f.Person, line: line})
	}
	f.readLayout(doc.sub("layout"))
	nodes := doc.sub("nodes")
	if len(nodes.fields) == 0 {
		s.bad(nodes.line, "the flow needs \"nodes\": at least the one it starts with")
	}
	doc.done()
	f.readNodes(s, nodes)
}

// readLayout reads where an editor draws nodes, which means nothing to a call: a pair of whole numbers for each.
func (f *Flow) readLayout(layout *section) {
	layout.all(asTexts, func(name, at string, line int) {
		x, y, _ := strings.Cut(at, " ")
		_, errX := strconv.Atoi(x)
		_, errY := strconv.Atoi(y)
		if errX != nil || errY != nil {
			layout.src.bad(line, "the layout places %s at %q: write two whole numbers such as 240 80, or remove the line", name, at)
		}
		f.layout = append(f.layout, edge{to: name, line: line})
	})
}

func (f *Flow) readNodes(s *source, nodes *section) {
	if len(nodes.fields) > maxNodes {
		s.bad(nodes.line, "the flow has %d nodes; it may have %d: split it into sub-flows", len(nodes.fields), maxNodes)
		return
	}
	for _, field := range nodes.fields {
		n := &node{name: field.key, line: field.line}
		s.node = n
		if !isID(n.name) || n.name == toHangup || n.name == toReturn {
			s.bad(n.line, "%q cannot name a node: use small letters, digits and -, and neither hangup nor return", n.name)
		}
		if sec := s.mapping(field.value, "node "+n.name); sec != nil {
			f.readNode(s, n, sec)
		}
		s.node = nil
	}
}

func (f *Flow) readNode(s *source, n *node, sec *section) {
	var line int
	n.kind, line = sec.need("type", "say what the node does, such as type: play")
	if n.kind == "" {
		return
	}
	read, ok := kinds[n.kind]
	if !ok {
		s.bad(line, "node %s has the type %q, which does not exist: use one of %s", n.name, n.kind, kindNames())
		return
	}
	sec.what = n.kind + " node " + n.name
	n.does = read(f, sec)
	sec.done()
	f.nodes[n.name] = n
	f.order = append(f.order, n)
}

// isID says whether a text can name a flow, a node, a calendar or a prompt file.
func isID(s string) bool {
	for _, c := range []byte(s) {
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
