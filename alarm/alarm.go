// Package alarm says what of a node needs somebody: one pure question about what is known of it.
//
// It is not a monitor: it measures nothing, remembers nothing and tells nobody.
package alarm

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Level is how bad it is.
type Level string

// The levels.
const (
	Bad  Level = "bad"  // calls or their recordings are lost, or will be within days
	Warn Level = "warn" // somebody should look before it gets bad
)

// Kind is what it is about.
type Kind string

// The kinds. Object says which trunk, agent, certificate and so on.
const (
	Stopping         Kind = "stopping"          // no new calls are taken
	TrunkDown        Kind = "trunk-down"        // no target of it answers
	TargetDown       Kind = "target-down"       // one of several does not; Detail is which
	TrunkUnknown     Kind = "trunk-unknown"     // the carrier does not register us; Detail is why
	AgentUnreachable Kind = "agent-unreachable" // at work, and no telephone of theirs is there
	DiskLow          Kind = "disk-low"          // Figure is the free part in per cent
	DiskFills        Kind = "disk-fills"        // Figure is in how many days
	Recording        Kind = "recording"         // sound is not kept; Detail is the trouble
	Certificate      Kind = "certificate"       // Figure is how many days are left, below zero once it has ended
	Database         Kind = "database"          // it does not answer; Detail is why
	Journal          Kind = "journal"           // Figure is how many facts wait for the disk
)

// Alarm is one thing that needs somebody. Since is zero where that is not known; Text is a sentence that says what to do.
type Alarm struct {
	Kind   Kind      `json:"kind"`
	Level  Level     `json:"level"`
	Object string    `json:"object,omitempty"`
	Detail string    `json:"detail,omitempty"`
	Figure int       `json:"figure,omitempty" doc:"days, per cent or a count, by the kind"`
	Since  time.Time `json:"since,omitzero"`
	Text   string    `json:"text"`
}

// Node is what is known of a node.
type Node struct {
	Stopping     bool
	Trunks       []Trunk
	Agents       []Agent
	Disk         Disk
	Recording    []string // what keeps sound from being kept, such as disk-full
	Certificates []Cert
	Database     error // nil: it answers
	Journal      int   // facts that wait for the disk
}

// Trunk is a carrier with its targets; one that only takes calls has none.
type Trunk struct {
	ID      string
	Targets []Target
}

// Target is one way to a carrier.
type Target struct {
	Name         string
	Up           bool
	Since        time.Time
	Why          string
	Unregistered bool // we should be registered there and are not
	WhyNot       string
}

// Agent is one who is signed in.
type Agent struct {
	ID        string
	Reachable bool
	Since     time.Time
}

// Disk is where recordings go. PerDay is how many bytes they took a day lately, 0 where that is not known.
type Disk struct{ Free, Size, Reserve, PerDay uint64 }

// Days is until the reserve is reached at the present pace; ok is false where that is not known.
func (d Disk) Days() (days int, ok bool) {
	if d.PerDay == 0 {
		return 0, false
	}
	if d.Free <= d.Reserve {
		return 0, true
	}
	return int((d.Free - d.Reserve) / d.PerDay), true
}

// Cert is a certificate.
type Cert struct {
	Name string
	Ends time.Time
}

// Bounds, in days, per cent, and facts.
const (
	certWarn, certBad   = 21, 7
	diskWarn, diskBad   = 15, 5 // per cent free
	fillsWarn, fillsBad = 14, 3
	journalWarn         = 1000
	journalBad          = 100_000
)

// Check lists what needs somebody at an instant, the worst first; nil for nothing.
func Check(now time.Time, n Node) []Alarm {
	var all []Alarm
	if n.Stopping {
		all = append(all, Alarm{Kind: Stopping, Level: Bad, Text: "The node stops: new calls are not taken."})
	}
	if n.Database != nil {
		all = append(all, Alarm{Kind: Database, Level: Bad, Detail: n.Database.Error(), Text: "The database does not answer; calls go on, and are kept in memory. Look at the disk."})
	}
	if n.Journal >= journalWarn {
		all = append(all, Alarm{Kind: Journal, Level: level(n.Journal >= journalBad), Figure: n.Journal,
			Text: fmt.Sprintf("%d facts of calls wait for the disk, which is too slow or fails.", n.Journal)})
	}
	all = append(all, n.Disk.check()...)
	for _, trouble := range n.Recording {
		all = append(all, Alarm{Kind: Recording, Level: Bad, Detail: trouble, Text: "Recordings have gaps: " + trouble + "."})
	}
	for _, c := range n.Certificates {
		all = append(all, c.check(now)...)
	}
	for _, t := range n.Trunks {
		all = append(all, t.check()...)
	}
	for _, a := range n.Agents {
		if !a.Reachable {
			all = append(all, Alarm{Kind: AgentUnreachable, Level: Warn, Object: a.ID, Since: a.Since,
				Text: "Agent " + a.ID + " is signed in, but their telephone is not there: calls pass them by."})
		}
	}
	slices.SortStableFunc(all, func(a, b Alarm) int { return cmp.Compare(a.Level, b.Level) })
	return all
}

func level(bad bool) Level {
	if bad {
		return Bad
	}
	return Warn
}

func (d Disk) check() []Alarm {
	var all []Alarm
	if d.Size > 0 {
		if free := int(d.Free * 100 / d.Size); free < diskWarn {
			all = append(all, Alarm{Kind: DiskLow, Level: level(free < diskBad || d.Free <= d.Reserve), Figure: free,
				Text: fmt.Sprintf("%d %% of the disk is free. Make room, or move recordings away.", free)})
		}
	}
	if days, ok := d.Days(); ok && days < fillsWarn {
		all = append(all, Alarm{Kind: DiskFills, Level: level(days < fillsBad), Figure: days,
			Text: fmt.Sprintf("At the pace of the last days recordings fill the disk in %d days.", days)})
	}
	return all
}

func (c Cert) check(now time.Time) []Alarm {
	days := int(c.Ends.Sub(now).Hours()) / 24
	if c.Ends.Before(now) && days == 0 {
		days = -1
	}
	if days >= certWarn {
		return nil
	}
	text := fmt.Sprintf("The certificate %s ends in %d days.", c.Name, days)
	if days < 0 {
		text = "The certificate " + c.Name + " has ended: telephones that check it do not connect."
	}
	return []Alarm{{Kind: Certificate, Level: level(days < certBad), Object: c.Name, Figure: days, Text: text}}
}

func (t Trunk) check() []Alarm {
	var down, all []Alarm
	for _, x := range t.Targets {
		if !x.Up {
			down = append(down, Alarm{Kind: TargetDown, Level: Warn, Object: t.ID, Detail: x.Name + ": " + x.Why, Since: x.Since,
				Text: "The target " + x.Name + " of trunk " + t.ID + " does not answer; calls take the others."})
		}
		if x.Unregistered {
			all = append(all, Alarm{Kind: TrunkUnknown, Level: Bad, Object: t.ID, Detail: x.WhyNot,
				Text: "Trunk " + t.ID + " is not registered with its carrier: calls do not come in."})
		}
	}
	if len(down) == 0 || len(down) < len(t.Targets) {
		return append(all, down...)
	}
	since := down[0].Since
	for _, x := range down {
		if x.Since.After(since) {
			since = x.Since
		}
	}
	return append(all, Alarm{Kind: TrunkDown, Level: Bad, Object: t.ID, Detail: down[0].Detail, Since: since,
		Text: "Trunk " + t.ID + " is down: none of its targets answers. Ask the carrier, and look at the network."})
}
