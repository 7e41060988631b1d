// Package ivr holds voice flows: it reads them from YAML, checks them, and runs one for each call.
//
// A flow is a graph of named nodes. Read turns a file into a Flow and reports every mistake at once, each with its line. A Library is all
// flows together; package lint looks at how they fit. Run is a plain state machine: Step takes one input and answers with commands; between
// two steps it waits for exactly one thing or has ended. Package rehearsal leads one without a telephone.
//
// It is not a player, a dialler or a clock: it plays nothing, dials nobody, opens no connection and never asks what time it
// is. Whoever runs it (package call) carries the commands out and brings the results back as inputs.
package ivr
