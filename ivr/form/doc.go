// Package form reads the file of a flow as a form that is filled in: a Section is one mapping of it, asked key by key, and every mistake is
// noted with its line instead of stopping at the first. What a section was asked for is also what an editor may offer (Key).
//
// It knows how a key is written, not what a node does with it: that is package ivr.
package form
