package event

import (
	"context"
	"encoding/xml"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/message"
	"hotline/sip/transaction"
	"hotline/sip/transport"
)

// desk is a phone whose messages the test writes itself, and the notifier it talks to.
type desk struct {
	t    *testing.T
	n    *Notifier
	tx   *transaction.Layer
	got  chan sip.Message
	seq  int
	sent int
	user string // who it is taken for; "" is challenged
}

// core gives requests to the notifier as a node does.
type core struct{ d *desk }

func (c core) Request(tx *transaction.Server) {
	if tx.Request.To().Params.Has("tag") {
		if !c.d.n.Inside(tx) {
			tx.Respond(tx.Response(481, "No", nil))
		}
		return
	}
	c.d.n.Subscribe(tx)
}
func (core) Ack(*sip.Request, transport.Peer)            {}
func (core) StrayResponse(*sip.Response, transport.Peer) {}

var (
	ourAddr   = netip.MustParseAddrPort("127.0.0.11:5060")
	phoneAddr = netip.MustParseAddrPort("127.0.0.12:5060")
)

// world runs f in a bubble of fake time with a notifier for the phones 1001 to 1003.
func world(t *testing.T, edit func(*Config), f func(d *desk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		d := &desk{t: t, got: make(chan sip.Message, 1000), user: "1002"}
		log := slog.New(slog.DiscardHandler)
		d.tx = transaction.New(transaction.Config{Lanes: 2, Logger: log, Allow: []sip.RequestMethod{"SUBSCRIBE", "NOTIFY"}},
			func(_ transport.Peer, raw []byte) error {
				m, err := sip.NewParser().ParseSIP(raw)
				if err != nil {
					t.Errorf("unreadable: %v\n%s", err, raw)
					return nil
				}
				d.got <- m
				return nil
			}, core{d})
		c := Config{
			Logger: log, Contact: func(transport.Peer) string { return "sip:" + ourAddr.String() },
			Domain: func(transport.Peer) string { return "127.0.0.11" },
			Authenticate: func(*transaction.Server) (string, []sip.Header, bool) {
				return d.user, []sip.Header{sip.NewHeader("WWW-Authenticate", `Digest realm="x"`)}, d.user != ""
			},
			Known:    func(user string) bool { return strings.HasPrefix(user, "100") },
			Presence: func(user string) Status { return Status{Open: user == "1001", Note: "ready"} },
		}
		if edit != nil {
			edit(&c)
		}
		d.n = New(c, d.tx)
		done := make(chan struct{})
		go func() { defer close(done); _ = d.tx.Run(ctx) }()
		defer func() { cancel(); <-done }()
		f(d)
	})
}

// say sends a request with further header lines; to is the To tag.
func (d *desk) say(method, resource, to string, lines ...string) {
	d.seq++
	d.sent++
	if to != "" {
		to = ";tag=" + to
	}
	extra := ""
	if !strings.Contains(strings.Join(lines, "\n"), "Contact:") {
		extra = "Contact: <sip:" + phoneAddr.String() + ">\r\n"
	}
	for _, l := range lines {
		if l != "Contact:" {
			extra += l + "\r\n"
		}
	}
	raw := fmt.Sprintf("%s sip:%s@127.0.0.11 SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%d;rport\r\nFrom: <sip:1002@127.0.0.11>;tag=ft\r\n"+
		"To: <sip:%s@127.0.0.11>%s\r\nCall-ID: sub@test\r\nCSeq: %d %s\r\nMax-Forwards: 70\r\n%sContent-Length: 0\r\n\r\n",
		method, resource, phoneAddr, d.sent, resource, to, d.seq, method, extra)
	d.tx.Receive(transport.Received{Peer: transport.Peer{Network: "udp", Addr: phoneAddr, Local: ourAddr}, Raw: []byte(raw), At: time.Now()})
}

