package records

import (
	"cmp"
	"context"
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"hotline/account"
	"hotline/api/gate"
	"hotline/call"
	"hotline/cdr"
	"hotline/queue"
	"hotline/report"
)

const (
	reportLongest = 92 * 24 * time.Hour // one question
	reportMost    = 200_000             // calls of one question
	longestCall   = 6 * time.Hour       // a call may join a queue so long after its beginning and still be found
)

// ReportSpan is the time and the service level that every report is about.
type ReportSpan struct {
	From   time.Time `query:"from" required:"true" doc:"calls that joined their queue at or after"`
	To     time.Time `query:"to" required:"true" doc:"and before; at most 92 days later"`
	Queue  string    `query:"queue" maxLength:"64"`
	Within int       `query:"within" minimum:"1" maximum:"3600" default:"20" doc:"T of the service level, in seconds"`
}

func (r ReportSpan) within() time.Duration { return time.Duration(r.Within) * time.Second }

// ReportStep is the interval of a report of queues.
type ReportStep struct {
	Step int `query:"step" minimum:"0" maximum:"1440" default:"15" doc:"minutes of an interval; 0: one for the whole time"`
}

type sheetQueuesIn struct {
	ReportSpan
	ReportStep
}

type reportQueuesIn struct {
	ReportSpan
	ReportStep
	Open bool `query:"open" doc:"calls under way count too, as far as they have come"`
	gate.Paging
	Sort string `query:"sort" maxLength:"41" pattern:"^-?[a-z_]+$" doc:"queue or a figure of GET /reports/formulas, - before it for the largest first; by interval when left out"`
}

type sheetAgentsIn struct{ ReportSpan }

type reportAgentsIn struct {
	ReportSpan
	gate.Paging
	Sort string `query:"sort" maxLength:"41" pattern:"^-?[a-z_.-]+$" default:"agent" doc:"agent, occupancy, a figure of GET /reports/formulas, or state. and a state, - before it for the largest first"`
}

