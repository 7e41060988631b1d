package ua

import (
	"hotline/ivr"
	"hotline/media/sdp"
	"hotline/media/srtp"
	"hotline/sip/transport"
)

// SRTP is what a node has decided about protected sound. The zero value is plain RTP for everybody.
type SRTP struct {
	Policy  func(trunk, phone string) sdp.Security // of a trunk or a phone, both "" for neither; nil: off
	InClear bool                                   // keys may travel by SIP that others can read
	Strict  bool                                   // our offers say RTP/SAVP even where SRTP is optional
}

// towards is the policy for a peer. Keys that others can read protect nothing: by SIP in the clear optional is off, and required has no
// keys to offer or to answer with, so that it refuses.
func (s SRTP) towards(peer transport.Peer, trunk, phone string) (policy sdp.Security, keys bool) {
	if s.Policy == nil {
		return sdp.SecurityOff, false
	}
	policy = s.Policy(trunk, phone)
	private := s.InClear || peer.Network == "tls" || peer.Network == "wss"
	if policy == sdp.SecurityOptional && !private {
		policy = sdp.SecurityOff
	}
	return policy, private && policy != sdp.SecurityOff
}

// secure puts what may be agreed with a peer into the leg's description. The leg keeps its keys, whatever is agreed how often.
func (l *Leg) secure(peer transport.Peer, trunk, phone string) {
	policy, keys := l.ua.SRTP.towards(peer, trunk, phone)
	l.local.Security, l.local.Strict, l.local.Keys = policy, l.ua.SRTP.Strict, nil
	if policy == sdp.SecurityRequired && !keys {
		l.ua.Logger.Warn("SRTP is required, but its keys may not travel in the clear", "leg", l.id(), "trunk", trunk, "phone", phone, "network", peer.Network)
	}
	if !keys {
		return
	}
	if l.secrets == nil {
		l.secrets = freshKeys(srtp.Key{})
	}
	l.local.Keys = l.secrets
}

// secureWay is secure for one way of an outgoing leg.
func (l *Leg) secureWay(w way) {
	trunk, phone := "", ""
	if w.trunk != nil {
		trunk = w.trunk.ID
	} else if l.dial.Target.Kind == ivr.ToPhone {
		phone = l.dial.Target.Value
	}
	l.secure(w.peer, trunk, phone)
}

// settle goes on with the key that was agreed. The others were told to the peer and are not used again: a key must not begin anew, as one
// that the peer returns to would.
func (l *Leg) settle(agreed srtp.Key) {
	if agreed.On() && (len(l.secrets) == 0 || l.secrets[0] != agreed) {
		l.secrets = freshKeys(agreed)
		l.local.Keys = l.secrets
	}
}

// freshKeys has a key for each suite, that one first.
func freshKeys(first srtp.Key) []srtp.Key {
	var all []srtp.Key
	if first.On() {
		all = append(all, first)
	}
	for _, s := range srtp.Suites {
		if s != first.Suite() {
			all = append(all, srtp.NewKey(s))
		}
	}
	return all
}
