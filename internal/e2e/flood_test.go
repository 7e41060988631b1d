package e2e

import (
	"fmt"
	"math"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// floodSources is how many addresses a flood comes from: each stays below the rate of one source, so that all of it reaches the parser.
const floodSources = 250

// torrent is a flood that runs.
type torrent struct {
	sent, unsent atomic.Uint64
	wait         sync.WaitGroup
	stop         chan struct{}
}

// TestFlood sends the node INVITEs, REGISTERs, OPTIONS and junk of strangers while recorded calls go on (security: ten thousand a second).
// Calls must not notice, and the memory that it takes must be bounded and come back.
func TestFlood(t *testing.T) {
	n := start(t, taped(), "rate: 5000, burst: 5000", "rate: 100, burst: 300")
	carrier := n.carrier()
	for _, user := range []string{"1001", "1002", "1003", "1004"} {
		n.desk(user).answerAll(t)
	}
	n.awaitAgent("two", "ready")
	s := &soak{n: n, carrier: carrier, began: time.Now()}
	s.until(time.Now().Add(4 * time.Second)) // everything has been touched once
	before, quietFrom := n.metrics(), time.Now()
	s.until(time.Now().Add(2 * time.Second))
	quiet := n.metrics()

	began := time.Now()
	f := n.flood(*floodRate)
	peak, worst := n.watchFlood(s, began.Add(*floodFor), f)
	over := time.Now()
	close(f.stop)
	f.wait.Wait()
	s.wait.Wait()
	after := n.metrics()

	late := func(a, b metrics) float64 {
		return (b["hotline_media_ticks_late_total"] - a["hotline_media_ticks_late_total"]) / (b["hotline_media_ticks_total"] - a["hotline_media_ticks_total"])
	}
	rate := float64(f.sent.Load()) / over.Sub(began).Seconds()
	stood := run.stalls.within(began, over)
	t.Logf("%.0f messages a second for %v from %d sources (%d not sent); node got %.0f, limited %.0f, shed %.0f, junk %.0f",
		rate, over.Sub(began).Round(time.Second), floodSources, f.unsent.Load(), after["hotline_sip_received_total"]-quiet["hotline_sip_received_total"],
		after["hotline_sip_limited_total"]+after["hotline_sip_limited_all_total"], after["hotline_sip_shed_total"], after["hotline_sip_junk_total"])
	t.Logf("ticks 5 ms late or more: %.2f %% before, %.2f %% in the flood; the machine stood still for %v of it (%v of the %v before)",
		100*late(before, quiet), 100*late(quiet, worst), stood, run.stalls.within(quietFrom, began), began.Sub(quietFrom).Round(time.Second))
	t.Logf("calls: %d tried, %d answered, %d refused", s.tried.Load(), s.answered.Load(), s.refused.Load())
	if s.answered.Load()*100 < s.tried.Load()*99 {
		t.Errorf("%d of %d calls were answered", s.answered.Load(), s.tried.Load())
	}
	s.count()
	if l := late(quiet, worst); l > 0.01 && stood < over.Sub(began)/50 {
		t.Errorf("%.2f %% of the ticks were 5 ms late, 1 %% at most", 100*l)
	}
	n.givenBack(quiet, peak)
	if v := after["hotline_sip_panics_total"]; v != 0 {
		t.Errorf("%v panics", v)
	}
}

// watchFlood lets calls come until the flood's end, and gives the most memory seen and the last figures.
func (n *node) watchFlood(s *soak, end time.Time, f *torrent) (peak float64, last metrics) {
	for time.Now().Before(end) {
		s.until(time.Now().Add(min(time.Second, time.Until(end))))
		last = n.metrics()
		peak = max(peak, n.resident())
	}
	return peak, last
}

// givenBack waits until the node is as small as it was, but for what the runtime keeps.
func (n *node) givenBack(quiet metrics, peak float64) {
	t := n.t
	t.Helper()
	was := quiet["process_resident_memory_bytes"]
	if peak > was+100e6 {
		t.Errorf("memory grew by %.0f MB, 100 at most", (peak-was)/1e6)
	}
	var idle metrics
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); pass(2 * time.Second) { // to look makes litter, too
		if idle = n.metrics(); idle["hotline_sip_transactions"] == 0 && idle["hotline_media_streams"] == 0 && live(idle) < live(quiet)+10e6 {
			break
		}
	}
	t.Logf("resident %.0f MB before, %.0f at most, %.0f afterwards; live heap %.0f and %.0f MB; goroutines %v and %v", was/1e6, peak/1e6,
		n.resident()/1e6, live(quiet)/1e6, live(idle)/1e6, quiet["go_goroutines"], idle["go_goroutines"])
	if idle["hotline_sip_transactions"] != 0 || live(idle) > live(quiet)+10e6 {
		t.Errorf("not given back: %v transactions, %.0f MB more", idle["hotline_sip_transactions"], (live(idle)-live(quiet))/1e6)
	}
	if idle["go_goroutines"] > quiet["go_goroutines"]+20 || idle["process_open_fds"] > quiet["process_open_fds"]+5 {
		t.Errorf("goroutines %v, then %v; descriptors %v, then %v", quiet["go_goroutines"], idle["go_goroutines"], quiet["process_open_fds"], idle["process_open_fds"])
	}
}

