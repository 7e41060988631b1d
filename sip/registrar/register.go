package registrar

import (
	"slices"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transaction"
)

// Register answers one REGISTER (RFC 3261 10.3); on the lane, never waits. Who is not allowed learns nothing: 401 for an
// unknown user as for a wrong password, 403 for somebody else's address.
func (r *Registrar) Register(tx *transaction.Server) {
	user, challenge, ok := r.AuthenticateFrom(tx.Request, tx.From, false)
	switch {
	case !ok && challenge == nil:
		r.refuse(tx, &refusal{403, "Forbidden", nil})
	case !ok:
		res := tx.Response(401, "Unauthorized", nil)
		for _, h := range challenge {
			res.AppendHeader(h)
		}
		r.respond(tx, res)
	case tx.Request.To() == nil || tx.Request.To().Address.User != user:
		r.log.Warn("registration of somebody else's address refused", "source", tx.From.Addr.Addr().String())
		r.refuse(tx, &refusal{403, "Forbidden", nil})
	default:
		r.change(tx, user)
	}
}

func (r *Registrar) change(tx *transaction.Server, user string) {
	now := time.Now()
	list, star, no := wishes(tx.Request, r.cfg.MaxContacts)
	if no != nil {
		r.refuse(tx, no)
		return
	}
	if star || len(list) > 0 {
		no = r.update(user, func(old []Contact) ([]Contact, *refusal) {
			old = live(old, now)
			if star {
				return r.removeAll(old, tx.Request)
			}
			return r.apply(old, list, tx, now)
		})
	}
	if no != nil {
		r.refuse(tx, no)
		return
	}
	res := tx.Response(200, "OK", nil)
	for _, c := range r.Contacts(user) {
		res.AppendHeader(c.header(now))
	}
	res.AppendHeader(sip.NewHeader("Date", now.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")))
	r.respond(tx, res)
}

// removeAll is "Contact: *" with Expires: 0; the order rule holds for each binding.
func (r *Registrar) removeAll(old []Contact, req *sip.Request) ([]Contact, *refusal) {
	for _, c := range old {
		if !inOrder(c, req) {
			return nil, outOfOrder()
		}
	}
	return nil, nil
}

// apply makes the new bindings of a user; either all wishes are granted or none (RFC 3261 10.3 step 7).
func (r *Registrar) apply(old []Contact, list []wish, tx *transaction.Server, now time.Time) ([]Contact, *refusal) {
	contacts := slices.Clone(old)
	for _, w := range list {
		life, no := r.life(w)
		if no != nil {
			return nil, no
		}
		i := slices.IndexFunc(contacts, func(c Contact) bool { return w.is(c) })
		if i >= 0 && !inOrder(contacts[i], tx.Request) {
			return nil, outOfOrder()
		}
		switch {
		case life == 0 && i >= 0:
			contacts = slices.Delete(contacts, i, i+1)
		case life == 0:
		case i >= 0:
			contacts[i] = bind(w, tx, now, life, contacts[i].Since)
		default:
			contacts = append(contacts, bind(w, tx, now, life, now))
		}
	}
	return r.crop(contacts), nil
}

// crop drops the bindings that were refreshed longest ago where there are too many: a phone that lost its memory must
// not be locked out by what it left behind.
func (r *Registrar) crop(contacts []Contact) []Contact {
	for len(contacts) > r.cfg.MaxContacts {
		oldest := 0
		for i, c := range contacts {
			if c.Refreshed.Before(contacts[oldest].Refreshed) {
				oldest = i
			}
		}
		contacts = slices.Delete(contacts, oldest, oldest+1)
	}
	return contacts
}

// is tells whether a wish is about that binding: the same device by RFC 5626, or the same URI.
func (w wish) is(c Contact) bool {
	if w.instance != "" && c.Instance != "" {
		return w.instance == c.Instance
	}
	return sameURI(w.uri, c.URI)
}

// life is how long a binding will live: 0 removes it, too short is 423 (RFC 3261 10.3 step 7).
func (r *Registrar) life(w wish) (time.Duration, *refusal) {
	d := w.expires
	if d < 0 {
		d = r.cfg.Default
	}
	if d > 0 && d < r.cfg.MinExpires {
		least := int((r.cfg.MinExpires + time.Second - 1) / time.Second)
		return 0, &refusal{423, "Interval Too Brief", sip.NewHeader("Min-Expires", strconv.Itoa(least))}
	}
	return min(d, r.cfg.MaxExpires), nil
}

func bind(w wish, tx *transaction.Server, now time.Time, life time.Duration, since time.Time) Contact {
	c := Contact{
		URI: w.uri, Peer: tx.From, Expires: now.Add(life), Q: w.q, Since: since, Instance: w.instance, Refreshed: now,
		CallID: tx.Request.CallID().Value(), CSeq: tx.Request.CSeq().SeqNo,
	}
	if hs := tx.Request.GetHeaders("User-Agent"); len(hs) > 0 {
		c.Agent = hs[0].Value()
		c.Agent = c.Agent[:min(len(c.Agent), maxContactLen)]
	}
	return c
}

// inOrder is the Call-ID and CSeq rule: within one Call-ID only a higher CSeq changes a binding (RFC 3261 10.3 step 7).
func inOrder(c Contact, req *sip.Request) bool {
	return c.CallID != req.CallID().Value() || req.CSeq().SeqNo > c.CSeq
}

func outOfOrder() *refusal { return &refusal{500, "CSeq Out Of Order", nil} }

func (r *Registrar) refuse(tx *transaction.Server, no *refusal) {
	res := tx.Response(no.code, no.reason, nil)
	if no.header != nil {
		res.AppendHeader(no.header)
	}
	r.respond(tx, res)
}

func (r *Registrar) respond(tx *transaction.Server, res *sip.Response) {
	if r.cfg.Agent != "" {
		res.AppendHeader(sip.NewHeader("Server", r.cfg.Agent))
	}
	tx.Respond(res)
}
