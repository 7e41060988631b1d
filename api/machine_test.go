package api

import (
	"errors"
	"testing"
	"time"

	"hotline/account"
	"hotline/alarm"
	"hotline/api/machine"
	"hotline/queue"
)

// What the machine, the trunks and the agents are like is said as figures, and what of it is bad as alarms.
func TestMachine(t *testing.T) {
	h := open(t)
	const gb = 1 << 30
	h.machine = machine.State{
		Started: noon, Disk: alarm.Disk{Free: 10 * gb, Size: 100 * gb, Reserve: gb, PerDay: gb}, Recordings: 5 * gb, DatabaseErr: errors.New("disk I/O error"),
		Certificates: []alarm.Cert{{Name: "SIP", Ends: time.Now().Add(-time.Hour)}}, Modules: []machine.Module{{Path: "go", Version: "go1"}},
	}
	got := as[struct {
		Version         string
		FullInDays      int
		DatabaseAnswers bool
		Certificates    []struct{ Name string }
		Alarms          []alarm.Alarm
	}](h.get(account.Admin, "/system").want(200))
	if got.Version != "test" || got.FullInDays != 9 || got.DatabaseAnswers || len(got.Certificates) != 1 {
		t.Errorf("got %+v", got)
	}
	kinds := map[alarm.Kind]bool{}
	for _, a := range got.Alarms {
		kinds[a.Kind] = true
	}
	for _, want := range []alarm.Kind{alarm.Database, alarm.DiskLow, alarm.DiskFills, alarm.Certificate} {
		if !kinds[want] {
			t.Errorf("no alarm of %s: %+v", want, got.Alarms)
		}
	}
	away := func() bool {
		for _, a := range as[struct{ Alarms []alarm.Alarm }](h.get(account.Supervisor, "/alarms").want(200)).Alarms {
			if a.Kind == alarm.AgentUnreachable && a.Object == "1001" {
				return true
			}
		}
		return false
	}
	h.dispatcher.Set("1001", queue.Offline, "signed out", "test")
	h.dispatcher.Reach("1001", false)
	h.eventually("no alarm of an agent who has signed out", func() bool { return !away() })
	h.dispatcher.Set("1001", queue.Ready, "at work", "test")
	h.eventually("the alarm of an agent without a telephone", away)
	h.dispatcher.Reach("1001", true)
	h.eventually("its end", func() bool { return !away() })
}
