package registrar

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/digest"
	"hotline/sip/transaction"
	"hotline/sip/transport"
)

const realm = "hotline"

// people are the accounts of the tests: 1001 to 1005 with the password "pw" and their number.
type people struct{}

func (people) Account(user string) (Account, bool) {
	if len(user) != 4 || user < "1001" || user > "1005" {
		return Account{}, false
	}
	return Account{User: user, HA1MD5: digest.HA1(digest.MD5, user, realm, "pw"+user), HA1SHA256: digest.HA1(digest.SHA256, user, realm, "pw"+user)}, true
}

// desk is a registrar behind a transaction layer.
type desk struct {
	*Registrar
	t    *testing.T
	tx   *transaction.Layer
	got  chan *sip.Response
	n    int
	said sync.Mutex
	told []string
}

// Request implements transaction.Core as the dialog layer would.
func (d *desk) Request(tx *transaction.Server) { d.Register(tx) }

// Ack implements transaction.Core.
func (d *desk) Ack(*sip.Request, transport.Peer) {}

// StrayResponse implements transaction.Core.
func (d *desk) StrayResponse(*sip.Response, transport.Peer) {}

// world runs f in a bubble of fake time with a registrar that runs.
func world(t *testing.T, c Config, f func(d *desk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		d := &desk{t: t, got: make(chan *sip.Response, 100)}
		c.Realm = realm
		c.Logger = slog.New(slog.DiscardHandler)
		c.Changed = func(user string, reachable bool) {
			d.said.Lock()
			defer d.said.Unlock()
			d.told = append(d.told, fmt.Sprintf("%s %v", user, reachable))
		}
		r, err := New(c, people{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		d.Registrar = r
		d.tx = transaction.New(transaction.Config{Lanes: 1, Logger: c.Logger}, func(_ transport.Peer, raw []byte) error {
			m, err := sip.NewParser().ParseSIP(raw)
			if err != nil {
				t.Errorf("unreadable response: %v", err)
				return nil
			}
			d.got <- m.(*sip.Response)
			return nil
		}, d)
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()
		wg.Go(func() { _ = d.tx.Run(ctx) })
		wg.Go(func() { _ = d.Run(ctx) })
		synctest.Wait()
		f(d)
	})
}

// phone is one device: its source address, its Call-ID and its last CSeq.
type phone struct {
	d       *desk
	user    string // of To
	login   string // of the credentials; "": user
	pass    string // "": the right one
	contact string // whole value; "": none
	expires string // whole value; "": none
	from    string // source address and port
	callID  string
	seq     int
	extra   string
	alg     digest.Algorithm // "": the first challenge
	network string           // "": udp
	conn    uint64
}

func (d *desk) phone(user string) *phone {
	return &phone{d: d, user: user, contact: "<sip:" + user + "@127.0.0.21:5062>", expires: "300", from: "127.0.0.21:5062", callID: "reg-" + user}
}

// send sends one REGISTER and gives the response.
func (p *phone) send(auth string) *sip.Response {
	p.d.t.Helper()
	p.seq++
	p.d.n++
	lines := []string{
		"REGISTER sip:hotline SIP/2.0",
		fmt.Sprintf("Via: SIP/2.0/UDP 10.0.0.9:5060;rport;branch=z9hG4bK%d", p.d.n),
		"From: <sip:" + p.user + "@hotline>;tag=f",
		"To: <sip:" + p.user + "@hotline>",
		"Call-ID: " + p.callID,
		fmt.Sprintf("CSeq: %d REGISTER", p.seq),
		"Max-Forwards: 70",
	}
	for name, v := range map[string]string{"Contact": p.contact, "Expires": p.expires, "Authorization": auth} {
		if v != "" {
			lines = append(lines, name+": "+v)
		}
	}
	if p.extra != "" {
		lines = append(lines, p.extra)
	}
	raw := strings.Join(append(lines, "Content-Length: 0", "", ""), "\r\n")
	from := netip.MustParseAddrPort(p.from)
	p.d.tx.Receive(transport.Received{Peer: transport.Peer{Network: cmp.Or(p.network, "udp"), Addr: from, Conn: p.conn}, Raw: []byte(raw), At: time.Now()})
	select {
	case res := <-p.d.got:
		return res
	case <-time.After(time.Second):
		p.d.t.Fatal("no answer to REGISTER")
		return nil
	}
}

// credentials answers the challenge of a 401.
func (p *phone) credentials(res *sip.Response) string {
	p.d.t.Helper()
	for _, h := range res.GetHeaders("WWW-Authenticate") {
		c, err := digest.ParseChallenge(h.Value())
		if err != nil {
			p.d.t.Fatal(err)
		}
		if p.alg != "" && c.Algorithm != p.alg {
			continue
		}
		login, pass := p.login, p.pass
		if login == "" {
			login = p.user
		}
		if pass == "" {
			pass = "pw" + login
		}
		cr, err := c.Answer("REGISTER", "sip:hotline", login, digest.PasswordSecret(login, pass))
		if err != nil {
			p.d.t.Fatal(err)
		}
		return cr.String()
	}
	p.d.t.Fatalf("no challenge in %s", res)
	return ""
}

// register does what a phone does: ask, answer the challenge.
func (p *phone) register() *sip.Response {
	p.d.t.Helper()
	res := p.send("")
	if res.StatusCode != 401 {
		return res
	}
	return p.send(p.credentials(res))
}

func (p *phone) want(code int) *sip.Response {
	p.d.t.Helper()
	res := p.register()
	if res.StatusCode != code {
		p.d.t.Errorf("REGISTER of %s: got %d %s, want %d", p.user, res.StatusCode, res.Reason, code)
	}
	return res
}

func (d *desk) wantTold(want ...string) {
	d.t.Helper()
	synctest.Wait()
	d.said.Lock()
	defer d.said.Unlock()
	if got := strings.Join(d.told, ", "); got != strings.Join(want, ", ") {
		d.t.Errorf("told %q, want %q", got, want)
	}
}

// uris are the registered contacts of a user.
func (d *desk) uris(user string) string {
	var out []string
	for _, c := range d.Contacts(user) {
		out = append(out, c.URI.String())
	}
	return strings.Join(out, " ")
}

func listed(res *sip.Response) string {
	var out []string
	for _, h := range res.GetHeaders("Contact") {
		out = append(out, h.Value())
	}
	return strings.Join(out, ", ")
}

// drawer is a Keeper in memory that can fail.
type drawer struct {
	mu     sync.Mutex
	kept   map[string][]Contact
	fails  int
	writes int
}

func (k *drawer) KeepContacts(user string, contacts []Contact) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fails > 0 {
		k.fails--
		return errors.New("disk full")
	}
	k.writes++
	if len(contacts) == 0 {
		delete(k.kept, user)
		return nil
	}
	k.kept[user] = contacts
	return nil
}

func (k *drawer) KeptContacts() (map[string][]Contact, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fails > 0 {
		return nil, errors.New("disk broken")
	}
	return maps.Clone(k.kept), nil
}
