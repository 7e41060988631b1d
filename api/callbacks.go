package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/call"
	"hotline/callback"
)

type callbacksIn struct {
	Open  bool `query:"open" doc:"only those that are still to come"`
	Limit int  `query:"limit" minimum:"1" maximum:"1000" default:"200"`
}

type callbacksOut struct{ Body []callback.Entry }

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

func (s *server) callbacks(api huma.API) {
	tags := []string{"callbacks"}
	add(s, api, account.Supervisor, huma.Operation{
		Method: "GET", Path: "/callbacks", Summary: "Customers who are to be called back, and the latest who were", Tags: tags,
	}, func(ctx context.Context, _ Identity, in *callbacksIn) (*callbacksOut, error) {
		all, err := s.Callbacks.List(ctx, in.Limit)
		out := &callbacksOut{Body: []callback.Entry{}}
		for _, e := range all {
			if !in.Open || e.State.Open() {
				out.Body = append(out.Body, e)
			}
		}
		return out, err
	})
	add(s, api, account.Supervisor, huma.Operation{
		Method: "POST", Path: "/callbacks", Summary: "Call a customer back when it is their turn; toll rules apply when it is dialled", Tags: tags, DefaultStatus: 201,
	}, func(ctx context.Context, who Identity, in *callbackIn) (*callbackOut, error) {
		b := in.Body
		e, err := s.Callbacks.Add(ctx, callback.Wish{Number: b.Number, Queue: b.Queue, Topic: b.Topic, By: who.Name, NotBefore: b.NotBefore}, time.Now())
		if err != nil {
			return nil, err
		}
		s.trail(ctx, who, "callback.add", string(e.ID), e.Queue)
		return &callbackOut{Body: e}, nil
	})
	add(s, api, account.Supervisor, huma.Operation{
		Method: "DELETE", Path: "/callbacks/{id}", Summary: "Take a callback back; a call for it ends", Tags: tags,
	}, func(ctx context.Context, who Identity, in *callbackID) (*nothing, error) {
		if err := s.Callbacks.Cancel(ctx, call.ID(in.ID), time.Now()); err != nil {
			return nil, err
		}
		s.trail(ctx, who, "callback.cancel", in.ID, "")
		return &nothing{}, nil
	})
}
