// Package media moves sound: RTP streams that are bridged, played to, listened to for keys, and recorded.
//
// It has no idea what a call is and speaks no SIP or SDP. Where both sides have one codec, or the two laws of G.711, packets pass
// with a new header and at most another law by table; no jitter buffer stands in the way: the ends have one.
//
// Sound is decoded only where somebody needs it: the peer's codec differs by more than the law, another codec than G.711 is
// recorded, or somebody listens (see listener). Then an ear (media/convert) hears the stream in frames of 20 ms, and a mouth speaks to its
// sink. G.711 and G.722 are done on the shard; Opus is done by workers (media/opus) that meet the shard in rings and are never waited for.
//
// A Room is how three and more streams hear each other: an ear for each, one mixer (media/mix) with who hears whom, a mouth for each.
//
// SRTP (media/srtp) is opened when a packet was read and put on before it is written, on the shard; what is between sees plain
// packets. A stream with keys drops what is not protected with the peer's, and takes a packet that is from wherever it comes.
//
// An Engine has shards. Each is one goroutine, on a thread of its own while packets move, and owns its streams outright: sockets, statistics,
// playback, taps. Every 2 ms it carries out the commands that came, reads the sockets that epoll names, sends on what
// they held, and turns one timing wheel on (playback, keys, silence, RTCP). On that way are no lock, no channel, no log
// call and no allocation. Both legs of a call are on one shard: open the second near the first.
//
// The thread waits in raw system calls, unseen by the runtime, which would otherwise take its P away at each call and poll
// for it every 20 µs. So each shard keeps a P: run with GOMAXPROCS = Engine.Procs. A shard without streams sleeps.
//
// # Figures
//
// On 2 shared virtual cores, Linux 6.18, loopback, where one send and receive of 172 octets in a tight loop of C takes
// 1.0 µs. CPU of the shard's thread with the kernel's share, as BenchmarkForward, BenchmarkRelay and BenchmarkPlay print
// it: medians of ten runs for 100 and 200 calls, one run else. It moves by a third and more with what else the machine
// does; compare ratios:
//
//	Forward, our part of a packet     33 ns passed, 81 ns other law, 72 ns recorded; no allocation
//	Relay, 50 / 100 / 200 calls       5.9 / 4.4 / 4.1 µs a packet; 99 % of ticks less than 0.5 to 2 ms late
//	RelaySRTP, 100 calls              one leg with AES-GCM 1.0 to 1.1 of plain ones, both 1.05 to 1.2; with HMAC-SHA1 1.25 to 1.45 and 1.9 to 2.2
//	                                  (a busy machine, and a processor without SHA instructions; ratios of one run)
//	Play, 100 / 400 streams           4.4 / 3.9 µs a packet
//
// A leg of a conference of 3 to 8 costs 1.4 to 2.1 µs for each 20 ms: packet in, jitter buffer, decoding, mixing, encoding, packet out,
// without the kernel (BenchmarkRoomLeg, user time on a busy machine). Who waits with music costs 0.2 to 0.7 µs for each 20 ms whatever the codec: the
// music is encoded once for all (BenchmarkHoldMusic). Only who is the first to hear it in G.722 or Opus has it encoded on the way, for 10 to 15,
// or 100 of a worker. It is 2.3 kB of memory whatever the music's length.
//
// Calls that a core converts both ways, workers' part included, by the CPU time of BenchmarkConvert on a busy machine:
//
//	G.711 with G.722                  600
//	G.711 with Opus (8 kHz, c5)       115 to 155
//	G.722 with Opus                   100
//
// A stream that plays while nobody listens to its peer is looked at every 40 ms with its own packets: an announcement costs 0.82 of what it
// cost in the poller (100 calls, four interleaved runs).
//
// Tried and dropped: edge-triggered epoll with reads to EAGAIN (5.2 against 4.1 µs at 200 calls), receiving without the
// sender's address once connected (no difference; the address is compared even so), a thread that is not locked (no difference).
package media
