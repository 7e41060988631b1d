package opus

import "sync/atomic"

const (
	portSlots  = 8   // jobs on their way; a shard asks for one or two every 20 ms
	MaxSamples = 960 // of one job: 120 ms
	maxPacket  = maxFrame + 1
)

// Kind is what a job asks for.
type Kind uint8

// The kinds. A port for decoding takes the first four, one for encoding the last.
const (
	Decode  Kind = iota // Packet to PCM
	Recover             // the packet before Packet, from the copy that it may hold; else as Conceal
	Conceal             // N samples in place of what is lost
	Quiet               // N samples of silence, in their turn
	Encode              // PCM to Packet
)

// Job is a piece of work and, once done, its result. Its memory belongs to the port.
type Job struct {
	Kind   Kind
	N      int               // samples: of PCM, also as the result
	PCM    [MaxSamples]int16 // at Rate
	Octets int               // of Packet, also as the result; 0 after Encode: it failed
	Packet [maxPacket]byte

	// What the shard wants to find again with the result.
	Stamp, SSRC uint32
	At          int64
	Units       int32
	Flag        bool
}

// Port is the way from one shard to the worker of one decoder or encoder and back. Begin, Submit, Done and Next are the
// shard's: they never wait and allocate nothing.
type Port struct {
	jobs   [portSlots]Job
	posted atomic.Uint64 // by the shard
	done   atomic.Uint64 // by the worker
	taken  uint64        // the shard's
	closed atomic.Bool

	encodes bool
	dec     decoder // the worker's
	enc     encoder
	broken  bool
	failed  atomic.Uint64
}

// Begin returns the job to fill in; nil: none is free, because the worker is behind.
func (p *Port) Begin() *Job {
	posted := p.posted.Load()
	if posted-p.taken == portSlots {
		return nil
	}
	return &p.jobs[posted%portSlots]
}

// Submit gives the job of Begin to the worker.
func (p *Port) Submit() { p.posted.Add(1) }

// Done is the oldest finished job, valid until Next; nil: there is none yet.
func (p *Port) Done() *Job {
	if p.taken == p.done.Load() {
		return nil
	}
	return &p.jobs[p.taken%portSlots]
}

// Next frees the job of Done and is Done again.
func (p *Port) Next() *Job {
	p.taken++
	return p.Done()
}

// Waiting is how many jobs are with the worker.
func (p *Port) Waiting() int { return int(p.posted.Load() - p.done.Load()) }

// Failed counts the jobs that libopus refused; their results are silence, or nothing to send.
func (p *Port) Failed() uint64 { return p.failed.Load() }

// Close lets the worker forget the port. The shard must not use it any more.
func (p *Port) Close() { p.closed.Store(true) }

// work does what was posted; on the worker.
func (p *Port) work() {
	for p.done.Load() != p.posted.Load() {
		j := &p.jobs[p.done.Load()%portSlots]
		if err := p.do(j); err != nil {
			p.failed.Add(1)
			clear(j.PCM[:j.N])
			j.Octets = 0
		}
		p.done.Add(1)
	}
}

func (p *Port) do(j *Job) error {
	if err := p.make(); err != nil {
		return err
	}
	j.N = min(max(j.N, 0), MaxSamples)
	if p.encodes {
		if !encodable(j.N) {
			return ErrPacket
		}
		n, err := p.enc.encode(j.PCM[:j.N:j.N], j.Packet[:])
		j.Octets = n
		return err
	}
	j.Octets = min(max(j.Octets, 0), maxPacket)
	return p.decode(j)
}

// decode leaves a job with PCM of the length that was promised, whatever happens.
func (p *Port) decode(j *Job) (err error) {
	if j.Kind == Quiet {
		clear(j.PCM[:j.N])
		return nil
	}
	packet := j.Packet[:j.Octets]
	units, bad := Length(packet)
	switch {
	case j.Kind == Decode && bad == nil:
		j.N = units / unitsPerSample
		_, err = p.dec.decode(packet, j.PCM[:])
	case j.N == 0:
		return bad
	case !decodable(j.N):
		return ErrPacket
	case j.Kind == Recover && bad == nil:
		_, err = p.dec.recover(packet, j.PCM[:j.N:j.N])
	default:
		_, err = p.dec.conceal(j.PCM[:j.N:j.N])
	}
	return err
}

// encodable are the frame lengths that the encoder takes: 10, 20, 40 and 60 ms of those RFC 6716 section 2.1.4 names.
func encodable(n int) bool { return n == 80 || n == 160 || n == 320 || n == 480 }

// decodable: the decoder makes up any multiple of 2.5 ms.
func decodable(n int) bool { return n > 0 && n%20 == 0 }

// make makes the coder with the first job, which keeps it off the shard.
func (p *Port) make() (err error) {
	switch {
	case p.broken:
		return ErrNoLibrary
	case p.encodes && p.enc == nil:
		p.enc, err = newEncoder()
	case !p.encodes && p.dec == nil:
		p.dec, err = newDecoder()
	}
	p.broken = err != nil
	return err
}
