package ivr

// Input is something that happened to the call a Run leads. The set is closed. An input that does not belong to what the
// run waits for at the moment (an old timer, a prompt that was stopped) is ignored.
type Input interface{ input() }

// Begin starts the flow. It comes first and once.
type Begin struct{}

// Digit is one key pressed by the caller: '0' to '9', '*', '#', 'A' to 'D'.
type Digit struct{ Key byte }

// Played says that the Play with this number ran to its end.
type Played struct{ Play int }

// Timer says that the time of the SetTimer with this ID is up.
type Timer struct{ ID int }

// LookedUp answers Ask. Err is empty on success; Values may be nil.
type LookedUp struct {
	Values map[string]string
	Err    string
}

// DialEnded says that nobody answered a Dial. Cause is a word of call.Cause; SIP is the last status, 0 when there was none.
type DialEnded struct {
	Cause string
	SIP   int
}

// TalkEnded says that the party the caller talked to (an agent or a dialled target) hung up and the caller is still there.
type TalkEnded struct {
	Invited bool // the agent asked for a survey
}

// QueueLeft says that the queue gave the caller up: "full", "timeout", "no-agents", "on-break" or "closed"; or with "key" that the
// caller pressed one of Queue.Keys.
type QueueLeft struct {
	Why string
	Key byte // with "key"
}

// Recorded says that a Voicemail is complete: its time is up, the caller pressed # or fell silent.
type Recorded struct{}

func (Begin) input()     {}
func (Digit) input()     {}
func (Played) input()    {}
func (Timer) input()     {}
func (LookedUp) input()  {}
func (DialEnded) input() {}
func (TalkEnded) input() {}
func (QueueLeft) input() {}
func (Recorded) input()  {}
