package ua

import (
	"slices"

	"hotline/ivr"
	"hotline/media/codec"
)

// speak puts the codecs of a trunk or a phone into the leg's description. That of the other leg comes first, where it is among them: then
// nothing need be converted.
func (l *Leg) speak(trunk, phone string) {
	all := []codec.Kind{codec.PCMA, codec.PCMU}
	if l.ua.Codecs != nil {
		all = l.ua.Codecs(trunk, phone)
	}
	l.local.Codecs = preferring(all, l.dial.Prefer)
}

// speakWay is speak for one way of an outgoing leg.
func (l *Leg) speakWay(w way) {
	switch {
	case w.trunk != nil:
		l.speak(w.trunk.ID, "")
	case l.dial.Target.Kind == ivr.ToPhone:
		l.speak("", l.dial.Target.Value)
	default:
		l.speak("", "")
	}
}

// preferring puts one codec to the front, if it is there; after a law of G.711 comes the other one, which costs a table.
func preferring(all []codec.Kind, first codec.Kind) []codec.Kind {
	rank := func(k codec.Kind) int {
		switch {
		case k == first:
			return 0
		case k.Law() && first.Law():
			return 1
		}
		return 2
	}
	if !slices.Contains(all, first) {
		return all
	}
	return slices.SortedStableFunc(slices.Values(all), func(a, b codec.Kind) int { return rank(a) - rank(b) })
}
