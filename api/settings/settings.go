// Package settings is the routes about how a centre is set up: its items and their versions, flows and their rehearsal, prompts, the people
// who sign in and are agents, and where calls would go.
package settings

import (
	"hotline/api/gate"
	"hotline/centre"
	"hotline/ivr"
	"hotline/number"
	"hotline/prompt"
	"hotline/route"
)

// Routes are the routes about the setting of a centre, with what they ask. All fields are required but Speaker.
type Routes struct {
	*gate.Gate
	Editor  *centre.Editor
	Prompts *prompt.Shelf
	Speaker ivr.Speaker         // text-to-speech; nil: there is none
	Table   func() *route.Table // that calls go by
	Region  func(number.Number) number.Region
}

// Add adds the routes.
func (s *Routes) Add() {
	s.centre()
	s.flows()
	s.prompts()
	s.people()
	s.dryRuns()
}
