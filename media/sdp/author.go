package sdp

// Author writes the descriptions of one dialog and counts the version of their o= line: it stays while the
// description is the same and rises by one when anything changed (RFC 3264 section 8). The zero value, with an
// ID, is ready. Not for use by several goroutines at once.
type Author struct {
	ID      uint64 // the session id of the o= line; any number that is not reused soon
	version uint64
	last    string
}

// Offer is MakeOffer with this author's id and version in place of l's.
func (a *Author) Offer(l Local) []byte {
	body, _, _ := a.revise(l, func(l Local) ([]byte, Chosen, error) { return MakeOffer(l), Chosen{}, nil })
	return body
}

// Answer is MakeAnswer with this author's id and version in place of l's. An error changes nothing.
func (a *Author) Answer(offer *Session, l Local) (body []byte, chosen Chosen, err error) {
	return a.revise(l, func(l Local) ([]byte, Chosen, error) { return MakeAnswer(offer, l) })
}

// revise writes with the last version first: only when that differs from what was said last is a new version due.
func (a *Author) revise(l Local, write func(Local) ([]byte, Chosen, error)) ([]byte, Chosen, error) {
	l.SessionID, l.Version = a.ID, a.version
	if a.last != "" {
		body, chosen, err := write(l)
		if err != nil || string(body) == a.last {
			return body, chosen, err
		}
	}
	l.Version = a.version + 1
	body, chosen, err := write(l)
	if err == nil {
		a.version, a.last = l.Version, string(body)
	}
	return body, chosen, err
}
