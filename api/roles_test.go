package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"hotline/account"
	"hotline/call"
	"hotline/queue"
	"hotline/recording"
)

// right is what one operation answers to whom.
type right struct {
	body                             any
	path                             string // with the ids filled in; "" is the operation's own
	nobody, agent, supervisor, admin int
}

const oneDay = "?from=2026-11-22T00:00:00Z&to=2026-11-23T00:00:00Z"

// rights is the matrix of roles: every operation has a line. The agent is the one whose call it is.
var rights = map[string]right{
	"GET /healthz":                      {nil, "", 200, 200, 200, 200},
	"GET /readyz":                       {nil, "", 200, 200, 200, 200},
	"GET /metrics":                      {nil, "", 401, 403, 200, 200},
	"GET /sip":                          {nil, "", 426, 426, 426, 426},
	"GET /api/v1/openapi.json":          {nil, "", 200, 200, 200, 200},
	"GET /api/v1/openapi.yaml":          {nil, "", 200, 200, 200, 200},
	"GET /api/v1/alarms":                {nil, "", 401, 403, 200, 200},
	"GET /api/v1/system":                {nil, "", 401, 403, 403, 200},
	"GET /api/v1/version":               {nil, "", 401, 200, 200, 200},
	"POST /api/v1/session":              {map[string]any{"login": "x", "password": "y"}, "", 401, 401, 401, 429},
	"GET /api/v1/session":               {nil, "", 401, 200, 200, 200},
	"POST /api/v1/first-admin":          {map[string]any{"link": "x", "login": "root", "name": "R", "password": password}, "", 401, 401, 401, 401},
	"GET /api/v1/calls":                 {nil, "", 401, 200, 200, 200},
	"GET /api/v1/calls.csv":             {nil, "", 401, 403, 200, 200},
	"GET /api/v1/calls/live":            {nil, "", 401, 200, 200, 200},
	"GET /api/v1/calls/{id}":            {nil, "/api/v1/calls/c1", 401, 200, 200, 200},
	"DELETE /api/v1/calls/{id}":         {nil, "/api/v1/calls/c1", 401, 403, 404, 404},
	"GET /api/v1/calls/{id}/facts":      {nil, "/api/v1/calls/c1/facts", 401, 403, 200, 200},
	"GET /api/v1/calls/{id}/trace":      {nil, "/api/v1/calls/c1/trace", 401, 403, 200, 200},
	"GET /api/v1/calls/{id}/ladder":     {nil, "/api/v1/calls/c1/ladder", 401, 403, 200, 200},
	"GET /api/v1/calls/{id}/ticket":     {nil, "/api/v1/calls/c1/ticket", 401, 200, 200, 200},
	"GET /api/v1/recordings":            {nil, "/api/v1/recordings?call=c1", 401, 200, 200, 200},
	"GET /api/v1/recordings/{id}":       {nil, "/api/v1/recordings/rec-c1", 401, 200, 200, 200},
	"GET /api/v1/recordings/{id}/audio": {nil, "/api/v1/recordings/rec-c1/audio", 401, 200, 200, 200},
	"GET /api/v1/tickets":               {nil, "", 401, 200, 200, 200},
	"POST /api/v1/tickets":              {map[string]any{"subject": "x"}, "", 401, 201, 201, 201},
	"GET /api/v1/tickets/{id}":          {nil, "/api/v1/tickets/20261122-0001", 401, 200, 200, 200},
	"PATCH /api/v1/tickets/{id}":        {map[string]any{"revision": 0}, "/api/v1/tickets/20261122-0001", 401, 409, 409, 409},
	"POST /api/v1/tickets/{id}/notes":   {map[string]any{"text": "x"}, "/api/v1/tickets/20261122-0001/notes", 401, 201, 201, 201},
	"GET /api/v1/queues":                {nil, "", 401, 200, 200, 200},
	"GET /api/v1/queues/waiting":        {nil, "", 401, 403, 200, 200},
	"GET /api/v1/agents":                {nil, "", 401, 200, 200, 200},
	"PUT /api/v1/agents/{id}/state":     {map[string]any{"state": "ready"}, "/api/v1/agents/1002/state", 401, 403, 204, 204},
	"POST /api/v1/routes/dry-run":       {map[string]any{"calls": []any{map[string]any{"did": "4001"}}}, "", 401, 403, 200, 200},
	"GET /api/v1/trunks":                {nil, "", 401, 403, 200, 200},
	"GET /api/v1/trunks/{id}/test":      {nil, "/api/v1/trunks/t1/test?number=1", 401, 403, 200, 200},
	"GET /api/v1/registrations":         {nil, "", 401, 403, 200, 200},
	"GET /api/v1/callbacks":             {nil, "", 401, 403, 200, 200},
	"POST /api/v1/callbacks":            {map[string]any{"number": "abc", "queue": "sales"}, "", 401, 403, 422, 422},
	"POST /api/v1/callbacks/{id}/now":   {nil, "/api/v1/callbacks/none/now", 401, 403, 404, 404},
	"DELETE /api/v1/callbacks/{id}":     {nil, "/api/v1/callbacks/none", 401, 403, 404, 404},
	"GET /api/v1/agents/{id}/log":       {nil, "/api/v1/agents/1001/log?from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z", 401, 200, 200, 200},
	"GET /api/v1/reports/occupancy":     {nil, "/api/v1/reports/occupancy?from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z", 401, 403, 200, 200},
	"GET /api/v1/bans":                  {nil, "", 401, 403, 200, 200},
	"DELETE /api/v1/bans/{source}":      {nil, "/api/v1/bans/198.51.100.1", 401, 403, 403, 404},
	"GET /api/v1/closings":              {nil, "", 401, 200, 200, 200},
	"POST /api/v1/closings":             {map[string]any{"queue": "none"}, "", 401, 403, 404, 404},
	"DELETE /api/v1/closings":           {nil, "", 401, 403, 404, 404},
	"GET /api/v1/messages":              {nil, "", 401, 200, 200, 200},
	"GET /api/v1/messages/sent":         {nil, "", 401, 403, 200, 200},
	"POST /api/v1/messages":             {map[string]any{"text": "x"}, "", 401, 403, 422, 422},
	"POST /api/v1/messages/read":        {map[string]any{"ids": []string{"x"}}, "", 401, 204, 403, 403},
	"GET /api/v1/numbers/{number}":      {nil, "/api/v1/numbers/13800138000", 401, 403, 200, 200},

	"GET /api/v1/prompts":                         {nil, "", 401, 403, 200, 200},
	"POST /api/v1/prompts/speech":                 {map[string]any{"language": "zh", "text": "x"}, "", 401, 403, 403, 503},
	"PUT /api/v1/prompts/{language}/{name}":       {"no sound", "/api/v1/prompts/zh/x", 401, 403, 403, 400},
	"DELETE /api/v1/prompts/{language}/{name}":    {nil, "/api/v1/prompts/zh/goodbye", 401, 403, 403, 409},
	"GET /api/v1/prompts/{language}/{name}/audio": {nil, "/api/v1/prompts/zh/goodbye/audio", 401, 403, 200, 200},

	"GET /api/v1/people":                           {nil, "", 401, 403, 403, 200},
	"POST /api/v1/people":                          {map[string]any{"login": "amy", "name": "x", "role": "agent"}, "", 401, 403, 403, 409},
	"PATCH /api/v1/people/{id}":                    {map[string]any{"revision": 1}, "/api/v1/people/none", 401, 403, 403, 404},
	"POST /api/v1/people/{id}/one-time-password":   {nil, "/api/v1/people/none/one-time-password", 401, 403, 403, 404},
	"POST /api/v1/password":                        {map[string]any{"secret": "x", "password": password}, "", 401, 401, 401, 401},
	"PUT /api/v1/session/password":                 {map[string]any{"old": "x", "new": "x"}, "", 401, 401, 401, 401},
	"GET /api/v1/config/holidays/{country}/{year}": {nil, "/api/v1/config/holidays/CN/2026", 401, 403, 403, 200},
	"GET /api/v1/config/trunks":                    {nil, "", 401, 403, 403, 200},
	"GET /api/v1/config/numbers":                   {nil, "", 401, 403, 403, 200},
	"GET /api/v1/config/routes":                    {nil, "", 401, 403, 403, 200},
	"GET /api/v1/config/queues":                    {nil, "", 401, 403, 403, 200},
	"GET /api/v1/config/people":                    {nil, "", 401, 403, 403, 200},
	"GET /api/v1/config/phones":                    {nil, "", 401, 403, 403, 200},
	"GET /api/v1/config/calendars":                 {nil, "", 401, 403, 403, 200},
	"GET /api/v1/config/callers":                   {nil, "", 401, 403, 403, 200},
	"GET /api/v1/config/outside":                   {nil, "", 401, 403, 403, 200},
	"GET /api/v1/config/codes":                     {nil, "", 401, 403, 403, 200},
	"GET /api/v1/config/flows":                     {nil, "", 401, 403, 403, 200},
	"GET /api/v1/config/flow-nodes":                {nil, "", 401, 403, 403, 200},
	"POST /api/v1/config/rehearsal":                {map[string]any{"flow": "none"}, "", 401, 403, 403, 404},
	"POST /api/v1/config/publish":                  {map[string]any{"changes": []any{map[string]any{"kind": "queue", "id": "none"}}}, "", 401, 403, 403, 404},
	"GET /api/v1/config/versions":                  {nil, "", 401, 403, 403, 200},
	"GET /api/v1/config/versions/{number}":         {nil, "/api/v1/config/versions/1", 401, 403, 403, 200},
	"POST /api/v1/config/versions/{number}/back":   {nil, "/api/v1/config/versions/99/back", 401, 403, 403, 404},

	"GET /api/v1/tokens":         {nil, "", 401, 403, 403, 200},
	"POST /api/v1/tokens":        {map[string]any{"name": "x", "role": "agent"}, "", 401, 403, 403, 201},
	"DELETE /api/v1/tokens/{id}": {nil, "/api/v1/tokens/none", 401, 403, 403, 404},
	"GET /api/v1/audit":          {nil, "", 401, 403, 403, 200},
	"DELETE /api/v1/session":     {nil, "", 204, 204, 204, 204}, // asked last: it ends the session
	"GET /api/v1/events":         {nil, "", 401, 403, 200, 200},

	"GET /api/v1/reports/queues":                {nil, "/api/v1/reports/queues" + oneDay, 401, 403, 200, 200},
	"GET /api/v1/reports/queues.csv":            {nil, "/api/v1/reports/queues.csv" + oneDay, 401, 403, 200, 200},
	"GET /api/v1/reports/agents":                {nil, "/api/v1/reports/agents" + oneDay, 401, 403, 200, 200},
	"GET /api/v1/reports/agents.csv":            {nil, "/api/v1/reports/agents.csv" + oneDay, 401, 403, 200, 200},
	"GET /api/v1/reports/calls":                 {nil, "/api/v1/reports/calls" + oneDay + "&figure=answered", 401, 403, 200, 200},
	"GET /api/v1/reports/formulas":              {nil, "", 401, 403, 200, 200},
	"GET /api/v1/reports/staffing":              {nil, "/api/v1/reports/staffing?calls=100&aht=180", 401, 403, 200, 200},
	"PUT /api/v1/agents/{id}/follow":            {nil, "/api/v1/agents/1002/follow", 401, 403, 422, 422},
	"DELETE /api/v1/agents/{id}/follow":         {nil, "/api/v1/agents/1002/follow", 401, 403, 404, 404},
	"PATCH /api/v1/agents/{id}/membership":      {map[string]any{"queues": map[string]int{"none": 1}}, "/api/v1/agents/1002/membership", 401, 403, 422, 422},
	"DELETE /api/v1/agents/{id}/membership":     {nil, "/api/v1/agents/1002/membership", 401, 403, 404, 404},
	"GET /api/v1/calls/parked":                  {nil, "", 401, 200, 200, 200},
	"POST /api/v1/calls/{id}/commands":          {map[string]any{"what": "hold", "agent": "1002"}, "/api/v1/calls/c1/commands", 401, 403, 404, 404},
	"POST /api/v1/agents/{id}/wrap-up/lengthen": {nil, "/api/v1/agents/1002/wrap-up/lengthen", 401, 403, 409, 409},
	"GET /api/v1/calls/{id}/desk":               {nil, "/api/v1/calls/c1/desk", 401, 200, 200, 200},
	"GET /api/v1/directory":                     {nil, "", 401, 200, 200, 200},
	"GET /api/v1/recordings/{id}/heard":         {nil, "/api/v1/recordings/rec-c1/heard", 401, 403, 200, 200},
	"POST /api/v1/recordings/{id}/heard":        {map[string]any{"ranges": []any{map[string]any{"from": 0, "to": 1}}}, "/api/v1/recordings/rec-c1/heard", 401, 204, 204, 204},
	"PUT /api/v1/calls/{id}/disposition":        {map[string]any{"code": "x", "agent": "1002"}, "/api/v1/calls/c1/disposition", 401, 403, 404, 404},
}

