package media

import (
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"hotline/media/rtp"
)

// threadsAhead counts the threads of the process that are as nice as a shard's.
func threadsAhead(t *testing.T) (n int) {
	t.Helper()
	tasks, err := filepath.Glob("/proc/self/task/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		id, err := strconv.Atoi(filepath.Base(task))
		if err != nil {
			t.Fatal(err)
		}
		if raw, err := unix.Getpriority(unix.PRIO_PROCESS, id); err == nil && 20-raw == ahead { // a thread may end meanwhile
			n++
		}
	}
	return n
}

// A shard is ahead of the other threads while packets move and no longer: else its thread would go on to run what signals ahead of all.
func TestShardIsAheadWhilePacketsMove(t *testing.T) {
	if !mayRaise(t) {
		t.Skip("the test may not raise a thread")
	}
	e, stop := start(t, Config{Shards: 1})
	s, err := e.Open(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	phone, at := handset(t)
	s.Set(plainParams(at))
	packet := make([]byte, 172)
	rtp.Header{PayloadType: 8, SSRC: 1}.Put(packet)
	talk := func() {
		if _, err := phone.WriteToUDPAddrPort(packet, s.Addr()); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		waitAhead(t, 1, talk)
		waitAhead(t, 0, func() {})
	}
	waitAhead(t, 1, talk)
	shut(t, s)
	stop()
	waitAhead(t, 0, func() {})
}

// waitAhead waits until so many threads are, and does something meanwhile.
func waitAhead(t *testing.T, want int, meanwhile func()) {
	t.Helper()
	look, end := time.NewTicker(5*time.Millisecond), time.After(patient)
	defer look.Stop()
	for threadsAhead(t) != want {
		meanwhile()
		select {
		case <-look.C:
		case <-end:
			t.Fatalf("got %d threads ahead of the others, want %d", threadsAhead(t), want)
		}
	}
}

func mayRaise(t *testing.T) bool {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, err := raise()
	if err != nil {
		return false
	}
	if err := lower(before); err != nil {
		t.Fatal(err)
	}
	return true
}