// response is the next message, which must be a response with that status.
func (d *desk) response(code int) *sip.Response {
	d.t.Helper()
	select {
	case m := <-d.got:
		res, ok := m.(*sip.Response)
		if !ok || res.StatusCode != code {
			d.t.Fatalf("got\n%s\nwant %d", m, code)
		}
		return res
	case <-time.After(time.Minute):
		d.t.Fatalf("got nothing, want %d", code)
	}
	return nil
}

// notified is the next NOTIFY, answered with code; 0: not at all.
func (d *desk) notified(state string, code int) *sip.Request {
	d.t.Helper()
	select {
	case m := <-d.got:
		req, ok := m.(*sip.Request)
		if !ok || req.Method != sip.NOTIFY {
			d.t.Fatalf("got\n%s\nwant NOTIFY", m)
		}
		if got := message.Value(req, "Subscription-State"); got != state {
			d.t.Errorf("state %q, want %q", got, state)
		}
		if code != 0 {
			d.answer(req, code)
		}
		return req
	case <-time.After(2 * time.Hour):
		d.t.Fatal("got nothing, want NOTIFY")
	}
	return nil
}

func (d *desk) answer(req *sip.Request, code int) {
	res := sip.NewResponseFromRequest(req, code, "Test", nil)
	d.tx.Receive(transport.Received{Peer: transport.Peer{Network: "udp", Addr: phoneAddr, Local: ourAddr}, Raw: []byte(res.String()), At: time.Now()})
	synctest.Wait()
}

// silent fails where anything comes within w.
func (d *desk) silent(w time.Duration) {
	d.t.Helper()
	select {
	case m := <-d.got:
		d.t.Errorf("got\n%s\nwant silence", m)
	case <-time.After(w):
	}
}

func (d *desk) none() {
	d.t.Helper()
	synctest.Wait()
	if n := d.n.Live(); n != 0 || len(d.n.byCall)+len(d.n.byWhat)+len(d.n.byUser) != 0 {
		d.t.Errorf("%d subscriptions are left", n)
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		name, resource string
		user           string
		lines          []string
		code           int
		header, value  string
	}{
		{"unknown package", "1001", "1002", []string{"Event: winfo"}, 489, "Allow-Events", "dialog, presence, message-summary"},
		{"no package", "1001", "1002", nil, 489, "Allow-Events", "dialog, presence, message-summary"},
		{"stranger", "1001", "", []string{"Event: dialog"}, 401, "WWW-Authenticate", `Digest realm="x"`},
		{"another body", "1001", "1002", []string{"Event: dialog", "Accept: application/pidf+xml, text/plain"}, 406, "Accept", "application/dialog-info+xml"},
		{"too brief", "1001", "1002", []string{"Event: dialog", "Expires: 59"}, 423, "Min-Expires", "60"},
		{"no number", "1001", "1002", []string{"Event: dialog", "Expires: soon"}, 400, "", ""},
		{"nobody", "2001", "1002", []string{"Event: dialog"}, 404, "", ""},
		{"another's box", "1001", "1002", []string{"Event: message-summary"}, 403, "", ""},
		{"no Contact", "1001", "1002", []string{"Event: dialog", "Contact:"}, 400, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			world(t, nil, func(d *desk) {
				d.user = tt.user
				d.say("SUBSCRIBE", tt.resource, "", tt.lines...)
				if res := d.response(tt.code); tt.header != "" && message.Value(res, tt.header) != tt.value {
					t.Errorf("%s: %q, want %q", tt.header, message.Value(res, tt.header), tt.value)
				}
				d.none()
			})
		})
	}
}

