package dtmf

// Times in timestamp units of 8 kHz; of another clock they are as many times longer.
const (
	remembered  = 8    // events whose late packets are still recognised
	reuseAfter  = 8000 // a device that never changes its timestamp begins a new event after so long
	segmentEnd  = 0xffff
	segmentEdge = 2000 // an event this near to the end goes on in a new segment (RFC 4733 section 2.5.1.3)
	maxContinue = 1600 // how late the next packet of an event may come
)

// Receiver turns the packets of RFC 4733 events into key presses: exactly one for each event of which any
// packet arrived, at the first that does, whatever is lost, doubled or reordered. The event's RTP timestamp is its
// identity (section 2.5.1.2); the marker and the End bit are not needed. The zero value is ready.
type Receiver struct {
	Rate int // of the timestamps, a multiple of 8000; 0: 8000

	seen    [remembered]uint32 // timestamps of the latest events
	n       int                // how many of seen are valid
	at      int                // where the next goes
	current Event
	stamp   uint32 // of current
	ended   bool   // current had its End bit
	arrival int64  // of current's last packet
}

// Packet takes an event packet, its RTP timestamp and its arrival in timestamp units of any origin. pressed is true
// when it is the first of a key press.
func (r *Receiver) Packet(timestamp uint32, e Event, arrival int64) (key byte, pressed bool) {
	key, ok := e.Key()
	if !ok {
		return 0, false
	}
	if r.n > 0 && timestamp == r.stamp && !r.reused(e, arrival) {
		r.update(e, arrival)
		return key, false
	}
	if r.n > 0 && timestamp != r.stamp {
		if r.known(timestamp) {
			return key, false
		}
		if r.continues(timestamp, e, arrival) {
			r.remember(timestamp)
			r.stamp, r.ended = timestamp, false
			r.update(e, arrival)
			return key, false
		}
	}
	r.remember(timestamp)
	r.stamp, r.current, r.ended, r.arrival = timestamp, e, e.End, arrival
	return key, true
}

func (r *Receiver) update(e Event, arrival int64) {
	r.arrival = arrival
	r.ended = r.ended || e.End
	if e.Duration >= r.current.Duration || e.Code != r.current.Code {
		r.current = e
	}
}

// reused: some devices keep one timestamp for all keys; another key, or the same one after a long pause, is a new press.
func (r *Receiver) reused(e Event, arrival int64) bool {
	if e.Code != r.current.Code {
		return true
	}
	return r.ended && arrival-r.arrival > reuseAfter*int64(r.scale())
}

// continues tells the next segment of a long event, and the next packet of a device that moves the timestamp
// with every packet of one event, from a new press of the same key.
func (r *Receiver) continues(timestamp uint32, e Event, arrival int64) bool {
	if r.ended || e.Code != r.current.Code || arrival-r.arrival > maxContinue*int64(r.scale()) {
		return false
	}
	step := timestamp - r.stamp
	if edge := uint32(segmentEnd - segmentEdge*r.scale()); uint32(r.current.Duration) >= edge {
		return step >= edge && step <= segmentEnd+uint32(maxContinue*r.scale())
	}
	return e.Duration > r.current.Duration && step == uint32(e.Duration-r.current.Duration)
}

// scale is how many units of the clock one of 8 kHz is; beyond 16 an event would have no room for its length.
func (r *Receiver) scale() int { return min(max(1, r.Rate/8000), 16) }

func (r *Receiver) known(timestamp uint32) bool {
	for _, s := range r.seen[:r.n] {
		if s == timestamp {
			return true
		}
	}
	return false
}

func (r *Receiver) remember(timestamp uint32) {
	r.seen[r.at] = timestamp
	r.at = (r.at + 1) % remembered
	r.n = min(r.n+1, remembered)
}
