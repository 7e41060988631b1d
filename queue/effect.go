package queue

import "time"

// Effect is something the board wants done or known. The set is closed.
type Effect interface{ effect() }

// OfferMade asks the request's call to ring the agent. The agent is reserved until Accept, Refuse or OfferWithdrawn.
type OfferMade struct{ Offer Offer }

// OfferWithdrawn takes an offer back that the call has not answered: its phone must stop ringing.
type OfferWithdrawn struct {
	Offer Offer
	Why   string
}

// Told brings a waiting caller's place in the queue of its first step: 1 is next. It comes at Join and, when the place
// changed, at most once a second. Estimate is how long the wait will be from now; 0 when nobody can say.
type Told struct {
	Request           string
	Position, Waiting int
	Estimate          time.Duration
}

// Widened says a request may now also be served by the queue of Steps[Step].
type Widened struct {
	Request, Queue string
	Step           int
}

// GaveUp says the request is no longer in the board, and why (Full, Timeout, NoAgents ...). Queue is that of the first step that exists;
// Waited is false for one that Join did not take.
type GaveUp struct {
	Request, Why, Queue string
	Waited              bool
}

// AgentChanged says what an agent does now. From and To are equal when only the reason or Next changed. Next is the
// state taken when the offer, talk, wrap-up or device outage is over; the latest AgentChanged of each agent is what
// Restore needs after a restart.
type AgentChanged struct {
	Agent          string
	From, To       State
	Reason, Source string
	At             time.Time
	Since          time.Time // of To and Reason: earlier than At where only Next changed
	Next           State
	NextReason     string // empty when Next is Ready
}

// Rejected answers a verb that made no sense: an unknown id, an offer that is no longer open, a state that cannot be
// asked for. Nothing was changed.
type Rejected struct{ Verb, ID, Why string }

func (OfferMade) effect()      {}
func (OfferWithdrawn) effect() {}
func (Told) effect()           {}
func (Widened) effect()        {}
func (GaveUp) effect()         {}
func (AgentChanged) effect()   {}
func (Rejected) effect()       {}
