package event

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
	"hotline/sip/transaction"
)

// changed notes that there is something new.
func (s *subscription) changed() {
	s.dirty = true
	s.send()
}

// finish ends a subscription with a last word.
func (s *subscription) finish(reason string) {
	if s.gone || s.reason != "" {
		return
	}
	s.reason, s.dirty = reason, true
	s.pause.Stop()
	s.pause = nil
	s.send()
}

// send tells the state, where there is something to tell, no NOTIFY is under way and the last is long enough ago.
func (s *subscription) send() {
	if s.gone || s.busy || !s.dirty {
		return
	}
	if s.pause != nil && s.reason == "" {
		return
	}
	s.pause.Stop()
	s.dirty, s.busy = false, true
	last := s.reason != ""
	s.pause = s.n.tx.After(s.callID, s.n.cfg.Every, func() {
		s.pause = nil
		s.send()
	})
	s.n.tx.Request(s.notify(), s.usage.Peer, func(r transaction.Reply) {
		switch {
		case r.Err == nil && r.Response.StatusCode < 200:
		case r.Err != nil, r.Response.StatusCode >= 300, last:
			s.drop() // nobody is there who wants it (RFC 6665 4.2.2), or all is said
		default:
			s.busy = false
			s.send()
		}
	})
}

// drop forgets the subscription.
func (s *subscription) drop() {
	if s.gone {
		return
	}
	s.gone = true
	s.expiry.Stop()
	s.pause.Stop()
	s.n.remove(s)
}

func (s *subscription) notify() *sip.Request {
	req := s.usage.Request(sip.NOTIFY, 0)
	kind := s.kind
	if s.id != "" {
		kind += ";id=" + s.id
	}
	state := "terminated;reason=" + s.reason
	if s.reason == "" {
		state = "active;expires=" + message.Seconds(max(time.Until(s.until), time.Second))
	}
	req.AppendHeader(s.contact())
	req.AppendHeader(sip.NewHeader("Event", kind))
	req.AppendHeader(sip.NewHeader("Subscription-State", state))
	req.AppendHeader(sip.NewHeader("Allow-Events", AllowEvents))
	t := sip.ContentTypeHeader(kinds[s.kind])
	req.AppendHeader(&t)
	req.SetBody(s.body())
	return req
}

// body is the whole state, as it is now.
func (s *subscription) body() []byte {
	c := &s.n.cfg
	entity := "sip:" + s.resource + "@" + c.Domain(s.usage.Peer)
	switch s.kind {
	case Dialog:
		s.version++
		return dialogInfo(entity, s.version-1, s.n.Calls(s.resource), c.Domain(s.usage.Peer))
	case Presence:
		return pidf(entity, c.Presence(s.resource))
	}
	fresh, old := 0, 0
	if c.Box != nil {
		fresh, old = c.Box(s.resource)
	}
	return summary(entity, fresh, old)
}
