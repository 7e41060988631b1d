// Package queue decides which agent is offered which waiting caller. Board holds the rules: who waits, who is free, who
// is rung, who writes up a call. It is pure: time is an argument, nothing waits, and the same events give the same
// effects. Package dispatch runs a Board with a real clock.
//
// It is not telephony: it rings nobody, plays nothing and stores nothing. It says what should happen (an Effect) and is
// told what did.
//
// The rules in short: the caller who has waited longest among those an agent can serve, a point of priority counting as
// some time more (Queue.PriorityWorth), so that nobody is overtaken for ever; of the free agents the queue's Strategy
// chooses. An offer refused gives the caller back to the place of the original Since.
package queue

import "time"

// Queue is one line of callers and its limits. Durations of 0 mean: RingFor 20 s, RingNext 5 s, PriorityWorth 10 min, no
// wrap-up, no longest wait, no familiar agents.
type Queue struct {
	ID, Name         string
	Strategy         Strategy      // which free agent is asked first; "" is LongestIdle
	RingFor          time.Duration // how long an agent's phone rings before it counts as unanswered
	RingNext         time.Duration // after how long RingProgressively rings one more
	WrapUp           time.Duration // how long an agent has after a talk before the next caller
	WrapMore         time.Duration // by how much an agent may lengthen a wrap-up, once; 0: not
	Disposition      bool          // wrap-up lasts until Dispose
	MaxWait          time.Duration // after this a caller gives up with "timeout", unless the request says otherwise
	MaxWaiting       int           // a further caller who would have to wait gives up with "full"; 0: no limit
	PriorityWorth    time.Duration // how much waiting one point of priority is worth to who comes to this queue
	FamiliarFor      time.Duration // how long a caller waits for the agent they know before others may serve
	FamiliarWithin   time.Duration // how long ago they may have talked
	ClosingLeaves    bool          // who waits when the hours end gives up with "closed"; otherwise they are still served
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
// once. A later step adds to the earlier ones and takes nothing away. All of Needs must be met, and at least one of each
// list of Any.
type Step struct {
	After time.Duration
	Queue string
	Needs []Need
	Any   [][]Need
}

// MostPriority bounds Request.Priority to both sides.
const MostPriority = 1000

// Request is a caller who wants an agent.
type Request struct {
	ID         string // the call
	Steps      []Step
	Priority   int           // each point is worth the PriorityWorth of the first step's queue; see MostPriority
	Since      time.Time     // the original enqueue time, kept over transfers and overflow; zero: the time of Join
	MaxWait    time.Duration // from Join; 0: the MaxWait of the first step's queue
	NeedAgents bool          // give up with "no-agents" when no agent of any step's queue is at work
	NeedReady  bool          // give up with "on-break" when those at work are all not ready
	Familiar   string        // the agent this caller talked to last, "" for none
	FamiliarAt time.Time     // and when
	Absent     bool          // nobody is on the line: a callback that keeps a place. No limit of a queue concerns it, but it leaves with Closed with the hours
	Turns      bool          // leaves with Turn in the moment in which an agent would be offered
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

	AnsweredElsewhere = "answered-elsewhere" // another agent who was rung with this one has the caller: not a miss
)

// Why a request gave up.
const (
	Full     = "full"      // MaxWaiting callers wait already
	Timeout  = "timeout"   // MaxWait is over
	NoAgents = "no-agents" // nobody is at work, and the request needs somebody to be
	OnBreak  = "on-break"  // all who are at work are not ready, and the request needs somebody to be
	NoQueue  = "no-queue"  // no step names a queue that exists
	Closed   = "closed"    // its queues are closed by their hours or were removed, or the dispatcher stopped
	Silent   = "silent"    // its call let several offers run out without a word
	Turn     = "turn"      // an agent is free for a request that Turns
)
