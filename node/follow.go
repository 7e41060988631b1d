package node

import (
	"context"
	"errors"
	"time"

	"hotline/account"
	"hotline/call"
	"hotline/floor"
	"hotline/switchboard"
)

// followNews is what the lines of supervisors who follow tell: a call that is listened to now, or why it ended.
type followNews struct {
	switchboard.Follow
	call call.ID
	why  string
}

func (n *Node) followed(news followNews) {
	select {
	case n.following <- news:
	default:
		n.log.Error("what a supervisor follows was not kept: the store is too slow", "agent", news.Of, "supervisor", news.Supervisor)
	}
}

// followOn lets those follow on who did before a restart. It is told before anybody's phone is.
func (n *Node) followOn() {
	for _, w := range n.floor.Followings(time.Now()) {
		n.board.Follow(switchboard.Follow{Supervisor: w.Supervisor, Phone: n.phoneOf(w.Supervisor), Of: w.Of, By: w.By, Until: w.Until, Kept: true})
	}
}

// keepFollows writes what the lines tell to the audit log, and ends orders that are done.
func (n *Node) keepFollows(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case news := <-n.following:
			n.keepFollow(ctx, news)
		}
	}
}

func (n *Node) keepFollow(ctx context.Context, news followNews) {
	e := account.Entry{Who: news.Supervisor, Name: news.By, What: "call.listen", Object: string(news.call), Detail: news.Of + ", following"}
	if news.why != "" {
		e.What, e.Object, e.Detail = "agent.unfollow", news.Of, news.why
		refused := new(floor.Refusal)
		if err := n.floor.FollowOver(ctx, news.Supervisor, news.Until); err != nil && !errors.As(err, &refused) {
			n.log.Error("following was not ended", "agent", news.Of, "supervisor", news.Supervisor, "err", err)
		}
	}
	if err := n.accounts.Note(ctx, e); err != nil {
		n.log.Error("audit line was not kept", "what", e.What, "err", err)
	}
}
