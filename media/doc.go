// Package media moves sound: RTP streams that are bridged, played to, listened to for keys, and recorded.
//
// It has no idea what a call is and speaks no SIP or SDP. It decodes nothing: G.711 is passed through with a new header,
// or changed from one law to the other by table. No jitter buffer stands in the way either: the ends have one.
//
// SRTP (media/srtp) is opened when a packet was read and put on before it is written, on the shard; what is between sees plain
// packets. A stream with keys drops what is not protected with the peer's, and takes a packet that is from wherever it comes.
//
// An Engine has shards. Each is one goroutine on one locked thread and owns its streams outright: sockets, statistics,
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
//	Play, 100 / 400 streams           4.4 / 3.9 µs a packet
//
// Tried and dropped: edge-triggered epoll with reads to EAGAIN (5.2 against 4.1 µs at 200 calls), receiving without the
// sender's address once connected (no difference; the address is compared even so), a thread that is not locked (no difference).
package media
