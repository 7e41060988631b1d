package live

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
	"hotline/api/records"
	"hotline/cdr"
)

// Softphones are the connections of browsers: telephones of the phone user, "" for who has none. Masks hides numbers, find gives a number to
// who may not see it, and watch tells what is live. When the request's context ends, whoever it is may do none of it any more.
type Softphones interface {
	Serve(w http.ResponseWriter, r *http.Request, user string, masks bool, find Find, watch Watch)
}

// Find is the number of the other party of a call of the records, or of the caller of a ticket: one of the two is "". Its error is a sentence
// for a person.
type Find = func(ctx context.Context, record, ticket string) (string, error)

// Watch tells what is live until ctx ends. Tell is false for a page that cannot take more at the moment.
type Watch = func(ctx context.Context, tell func(event any) bool)

// recheckPhone is how long a telephone may outlive a session that was revoked or has expired, and a phone that became another's; signing
// out ends it at once.
const recheckPhone = 15 * time.Second

// softphone is the WebSocket that docs/protocols/softphone.md describes.
func (s *Routes) softphone() {
	if s.Softphones == nil {
		return
	}
	op := huma.Operation{
		Method: "GET", Path: "/api/v1/softphone", OperationID: "softphone", Summary: "The connection of a page: what is live, and the telephone of an agent, a WebSocket",
		Tags:        []string{"network"},
		Description: "JSON commands and events; the origin must be this one or one of http.origins. Only agents who have a phone can telephone.",
		Responses:   map[string]*huma.Response{"101": {Description: "Switching Protocols"}},
	}
	gate.Answers(&op, 403)
	s.Plain(account.Agent, op, func(w http.ResponseWriter, r *http.Request) {
		who := gate.Asker(r.Context())
		user := s.PhoneOf(who.Agent)
		during, end := s.WhileSignedIn(r, s.recheck, func(now gate.Identity) bool {
			return now.Agent == who.Agent && now.Masks() == who.Masks() && s.PhoneOf(now.Agent) == user // neither the agent nor the phone is another's by now
		})
		defer end()
		//nolint:contextcheck // it ends with the request and with the session
		s.Softphones.Serve(w, r.WithContext(during), user, who.Masks(), s.partyOf(who), s.watch(who))
	})
}

// partyOf finds whom somebody may dial without seeing the number: the other party of a call of theirs, or the caller of a ticket.
func (s *Routes) partyOf(who gate.Identity) Find {
	return func(ctx context.Context, record, ticket string) (string, error) {
		to, err := s.party(ctx, who, record, ticket)
		if err != nil {
			_, sentence := s.Answer(err)
			return "", errors.New(sentence)
		}
		if len(to) < 2 || strings.Trim(strings.TrimPrefix(to, "+"), "0123456789*#") != "" {
			return "", errors.New("This has no number that could be dialled.") //nolint:staticcheck // a sentence for a person
		}
		return to, nil
	}
}

func (s *Routes) party(ctx context.Context, who gate.Identity, record, ticket string) (string, error) {
	if ticket != "" {
		t, err := s.TicketOf(ctx, ticket)
		return t.Caller, err
	}
	r, err := records.Find(ctx, s.Calls, who, record)
	if p := r.Other(who.Agent); p != (cdr.Party{}) {
		return p.Best(), err
	}
	return r.Caller.Best(), err
}
