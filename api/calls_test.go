package api

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/account"
	"hotline/call"
	"hotline/cdr"
	"hotline/queue"
)

type callsPage struct {
	Calls []cdr.Record
	Next  string
}

func ids(calls []cdr.Record) (ids []string) {
	for _, r := range calls {
		ids = append(ids, string(r.Call))
	}
	return ids
}

// TestCallFilters checks every filter of the list of calls, each by what it lets through and what it keeps out.
func TestCallFilters(t *testing.T) {
	h := open(t)
	out := &facts{id: "out", at: noon.Add(time.Hour)}
	out.add(0, call.Fact{Kind: call.Started, Leg: call.CallerLeg, From: "1002", FromRaw: "1002", To: "+861066551234", Trunk: "t2", Direction: "out", Region: "北京"})
	h.journalled(started("in", noon).talks("1001", "sales").over(), started("lost", noon.Add(2*time.Hour)).add(0, call.Fact{Kind: call.Chosen, Topic: "fault"}).over(), out.over())
	for query, want := range map[string]string{
		"": "lost out in", "from=" + instant(noon.Add(time.Hour)): "lost out", "to=" + instant(noon.Add(time.Hour)): "in",
		"from=" + url.QueryEscape("2026-11-22T21:00:00+08:00") + "&to=" + instant(noon.Add(90*time.Minute)): "out",
		"direction=in": "lost in", "direction=out": "out", "direction=internal": "", "number=1380013": "lost in", "number=010-6655": "", "number=66551234": "out",
		"number=138%200013%208000": "lost in", "did=4001": "lost in", "did=400": "", "trunk=t2": "out", "region=广东": "lost in", "region=广": "", "region=广东/广州": "lost in",
		"region=北京": "out", "topic=refund": "in", "topic=fault": "lost", "queue=sales": "in", "queue=care": "", "agent=1001": "in", "agent=1002": "",
		"result=answered": "in", "result=abandoned-ivr": "lost out", "result=voicemail": "", "direction=in&topic=fault": "lost",
	} {
		if got := strings.Join(ids(as[callsPage](h.get(account.Supervisor, "/calls?"+query).want(200)).Calls), " "); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
}

// TestCallPages walks over pages while calls go on ending: everything once, in order.
func TestCallPages(t *testing.T) {
	h := open(t)
	var all [][]call.Fact
	for i := range 23 {
		at := noon.Add(time.Duration(i/3) * time.Minute) // some begin at one moment
		all = append(all, started(fmt.Sprintf("c%02d", i), at).over())
	}
	h.journalled(all...)
	var got []string
	next := ""
	for i := range 20 {
		page := as[callsPage](h.get(account.Supervisor, "/calls?limit=5&before="+url.QueryEscape(next)).want(200))
		if len(page.Calls) > 5 {
			t.Fatalf("a page of %d", len(page.Calls))
		}
		got = append(got, ids(page.Calls)...)
		h.journalled(started(fmt.Sprintf("new%d", i), noon.Add(time.Hour)).over())
		if next = page.Next; next == "" {
			break
		}
	}
	want := slices.Clone(got)
	slices.SortFunc(want, func(a, b string) int { return strings.Compare(b, a) })
	if len(got) != 23 || !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if page := as[callsPage](h.get(account.Supervisor, "/calls?limit=28")); len(page.Calls) != 28 || page.Next != "" {
		t.Errorf("a page that just fits: %d calls, next %q", len(page.Calls), page.Next)
	}
}

func TestOneCall(t *testing.T) {
	h := open(t)
	h.journalled(started("c1", noon).talks("1001", "sales").over())
	r := as[cdr.Record](h.get(account.Supervisor, "/calls/c1").want(200))
	if r.Caller.E164 != caller || r.Topic != "refund" || !r.Talked || r.TalkMS != 5000 || len(r.Recordings) != 1 {
		t.Errorf("got %+v", r)
	}
	facts := as[[]call.Fact](h.get(account.Supervisor, "/calls/c1/facts").want(200))
	if len(facts) != r.Facts || facts[0].Kind != call.Started || facts[0].FromRaw != raw {
		t.Errorf("got %+v", facts)
	}
	if got := h.get(account.Supervisor, "/calls/c1/trace").want(200).Body.String(); strings.TrimSpace(got) != "[]" {
		t.Errorf("an old call's trace: got %s", got)
	}
	if got := h.get(account.Supervisor, "/calls/c1/ladder").want(200).Body.String(); strings.TrimSpace(got) != "[]" {
		t.Errorf("an old call's ladder: got %s", got)
	}
}

// TestLiveCalls checks calls under way: seen, in order, traced, and hung up.
func TestLiveCalls(t *testing.T) {
	h := open(t)
	h.live("l1")
	h.live("l2")
	live := as[[]cdr.Record](h.get(account.Supervisor, "/calls/live").want(200))
	if got := ids(live); len(got) != 2 || live[0].Started.Before(live[1].Started) || !live[0].Open() {
		t.Errorf("got %v", live)
	}
	if got := as[[]cdr.Record](h.get(account.Agent, "/calls/live").want(200)); len(got) != 0 {
		t.Errorf("an agent sees calls of nobody: %v", got)
	}
	if r := as[cdr.Record](h.get(account.Supervisor, "/calls/l1").want(200)); r.Result() != cdr.ResultOpen {
		t.Errorf("got %+v", r)
	}
	if got := as[[]call.Moment](h.get(account.Supervisor, "/calls/l1/trace").want(200)); len(got) == 0 || got[0].Event != "arrived" || len(got[0].Actions) == 0 {
		t.Errorf("got %+v", got)
	}
	h.ask(account.Supervisor, "DELETE", "/api/v1/calls/l1", nil).want(204)
	h.eventually("the call to end", func() bool { return len(as[[]cdr.Record](h.get(account.Supervisor, "/calls/live"))) == 1 })
	h.eventually("nobody to hang up", func() bool { return h.ask(account.Supervisor, "DELETE", "/api/v1/calls/l1", nil).Code == 404 })
	if lines := h.lines("call.hangup"); len(lines) == 0 || lines[0].Object != "l1" || lines[0].Name != "Sue" {
		t.Errorf("got audit lines %+v", lines)
	}
}

// TestExport reads the CSV: over several pages, masked unless asked for whole, harmless for spreadsheets.
func TestExport(t *testing.T) {
	h := open(t)
	many := exported + 7
	var all [][]call.Fact
	for i := range many {
		all = append(all, started(fmt.Sprintf("c%04d", i), noon.Add(time.Duration(i)*time.Second)).over())
	}
	evil := &facts{id: "evil", at: noon.Add(-time.Hour)}
	evil.add(0, call.Fact{Kind: call.Started, Leg: call.CallerLeg, FromRaw: "=HYPERLINK(\"http://x\")", From: "=HYPERLINK(\"http://x\")", To: "4001", Direction: "in"})
	h.journalled(append(all, evil.over())...)
	read := func(query string) ([][]string, http.Header, string) {
		t.Helper()
		answer := h.get(account.Supervisor, "/calls.csv?"+query).want(200)
		text := answer.Body.String()
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		return rows, answer.Header(), text
	}
	rows, headers, text := read("")
	if len(rows) != many+2 || rows[0][0] != "通话编号" || rows[1][0] != fmt.Sprintf("c%04d", many-1) || rows[many+1][0] != "evil" {
		t.Errorf("got %d rows, first %v, last %v", len(rows), rows[:2], rows[len(rows)-1])
	}
	if strings.Contains(text, "13800138000") || !strings.Contains(text, "138****8000") || !strings.HasPrefix(text, "\ufeff") {
		t.Errorf("numbers are not masked: %.300s", text)
	}
	if got := headers.Get("Content-Type"); got != "text/csv; charset=utf-8" || !strings.Contains(headers.Get("Content-Disposition"), "attachment") {
		t.Errorf("got headers %v", headers)
	}
	rows, _, text = read("numbers=whole&to=" + instant(noon.Add(time.Second)))
	if len(rows) != 3 || !strings.Contains(text, "13800138000") || rows[2][2][0] != '\'' {
		t.Errorf("got %v", rows)
	}
	rows, _, _ = read("inspection=true&numbers=whole&from=" + instant(noon) + "&to=" + instant(noon.Add(time.Second)) + "&number=1380013")
	if want := []string{caller, "4001", noon.Local().Format("2006-01-02 15:04:05"), "0", "呼入", "语音导航中放弃"}; len(rows) != 2 || len(rows[0]) != 6 || !slices.Equal(rows[1], want) {
		t.Errorf("got %v, want %v", rows, want)
	}
	rows, _, _ = read("topic=none")
	if len(rows) != 1 {
		t.Errorf("got %v", rows)
	}
	h.get(account.Supervisor, "/calls.csv?numbers=all").want(422)
	lines := h.lines("calls.export")
	if len(lines) != 4 || lines[0].Name != "Sue" || !strings.Contains(lines[1].Detail, "numbers=whole") || !strings.Contains(lines[2].Detail, "inspection=true") ||
		strings.Contains(lines[2].Detail, "1380013") || !strings.Contains(lines[2].Detail, "number=") {
		t.Errorf("got audit lines %+v", lines)
	}
}

// TestScripts checks that what a caller's side sent is JSON and nothing else, with its tags taken apart.
func TestScripts(t *testing.T) {
	h := open(t)
	const evil = `"><img src=x onerror=alert(1)><script>alert(1)</script>`
	f := &facts{id: "xss", at: noon}
	f.add(0, call.Fact{Kind: call.Started, Leg: call.CallerLeg, From: evil, FromRaw: evil, To: evil, DID: evil, Trunk: evil, Direction: "in", Region: evil})
	h.journalled(f.add(0, call.Fact{Kind: call.Chosen, Topic: evil}).talks("1001", "sales").over())
	h.eventually("the ticket", func() bool { return h.get(account.Supervisor, "/calls/xss/ticket").Code == 200 })
	h.ask(account.Agent, "POST", "/api/v1/tickets", map[string]any{"subject": evil}).want(201)
	paths := []string{"/calls", "/calls/xss", "/calls/xss/facts", "/calls/xss/ticket", "/tickets", "/registrations", "/calls?direction=" + url.QueryEscape(evil),
		"/numbers/" + url.PathEscape(evil), "/nothing/" + url.PathEscape(evil), "/calls/" + url.PathEscape(evil), "/trunks/t1/test?number=" + url.QueryEscape(evil)}
	for _, path := range paths {
		got := h.get(account.Supervisor, path)
		if kind := got.Header().Get("Content-Type"); kind != "application/json" && kind != "application/problem+json" {
			t.Errorf("%s: got %q", path, kind)
		}
		if got.Code >= 500 || strings.ContainsAny(got.Body.String(), "<>") {
			t.Errorf("%s: got %d %s", path, got.Code, got.Body)
		}
	}
}

func TestDryRun(t *testing.T) {
	h := open(t)
	answer := h.ask(account.Supervisor, "POST", "/api/v1/routes/dry-run", map[string]any{"calls": []any{
		map[string]any{"did": "4001", "caller": "+862083001234", "topic": "refund"}, map[string]any{"did": "4001", "caller": "anonymous"},
	}}).want(200)
	got := as[[]dryRunLine](answer)
	if len(got) != 2 || got[0].Rule != "gd" || got[0].Steps[0].Skills["yue"] != 2 || got[0].Steps[1].AfterMS != 20000 || got[0].Region != "广东/广州" || got[1].Rule != "rest" || got[1].Reason == "" {
		t.Errorf("got %+v", got)
	}
	h.ask(account.Supervisor, "POST", "/api/v1/routes/dry-run", map[string]any{"calls": []any{}}).want(422)
}

func TestNetwork(t *testing.T) {
	h := open(t)
	trunks := h.get(account.Supervisor, "/trunks").want(200)
	type some struct {
		Trunks []trunkView
		Total  int
	}
	if got := as[some](trunks).Trunks; len(got) != 1 || got[0].ID != "t1" || got[0].MaxCalls != 10 || len(got[0].Targets) != 1 || !got[0].Targets[0].Up {
		t.Errorf("got %+v", got)
	}
	for query, total := range map[string]int{"search=carr": 1, "search=127.0.0.9": 1, "search=other": 0, "health=up": 1, "health=down": 0, "sort=-calls": 1} {
		if got := as[some](h.get(account.Supervisor, "/trunks?"+query).want(200)); got.Total != total || len(got.Trunks) != total {
			t.Errorf("%s: got %+v, want %d", query, got, total)
		}
	}
	if strings.Contains(trunks.Body.String(), "canary") {
		t.Errorf("a password leaves: %s", trunks.Body)
	}
	test := as[struct{ CallerIn, CallerOut, CalledOut string }](h.get(account.Supervisor, "/trunks/t1/test?number=013800138000").want(200))
	if test.CalledOut != "9013800138000" || test.CallerIn != "013800138000" {
		t.Errorf("got %+v", test)
	}
	box := as[struct {
		In  heardView
		Out *struct {
			Called struct{ Rule int }
			Lines  []string
		}
	}](h.get(account.Supervisor, "/trunks/t1/test?number=9013800138000&from=4001&header="+url.QueryEscape("Privacy: id")+"&header="+url.QueryEscape("X: y")).want(200))
	in := heardView{Raw: "9013800138000", ReadFrom: "From", Rule: 1, Caller: "013800138000", E164: "+8613800138000", Region: "北京/北京", Private: true, Dialled: "9013800138000", DialledReadFrom: "Request-URI"}
	if box.In != in {
		t.Errorf("got %+v, want %+v", box.In, in)
	}
	lines := []string{"INVITE sip:9013800138000@127.0.0.9 SIP/2.0", "From: <sip:4001@127.0.0.1>", "To: <sip:9013800138000@127.0.0.9>"}
	if box.Out == nil || !slices.Equal(box.Out.Lines, lines) || box.Out.Called.Rule != 0 {
		t.Errorf("got %+v", box.Out)
	}
	h.get(account.Supervisor, "/trunks/t1/test?number=1&header=nonsense").want(422)
	phones := func(query string) (users []string, total int) {
		got := as[struct {
			Registrations []struct {
				User     string
				Contacts []struct{ From string }
			}
			Total int
		}](h.get(account.Supervisor, "/registrations"+query).want(200))
		for _, r := range got.Registrations {
			users = append(users, r.User+" "+r.Contacts[0].From)
		}
		return users, got.Total
	}
	const first, second = "1001 udp:127.0.0.21:5062", "1002 udp:127.0.0.21:5062"
	for query, want := range map[string][]string{
		"": {first, second}, "?sort=-user": {second, first}, "?search=1002": {second}, "?search=.21": {first, second}, "?search=SCRIPT&network=udp": {first, second}, "?network=tls": nil,
	} {
		if got, total := phones(query); !slices.Equal(got, want) || total != len(want) {
			t.Errorf("%s: got %v of %d, want %v", query, got, total, want)
		}
	}
	if got, total := phones("?offset=1&limit=1"); !slices.Equal(got, []string{second}) || total != 2 {
		t.Errorf("the second page: got %v of %d", got, total)
	}
	h.get(account.Supervisor, "/registrations?sort=colour").want(422)
	about := as[struct {
		E164, Kind, Region, Masked string
	}](h.get(account.Supervisor, "/numbers/020-83001234").want(200))
	if about.E164 != "+862083001234" || about.Region != "广东/广州" || about.Kind != "fixed" {
		t.Errorf("got %+v", about)
	}
}

func TestQueues(t *testing.T) {
	h := open(t)
	since := time.Now().Add(-time.Minute)
	h.dispatcher.Join(queue.Request{ID: "w1", Steps: []queue.Step{{Queue: "sales"}}, Since: since})
	h.eventually("the caller to wait", func() bool {
		return len(as[[]waitingView](h.get(account.Supervisor, "/queues/waiting").want(200))) == 1
	})
	got := as[[]queueView](h.get(account.Agent, "/queues").want(200))
	if len(got) != 2 || got[1].ID != "sales" || got[1].Name != "销售" || got[1].Waiting != 1 || got[1].LongestSince == nil || got[0].LongestSince != nil {
		t.Errorf("got %+v", got)
	}
	if w := as[[]waitingView](h.get(account.Supervisor, "/queues/waiting"))[0]; w.Call != "w1" || w.Position != 1 || !w.Since.Equal(since) {
		t.Errorf("got %+v", w)
	}
}

// exported is how many records an export reads at once.
const exported = 500

// instant is a time as a query has it.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }
