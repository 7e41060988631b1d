// Package event tells phones what they subscribed to (RFC 6665): dialogs for the lamps of desk phones (RFC 4235), presence (RFC 3856, RFC 3863)
// and waiting messages (RFC 3842). It knows no calls, queues or accounts: what is to be told it is told, or asks for.
//
// A subscription lives on the lane of its Call-ID. At most one NOTIFY of a subscription is under way, each says everything (full state), and
// changes meanwhile come together in the next.
package event

import (
	"log/slog"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/dialog"
	"hotline/sip/transaction"
	"hotline/sip/transport"
)

// The packages, as they stand in Event.
const (
	Dialog   = "dialog"
	Presence = "presence"
	Messages = "message-summary"
)

// AllowEvents is the value of Allow-Events.
const AllowEvents = Dialog + ", " + Presence + ", " + Messages

// kinds are the packages and the type of body of each.
var kinds = map[string]string{
	Dialog: "application/dialog-info+xml", Presence: "application/pidf+xml", Messages: "application/simple-message-summary",
}

// Config says whom the notifier serves and what it asks. All functions are required unless they say otherwise; they must not wait.
type Config struct {
	Logger  *slog.Logger
	Contact func(p transport.Peer) string // as session.Config.Contact
	Domain  func(p transport.Peer) string // host part of the addresses in bodies
	// Authenticate says which phone sends a request; otherwise the challenge, nil for one that may not try.
	Authenticate func(tx *transaction.Server) (user string, challenge []sip.Header, ok bool)
	Known        func(user string) bool             // is there such a phone
	Presence     func(user string) Status           // how it is with a phone and its agent
	Box          func(user string) (fresh, old int) // messages for a phone; nil: nobody has a box
	MinExpires   time.Duration                      // shorter subscriptions get 423; 0: 60 s
	MaxExpires   time.Duration                      // the longest granted, and for those who ask for none; 0: 1 h
	Every        time.Duration                      // least time between two NOTIFYs of a subscription that nothing asked for; 0: 1 s
	PerUser      int                                // most subscriptions of a phone; 0: 200
	Most         int                                // in all; 0: 20,000
}

// Status is what presence says of a phone.
type Status struct {
	Open bool   // it can be called
	Busy bool   // somebody talks on it
	Note string // the agent's state, "" for no agent's
}

func (c Config) withDefaults() Config {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	set(&c.MinExpires, time.Minute)
	set(&c.MaxExpires, time.Hour)
	set(&c.Every, time.Second)
	if c.PerUser == 0 {
		c.PerUser = 200
	}
	if c.Most == 0 {
		c.Most = 20000
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// subscription is one watcher of one resource.
type subscription struct {
	n        *Notifier
	callID   string
	watcher  string
	kind     string
	id       string // of the Event header (RFC 6665 8.2.1)
	resource string

	// What follows belongs to the lane.
	usage   dialog.Dialog
	until   time.Time
	expiry  *transaction.Timer
	pause   *transaction.Timer // until the next NOTIFY may be sent
	version int                // of dialog-info
	busy    bool               // a NOTIFY is under way
	dirty   bool               // there is something newer to tell
	reason  string             // it is over, and why; "" while it is not
	gone    bool
}