// live is the heap that the last collection found in use: the next one comes at twice that.
func live(m metrics) float64 { return m["go_memstats_next_gc_bytes"] / 2 }

// resident is the process's memory now, by the kernel's word.
func (n *node) resident() float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", n.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	words := strings.Fields(string(text))
	pages, _ := strconv.ParseFloat(words[1], 64)
	return pages * float64(os.Getpagesize())
}

// flood begins to send at a rate, from many addresses, until stop is closed.
func (n *node) flood(rate int) *torrent {
	n.t.Helper()
	f := &torrent{stop: make(chan struct{})}
	const writers = 2
	for w := range writers {
		var from []*net.UDPConn
		for i := w; i < floodSources; i += writers {
			at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 255, run.second, byte(i + 1)}), 0)
			conn, err := net.DialUDP("udp", net.UDPAddrFromAddrPort(at), net.UDPAddrFromAddrPort(n.sip))
			if err != nil {
				n.t.Fatal(err)
			}
			from = append(from, conn)
		}
		f.wait.Go(func() {
			f.pour(from, float64(rate)/writers, w, n.sip.String())
			for _, conn := range from {
				conn.Close()
			}
		})
	}
	return f
}

// pour sends what is due every two milliseconds.
func (f *torrent) pour(from []*net.UDPConn, rate float64, writer int, server string) {
	kinds := floodKinds(server)
	began := time.Now()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; {
		select {
		case <-f.stop:
			return
		case <-tick.C:
		}
		due := int(math.Min(time.Since(began).Seconds()*rate, float64(n)+rate/20)) // a machine that stood still does not make up for all of it
		for ; n < due; n++ {
			text := kinds[n%len(kinds)]
			if _, err := from[n/len(kinds)%len(from)].Write([]byte(strings.ReplaceAll(text, "NUMBER", fmt.Sprintf("%d-%d-%d", writer, n, began.UnixNano())))); err != nil {
				f.unsent.Add(1)
				continue
			}
			f.sent.Add(1)
		}
	}
}

// floodKinds are the messages of a flood; NUMBER is another each time.
func floodKinds(server string) (all []string) {
	head := func(method, user string) string {
		return method + " sip:" + user + "@" + server + " SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKNUMBER;rport\r\nMax-Forwards: 70\r\n" +
			"From: <sip:" + user + "@" + server + ">;tag=NUMBER\r\nTo: <sip:" + user + "@" + server + ">\r\nCall-ID: NUMBER\r\nCSeq: 1 " + method +
			"\r\nContact: <sip:x@127.0.0.1:9>\r\n"
	}
	body := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
	invite := head("INVITE", "600") + "Content-Type: application/sdp\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
	register := head("REGISTER", "1001") + "Expires: 60\r\nContent-Length: 0\r\n\r\n"
	options := head("OPTIONS", "x") + "Content-Length: 0\r\n\r\n"
	broken := "INVITE sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKNUMBER;rport\r\nCall-ID: NUMBER\r\nFrom nobody\r\n\r\n"
	return []string{invite, register, options, broken, invite, register, options, "\x00\x01junk NUMBER\xff"}
}