// RFC 6665 4.2: accepted and told at once, refreshed, told of changes, ended by the watcher.
func TestLifeOfASubscription(t *testing.T) {
	world(t, nil, func(d *desk) {
		d.say("SUBSCRIBE", "1001", "", "Event: dialog;id=7", "Expires: 7200", "Accept: application/dialog-info+xml")
		res := d.response(200)
		tag, _ := res.To().Params.Get("tag")
		if message.Value(res, "Expires") != "3600" || res.Contact() == nil || tag == "" {
			t.Errorf("answer:\n%s", res)
		}
		m := d.notified("active;expires=3600", 200)
		if message.Value(m, "Event") != "dialog;id=7" || m.Contact() == nil || message.Value(m, "Content-Type") != "application/dialog-info+xml" {
			t.Errorf("NOTIFY:\n%s", m)
		}
		d.silent(30 * time.Minute)
		d.say("SUBSCRIBE", "1001", tag, "Event: dialog;id=7", "Expires: 600")
		if res := d.response(200); message.Value(res, "Expires") != "600" {
			t.Errorf("refresh:\n%s", res)
		}
		d.notified("active;expires=600", 200)
		time.Sleep(time.Minute)
		d.n.Set("1001", Call{ID: "c", State: "early", Recipient: true, Remote: "13800138000"})
		if m := d.notified("active;expires=540", 200); !strings.Contains(string(m.Body()), "<state>early</state>") {
			t.Errorf("body:\n%s", m.Body())
		}
		d.say("SUBSCRIBE", "1001", tag, "Event: dialog;id=7", "Expires: 0")
		d.response(200)
		d.notified("terminated;reason=timeout", 200)
		d.none()
		d.n.Over("1001", "c")
		d.silent(2 * time.Hour)
		d.say("SUBSCRIBE", "1001", tag, "Event: dialog;id=7")
		d.response(481)
	})
}

func TestRequestsInsideThatAreRefused(t *testing.T) {
	world(t, nil, func(d *desk) {
		d.say("SUBSCRIBE", "1001", "", "Event: presence")
		tag, _ := d.response(200).To().Params.Get("tag")
		d.notified("active;expires=3600", 200)
		d.say("SUBSCRIBE", "1001", tag, "Event: dialog")
		d.response(481)
		d.say("NOTIFY", "1001", tag, "Event: presence")
		d.response(405)
		d.say("SUBSCRIBE", "1001", tag, "Event: presence", "Expires: 5")
		d.response(423)
		d.seq = 0 // lower than before
		d.say("SUBSCRIBE", "1001", tag, "Event: presence")
		d.response(500)
		d.user = "1003"
		d.seq = 100
		d.say("SUBSCRIBE", "1001", tag, "Event: presence")
		d.response(403)
		d.say("SUBSCRIBE", "1001", "other", "Event: presence")
		d.response(481)
	})
}

func TestFetchAndExpiry(t *testing.T) {
	world(t, nil, func(d *desk) {
		d.say("SUBSCRIBE", "1001", "", "Event: presence", "Expires: 0")
		d.response(200)
		if m := d.notified("terminated;reason=timeout", 200); !strings.Contains(string(m.Body()), "<basic>open</basic>") {
			t.Errorf("body:\n%s", m.Body())
		}
		d.none()
		d.say("SUBSCRIBE", "1003", "", "Event: presence", "Expires: 60")
		d.response(200)
		if m := d.notified("active;expires=60", 200); !strings.Contains(string(m.Body()), "<basic>closed</basic>") {
			t.Errorf("body:\n%s", m.Body())
		}
		d.notified("terminated;reason=timeout", 200)
		d.none()
	})
}

// A watcher that does not take a NOTIFY is forgotten (RFC 6665 4.2.2).
func TestNobodyTakesTheNotify(t *testing.T) {
	for _, code := range []int{481, 401, 500, 0} {
		world(t, nil, func(d *desk) {
			d.say("SUBSCRIBE", "1001", "", "Event: dialog")
			d.response(200)
			d.notified("active;expires=3600", code)
			if code == 0 {
				time.Sleep(time.Minute) // Timer F
				for len(d.got) > 0 {
					<-d.got // the repetitions
				}
			}
			d.none()
			d.n.Set("1001", Call{ID: "c", State: "early"})
			d.silent(time.Minute)
		})
	}
}