type reportCallsIn struct {
	ReportSpan
	Offset int    `query:"offset" minimum:"0"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Figure string `query:"figure" required:"true" maxLength:"40" doc:"a count, such as abandoned"`
	Agent  string `query:"agent" maxLength:"64" doc:"only calls this agent answered; of surveys, those about this agent; of missed, those for which this agent's phone rang"`
}

type reportRow struct {
	At      time.Time          `json:"at" doc:"the beginning of the interval"`
	Queue   string             `json:"queue" doc:"empty: calls in no queue"`
	Counts  map[string]int     `json:"counts"`
	Figures map[string]float64 `json:"figures" doc:"shares from 0 to 1, times in seconds; what cannot be said is absent"`
}

type reportRows struct {
	Body struct {
		Rows  []reportRow `json:"rows"`
		Total int         `json:"total" doc:"on all pages"`
	}
}

type reportAgent struct {
	Agent     string             `json:"agent"`
	States    map[string]float64 `json:"states" doc:"seconds in each state; listening: as a supervisor to others, which is no talk of theirs"`
	Occupancy *float64           `json:"occupancy,omitempty" doc:"share of the time at work in which the agent talked or wrote up a call"`
	Counts    map[string]int     `json:"counts"`
	Figures   map[string]float64 `json:"figures"`
}

type reportAgents struct {
	Body struct {
		Agents []reportAgent `json:"agents"`
		Total  int           `json:"total" doc:"on all pages"`
	}
}

type reportCalls struct {
	Body struct {
		Calls []call.ID `json:"calls" doc:"by the time they joined the queue"`
		Total int       `json:"total" doc:"on all pages"`
	}
}

type formula struct {
	ID   string `json:"id"`
	Kind string `json:"kind" doc:"count: it opens its calls; share, s: made of counts and sums"`
	Text string `json:"text"`
}

type formulas struct{ Body []formula }

func (s *Routes) reports() {
	tags := []string{"reports"}
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "GET", Path: "/reports/queues", Summary: "Figures of queues by interval", Tags: tags}, s.reportQueues)
	gate.Add(s.Gate, account.Supervisor, huma.Operation{
		Method: "GET", Path: "/reports/queues.csv", OperationID: "export-report-queues", Summary: "Figures of queues by interval as CSV", Tags: tags,
		Responses: map[string]*huma.Response{"200": gate.Says("The figures", "text/csv")},
	}, s.reportQueuesCSV)
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "GET", Path: "/reports/agents", Summary: "States and calls of agents", Tags: tags}, s.reportAgents)
	gate.Add(s.Gate, account.Supervisor, huma.Operation{
		Method: "GET", Path: "/reports/agents.csv", OperationID: "export-report-agents", Summary: "States and calls of agents as CSV", Tags: tags,
		Responses: map[string]*huma.Response{"200": gate.Says("The figures", "text/csv")},
	}, s.reportAgentsCSV)
	s.stateLog()
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "GET", Path: "/reports/calls", Summary: "The calls that a figure counts", Tags: tags}, s.reportCalls)
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "GET", Path: "/reports/formulas", Summary: "What each figure means", Tags: tags}, s.reportFormulas)
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "GET", Path: "/reports/staffing", Summary: "Agents needed for a load (Erlang C and A)", Tags: tags}, s.staffing)
}

// of says whether a case is one of the time, and of the queue that was asked for.
func (r ReportSpan) of(c report.Case) bool {
	return !c.At.Before(r.From) && c.At.Before(r.To) && (r.Queue == "" || c.Queue == r.Queue)
}

// cases reads the calls of a time that are over, whole or not at all.
func (s *Routes) cases(ctx context.Context, in ReportSpan) ([]report.Case, error) {
	switch {
	case !in.To.After(in.From):
		return nil, huma.Error422UnprocessableEntity("The time must end after it begins.")
	case in.To.Sub(in.From) > reportLongest:
		return nil, huma.Error422UnprocessableEntity("Ask for at most 92 days at once.")
	}
	p := pages{calls: s.Calls, query: cdr.Query{From: in.From.Add(-longestCall), To: in.To, Queue: in.Queue, Limit: 1000}}
	p.read(ctx)
	var all []report.Case
	read := 0
	p.each(ctx, func(r cdr.Record) bool {
		for _, c := range report.Cases(r) {
			if in.of(c) {
				all = append(all, c)
			}
		}
		read++
		return read <= reportMost
	})
	if read > reportMost {
		return nil, huma.Error422UnprocessableEntity("There are more than 200,000 calls in this time: ask for less at once.")
	}
	return all, p.err
}

// withThose adds the cases of calls that were under way before the others were read: who has ended meanwhile may be among these, and counts once.
func (s *Routes) withThose(ctx context.Context, in ReportSpan, underWay []call.ID, cases []report.Case) ([]report.Case, error) {
	known := map[call.ID]bool{}
	for _, c := range cases {
		known[c.Call] = true
	}
	for _, id := range underWay {
		if known[id] {
			continue
		}
		facts, err := s.Calls.FactsOf(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, c := range report.Cases(cdr.Fold(facts)) {
			if in.of(c) {
				cases = append(cases, c)
			}
		}
	}
	return cases, nil
}

func (s *Routes) table(ctx context.Context, span ReportSpan, step ReportStep, underWay []call.ID) ([]report.Row, error) {
	cases, err := s.cases(ctx, span)
	if err == nil {
		cases, err = s.withThose(ctx, span, underWay, cases)
	}
	if err != nil {
		return nil, err
	}
	return report.Table(cases, span.From, time.Duration(step.Step)*time.Minute, span.within()), nil
}

// figureBy is a count or a ratio to sort by; what cannot be said comes before what is 0.
func figureBy(counts map[string]int, figures map[string]float64, id string) float64 {
	if n, ok := counts[id]; ok {
		return float64(n)
	}
	if v, ok := figures[id]; ok {
		return v
	}
	return -1
}

func (r reportRow) compare(o reportRow, by string) int {
	if by == "queue" {
		return gate.Folded(r.Queue, o.Queue)
	}
	return cmp.Compare(figureBy(r.Counts, r.Figures, by), figureBy(o.Counts, o.Figures, by))
}

func (a reportAgent) compare(o reportAgent, by string) int {
	state, ofState := strings.CutPrefix(by, "state.")
	switch {
	case by == "agent":
		return gate.Folded(a.Agent, o.Agent)
	case by == "occupancy":
		return cmp.Compare(deref(a.Occupancy), deref(o.Occupancy))
	case ofState:
		return cmp.Compare(a.States[state], o.States[state])
	}
	return cmp.Compare(figureBy(a.Counts, a.Figures, by), figureBy(o.Counts, o.Figures, by))
}

// deref is a share, or before all of them where it cannot be said.
func deref(v *float64) float64 {
	if v == nil {
		return -1
	}
	return *v
}

// sortable reports whether a report has a column of the name; more are those beside the figures.
func sortable(sort string, more ...string) error {
	by := strings.TrimPrefix(sort, "-")
	_, count := report.CountOf(by)
	if sort == "" || count || slices.Contains(more, by) || slices.ContainsFunc(report.Ratios, func(r report.Ratio) bool { return r.ID == by }) {
		return nil
	}
	return huma.Error422UnprocessableEntity("There is no such column to sort by; GET /reports/formulas lists the figures.")
}

func (s *Routes) reportQueues(ctx context.Context, _ gate.Identity, in *reportQueuesIn) (*reportRows, error) {
	if err := sortable(in.Sort, "queue"); err != nil {
		return nil, err
	}
	var underWay []call.ID
	if in.Open {
		underWay = s.UnderWay()
	}
	rows, err := s.table(ctx, in.ReportSpan, in.ReportStep, underWay)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, q := range s.Queues().Queues {
		names[q.ID] = q.Name
	}
	var all []reportRow
	for _, r := range rows {
		all = append(all, reportRow{At: r.At, Queue: r.Queue, Counts: r.N, Figures: r.Figures()})
	}
	out := &reportRows{}
	out.Body.Rows, out.Body.Total = gate.Paged(all, in.Paging, in.Sort, func(r reportRow) bool { return in.Has(r.Queue, names[r.Queue]) }, reportRow.compare)
	return out, nil
}

func (s *Routes) reportQueuesCSV(ctx context.Context, _ gate.Identity, in *sheetQueuesIn) (*exportOut, error) {
	rows, err := s.table(ctx, in.ReportSpan, in.ReportStep, nil)
	if err != nil {
		return nil, err
	}
	return s.sheet("queues.csv", func(w *csv.Writer) error { return writeTable(w, rows) }), nil
}

// sheet is a file of CSV with a name.
func (s *Routes) sheet(name string, write func(*csv.Writer) error) *exportOut {
	return &exportOut{Body: func(out huma.Context) {
		r, w := humago.Unwrap(out)
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
		if r.Method == http.MethodHead {
			return
		}
		if err := write(csv.NewWriter(w)); err != nil {
			s.Logger.Warn("report broke off", "err", err)
		}
	}}
}

func writeTable(w *csv.Writer, rows []report.Row) error {
	head := []string{"\ufeffat", "queue"}
	for _, c := range report.Counts {
		head = append(head, c.ID)
	}
	for _, r := range report.Ratios {
		head = append(head, r.ID)
	}
	if err := w.Write(head); err != nil {
		return err
	}
	for _, row := range rows {
		line := append([]string{row.At.Format(time.RFC3339), row.Queue}, figureCells(row.Totals)...)
		if err := w.Write(line); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

func (s *Routes) agentRows(ctx context.Context, in ReportSpan) ([]report.Agent, error) {
	cases, err := s.cases(ctx, in)
	if err != nil {
		return nil, err
	}
	changes, err := s.changes(ctx, "", in.From, in.To)
	if err != nil {
		return nil, err
	}
	return report.Agents(changes, cases, in.From, soFar(in.From, in.To), in.within()), nil
}

func (s *Routes) reportAgents(ctx context.Context, _ gate.Identity, in *reportAgentsIn) (*reportAgents, error) {
	states := []string{"agent", "occupancy"}
	for _, state := range shownStates {
		states = append(states, "state."+string(state))
	}
	if err := sortable(in.Sort, states...); err != nil {
		return nil, err
	}
	rows, err := s.agentRows(ctx, in.ReportSpan)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, a := range s.Queues().Agents {
		names[a.ID] = a.Name
	}
	var all []reportAgent
	for _, a := range rows {
		line := reportAgent{Agent: a.Agent, States: map[string]float64{}, Counts: a.N, Figures: a.Figures()}
		for state, d := range a.States {
			line.States[state] = d.Seconds()
		}
		if v, ok := a.Occupancy(); ok {
			line.Occupancy = &v
		}
		all = append(all, line)
	}
	out := &reportAgents{}
	out.Body.Agents, out.Body.Total = gate.Paged(all, in.Paging, in.Sort, func(a reportAgent) bool { return in.Has(a.Agent, names[a.Agent]) }, reportAgent.compare)
	return out, nil
}

func (s *Routes) reportAgentsCSV(ctx context.Context, _ gate.Identity, in *sheetAgentsIn) (*exportOut, error) {
	rows, err := s.agentRows(ctx, in.ReportSpan)
	if err != nil {
		return nil, err
	}
	return s.sheet("agents.csv", func(w *csv.Writer) error { return writeAgents(w, rows) }), nil
}

// shownStates are the states whose time a sheet of agents has, in seconds.
var shownStates = []queue.State{queue.Ready, queue.Offered, queue.Talking, queue.WrapUp, queue.NotReady, queue.Missed, queue.Offline, report.Listening}

func writeAgents(w *csv.Writer, rows []report.Agent) error {
	head := []string{"\ufeffagent"}
	for _, s := range shownStates {
		head = append(head, string(s))
	}
	head = append(head, "occupancy")
	for _, c := range report.Counts {
		head = append(head, c.ID)
	}
	for _, r := range report.Ratios {
		head = append(head, r.ID)
	}
	if err := w.Write(head); err != nil {
		return err
	}
	for _, a := range rows {
		line := []string{a.Agent}
		for _, s := range shownStates {
			line = append(line, strconv.FormatFloat(a.States[string(s)].Seconds(), 'f', 0, 64))
		}
		occupancy := ""
		if v, ok := a.Occupancy(); ok {
			occupancy = strconv.FormatFloat(v, 'f', 4, 64)
		}
		if err := w.Write(append(append(line, occupancy), figureCells(a.Totals)...)); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// figureCells are the counts and ratios of a row; what cannot be said is empty.
func figureCells(t report.Totals) []string {
	var cells []string
	for _, c := range report.Counts {
		cells = append(cells, strconv.Itoa(t.N[c.ID]))
	}
	for _, r := range report.Ratios {
		cell := ""
		if v, ok := r.Of(t); ok {
			cell = strconv.FormatFloat(v, 'f', 4, 64)
		}
		cells = append(cells, cell)
	}
	return cells
}

func (s *Routes) reportCalls(ctx context.Context, _ gate.Identity, in *reportCallsIn) (*reportCalls, error) {
	count, ok := report.CountOf(in.Figure)
	if !ok {
		return nil, huma.Error422UnprocessableEntity("There is no such count; GET /reports/formulas lists them.")
	}
	cases, err := s.cases(ctx, in.ReportSpan)
	if err != nil {
		return nil, err
	}
	holds := func(c report.Case) bool {
		return count.Holds(c, in.within()) && (in.Agent == "" || c.Of(in.Figure, in.Agent))
	}
	page, total := gate.Paged(cases, gate.Paging{Offset: in.Offset, Limit: in.Limit}, "", holds, nil)
	out := &reportCalls{}
	out.Body.Calls, out.Body.Total = []call.ID{}, total
	for _, c := range page {
		out.Body.Calls = append(out.Body.Calls, c.Call)
	}
	return out, nil
}

func (s *Routes) reportFormulas(context.Context, gate.Identity, *gate.Nothing) (*formulas, error) {
	out := &formulas{}
	for _, c := range report.Counts {
		out.Body = append(out.Body, formula{c.ID, "count", c.Text})
	}
	for _, r := range report.Ratios {
		out.Body = append(out.Body, formula{r.ID, r.Unit, r.Text})
	}
	out.Body = append(out.Body, formula{"occupancy", "share", report.OccupancyText})
	return out, nil
}