// TestRights asks every operation as everybody.
func TestRights(t *testing.T) {
	h := open(t)
	h.journalled(started("c1", noon).talks("1001", "sales").over())
	h.record("rec-c1", "c1", 200*time.Millisecond, recording.Sealed)
	h.eventually("the ticket", func() bool { return h.get(account.Admin, "/calls/c1/ticket").Code == 200 })
	number := as[struct{ Number string }](h.get(account.Admin, "/calls/c1/ticket")).Number
	h.events.Close() // streams end at once
	doc := as[spec](h.get("", "/openapi.json"))
	seen := 0
	ask := func(name string, status map[account.Role]int) {
		r := rights[name]
		method, path, _ := strings.Cut(name, " ")
		if r.path != "" {
			path = strings.ReplaceAll(r.path, "20261122-0001", number)
		}
		for _, role := range []account.Role{"", account.Agent, account.Supervisor, account.Admin} {
			want := status[role]
			if name == "GET /api/v1/events" && want == 200 {
				want = 503 // closed, but let in
			}
			if got := h.ask(role, method, path, r.body); got.Code != want {
				t.Errorf("%s as %q: got %d %s, want %d", name, role, got.Code, got.Body, want)
			}
		}
		seen++
	}
	last := "DELETE /api/v1/session"
	for path, item := range doc.Paths {
		for method, op := range item {
			name := strings.ToUpper(method) + " " + path
			r, ok := rights[name]
			if !ok {
				t.Errorf("%s has no line in the matrix", name)
				continue
			}
			if least := map[bool]account.Role{true: op.Role}[op.Role != ""]; (least == "") != (r.nobody != 401 || name == "POST /api/v1/session" || name == "POST /api/v1/first-admin" || name == "POST /api/v1/password") && name != "GET /metrics" {
				t.Errorf("%s says it takes %q", name, least)
			}
			if name != last {
				ask(name, map[account.Role]int{"": r.nobody, account.Agent: r.agent, account.Supervisor: r.supervisor, account.Admin: r.admin})
			}
		}
	}
	ask(last, map[account.Role]int{"": 204, account.Agent: 204, account.Supervisor: 204, account.Admin: 204})
	if seen != len(rights) {
		t.Errorf("%d operations were asked, the matrix has %d", seen, len(rights))
	}
}

