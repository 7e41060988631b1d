package transaction

import (
	"hash/maphash"
	"net/netip"
	"strconv"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transport"
)

const magic = "z9hG4bK" // RFC 3261 8.1.1.7

// replyTo is where responses go (RFC 3261 18.2.2, RFC 3581 4): over a connection, back through it; over UDP to the source address, and
// the source port if rport asked for it, else the port of the Via. maddr is not followed: it would let anyone aim us at anyone.
func replyTo(v *sip.ViaHeader, from transport.Peer) transport.Peer {
	if from.Reliable() || v == nil || v.Params.Has("rport") {
		return from
	}
	port := uint16(5060)
	if v.Port > 0 && v.Port < 1<<16 {
		port = uint16(v.Port)
	}
	from.Addr = netip.AddrPortFrom(from.Addr.Addr(), port)
	return from
}

// tagFor makes the To tag of our answers to a request: the same for each copy of it, so that answers kept nowhere still agree
// (RFC 3261 8.2.7), and not to be guessed without the seed.
func tagFor(seed maphash.Seed, parts ...string) string {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, p := range parts {
		h.WriteString(p)
		h.WriteByte(0)
	}
	return strconv.FormatUint(h.Sum64(), 36)
}
