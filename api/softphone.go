package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
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

// softphone is the WebSocket that docs/protocols/softphone.md describes.
func (s *server) softphone(mux routes) {
	if s.Softphones == nil {
		return
	}
	op := huma.Operation{
		Method: "GET", Path: "/api/v1/softphone", OperationID: "softphone", Summary: "The connection of a page: what is live, and the telephone of an agent, a WebSocket",
		Tags:        []string{"network"},
		Description: "JSON commands and events; the origin must be this one or one of http.origins. Only agents who have a phone can telephone.",
		Responses:   map[string]*huma.Response{"101": {Description: "Switching Protocols"}},
	}
	answers(&op, 403)
	s.plainRoute(mux, account.Agent, op, func(w http.ResponseWriter, r *http.Request) {
		who := asker(r.Context())
		user := s.PhoneOf(who.Agent)
		during, end := s.whileSignedIn(r, s.recheck, func(now Identity) bool {
			return now.Agent == who.Agent && now.masks() == who.masks() && s.PhoneOf(now.Agent) == user // neither the agent nor the phone is another's by now
		})
		defer end()
		//nolint:contextcheck // it ends with the request and with the session
		s.Softphones.Serve(w, r.WithContext(during), user, who.masks(), s.partyOf(who), s.watch(who))
	})
}

// partyOf finds whom somebody may dial without seeing the number: the other party of a call of theirs, or the caller of a ticket.
func (s *server) partyOf(who Identity) Find {
	return func(ctx context.Context, record, ticket string) (string, error) {
		to, err := s.party(ctx, who, record, ticket)
		if err != nil {
			_, sentence := s.answer(err)
			return "", errors.New(sentence)
		}
		if len(to) < 2 || strings.Trim(strings.TrimPrefix(to, "+"), "0123456789*#") != "" {
			return "", errors.New("This has no number that could be dialled.") //nolint:staticcheck // a sentence for a person
		}
		return to, nil
	}
}

func (s *server) party(ctx context.Context, who Identity, record, ticket string) (string, error) {
	if ticket != "" {
		t, err := s.Desk.Get(ctx, ticket)
		return t.Caller, err
	}
	r, err := s.record(ctx, who, record)
	if p := r.Other(who.Agent); p != (cdr.Party{}) {
		return p.Best(), err
	}
	return r.Caller.Best(), err
}
