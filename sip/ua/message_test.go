package ua

import (
	"cmp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/digest"
	"hotline/sip/transaction"
)

// asks sends a request to the node as a phone, answers the challenge, and gives the final answer.
func (b *bare) asks(method sip.RequestMethod, from, to string, prepare func(*sip.Request)) *sip.Response {
	b.t.Helper()
	answers := make(chan *sip.Response, 4)
	uri := sip.Uri{Scheme: "sip", User: to, Host: b.node.Addr.Addr().String()}
	id := sip.CallIDHeader(strconv.FormatInt(time.Now().UnixNano(), 36))
	var send func(seq uint32, credentials sip.Header)
	send = func(seq uint32, credentials sip.Header) {
		m := sip.NewRequest(method, uri)
		f := &sip.FromHeader{Address: sip.Uri{Scheme: "sip", User: from, Host: uri.Host}, Params: sip.NewParams()}
		f.Params.Add("tag", "t")
		m.AppendHeader(f)
		m.AppendHeader(&sip.ToHeader{Address: uri, Params: sip.NewParams()})
		m.AppendHeader(&id)
		m.AppendHeader(&sip.CSeqHeader{SeqNo: seq, MethodName: method})
		if credentials != nil {
			m.AppendHeader(credentials)
		}
		prepare(m)
		b.tx.Request(m, b.node, func(r transaction.Reply) {
			if r.Err != nil {
				answers <- sip.NewResponse(999, r.Err.Error())
				return
			}
			if code := r.Response.StatusCode; (code == 401 || code == 407) && credentials == nil {
				h, err := digest.Answer(r.Response, string(method), uri.String(), from, func(realm, _ string) string {
					return digest.HA1(digest.MD5, from, realm, cmp.Or(everyone[from], "wrong"))
				})
				if err == nil {
					send(seq+1, h)
					return
				}
			}
			answers <- r.Response
		})
	}
	b.tx.Do(string(id), func() { send(1, nil) })
	select {
	case res := <-answers:
		return res
	case <-time.After(patience):
		b.t.Fatalf("no answer to %s", method)
		return nil
	}
}

// registers binds the peer's own address to a phone.
func (b *bare) registers(user string) {
	b.t.Helper()
	res := b.asks(sip.REGISTER, user, user, func(m *sip.Request) {
		m.AppendHeader(sip.NewHeader("Contact", "<sip:"+user+"@"+b.at.String()+">"))
		m.AppendHeader(sip.NewHeader("Expires", "600"))
	})
	if res.StatusCode != 200 {
		b.t.Fatalf("register %s: %d", user, res.StatusCode)
	}
}

func TestMessagesBetweenPhones(t *testing.T) {
	r := newRig(t, 0)
	var mu sync.Mutex
	var got []string
	answer := 200
	take := func(s *transaction.Server) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, string(s.Request.Body()), s.Request.From().Address.User)
		s.Respond(s.Response(answer, "Test", nil))
	}
	sender, taker := r.bare(phoneAddr, nil), r.bareTaking(otherAddr, nil, take)
	says := func(from, to, kind, text string) int {
		return sender.asks(sip.MESSAGE, from, to, func(m *sip.Request) {
			k := sip.ContentTypeHeader(kind)
			m.AppendHeader(&k)
			m.SetBody([]byte(text))
		}).StatusCode
	}
	for _, c := range []struct {
		name, from, to, kind, text string
		want                       int
	}{
		{"a stranger", "9999", "1002", "text/plain", "hi", 407},
		{"to nobody", "1001", "4001", "text/plain", "hi", 404},
		{"no text", "1001", "1002", "application/json", "{}", 415},
		{"too long", "1001", "1002", "text/plain", string(make([]byte, 1301)), 413},
		{"not there", "1001", "1002", "text/plain", "hi", 480},
	} {
		if got := says(c.from, c.to, c.kind, c.text); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
	taker.registers("1002")
	if got := says("1001", "1002", "text/plain", "你好"); got != 200 {
		t.Errorf("got %d, want 200", got)
	}
	mu.Lock()
	if !slices.Equal(got, []string{"你好", "1001"}) {
		t.Errorf("the other phone got %q", got)
	}
	answer = 486
	mu.Unlock()
	if got := says("1001", "1002", "text/plain", "again"); got != 486 {
		t.Errorf("got %d, want what the phone said", got)
	}
}