// TestRightsComeFirst checks that who may not ask learns nothing from a malformed question.
func TestRightsComeFirst(t *testing.T) {
	h := open(t)
	h.ask("", http.MethodPost, "/api/v1/tokens", "{broken").want(401)
	h.ask(account.Agent, http.MethodPost, "/api/v1/tokens", strings.Repeat("x", bodyMost+1)).want(403)
	h.get(account.Agent, "/calls.csv?limit=minus").want(403)
	if got := h.get("", "/calls").want(401).Header().Get("WWW-Authenticate"); !strings.HasPrefix(got, "Bearer") {
		t.Errorf("got challenge %q", got)
	}
}

// TestOwnCallsOnly checks what an agent may see: own calls, recordings of those they talked in, and no whole number anywhere.
func TestOwnCallsOnly(t *testing.T) {
	h := open(t)
	mine := started("c1", noon).offered("1002", "care").talks("1001", "sales").over()
	theirs := started("c2", noon.Add(time.Minute)).talks("1002", "care").over()
	nobodys := started("c3", noon.Add(2*time.Minute)).over()
	h.journalled(mine, theirs, nobodys)
	h.record("rec-c1", "c1", 200*time.Millisecond, recording.Sealed)
	h.record("rec-c2", "c2", 200*time.Millisecond, recording.Sealed)
	for _, c := range []struct {
		as   account.Role
		path string
		want int
	}{
		{account.Agent, "/calls/c1", 200}, {account.Agent, "/calls/c2", 404}, {account.Agent, "/calls/c3", 404}, {account.Agent, "/calls/none", 404},
		{account.Agent, "/recordings/rec-c1", 200}, {account.Agent, "/recordings/rec-c1/audio", 200}, {account.Agent, "/recordings?call=c1", 200},
		{account.Agent, "/recordings/rec-c2", 404}, {account.Agent, "/recordings/rec-c2/audio", 404}, {account.Agent, "/recordings?call=c2", 404},
		{account.Agent, "/calls/c2/ticket", 404},
		{bob, "/calls/c1", 200}, {bob, "/recordings/rec-c1", 404}, {bob, "/recordings/rec-c1/audio", 404}, // bob's phone rang, that is all
		{account.Supervisor, "/calls/c3", 200}, {account.Supervisor, "/recordings/rec-c2/audio", 200},
	} {
		if got := h.get(c.as, c.path); got.Code != c.want {
			t.Errorf("%s as %s: got %d %s, want %d", c.path, c.as, got.Code, got.Body, c.want)
		}
	}
	for as1, want := range map[account.Role]int{account.Agent: 1, bob: 2, account.Supervisor: 3} {
		if got := as[struct{ Calls []any }](h.get(as1, "/calls")); len(got.Calls) != want {
			t.Errorf("%s sees %d calls, want %d", as1, len(got.Calls), want)
		}
	}
	if got := as[[]any](h.get(bob, "/recordings?call=c1")); len(got) != 0 {
		t.Errorf("bob sees %v", got)
	}
	if got := as[struct{ Calls []any }](h.get(account.Agent, "/calls?agent=1002")); len(got.Calls) != 0 {
		t.Errorf("the calls of another agent: %v", got)
	}
}

