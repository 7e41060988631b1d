// Package route says where a call goes and why: the dialled number leads to a flow, and DID, region, topic and hours lead to queues.
//
// It is pure: it dials nothing, knows no trunk's state and holds no waiting callers. It never drops a call over an unknown region, a
// missing topic or a calendar that is not there: such a call only falls through to wider rules.
//
// Which number wins: the one whose pattern has more literal characters; then more X; then no "." at the end; then one that names the
// origin; then one that names the trunk; then the earlier one.
//
// Which rule wins, of all that match a call: one that names the DID; then one that names the city, before one that names the
// province (or a foreign country); then one that names the topic; then one that names hours; then the earlier one. A higher place
// in this list outweighs everything below it.
package route

import (
	"time"

	"hotline/hours"
	"hotline/number"
)

// OriginKind says from which side a call came in.
type OriginKind string

// The sides a call comes from; Number.Origin uses the same words.
const (
	FromTrunk OriginKind = "trunk"
	FromPhone OriginKind = "phone"
	FromWeb   OriginKind = "web" // a customer's page, by the call button
)

// Origin is where a call came from: a trunk by its id, a registered phone by its user, or a customer's page.
type Origin struct {
	Kind  OriginKind
	Trunk string // "" unless FromTrunk
	Phone string // "" unless FromPhone
}

// Number leads dialled numbers to a flow.
type Number struct {
	Pattern  string // "4001", "10XX", "+861066551234"; X is one digit, "." at the end any rest, even none
	Origin   string // "" any, "trunk", "phone", "web"
	Trunk    string // "" any trunk
	DID      string // what reports call it; "" takes the dialled number
	Flow     string
	Topic    string
	Language string
	Brand    string
}

// Rule leads callers to queues. An empty list matches everything.
type Rule struct {
	ID       string
	DIDs     []string
	Regions  []string // "广东/广州" or "广东"
	Topics   []string
	Hours    string // calendar id; "" any time; an id that is not in the table counts as always open, and Check reports it
	Outside  bool   // the rule applies while that calendar is closed; without Hours it never applies
	Steps    []Step // a rule without steps never applies
	Priority int    // of the caller in the queue; it does not decide between rules
	Language string // "" leaves the language of the call as it is
}

// Step adds a queue, or asks less of the agents, once a caller has waited After.
type Step struct {
	After  time.Duration // since the caller joined; the first step has 0
	Queue  string        // "" keeps the queues of the steps before
	Skills []Need        // all are needed; empty asks for none
	Any    [][]Need      // and at least one of each list
}

// Need is a skill and the lowest level of it that will do.
type Need struct {
	Skill string
	Level int
}

// Table is everything routing needs. It is read-only while used: replace it whole.
type Table struct {
	Numbers   []Number
	Rules     []Rule
	Calendars map[string]*hours.Calendar
	Codes     Codes // what phones dial instead of numbers; it goes before Numbers
}

// Plan is what a dialled number leads to. Pattern is the one that won. Reason says so in one sentence; ReasonZH says it in Chinese.
type Plan struct {
	DID, Flow, Topic, Language, Brand, Pattern, Reason, ReasonZH string
}

// Query is one question to the rules.
type Query struct {
	DID    string        // in any form of the number, or a name that Number.DID gave
	Region number.Region // the zero value is unknown
	Topic  string        // "" is none
	At     time.Time
}

// Choice is the rules' answer. Reason says in one sentence why this queue; ReasonZH says it in Chinese.
type Choice struct {
	Steps                            []Step
	Priority                         int
	Language, Rule, Reason, ReasonZH string
}
