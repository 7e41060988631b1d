//go:build linux

package media

import "golang.org/x/sys/unix"

// ahead is how nice a media thread is to others: much of a CPU's time goes to it where all want it, and a flood of signalling does not
// make it late.
const ahead = -15

// raise puts the calling thread ahead of those that signal. It needs CAP_SYS_NICE, or a limit such as systemd's LimitNICE.
func raise() error {
	return unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), ahead)
}