// digitsOf are the forms in which the caller's number must not reach an agent.
var digitsOf = []string{"13800138000", "138 0013 8000", "138-0013-8000", "80013800"}

// TestMasking looks for the caller's number in everything an agent can read, and finds it in what supervisors read.
func TestMasking(t *testing.T) {
	h := open(t)
	h.journalled(started("c1", noon).talks("1001", "sales").over())
	h.record("rec-c1", "c1", 200*time.Millisecond, recording.Sealed)
	h.live("l1")
	h.journalled([]call.Fact{{Call: "l1", Seq: 900, At: time.Now(), Kind: "offered", Agent: "1001", Queue: "sales", Leg: "leg2"}})
	h.eventually("the ticket", func() bool { return h.get(account.Agent, "/calls/c1/ticket").Code == 200 })
	id := as[struct{ ID string }](h.get(account.Agent, "/calls/c1/ticket")).ID
	h.ask(account.Supervisor, "POST", "/api/v1/tickets/"+id+"/notes", map[string]any{"text": "请回电 138 0013 8000 或 138-0013-8000"}).want(201)
	revision := as[struct{ Revision int64 }](h.get(account.Agent, "/tickets/"+id)).Revision
	h.ask(account.Supervisor, "PATCH", "/api/v1/tickets/"+id, map[string]any{"revision": revision, "subject": "退款 13800138000"}).want(200)
	paths := []string{"/calls", "/calls/c1", "/calls/live", "/calls/l1", "/calls/c1/ticket", "/recordings?call=c1", "/recordings/rec-c1", "/tickets", "/tickets/" + id, "/queues", "/agents"}
	for _, path := range paths {
		agent := h.get(account.Agent, path).want(200).Body.String()
		for _, digits := range digitsOf {
			if strings.Contains(agent, digits) {
				t.Errorf("%s shows an agent %q: %s", path, digits, agent)
			}
		}
		if strings.Contains(path, "queues") || strings.Contains(path, "agents") {
			continue
		}
		if !strings.Contains(agent, "138****8000") {
			t.Errorf("%s does not show an agent the masked number: %s", path, agent)
		}
		if whole := h.get(account.Supervisor, path).want(200).Body.String(); !strings.Contains(whole, "13800138000") {
			t.Errorf("%s hides the number from a supervisor: %s", path, whole)
		}
	}
	h.ask(account.Agent, "POST", "/api/v1/tickets/"+id+"/notes", map[string]any{"text": "好"}).want(201)
	answer := h.ask(account.Agent, "POST", "/api/v1/tickets", map[string]any{"caller": "13800138000", "note": "打 13800138000"}).want(201).Body.String()
	if strings.Contains(answer, "13800138000") {
		t.Errorf("a new ticket comes back whole: %s", answer)
	}
}

