package machine

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/alarm"
	"hotline/api/gate"
	"hotline/queue"
)

type alarmsOut struct {
	Body struct {
		Alarms []alarm.Alarm `json:"alarms" doc:"the worst first"`
	}
}

type certView struct {
	Name string    `json:"name"`
	Ends time.Time `json:"ends"`
}

type machineOut struct {
	Body struct {
		Version    string        `json:"version"`
		Started    time.Time     `json:"started"`
		Ready      bool          `json:"ready" doc:"new calls are taken"`
		Live       int           `json:"live" doc:"calls under way"`
		Data       string        `json:"data" doc:"the data folder"`
		Speech     bool          `json:"speech" doc:"there is a text-to-speech"`
		DiskSize   uint64        `json:"diskSize" doc:"bytes of the disk of the recordings"`
		DiskFree   uint64        `json:"diskFree"`
		Reserve    uint64        `json:"diskReserve" doc:"bytes that stay free: below it nothing is recorded"`
		Recordings int64         `json:"recordings" doc:"bytes that they take"`
		PerDay     uint64        `json:"recordingsPerDay" doc:"bytes a day, of the last seven days"`
		FullIn     *int          `json:"fullInDays,omitempty" doc:"at that pace; absent where nothing was recorded lately"`
		Database   int64         `json:"database" doc:"bytes"`
		Answers    bool          `json:"databaseAnswers"`
		Journal    int           `json:"journalWaiting" doc:"facts that wait for the disk"`
		Certs      []certView    `json:"certificates"`
		Alarms     []alarm.Alarm `json:"alarms"`
		Licence    string        `json:"licence" doc:"of the program"`
		Modules    []Module      `json:"modules" doc:"that the program is built of"`
	}
}

// alarming adds what runs here, and what of it needs somebody.
func (s *Routes) alarming() {
	tags := []string{"system"}
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "GET", Path: "/alarms", Summary: "What needs somebody now", Tags: tags},
		func(ctx context.Context, _ gate.Identity, _ *gate.Nothing) (*alarmsOut, error) {
			out := &alarmsOut{}
			out.Body.Alarms = gate.List(s.alarms(s.State(ctx)))
			return out, nil
		})
	gate.Add(s.Gate, account.Admin, huma.Operation{Method: "GET", Path: "/system", Summary: "The machine: version, disk, database, certificates, licences", Tags: tags}, s.showMachine)
}

func (s *Routes) showMachine(ctx context.Context, _ gate.Identity, _ *gate.Nothing) (*machineOut, error) {
	m := s.State(ctx)
	out := &machineOut{}
	b := &out.Body
	b.Version, b.Started, b.Ready, b.Live, b.Data, b.Speech = s.Version, m.Started, s.Ready() == nil, s.Live(), m.Data, s.Speaks
	b.DiskSize, b.DiskFree, b.Reserve, b.PerDay, b.Recordings = m.Disk.Size, m.Disk.Free, m.Disk.Reserve, m.Disk.PerDay, m.Recordings
	if days, ok := m.Disk.Days(); ok {
		b.FullIn = &days
	}
	b.Database, b.Answers, b.Journal = m.Database, m.DatabaseErr == nil, m.Journal
	b.Certs, b.Modules, b.Licence = []certView{}, gate.List(m.Modules), "Apache-2.0"
	for _, c := range m.Certificates {
		b.Certs = append(b.Certs, certView{c.Name, c.Ends})
	}
	b.Alarms = gate.List(s.alarms(m))
	return out, nil
}

// alarms are what needs somebody, of the machine, the trunks and the agents.
func (s *Routes) alarms(m State) []alarm.Alarm {
	n := alarm.Node{
		Stopping: s.Ready() != nil, Disk: m.Disk, Recording: m.Recording, Certificates: m.Certificates, Database: m.DatabaseErr, Journal: m.Journal,
	}
	for _, t := range s.Trunks.Snapshot() {
		one := alarm.Trunk{ID: t.ID}
		for _, h := range t.Targets {
			target := alarm.Target{Name: addressOf(h.Target), Up: h.Up, Since: h.Since, Why: h.Why}
			if target.Name == "" {
				target.Name = h.Target.Name
			}
			if r := h.Registration; r != nil && !r.Registered {
				target.Unregistered, target.WhyNot = true, r.Why
			}
			one.Targets = append(one.Targets, target)
		}
		n.Trunks = append(n.Trunks, one)
	}
	for _, a := range s.Queues().Agents {
		// Who is offline and will be something else when their telephone comes back is at work without it.
		away := a.State == queue.Offline && a.Next != "" && a.Next != queue.Offline
		n.Agents = append(n.Agents, alarm.Agent{ID: a.ID, Reachable: a.Reachable || !away, Since: a.Since})
	}
	return alarm.Check(time.Now(), n)
}
