package ua

import (
	"hotline/media"
	"hotline/media/sdp"
	"hotline/sip/trunk"
)

// listenFor says how the peer's keys come. It is called before the stream's description is used.
func (l *Leg) listenFor(k trunk.Keys) {
	l.keys = k
	l.local.NoEvents = !k.Any() && !k.Events
}

// takesInfo says whether keys in INFO count.
func (l *Leg) takesInfo() bool { return l.keys.Any() || l.keys.Info }

// keyTones says when keys are looked for in the speech: always where the trunk says so, and before a bridge where the peer has no
// telephone-event and nothing was said.
func (l *Leg) keyTones(c sdp.Chosen) media.KeyTones {
	switch {
	case l.keys.Tones:
		return media.TonesAlways
	case l.keys.Any() && c.EventType == 0:
		return media.TonesAlone
	}
	return media.TonesNever
}

// keysOf is how a trunk's keys come; of other peers nothing is known.
func (u *UA) keysOf(id string) trunk.Keys {
	if id == "" {
		return trunk.Keys{}
	}
	t, _ := u.Trunks.Trunk(id)
	return t.Keys
}
