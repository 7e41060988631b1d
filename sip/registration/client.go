package registration

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/digest"
	"hotline/sip/transport"
)

// ErrSilent means that a registrar said nothing in time.
var ErrSilent = errors.New("the registrar does not answer")

// refusal is a final response that is no registration.
type refusal struct {
	code   int
	reason string
	after  time.Duration // Retry-After; 0: none
	final  bool          // it will not be otherwise in a minute: a wrong password, an unknown user
}

func (r *refusal) Error() string { return fmt.Sprintf("the registrar says %d %s", r.code, r.reason) }

// client is one registration: its Call-ID is the same for all of it, and its CSeq only grows (RFC 3261 10.2).
type client struct {
	k       *Keeper
	account Account
	callID  string
	tag     string
	seq     uint32
	at      Target // where it is registered
	status  Status
}

// register registers for the time that the account asks for, and returns the time granted.
func (c *client) register(ctx context.Context, t Target) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	return c.ask(ctx, t, cmp.Or(c.account.Expires, DefaultExpires))
}

// mostTurns bounds one registration: a proxy's challenge and the registrar's, each stale once, and 423.
const mostTurns = 6

// ask sends REGISTER until it is accepted or refused: challenges are answered (401 and 407, RFC 3261 22.2 and 22.3), once each and again
// only where the nonce was stale, and too short a time (423, RFC 3261 10.2.8) is made longer.
func (c *client) ask(ctx context.Context, t Target, expires time.Duration) (time.Duration, error) {
	peer := transport.Peer{Network: t.Network, Addr: t.Addr}
	answers := map[string]sip.Header{}
	for range mostTurns {
		req := c.request(peer, expires, answers)
		res, err := c.k.c.Send(ctx, req, peer)
		switch {
		case err != nil:
			return 0, fmt.Errorf("%w: %w", ErrSilent, err)
		case res.StatusCode == 401 || res.StatusCode == 407:
			if err := c.answer(res, req, answers); err != nil {
				return 0, err
			}
		case res.StatusCode == 423 && seconds(res, "Min-Expires") > expires:
			expires = seconds(res, "Min-Expires")
		case res.IsSuccess() && expires == 0:
			return 0, nil
		case res.IsSuccess():
			return c.granted(res, peer, expires)
		default:
			return 0, refused(res)
		}
	}
	return 0, &refusal{code: 401, reason: "again and again", final: true}
}

// answer puts the credentials for a challenge among the answers.
func (c *client) answer(res *sip.Response, req *sip.Request, answers map[string]sip.Header) error {
	user := cmp.Or(c.account.AuthUser, c.account.User)
	h, err := digest.Answer(res, "REGISTER", req.Recipient.String(), user, digest.PasswordSecret(user, c.account.Password))
	if err != nil {
		return &refusal{code: res.StatusCode, reason: err.Error(), final: true}
	}
	if answers[h.Name()] != nil && !stale(res) {
		return &refusal{code: res.StatusCode, reason: "user or password is wrong", final: true}
	}
	answers[h.Name()] = h
	return nil
}

// stale says that only the nonce was too old (RFC 7616 3.3).
func stale(res *sip.Response) bool {
	for _, name := range []string{"WWW-Authenticate", "Proxy-Authenticate"} {
		for _, h := range res.GetHeaders(name) {
			value := strings.ToLower(strings.ReplaceAll(h.Value(), " ", ""))
			if strings.Contains(value, "stale=true") || strings.Contains(value, `stale="true"`) {
				return true
			}
		}
	}
	return false
}

func (c *client) request(peer transport.Peer, expires time.Duration, answers map[string]sip.Header) *sip.Request {
	a := c.account
	req := sip.NewRequest(sip.REGISTER, sip.Uri{Scheme: "sip", Host: a.Domain})
	aor := sip.Uri{Scheme: "sip", User: a.User, Host: a.Domain}
	req.AppendHeader(&sip.FromHeader{Address: aor, Params: sip.HeaderParams{{K: "tag", V: c.tag}}})
	req.AppendHeader(&sip.ToHeader{Address: aor, Params: sip.NewParams()})
	id := sip.CallIDHeader(c.callID)
	req.AppendHeader(&id)
	c.seq++
	req.AppendHeader(&sip.CSeqHeader{SeqNo: c.seq, MethodName: sip.REGISTER})
	req.AppendHeader(sip.NewHeader("Contact", "<"+c.k.c.Contact(peer, a.Contact)+">"))
	req.AppendHeader(sip.NewHeader("Expires", strconv.Itoa(int(expires/time.Second))))
	req.AppendHeader(sip.NewHeader("Supported", "path")) // RFC 3327; a Service-Route (RFC 3608) in the answer is not asked for and not used
	for _, h := range answers {
		req.AppendHeader(h)
	}
	return req
}

// granted is how long the registrar keeps our contact: what it says beside it, or for all, or what was asked for (RFC 3261 10.2.4).
func (c *client) granted(res *sip.Response, peer transport.Peer, asked time.Duration) (time.Duration, error) {
	granted, ours := seconds(res, "Expires"), "sip:"+c.account.Contact+"@"
	if res.GetHeader("Expires") == nil {
		granted = asked
	}
	for _, h := range res.GetHeaders("Contact") {
		for value := range strings.SplitSeq(h.Value(), ",") {
			if !strings.Contains(value, ours) {
				continue
			}
			_, params, _ := strings.Cut(value, ">")
			for p := range strings.SplitSeq(params, ";") {
				name, text, _ := strings.Cut(strings.TrimSpace(p), "=")
				if n, err := strconv.Atoi(strings.Trim(text, `"`)); strings.EqualFold(name, "expires") && err == nil && n >= 0 {
					granted = time.Duration(n) * time.Second
				}
			}
		}
	}
	if granted <= 0 {
		return 0, &refusal{code: res.StatusCode, reason: "but keeps no contact of ours at " + peer.Addr.String()}
	}
	return granted, nil
}

func refused(res *sip.Response) error {
	no := &refusal{code: res.StatusCode, reason: res.Reason, after: seconds(res, "Retry-After")}
	no.final = res.StatusCode >= 400 && res.StatusCode < 500 && res.StatusCode != 408 && res.StatusCode != 480 || res.StatusCode >= 600
	return no
}

// seconds reads a header of seconds, with or without what may follow them; 0 where there is none.
func seconds(res *sip.Response, name string) time.Duration {
	h := res.GetHeader(name)
	if h == nil {
		return 0
	}
	text := strings.TrimSpace(h.Value())
	if end := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
		text = text[:end]
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}
