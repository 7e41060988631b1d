package live

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
	"hotline/call"
	"hotline/callback"
)

type callbacksIn struct {
	gate.Paging
	Open  bool   `query:"open" doc:"only those that are still to come"`
	State string `query:"state" enum:"waiting,calling,done,failed,expired,cancelled"`
	Queue string `query:"queue" maxLength:"64"`
	Sort  string `query:"sort" enum:"askedAt,-askedAt,since,-since,notBefore,-notBefore,tries,-tries,queue,-queue,number,-number,state,-state" default:"-askedAt"`
}

type callbacksOut struct {
	Body struct {
		Callbacks []callback.Entry `json:"callbacks"`
		Total     int              `json:"total" doc:"on all pages"`
	}
}

type callbackIn struct {
	Body struct {
		Number    string    `json:"number" minLength:"1" maxLength:"60"`
		Queue     string    `json:"queue" minLength:"1" maxLength:"64"`
		Topic     string    `json:"topic,omitempty" maxLength:"64"`
		NotBefore time.Time `json:"notBefore,omitempty" doc:"the earliest time; now when absent, at most 30 days ahead"`
	}
}

type callbackOut struct{ Body callback.Entry }

type callbackID struct {
	ID string `path:"id"`
}

func (s *Routes) callbacks() {
	tags := []string{"callbacks"}
	gate.Add(s.Gate, account.Supervisor, huma.Operation{
		Method: "GET", Path: "/callbacks", Summary: "Customers who are to be called back, and who were", Tags: tags,
	}, func(ctx context.Context, _ gate.Identity, in *callbacksIn) (*callbacksOut, error) {
		all, total, err := s.Callbacks.List(ctx, callback.Query{
			Search: in.Search, Queue: in.Queue, Open: in.Open, State: callback.State(in.State), Sort: in.Sort, Offset: in.Offset, Limit: in.Limit,
		})
		out := &callbacksOut{}
		out.Body.Callbacks, out.Body.Total = gate.List(all), total
		return out, err
	})
	gate.Add(s.Gate, account.Supervisor, huma.Operation{
		Method: "POST", Path: "/callbacks", Summary: "Call a customer back when it is their turn; toll rules apply when it is dialled", Tags: tags, DefaultStatus: 201,
	}, func(ctx context.Context, who gate.Identity, in *callbackIn) (*callbackOut, error) {
		b := in.Body
		e, err := s.Callbacks.Add(ctx, callback.Wish{Number: b.Number, Queue: b.Queue, Topic: b.Topic, By: who.Name, NotBefore: b.NotBefore}, time.Now())
		if err != nil {
			return nil, err
		}
		s.Audit(ctx, who, "callback.add", string(e.ID), e.Queue)
		return &callbackOut{Body: e}, nil
	})
	gate.Add(s.Gate, account.Supervisor, huma.Operation{
		Method: "POST", Path: "/callbacks/{id}/now", Summary: "Make the next try of an open callback due at once; 409 while its queue is closed", Tags: tags,
	}, func(ctx context.Context, who gate.Identity, in *callbackID) (*callbackOut, error) {
		e, err := s.Callbacks.Now(ctx, call.ID(in.ID), time.Now())
		if err != nil {
			return nil, err
		}
		s.Audit(ctx, who, "callback.now", in.ID, e.Queue)
		return &callbackOut{Body: e}, nil
	})
	gate.Add(s.Gate, account.Supervisor, huma.Operation{
		Method: "DELETE", Path: "/callbacks/{id}", Summary: "Take a callback back; a call for it ends", Tags: tags,
	}, func(ctx context.Context, who gate.Identity, in *callbackID) (*gate.Nothing, error) {
		if err := s.Callbacks.Cancel(ctx, call.ID(in.ID), time.Now()); err != nil {
			return nil, err
		}
		s.Audit(ctx, who, "callback.cancel", in.ID, "")
		return &gate.Nothing{}, nil
	})
}
