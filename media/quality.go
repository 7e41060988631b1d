package media

import "time"

// Quality is what a stream knows about its sound when it is closed. Durations and loss are of the packets we received unless said otherwise.
type Quality struct {
	Codec                string        // "PCMA", "PCMU", "G722" or "opus"; empty when Set was never called
	SRTP                 string        // the suite's name; empty: plain RTP
	Received, Sent, Lost uint64        // packets; Lost is expected minus received without duplicates (RFC 3550 A.3)
	LossPct              float64       // 0..100, of the packets expected
	Jitter               time.Duration // RFC 3550 6.4.1, the last estimate
	RTT                  time.Duration // from RTCP LSR and DLSR; zero: the peer sent no reports
	MOS                  float64       // 1..4.5 by the E-model (ITU-T G.107); zero: nothing was received

	FarLossPct           float64       // what the peer's reports say about the packets we sent
	FarJitter            time.Duration // likewise
	Strangers            uint64        // packets dropped because they came from a third address
	Forged               uint64        // packets dropped because they were not protected with the peer's key, or came twice
	Junk                 uint64        // packets dropped as no RTP of this stream: version, length, payload type, our own SSRC
	Duplicates, Reorders uint64        // packets
}