// TestAgentsCannotSearchNumbers checks that filters do not give away what masking hides.
func TestAgentsCannotSearchNumbers(t *testing.T) {
	h := open(t)
	for _, path := range []string{"/calls?number=138", "/tickets?caller=138", "/tickets?text=1380", "/tickets?text=x%201380013", "/tickets?text=１３８０"} {
		h.get(account.Agent, path).want(403)
		h.get(account.Supervisor, path).want(200)
	}
	h.get(account.Agent, "/tickets?text=退款%20138").want(200)
}

// TestStates checks who may set which state.
func TestStates(t *testing.T) {
	h := open(t)
	set := func(who account.Role, agent, state, reason string, want int) {
		t.Helper()
		h.ask(who, "PUT", "/api/v1/agents/"+agent+"/state", map[string]any{"state": state, "reason": reason}).want(want)
	}
	set(account.Agent, "1001", "ready", "", 204)
	set(account.Agent, "1001", "not-ready", " ", 422)
	set(account.Agent, "1001", "not-ready", "小休", 204)
	set(account.Agent, "1001", "talking", "", 422)
	set(account.Agent, "1002", "ready", "", 403)
	set(account.Supervisor, "1002", "not-ready", "培训", 204)
	set(account.Supervisor, "none", "ready", "", 404)
	h.eventually("both states", func() bool {
		states := map[string]string{}
		for _, a := range h.dispatcher.Snapshot().Agents {
			states[a.ID] = string(a.Next) + a.NextReason + a.Source
		}
		return strings.Contains(states["1001"], "小休") && strings.Contains(states["1002"], "培训")
	})
	lines := h.lines("agent.state")
	if len(lines) != 1 || lines[0].Object != "1002" || lines[0].Detail != "not-ready 培训" || lines[0].Name != "Sue" || lines[0].Source != "192.0.2.7" {
		t.Errorf("got audit lines %+v, want the forced state alone", lines)
	}
	for _, a := range as[[]agentView](h.get(account.Agent, "/agents")) {
		if a.State != queue.Offline || a.Next != queue.NotReady { // the phone is not reachable
			t.Errorf("got %+v", a)
		}
	}
}
