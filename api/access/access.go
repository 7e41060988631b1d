// Package access is the routes by which people and programs get in: signing in and out, the first administrator, passwords, tokens, and the
// audit log of what everybody did then.
package access

import (
	"hotline/account"
	"hotline/api/gate"
)

// Routes are the routes about access, with what they ask. All fields are required.
type Routes struct {
	*gate.Gate
	Trail    account.Trail
	Download account.Role // the least that may save recordings as files: a page is told
}

// Add adds the routes.
func (s *Routes) Add() {
	s.sessions()
	s.passwords()
	s.admin()
}
