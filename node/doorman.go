package node

import (
	"github.com/emiago/sipgo/sip"

	"hotline/sip/session"
	"hotline/sip/transaction"
	"hotline/sip/transport"
)

// doorman stands before the dialogs: an INVITE of somebody unknown is asked for a password before anything is made for it.
type doorman struct {
	*session.Sessions
	n *Node
}

// Request is transaction.Core's.
func (d doorman) Request(s *transaction.Server) {
	if !s.Stateless || s.Request.Method != sip.INVITE {
		d.Sessions.Request(s)
		return
	}
	res := s.Response(407, "Proxy Authentication Required", nil)
	for _, h := range d.n.registrar.Challenge(s.From, true) {
		res.AppendHeader(h)
	}
	if agent := d.n.config.SIP.Banner; agent != "" {
		res.AppendHeader(sip.NewHeader("Server", agent))
	}
	s.Respond(res)
}

// fleeting says that a request comes from nobody who has shown to be there: neither from a carrier, nor with an answer to a challenge that
// went to its address. Such requests come in any number, from any address, and are answered without keeping anything.
func (n *Node) fleeting(req *sip.Request, from transport.Peer) bool {
	if _, ok := n.trunks.BySource(from.Addr.Addr()); ok {
		return false
	}
	return !n.registrar.Answers(req, from)
}
