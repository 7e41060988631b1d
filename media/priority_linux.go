//go:build linux

package media

import "golang.org/x/sys/unix"

// ahead is how nice a media thread is to others: much of a CPU's time goes to it where all want it, and a flood of signalling does not
// make it late.
const ahead = -15

// raise puts the calling thread ahead of those that signal and returns how nice it was. It needs CAP_SYS_NICE, or a limit such as systemd's
// LimitNICE.
func raise() (before int, err error) {
	raw, err := unix.Getpriority(unix.PRIO_PROCESS, unix.Gettid())
	if err != nil {
		return 0, err
	}
	return 20 - raw, unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), ahead) // the system call counts from 40 down to 1
}

// lower makes the calling thread as nice as it was.
func lower(before int) error { return unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), before) }
