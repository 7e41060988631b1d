package agentphone

import "time"

// The shapes of docs/protocols/softphone.md.

type command struct {
	ID        int64  `json:"id"`
	Do        string `json:"do"`
	V         int    `json:"v"`
	Device    string `json:"device"`
	Take      bool   `json:"take"`
	Tab       string `json:"tab"`
	Browser   string `json:"browser"`
	Call      string `json:"call"`
	SDP       string `json:"sdp"`
	Candidate string `json:"candidate"`
	To        string `json:"to"`
	Record    string `json:"record"`
	Ticket    string `json:"ticket"`
	Key       string `json:"key"`
	On        bool   `json:"on"`
	Why       string `json:"why"`
	Resume    string `json:"resume"`
	Customer  string `json:"customer"`
}

type reply struct {
	Re    int64  `json:"re"`
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
	Code  string `json:"code,omitempty"`
	Call  string `json:"call,omitempty"`
	SDP   string `json:"sdp,omitempty"`
}

type view struct {
	ID        string    `json:"id"`
	State     string    `json:"state"`
	Direction string    `json:"direction"`
	Number    string    `json:"number"`
	Display   string    `json:"display,omitempty"`
	Since     time.Time `json:"since"`
	Held      bool      `json:"held,omitempty"`
	Muted     bool      `json:"muted,omitempty"`
	Media     string    `json:"media"`
}

type snapshot struct {
	N      int64      `json:"n"`
	Event  string     `json:"event"`
	Owner  bool       `json:"owner"`
	Device string     `json:"device,omitempty"`
	Calls  []view     `json:"calls"`
	ICE    []struct{} `json:"ice"`
	Key    string     `json:"key,omitempty"`
	// Agent is nil for a visitor, and until the queues said anything.
	Agent *AgentState `json:"agent,omitempty"`
}

type ownership struct {
	N      int64  `json:"n"`
	Event  string `json:"event"`
	Mine   bool   `json:"mine"`
	Device string `json:"device,omitempty"`
}

type change struct {
	N     int64  `json:"n"`
	Event string `json:"event"`
	Call  view   `json:"call"`
}

type reach struct {
	N     int64  `json:"n"`
	Event string `json:"event"`
	On    bool   `json:"on"`
}

// AgentState is where an agent is with the queues: queue.State in its own words, and what comes after it where that is known.
type AgentState struct {
	State      string    `json:"state"`
	Reason     string    `json:"reason,omitempty"`
	Next       string    `json:"next,omitempty"`
	NextReason string    `json:"nextReason,omitempty"`
	Since      time.Time `json:"since"`
}

type agentEvent struct {
	N     int64      `json:"n"`
	Event string     `json:"event"`
	Agent AgentState `json:"agent"`
}

// Message is a supervisor's word to the agent. It is kept elsewhere: who was not there reads it by the API.
type Message struct {
	ID   string    `json:"id"`
	Text string    `json:"text"`
	By   string    `json:"by"`
	At   time.Time `json:"at"`
}

type messageEvent struct {
	N       int64   `json:"n"`
	Event   string  `json:"event"`
	Message Message `json:"message"`
}

type over struct {
	N     int64  `json:"n"`
	Event string `json:"event"`
	ID    string `json:"id"`
	Cause string `json:"cause"`
}

// numbered puts an event's number in.
func numbered(ev any, n int64) any {
	switch ev := ev.(type) {
	case snapshot:
		ev.N = n
		return ev
	case ownership:
		ev.N = n
		return ev
	case change:
		ev.N = n
		return ev
	case reach:
		ev.N = n
		return ev
	case agentEvent:
		ev.N = n
		return ev
	case messageEvent:
		ev.N = n
		return ev
	case over:
		ev.N = n
		return ev
	}
	return ev
}
