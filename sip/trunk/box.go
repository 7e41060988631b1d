package trunk

import (
	"errors"
	"fmt"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// ErrQuestion is wrapped by what Ask returns for a line that is no header, and for one that cannot be read.
var ErrQuestion = errors.New("no header")

// Question is what the test box is asked: a call in from Number, and a call out to Number.
type Question struct {
	Number   string
	Dialled  string   // in the Request-URI of the call in; "": Number
	Headers  []string // of the call in, as "Name: value"; From and To replace what Number and Dialled say
	From     string   // shown by the call out; "": the trunk's CallerID
	Forwards string   // who forwards the call out; "": nobody
	Host     string   // ours, towards the trunk's first target
}

// Answer is what the box answers. Sent is nil for a trunk without targets.
type Answer struct {
	Heard Heard
	Sent  *Sent
}

// Ask shows what the numbers become on this trunk; it is Read and Send on a call that there is not.
func (t Trunk) Ask(q Question) (Answer, error) {
	req, err := q.invite()
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Heard: t.Read(req)}
	if len(t.Targets) > 0 {
		s := t.Send(Calling{Number: q.Number, Caller: q.From, Forwards: q.Forwards, Host: q.Host, To: t.Targets[0].Host()})
		a.Sent = &s
	}
	return a, nil
}

// invite makes the INVITE that such a call in would begin with.
func (q Question) invite() (*sip.Request, error) {
	dialled := q.Dialled
	if dialled == "" {
		dialled = q.Number
	}
	from := sip.FromHeader{Address: sip.Uri{Scheme: "sip", User: q.Number, Host: nowhere}, Params: sip.NewParams()}
	to := sip.ToHeader{Address: sip.Uri{Scheme: "sip", User: dialled, Host: nowhere}, Params: sip.NewParams()}
	req := sip.NewRequest(sip.INVITE, sip.Uri{Scheme: "sip", User: dialled, Host: nowhere})
	for _, line := range q.Headers {
		name, value, ok := strings.Cut(line, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok || name == "" || value == "" || strings.ContainsAny(line, "\r\n") {
			return nil, fmt.Errorf("%w: %q is not written like Diversion: <sip:4008001234@carrier>", ErrQuestion, line)
		}
		var err error
		switch {
		case strings.EqualFold(name, From):
			from.DisplayName, err = sip.ParseAddressValue(value, &from.Address, &from.Params)
		case strings.EqualFold(name, To):
			to.DisplayName, err = sip.ParseAddressValue(value, &to.Address, &to.Params)
		default:
			req.AppendHeader(sip.NewHeader(name, value))
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %q: %w", ErrQuestion, line, err)
		}
	}
	req.AppendHeader(&from)
	req.AppendHeader(&to)
	return req, nil
}
