package dtmf

// How a key is sent: 100 ms of event in 20 ms updates, then the end three times (RFC 4733 section 2.5.1.4).
const (
	Step        = 160 // timestamp units between packets: 20 ms
	ToneSteps   = 5   // updates of the key down
	ends        = 3   // how many times the end is sent
	defaultVol  = 10  // -dBm0 (RFC 4733 section 2.3.3 leaves it to us)
	PauseSteps  = 3   // silence between two keys: 60 ms
	TotalSteps  = ToneSteps + ends - 1
	ToneSamples = ToneSteps * Step
)

// Sender makes the packets of one key press. All have the RTP timestamp of the first. The zero value has nothing to send.
type Sender struct {
	code uint8
	sent int
	on   bool
}

// Start begins a press of key; false when it is no key.
func (s *Sender) Start(key byte) bool {
	code, ok := Code(key)
	if !ok {
		return false
	}
	*s = Sender{code: code, on: true}
	return true
}

// Active says that packets remain.
func (s *Sender) Active() bool { return s.on }

// Next is the payload to send now; call it every 20 ms while Active. first asks for the RTP marker bit.
func (s *Sender) Next() (e Event, first bool) {
	first = s.sent == 0
	s.sent++
	e = Event{Code: s.code, Volume: defaultVol, Duration: uint16(min(s.sent, ToneSteps) * Step), End: s.sent >= ToneSteps}
	s.on = s.sent < TotalSteps
	return e, first
}
