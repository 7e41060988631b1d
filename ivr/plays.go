package ivr

import "slices"

// Plays are the names of the sound files that the flow may play, each once, by name; those that a variable decides are not among them.
func (f *Flow) Plays() []string {
	var names []string
	for _, n := range f.Nodes {
		for _, p := range n.Prompts {
			if file, fixed := p.File.Fixed(); fixed && file != "" {
				names = append(names, file)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
