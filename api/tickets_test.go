package api

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"hotline/account"
	"hotline/ticket"
)

type ticketsPage struct {
	Tickets []ticket.Ticket
	Next    string
}

func (h *house) ticket(who account.Role, fields map[string]any) ticket.Ticket {
	h.Helper()
	return as[ticket.Ticket](h.ask(who, "POST", "/api/v1/tickets", fields).want(201))
}

func TestTicketLife(t *testing.T) {
	h := open(t)
	made := h.ticket(account.Agent, map[string]any{"caller": "13800138000", "topic": "refund", "subject": "退款问题", "note": "等待", "urgency": "high"})
	if made.State != ticket.Pending || made.Urgency != ticket.High || len(made.Notes) != 1 || made.Notes[0].By != "Amy" || made.Number == "" {
		t.Errorf("got %+v", made)
	}
	path := "/api/v1/tickets/" + string(made.ID)
	patch := func(who account.Role, fields map[string]any, want int) ticket.Ticket {
		t.Helper()
		return as[ticket.Ticket](h.ask(who, "PATCH", path, fields).want(want))
	}
	mine := patch(account.Agent, map[string]any{"revision": made.Revision, "state": "working", "assignee": "1001"}, 200)
	if mine.State != ticket.Working || mine.Assignee != "1001" || mine.Revision != made.Revision+1 {
		t.Errorf("got %+v", mine)
	}
	patch(bob, map[string]any{"revision": made.Revision, "state": "solved"}, 409)
	patch(bob, map[string]any{"revision": mine.Revision, "assignee": "1002"}, 403)
	patch(account.Agent, map[string]any{"revision": mine.Revision, "state": "closed"}, 422)
	patch(account.Agent, map[string]any{"revision": mine.Revision, "state": "gone"}, 422)
	patch(account.Agent, map[string]any{"state": "solved"}, 422)
	h.ask(bob, "POST", path+"/notes", map[string]any{"text": " "}).want(422)
	noted := as[ticket.Ticket](h.ask(bob, "POST", path+"/notes", map[string]any{"text": "看过"}).want(201))
	if len(noted.Notes) != 2 || noted.Notes[1].By != "Bob" {
		t.Errorf("got %+v", noted)
	}
	solved := patch(account.Agent, map[string]any{"revision": noted.Revision, "state": "solved"}, 200)
	closed := patch(account.Agent, map[string]any{"revision": solved.Revision, "state": "closed"}, 200)
	patch(account.Agent, map[string]any{"revision": closed.Revision, "state": "working"}, 403)
	patch(account.Supervisor, map[string]any{"revision": closed.Revision, "state": "working"}, 200)
	byNumber := as[ticket.Ticket](h.get(account.Supervisor, "/tickets/"+made.Number).want(200))
	if byNumber.ID != made.ID || byNumber.Caller != "13800138000" || len(byNumber.History) != 7 {
		t.Errorf("got %+v", byNumber)
	}
}

// TestTicketsOfCalls checks that a ticket can be linked to calls that one may see only, and to a call once.
func TestTicketsOfCalls(t *testing.T) {
	h := open(t)
	h.journalled(started("c1", noon).over(), started("c2", noon).offered("1001", "sales").over())
	h.ask(account.Agent, "POST", "/api/v1/tickets", map[string]any{"subject": "x", "calls": []string{"c1"}}).want(422)
	h.ask(account.Supervisor, "POST", "/api/v1/tickets", map[string]any{"subject": "x", "calls": []string{"none"}}).want(422)
	h.ticket(account.Agent, map[string]any{"subject": "x", "calls": []string{"c2"}})
	h.ask(account.Supervisor, "POST", "/api/v1/tickets", map[string]any{"subject": "x", "calls": []string{"c2"}}).want(409)
	if got := as[ticket.Ticket](h.get(account.Agent, "/calls/c2/ticket").want(200)); got.Subject != "x" || got.Region != "广东/广州" || got.Topic != "refund" {
		t.Errorf("got %+v", got)
	}
	if got, err := h.db.TicketOfCall(t.Context(), "c2"); err != nil || got.Caller != caller {
		t.Errorf("the ticket has the caller %q, %v, want the call's", got.Caller, err)
	}
	h.get(account.Supervisor, "/calls/c1/ticket").want(404)
}

// TestTicketFilters checks every filter and the pages.
func TestTicketFilters(t *testing.T) {
	h := open(t)
	a := h.ticket(account.Supervisor, map[string]any{"subject": "退款问题", "topic": "refund", "team": "care", "caller": "13800138000"})
	b := h.ticket(account.Supervisor, map[string]any{"subject": "故障", "topic": "fault", "assignee": "1001", "caller": "01066551234", "note": "路由器 reboot"})
	name := map[string]string{a.Number: "a", b.Number: "b"}
	for query, want := range map[string]string{
		"": "ba", "number=" + a.Number: "a", "number=" + a.Number[:8]: "ba", "number=9999": "", "caller=99": "", "caller=13800": "a", "caller=6655": "b",
		"state=pending": "a", "state=working": "b", "state=pending,working": "ba", "state=closed": "", "assignee=1001": "b", "assignee=none": "a", "team=care": "a",
		"topic=fault": "b", "text=款问": "a", "text=reb": "b", "text=路由 reboot": "b", "text=退款 reboot": "", "text=%22%22": "", "text=退款&state=working": "",
	} {
		got := ""
		for _, x := range as[ticketsPage](h.get(account.Supervisor, "/tickets?"+strings.ReplaceAll(query, " ", "%20")).want(200)).Tickets {
			got += name[x.Number]
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	for i := range 9 {
		h.ticket(account.Supervisor, map[string]any{"subject": fmt.Sprint("n", i)})
	}
	seen := map[string]bool{}
	next, last := "", "99999999-9999"
	for range 10 {
		page := as[ticketsPage](h.get(account.Agent, "/tickets?limit=4&before="+url.QueryEscape(next)).want(200))
		for _, x := range page.Tickets {
			if seen[x.Number] || x.Number >= last {
				t.Errorf("%s comes again or after %s", x.Number, last)
			}
			seen[x.Number], last = true, x.Number
		}
		if next = page.Next; next == "" {
			break
		}
	}
	if len(seen) != 11 {
		t.Errorf("got %d tickets", len(seen))
	}
}
