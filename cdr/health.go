package cdr

import (
	"context"
	"log/slog"
	"time"
)

// live leaves a sign of life, so that the calls of a process that was killed can be ended at the right time.
func (j *Journal) live(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, tryWithin)
	defer cancel()
	if err := j.store.SaveCursor(ctx, aliveCursor, j.now().UnixMilli()); err != nil {
		j.failed(err, j.Waiting())
		return
	}
	if j.Waiting() == 0 {
		j.ok()
	}
}

// failed raises the alarm, once for each time the store begins to fail, and whenever facts were lost.
func (j *Journal) failed(err error, waiting int) {
	if !j.alarmed {
		j.alarmed = true
		j.logger().Error("journal cannot write", "waiting", waiting, "error", err)
		j.alarm(AlarmStore, max(waiting, j.Waiting()))
	}
	j.tellLost()
}

// ok calls the alarm off.
func (j *Journal) ok() {
	j.tellLost()
	if j.alarmed {
		j.alarmed = false
		j.logger().Info("journal writes again")
		j.alarm(AlarmNone, 0)
	}
}

func (j *Journal) tellLost() {
	j.mu.Lock()
	lost := j.lost
	j.lost = 0
	j.mu.Unlock()
	if lost > 0 {
		j.logger().Error("facts lost for want of memory", "facts", lost)
		j.alarm(AlarmLost, lost)
	}
}

func (j *Journal) alarm(problem string, n int) {
	if j.Alarm != nil {
		j.Alarm(problem, n)
	}
}

func (j *Journal) limit() int {
	if j.Limit > 0 {
		return j.Limit
	}
	return 1_000_000
}

func (j *Journal) logger() *slog.Logger {
	if j.Logger != nil {
		return j.Logger
	}
	return slog.Default()
}

func (j *Journal) now() time.Time {
	if j.Now != nil {
		return j.Now()
	}
	return time.Now()
}
