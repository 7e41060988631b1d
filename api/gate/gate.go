// Package gate is what every route of the API passes: who asks and whether they may, how a refusal is said, what is noted of it, and how
// it is all described. It knows no route itself.
package gate

import (
	"context"
	"log/slog"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"hotline/account"
)

// Gate is where routes are added. All exported fields are required, and stay as they are from the first route on.
type Gate struct {
	Accounts *account.Accounts
	Logger   *slog.Logger
	Mux      humago.Mux // where routes go that huma does not carry
	API      huma.API   // describes every route; its own go to the same mux

	during during // what lasts as long as a session
}

// Audit notes what somebody did; a failure to note is logged, not answered.
func (g *Gate) Audit(ctx context.Context, who Identity, what, object, detail string) {
	e := account.Entry{At: time.Now(), Who: who.ID, Name: who.Name, What: what, Object: object, Detail: detail, Source: Source(ctx)}
	if err := g.Accounts.Note(context.WithoutCancel(ctx), e); err != nil {
		g.Logger.Error("audit line was not kept", "what", what, "err", err)
	}
}
