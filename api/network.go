package api

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/number"
	"hotline/sip/trunk"
)

type targetView struct {
	Address    string          `json:"address" doc:"empty while nothing is known of the name"`
	Host       string          `json:"host,omitempty" doc:"the name that stands for the address"`
	Network    string          `json:"network"`
	Up         bool            `json:"up"`
	Since      time.Time       `json:"since"`
	Why        string          `json:"why,omitempty"`
	Registered *registeredView `json:"registration,omitempty"`
	Busy       time.Time       `json:"busyUntil,omitempty,omitzero" doc:"asked to be left alone until then"`
}

type registeredView struct {
	Registered bool      `json:"registered"`
	Since      time.Time `json:"since"`
	Until      time.Time `json:"until,omitempty,omitzero" doc:"when the carrier forgets us, unless it is told again"`
	Why        string    `json:"why,omitempty" doc:"the last failure"`
}

type trunkView struct {
	ID       string       `json:"id"`
	Name     string       `json:"name,omitempty"`
	Calls    int          `json:"calls"`
	MaxCalls int          `json:"maxCalls,omitempty"`
	Refused  uint64       `json:"refused" doc:"calls refused for want of room"`
	Barred   uint64       `json:"barred" doc:"calls out that the toll guard refused"`
	Today    int          `json:"callsToday" doc:"calls out today, for the day's limit"`
	Minutes  int          `json:"minutesToday" doc:"minutes begun of calls out today"`
	Targets  []targetView `json:"targets"`
	SRTP     string       `json:"srtp" doc:"off, optional or required"`
}

type trunksOut struct{ Body []trunkView }

type contactView struct {
	URI     string    `json:"uri"`
	From    string    `json:"from" doc:"the address it registered from"`
	Expires time.Time `json:"expires"`
	Agent   string    `json:"userAgent,omitempty"`
}

type registrationView struct {
	User     string        `json:"user"`
	Contacts []contactView `json:"contacts"`
}

type registrationsOut struct{ Body []registrationView }

type numberIn struct {
	Number string `path:"number" maxLength:"60"`
}

type numberOut struct {
	Body struct {
		Raw        string `json:"raw"`
		E164       string `json:"e164,omitempty"`
		Kind       string `json:"kind"`
		Print      string `json:"print"`
		Masked     string `json:"masked"`
		Region     string `json:"region,omitempty"`
		Confidence int    `json:"confidence"`
		Source     string `json:"source,omitempty"`
	}
}

func (s *server) network(api huma.API) {
	tags := []string{"network"}
	add(s, api, account.Supervisor, huma.Operation{Method: "GET", Path: "/trunks", Summary: "Trunks and their health", Tags: tags}, s.listTrunks)
	add(s, api, account.Supervisor, huma.Operation{Method: "GET", Path: "/trunks/{id}/test", Summary: "What a number becomes on a trunk", Tags: tags}, s.testTrunk)
	add(s, api, account.Supervisor, huma.Operation{Method: "GET", Path: "/registrations", Summary: "Phones that are registered", Tags: tags}, s.listRegistrations)
	add(s, api, account.Supervisor, huma.Operation{Method: "GET", Path: "/numbers/{number}", Summary: "What a number is, and where from", Tags: tags}, s.aboutNumber)
}

func (s *server) listTrunks(context.Context, Identity, *nothing) (*trunksOut, error) {
	out := &trunksOut{Body: []trunkView{}}
	for _, t := range s.Trunks.Snapshot() {
		v := trunkView{ID: t.ID, Name: t.Name, Calls: t.Calls, MaxCalls: t.MaxCalls, Refused: t.Refused, Barred: t.Barred, Today: t.Today.Calls, Minutes: t.Today.Minutes, Targets: []targetView{}, SRTP: s.SRTP(t.ID)}
		for _, h := range t.Targets {
			v.Targets = append(v.Targets, targetView{Address: addressOf(h.Target), Host: h.Target.Name, Network: h.Target.Network, Up: h.Up, Since: h.Since, Why: h.Why, Busy: h.BusyUntil, Registered: registered(h.Registration)})
		}
		out.Body = append(out.Body, v)
	}
	return out, nil
}

func addressOf(t trunk.Target) string {
	if !t.Addr.IsValid() {
		return ""
	}
	return t.Addr.String()
}

func registered(r *trunk.Registration) *registeredView {
	if r == nil {
		return nil
	}
	return &registeredView{Registered: r.Registered, Since: r.Since, Until: r.Until, Why: r.Why}
}

func (s *server) listRegistrations(context.Context, Identity, *nothing) (*registrationsOut, error) {
	out := &registrationsOut{Body: []registrationView{}}
	phones := s.Registrar.Snapshot()
	for _, user := range slices.Sorted(maps.Keys(phones)) {
		v := registrationView{User: user, Contacts: []contactView{}}
		for _, c := range phones[user] {
			v.Contacts = append(v.Contacts, contactView{URI: c.URI.String(), From: c.Peer.Network + ":" + c.Peer.Addr.String(), Expires: c.Expires, Agent: c.Agent})
		}
		out.Body = append(out.Body, v)
	}
	return out, nil
}

func (s *server) aboutNumber(_ context.Context, _ Identity, in *numberIn) (*numberOut, error) {
	n := number.Parse(in.Number)
	r := s.Region(n)
	out := &numberOut{}
	b := &out.Body
	b.Raw, b.E164, b.Kind, b.Print, b.Masked = n.Raw, string(n.E164), string(n.Kind), n.Print(), n.Masked()
	b.Region, b.Confidence, b.Source = r.String(), r.Confidence, r.Source
	return out, nil
}
