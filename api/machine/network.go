package machine

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
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

type trunksIn struct {
	gate.Paging
	Health string `query:"health" enum:"up,down" doc:"down: a target is, or is not registered where it should be"`
	Sort   string `query:"sort" enum:"id,-id,name,-name,calls,-calls,refused,-refused,callsToday,-callsToday" doc:"the order of the centre when left out"`
}

type trunksOut struct {
	Body struct {
		Trunks []trunkView `json:"trunks"`
		Total  int         `json:"total" doc:"on all pages"`
	}
}

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

type registrationsIn struct {
	Search  string `query:"search" maxLength:"100" doc:"part of the user, the address or the device's name"`
	Offset  int    `query:"offset" minimum:"0"`
	Limit   int    `query:"limit" minimum:"1" maximum:"10000" default:"100"`
	Network string `query:"network" enum:"udp,tcp,tls,ws,wss"`
	Sort    string `query:"sort" enum:"user,-user,from,-from,userAgent,-userAgent,expires,-expires" default:"user" doc:"of a phone in several places the first decides"`
}

type registrationsOut struct {
	Body struct {
		Registrations []registrationView `json:"registrations"`
		Total         int                `json:"total" doc:"on all pages"`
	}
}

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

func (s *Routes) network() {
	tags := []string{"network"}
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "GET", Path: "/trunks", Summary: "Trunks and their health", Tags: tags}, s.listTrunks)
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "GET", Path: "/trunks/{id}/test", Summary: "What a number becomes on a trunk", Tags: tags}, s.testTrunk)
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "GET", Path: "/registrations", Summary: "Phones that are registered", Tags: tags}, s.listRegistrations)
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "GET", Path: "/numbers/{number}", Summary: "What a number is, and where from", Tags: tags}, s.aboutNumber)
}

func (s *Routes) listTrunks(_ context.Context, _ gate.Identity, in *trunksIn) (*trunksOut, error) {
	var all []trunkView
	for _, t := range s.Trunks.Snapshot() {
		v := trunkView{ID: t.ID, Name: t.Name, Calls: t.Calls, MaxCalls: t.MaxCalls, Refused: t.Refused, Barred: t.Barred, Today: t.Today.Calls, Minutes: t.Today.Minutes, Targets: []targetView{}, SRTP: s.SRTP(t.ID)}
		for _, h := range t.Targets {
			v.Targets = append(v.Targets, targetView{Address: addressOf(h.Target), Host: h.Target.Name, Network: h.Target.Network, Up: h.Up, Since: h.Since, Why: h.Why, Busy: h.BusyUntil, Registered: registered(h.Registration)})
		}
		all = append(all, v)
	}
	out := &trunksOut{}
	out.Body.Trunks, out.Body.Total = gate.Paged(all, in.Paging, in.Sort, in.fits, trunkView.compare)
	return out, nil
}

func (in *trunksIn) fits(t trunkView) bool {
	texts, down := []string{t.ID, t.Name}, false
	for _, x := range t.Targets {
		texts = append(texts, x.Address, x.Host)
		down = down || !x.Up || x.Registered != nil && !x.Registered.Registered
	}
	return (in.Health == "" || (in.Health == "down") == down) && in.Has(texts...)
}

func (t trunkView) compare(o trunkView, by string) int {
	switch by {
	case "name":
		return gate.Folded(cmp.Or(t.Name, t.ID), cmp.Or(o.Name, o.ID))
	case "calls":
		return cmp.Compare(t.Calls, o.Calls)
	case "refused":
		return cmp.Compare(t.Refused, o.Refused)
	case "callsToday":
		return cmp.Compare(t.Today, o.Today)
	default:
		return gate.Folded(t.ID, o.ID)
	}
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

func (s *Routes) listRegistrations(_ context.Context, _ gate.Identity, in *registrationsIn) (*registrationsOut, error) {
	var all []registrationView
	phones := s.Registrar.Snapshot()
	for _, user := range slices.Sorted(maps.Keys(phones)) {
		v := registrationView{User: user, Contacts: []contactView{}}
		for _, c := range phones[user] {
			v.Contacts = append(v.Contacts, contactView{URI: c.URI.String(), From: c.Peer.Network + ":" + c.Peer.Addr.String(), Expires: c.Expires, Agent: c.Agent})
		}
		all = append(all, v)
	}
	out := &registrationsOut{}
	out.Body.Registrations, out.Body.Total = gate.Paged(all, in.paging(), in.Sort, in.fits, registrationView.compare)
	return out, nil
}

func (in *registrationsIn) fits(r registrationView) bool {
	texts, over := []string{r.User}, in.Network == ""
	for _, c := range r.Contacts {
		texts = append(texts, c.From, c.Agent)
		over = over || strings.HasPrefix(c.From, in.Network+":")
	}
	return over && in.paging().Has(texts...)
}

// paging is that of every list, with a limit of its own: the page of all phones says of each whether it is registered.
func (in *registrationsIn) paging() gate.Paging {
	return gate.Paging{Search: in.Search, Offset: in.Offset, Limit: in.Limit}
}

func (r registrationView) compare(o registrationView, by string) int {
	var a, b contactView
	if len(r.Contacts) > 0 {
		a = r.Contacts[0]
	}
	if len(o.Contacts) > 0 {
		b = o.Contacts[0]
	}
	switch by {
	case "from":
		return strings.Compare(a.From, b.From)
	case "userAgent":
		return gate.Folded(a.Agent, b.Agent)
	case "expires":
		return a.Expires.Compare(b.Expires)
	default:
		return strings.Compare(r.User, o.User)
	}
}

func (s *Routes) aboutNumber(_ context.Context, _ gate.Identity, in *numberIn) (*numberOut, error) {
	n := number.Parse(in.Number)
	r := s.Region(n)
	out := &numberOut{}
	b := &out.Body
	b.Raw, b.E164, b.Kind, b.Print, b.Masked = n.Raw, string(n.E164), string(n.Kind), n.Print(), n.Masked()
	b.Region, b.Confidence, b.Source = r.String(), r.Confidence, r.Source
	return out, nil
}
