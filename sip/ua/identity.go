package ua

import (
	"strings"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/trunk"
)

// numbersOf are the caller's number and name and the dialled number of a trunk's INVITE, where the trunk says in which headers to look;
// what it says nothing of is as callerOf and dialled find it. A header that is not there, or hides its number, is passed over.
func numbersOf(req *sip.Request, t trunk.Trunk) (caller, name, called string) {
	caller, name = callerOf(req)
	for _, where := range t.CallerFrom {
		if user, display, ok := numberIn(req, where); ok {
			caller, name = user, display
			break
		}
	}
	called = dialled(req, t)
	for _, where := range t.CalledFrom {
		user, _, ok := numberIn(req, where)
		if contact := t.Register; ok && (contact == nil || user != contact.Contact) {
			called = user
			break
		}
	}
	return caller, name, called
}

// numberIn reads the number in one place of a request: the first of a list, which is who forwarded last in Diversion (RFC 5806 section 4)
// and who was called first in History-Info (RFC 7044 section 5).
func numberIn(req *sip.Request, where string) (user, name string, ok bool) {
	if where == trunk.RequestURI {
		return req.Recipient.User, "", req.Recipient.User != ""
	}
	h := req.GetHeader(where)
	if h == nil {
		return "", "", false
	}
	user, name, ok = asserted(firstOf(h.Value()))
	return user, name, ok && !strings.EqualFold(user, "anonymous")
}

// firstOf is the first of a list of addresses: it ends at a comma outside quotes and angle brackets.
func firstOf(list string) string {
	quoted, inside := false, false
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == '<' || c == '>'):
			inside = c == '<'
		case c == ',' && !quoted && !inside:
			return list[:i]
		}
	}
	return list
}