// Many changes make few NOTIFYs: one at a time, and none sooner than a second after the last; the last says how it is now.
func TestThrottle(t *testing.T) {
	world(t, nil, func(d *desk) {
		d.say("SUBSCRIBE", "1001", "", "Event: dialog")
		d.response(200)
		first := d.notified("active;expires=3600", 0)
		for i := range 50 {
			d.n.Set("1001", Call{ID: fmt.Sprint(i), State: "early"})
		}
		d.silent(400 * time.Millisecond) // the first is not answered
		d.answer(first, 200)
		begin := time.Now()
		m := d.notified("active;expires=3599", 200)
		if waited := time.Since(begin); waited < 500*time.Millisecond || waited > time.Second {
			t.Errorf("told after %v", waited)
		}
		if n := strings.Count(string(m.Body()), "<state>early</state>"); n != 50 || !strings.Contains(string(m.Body()), `version="1"`) {
			t.Errorf("%d calls:\n%.300s", n, m.Body())
		}
		d.n.Set("1001", Call{ID: "0", State: "early"}) // nothing new
		d.silent(time.Minute)
	})
}

func TestBounds(t *testing.T) {
	world(t, func(c *Config) { c.PerUser, c.Most = 2, 3 }, func(d *desk) {
		for i, want := range []int{200, 200, 503} {
			d.say("SUBSCRIBE", "1001", "", "Event: presence")
			res := d.response(want)
			if want == 503 && message.Value(res, "Retry-After") == "" {
				t.Errorf("answer %d:\n%s", i, res)
			}
			if want == 200 {
				d.notified("active;expires=3600", 200)
			}
		}
		d.user = "1001"
		d.say("SUBSCRIBE", "1001", "", "Event: presence")
		d.response(200)
		d.notified("active;expires=3600", 200)
		d.say("SUBSCRIBE", "1001", "", "Event: presence")
		d.response(503)
	})
}

func TestBodies(t *testing.T) {
	world(t, func(c *Config) { c.Box = func(string) (int, int) { return 2, 5 } }, func(d *desk) {
		d.n.Set("1001", Call{ID: `a<"&@b`, LocalTag: "l", RemoteTag: "r", Recipient: true, State: "confirmed", Remote: "138<", Display: `"Wang" & co`})
		for _, kind := range []string{Dialog, Presence} {
			d.say("SUBSCRIBE", "1001", "", "Event: "+kind, "Expires: 0")
			d.response(200)
			body := d.notified("terminated;reason=timeout", 200).Body()
			var any struct {
				XMLName xml.Name
				Dialog  struct {
					ID     string `xml:"id,attr"`
					CallID string `xml:"call-id,attr"`
					Local  string `xml:"local-tag,attr"`
					Way    string `xml:"direction,attr"`
					State  string `xml:"state"`
				} `xml:"dialog"`
			}
			if err := xml.Unmarshal(body, &any); err != nil {
				t.Fatalf("%v\n%s", err, body)
			}
			if g := any.Dialog; kind == Dialog && (g.CallID != `a<"&@b` || g.Local != "l" || g.Way != "recipient" || g.State != "confirmed") {
				t.Errorf("got %+v\n%s", g, body)
			}
		}
		d.say("SUBSCRIBE", "1002", "", "Event: message-summary", "Expires: 0")
		d.response(200)
		m := d.notified("terminated;reason=timeout", 200)
		if got := string(m.Body()); got != "Messages-Waiting: yes\r\nMessage-Account: sip:1002@127.0.0.11\r\nVoice-Message: 2/5 (0/0)\r\n" {
			t.Errorf("got %q", got)
		}
	})
}

// A phone without calls has its lamp put out, and nobody's box is empty.
func TestNothingToTell(t *testing.T) {
	world(t, nil, func(d *desk) {
		d.say("SUBSCRIBE", "1001", "", "Event: dialog", "Expires: 0")
		d.response(200)
		if m := d.notified("terminated;reason=timeout", 200); !strings.Contains(string(m.Body()), "<state>terminated</state>") {
			t.Errorf("body:\n%s", m.Body())
		}
		d.say("SUBSCRIBE", "1002", "", "Event: message-summary", "Expires: 0")
		d.response(200)
		if m := d.notified("terminated;reason=timeout", 200); !strings.HasPrefix(string(m.Body()), "Messages-Waiting: no\r\n") {
			t.Errorf("body:\n%s", m.Body())
		}
	})
}
