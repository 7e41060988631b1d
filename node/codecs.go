package node

import (
	"log/slog"
	"slices"

	"hotline/media/codec"
	"hotline/media/opus"
)

// ownCodecs are the node's, without Opus where the binary has no libopus.
func ownCodecs(names []string, log *slog.Logger) []codec.Kind {
	all, _ := codec.List(names)
	if !opus.Available && slices.Contains(all, codec.Opus) {
		log.Warn("Opus is not spoken: the program was built without libopus")
		all = slices.DeleteFunc(all, func(k codec.Kind) bool { return k == codec.Opus })
	}
	return all
}

// codecs are what a trunk or a phone is offered: what it says itself, else what the node says.
func (n *Node) codecs(trunk, phone string) []codec.Kind {
	b := n.built.Load()
	if all, own := b.TrunkCodecs[trunk]; own {
		return all
	}
	if all, own := b.PhoneCodecs[phone]; own {
		return all
	}
	return n.spoken
}
