// Package queue decides which agent is offered which waiting caller. Board holds the rules: who waits, who is free, who
// is rung, who writes up a call. It is pure: time is an argument, nothing waits, and the same events give the same
// effects. Dispatcher is the one goroutine that runs a Board with a real clock.
//
// It is not telephony: it rings nobody, plays nothing and stores nothing. It says what should happen (an Effect) and is
// told what did.
//
// The rules in short: a higher priority first; within a priority the caller who has waited longest among those an agent
// can serve, so nobody is overtaken; of the free agents the queue's Strategy chooses. An offer refused gives the caller
// back to the place of the original Since.
package queue

import "time"

// Queue is one line of callers and its limits. Durations of 0 mean: RingFor 20 s, no wrap-up, no longest wait.
type Queue struct {
	ID, Name         string
	Strategy         Strategy      // which free agent is asked first; "" is LongestIdle
	RingFor          time.Duration // how long an agent's phone rings before it counts as unanswered
	WrapUp           time.Duration // how long an agent has after a talk before the next caller
	MaxWait          time.Duration // after this a caller gives up with "timeout", unless the request says otherwise
	MaxWaiting       int           // a further caller who would have to wait gives up with "full"; 0: no limit
	Music            string        // for the call: the board does not read it
	MissesBeforeAway int           // after so many offers in a row without an answer the agent is Missed; 0: never
}

// Agent is a person who takes calls. Queues maps queue ids to a level there: of the free agents the higher level is
// asked first, and the queue's strategy decides within a level. Skills maps a skill to its level.
type Agent struct {
	ID, Name, Phone string
	Queues          map[string]int
	Skills          map[string]int
}

// State is what an agent is doing, as others see it.
type State string

// The states of an agent.
const (
	Offline  State = "offline"   // 设备离线: the device is unreachable, or the agent has signed out
	Ready    State = "ready"     // 示闲: takes calls
	NotReady State = "not-ready" // 示忙, 小休: always with a reason
	Offered  State = "offered"   // 振铃: reserved for one caller, the phone rings
	Talking  State = "talking"   // 通话: with a caller of a queue, or outside the queues
	WrapUp   State = "wrap-up"   // 话后处理
	Missed   State = "missed"    // 未应答: set away by the board after missed offers; only Set ends it
)

// Need is a skill a caller wants at least at a level. An agent without the skill never meets it, whatever the level.
type Need struct {
	Skill string
	Level int
}

// Step is one place where a request may be served. After counts from Join; the first step whose queue exists applies at
// once. A later step adds to the earlier ones and takes nothing away. All needs must be met.
type Step struct {
	After time.Duration
	Queue string
	Needs []Need
}

// Request is a caller who wants an agent.
type Request struct {
	ID         string // the call
	Steps      []Step
	Priority   int           // the higher is served first
	Since      time.Time     // the original enqueue time, kept over transfers and overflow; zero: the time of Join
	MaxWait    time.Duration // from Join; 0: the MaxWait of the first step's queue
	NeedAgents bool          // give up with "no-agents" when every agent of every step's queue is signed out
}

// Offer reserves an agent for a request until it is accepted, refused or withdrawn.
type Offer struct {
	ID, Request, Agent string
	Phone              string // the agent's address of record
	Queue              string // through which queue they met
	At                 time.Time
	RingFor            time.Duration
}

// Why an offer is refused or withdrawn. Any other reason counts like Declined.
const (
	NoAnswer    = "no-answer"   // the phone rang to the end: a miss
	Declined    = "declined"    // the agent said no: not a miss
	Unreachable = "unreachable" // the device did not answer: not a miss
	Undelivered = "undelivered" // the call is gone: its request is removed
	CallerLeft  = "caller-left" // the caller hung up: the request is removed
)

// Why a request gave up.
const (
	Full     = "full"      // MaxWaiting callers wait already
	Timeout  = "timeout"   // MaxWait is over
	NoAgents = "no-agents" // nobody is signed in, and the request needs somebody to be
	NoQueue  = "no-queue"  // no step names a queue that exists
	Closed   = "closed"    // its queues were removed while it waited, or the dispatcher stopped
	Silent   = "silent"    // its call let several offers run out without a word
)
