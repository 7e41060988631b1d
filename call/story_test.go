package call

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"hotline/hours"
	"hotline/ivr"
	"hotline/number"
	"hotline/route"
)

var update = flag.Bool("update", false, "write the stories as they come out")

// monday is when every story begins: a Monday at nine.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.FixedZone("CST", 8*3600))

// teller runs a call over a virtual clock: timers fire by themselves between the lines of a story.
type teller struct {
	t     *testing.T
	call  *Call
	now   time.Time
	timer []due
	plays map[LegID]int
	asked int // the number of the last look-up
	out   strings.Builder
}

type due struct {
	at time.Time
	ev TimerFired
}

func (s *teller) step(ev Event) {
	for _, a := range s.call.Step(s.now, ev) {
		switch a := a.(type) {
		case SetTimer:
			s.timer = append(s.timer, due{s.now.Add(a.After), TimerFired{Timer: a.Timer}})
		case Play:
			s.plays[a.Leg] = a.Play
		case Lookup:
			s.asked = a.Lookup
		}
		fmt.Fprintf(&s.out, "        %s\n", Describe(a))
	}
	switch ev.(type) {
	case Commanded, SuperviseAsked:
		if why := s.call.Refused(); why != "" {
			fmt.Fprintf(&s.out, "        not done: %s\n", why)
		}
	}
}

// until lets time pass, firing what is due.
func (s *teller) until(at time.Time) {
	for {
		sort.SliceStable(s.timer, func(i, j int) bool { return s.timer[i].at.Before(s.timer[j].at) })
		if len(s.timer) == 0 || s.timer[0].at.After(at) {
			break
		}
		next := s.timer[0]
		s.timer = s.timer[1:]
		s.now = next.at
		if next.ev.Timer.Epoch != s.call.epoch {
			if late := s.call.Step(s.now, next.ev); len(late) > 0 {
				s.t.Errorf("timer %s of an earlier phase did %s", next.ev.Timer.Name, Describe(late[0]))
			}
			continue
		}
		fmt.Fprintf(&s.out, "    (%s %s)\n", clock(s.now), Describe(next.ev))
		s.step(next.ev)
	}
	s.now = at
}

