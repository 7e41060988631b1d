package registration

import (
	"context"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/transaction"
	"hotline/sip/transport"
)

// Over makes Config.Send from a transaction layer: the final response, or why there is none.
func Over(tx *transaction.Layer) func(context.Context, *sip.Request, transport.Peer) (*sip.Response, error) {
	return func(ctx context.Context, req *sip.Request, to transport.Peer) (*sip.Response, error) {
		final := make(chan transaction.Reply, 1)
		tx.Do(req.CallID().Value(), func() {
			tx.Request(req, to, func(r transaction.Reply) {
				if r.Err == nil && r.Response.StatusCode < 200 {
					return
				}
				select {
				case final <- r:
				default:
				}
			})
		})
		select {
		case r := <-final:
			return r.Response, r.Err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