func clock(at time.Time) string {
	d := at.Sub(monday)
	return fmt.Sprintf("%02d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}

func (s *teller) event(words []string) Event {
	arg := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	leg := LegID(arg(1))
	n, _ := strconv.Atoi(arg(1))
	m, _ := strconv.Atoi(arg(2))
	status, _ := strconv.Atoi(arg(3))
	switch words[0] {
	case "arrived":
		return Arrived{}
	case "ringing":
		return LegRinging{Leg: leg}
	case "early":
		return LegEarly{Leg: leg}
	case "answered":
		return LegAnswered{Leg: leg}
	case "holds":
		return LegHeld{Leg: leg, On: true}
	case "resumes":
		return LegHeld{Leg: leg}
	case "transfers":
		return TransferAsked{Leg: leg, To: arg(2)}
	case "transfers-attended":
		return AttendedAsked{Leg: leg, Call: ID(arg(2)), With: LegID(arg(3))}
	case "join-asked":
		return JoinAsked{Leg: leg, Call: ID(arg(2)), With: LegID(arg(3)), Phone: arg(4)}
	case "leg-wanted":
		return LegWanted{Leg: leg, Call: ID(arg(2)), With: LegID(arg(3)), Phone: arg(4)}
	case "replaced": // leg call|invite phone [agent]
		r := Replaced{Leg: leg, Guest: Guest{Line: "g1", Phone: arg(3), Agent: arg(4)}}
		if arg(2) != "invite" {
			r.Call = ID(arg(2))
		}
		return r
	case "dials-slot": // slot phone [agent]
		return Replaced{Slot: arg(1), Guest: Guest{Line: "g1", Phone: arg(2), Agent: arg(3)}}
	case "dials-park": // leg phone
		return ParkAsked{Leg: leg, Guest: Guest{Line: "g1", Phone: arg(2)}}
	case "join-refused":
		return JoinRefused{Leg: leg, SIP: m}
	case "wants": // "wants anna transfer 1003"
		return Commanded{Agent: arg(1), What: Verb(arg(2)), To: arg(3), By: arg(1)}
	case "slot": // "slot 7", "slot none"
		return SlotGiven{Slot: strings.TrimPrefix(arg(1), "none")}
	case "removes": // "removes anna leg3"
		return Commanded{Agent: arg(1), What: Remove, Leg: LegID(arg(2))}
	case "mutes":
		return Commanded{Agent: arg(1), What: Mute, Leg: LegID(arg(2))}
	case "supervises": // "supervises boss whisper anna"
		return SuperviseAsked{Agent: arg(1), Phone: "p-" + arg(1), What: Verb(arg(2)), Of: arg(3), By: "a supervisor"}
	case "silent":
		return LegSilent{Leg: leg}
	case "hangs-up":
		return LegEnded{Leg: leg, Cause: Normal, ByPeer: true, Quality: &Quality{Codec: "PCMA", Received: 500, MOS: 4.4}}
	case "refuses":
		return LegEnded{Leg: leg, Cause: Cause(arg(2)), SIP: status, ByPeer: true}
	case "forwards":
		return LegEnded{Leg: leg, Cause: Declined, SIP: 302, ByPeer: true, Redirect: words[2:]}
	case "gone":
		return LegEnded{Leg: leg, Cause: Normal}
	case "digit":
		return Digit{Leg: leg, Key: arg(2)[0], Info: arg(3) == "info"}
	case "heard":
		return PromptDone{Leg: leg, Play: s.plays[leg]}
	case "offered":
		return Offered{Offer: arg(1), Agent: arg(2), Queue: arg(3), Phone: "p-" + arg(2), RingFor: 20 * time.Second}
	case "withdrawn":
		return OfferWithdrawn{Offer: arg(1), Why: arg(2)}
	case "told":
		estimate, _ := time.ParseDuration(arg(3))
		return QueueTold{Position: n, Waiting: m, Estimate: estimate}
	case "widened":
		return QueueWidened{Queue: arg(1)}
	case "queue-left":
		if arg(2) == "" {
			return QueueLeft{Why: arg(1)}
		}
		then, to, _ := strings.Cut(strings.TrimPrefix(arg(2), "then="), ":") // closed out of turn: "then=queue:east storm"
		if then == "flow" {
			then = ThenFlow
		}
		out := &Closing{Queue: "nation", Then: then, To: to}
		if arg(3) != "" {
			out.Said = []ivr.Prompt{{File: arg(3)}}
		}
		return QueueLeft{Why: arg(1), Closing: out}
	case "looked-up":
		name, value, _ := strings.Cut(arg(1), "=")
		return LookedUp{Lookup: s.asked, Values: map[string]string{name: value}}
	case "look-up-failed":
		return LookedUp{Lookup: s.asked, Err: arg(1)}
	case "recording-failed":
		return RecordingFailed{Recording: arg(1), Why: arg(2)}
	case "hangup-asked":
		return HangupAsked{By: arg(1)}
	case "shutdown":
		return Shutdown{}
	}
	s.t.Fatalf("no such event in a story: %q", words)
	return nil
}

// rulebook is the small centre that all stories share.
func rulebook(t *testing.T) (*route.Table, *ivr.Library) {
	t.Helper()
	flows := &ivr.Library{Flows: map[string]*ivr.Flow{}, Calendars: map[string]*hours.Calendar{}}
	files, err := filepath.Glob("testdata/flows/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := ivr.Read(name, src)
		if err != nil {
			t.Fatal(err)
		}
		flows.Flows[f.ID] = f
	}
	office := &hours.Calendar{Name: "office", Zone: monday.Location()}
	for d := time.Monday; d <= time.Friday; d++ {
		office.Weekly = append(office.Weekly, hours.Span{Day: d, From: 9 * 60, To: 9*60 + 30})
	}
	flows.Calendars["office"] = office
	routes := &route.Table{Numbers: []route.Number{
		{Pattern: "10XX", Flow: "extension"}, {Pattern: "1099", Flow: "refuse"}, {Pattern: "4001", Flow: "hotline"}, {Pattern: "0XXXXXXXXXX", Flow: "outside", Origin: "phone"},
	}, Rules: []route.Rule{
		{ID: "gz-refund", Regions: []string{"广东/广州"}, Topics: []string{"refund"}, Priority: 5,
			Steps: []route.Step{{Queue: "guangzhou"}, {After: 20 * time.Second, Queue: "nation"}}},
		{ID: "rest", Steps: []route.Step{{Queue: "nation"}}},
	}, Codes: route.Codes{Park: "*70", PickUp: "*8", Ready: "*53", Slots: route.Slots{First: 701, Last: 799}}}
	return routes, flows
}

func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/stories/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) { tell(t, name) })
	}
}

func tell(t *testing.T, name string) {
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	routes, flows := rulebook(t)
	s := &teller{t: t, now: monday, plays: map[LegID]int{}}
	lines := bufio.NewScanner(strings.NewReader(string(want)))
	for lines.Scan() {
		line := lines.Text()
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			fmt.Fprintln(&s.out, line)
		case strings.HasPrefix(line, " "): // what came out last time
		case strings.HasPrefix(line, "call "):
			fmt.Fprintln(&s.out, line)
			s.call = New("c1", setupOf(strings.Fields(line)[1:], routes, flows))
		default:
			words := strings.Fields(line)
			var mm, ss int
			if _, err := fmt.Sscanf(words[0], "%d:%d", &mm, &ss); err != nil {
				t.Fatalf("line %q: %v", line, err)
			}
			s.until(monday.Add(time.Duration(mm)*time.Minute + time.Duration(ss)*time.Second))
			fmt.Fprintln(&s.out, line)
			s.step(s.event(words[1:]))
		}
	}
	got := s.out.String()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != string(want) {
		t.Errorf("%s tells another story now (go test ./call -update writes it):\n%s", name, got)
	}
}

// setupOf reads "from=13800138000 region=广东/广州 flow=hotline phone=1001".
func setupOf(words []string, routes *route.Table, flows *ivr.Library) Setup {
	s := Setup{Routes: routes, Flows: flows, Origin: route.Origin{Kind: route.FromTrunk, Trunk: "t1"}, Dialled: "4001"}
	s.Agents = map[string]string{"1001": "li", "1003": "chen"}
	s.Whispers = map[string]Whisper{"vips": {Prompt: "vip-queue", Topics: map[string]string{"refund": "about-refund"}, Wait: true}}
	s.Greetings, s.Music = map[string]string{"zhao": "i-am-zhao"}, map[string]string{"complaints": "lute"}
	s.Plan = route.Plan{DID: "4001", Language: "zh"}
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "from":
			s.From = number.Parse(value)
		case "region":
			province, city, _ := strings.Cut(value, "/")
			s.Region = number.Region{Country: "CN", Province: province, City: city, Confidence: 90}
		case "flow":
			s.Plan.Flow = value
		case "dialled":
			s.Dialled = value
		case "rules": // "none"
			s.Routes = &route.Table{}
		case "phone":
			s.Origin = route.Origin{Kind: route.FromPhone, Phone: value}
		case "outside":
			s.Outside = true
		case "blocked":
			s.Blocked = true
		case "vip":
			s.VIP = true
		case "back": // "agent" or "customer": a callback, who is rung first
			s.Callback = &Callback{Of: "c0", Number: string(s.From.E164), Trunk: "t1", Shown: "4001", Queue: "nation", Since: monday.Add(-10 * time.Minute), AgentFirst: value == "agent"}
		case "patience": // of a callback, for its turn
			s.Callback.MaxWait, _ = time.ParseDuration(value)
		case "record":
			s.Callback.Record = true
		case "cut-off": // "3m": began to wait so long before
			d, _ := time.ParseDuration(value)
			s.Waited = monday.Add(-d)
		}
	}
	return s
}
