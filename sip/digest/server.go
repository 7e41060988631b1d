package digest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"sync"
	"time"
)

// Verdict is what a server thinks of credentials.
type Verdict uint8

// Verdicts of Server.Check.
const (
	Wrong  Verdict = iota // the secret is not known to the sender: count it
	Stale                 // nonce unknown, expired, used again or for another source: challenge anew with stale=true; says nothing about the secret
	Broken                // credentials that no client of ours makes: wrong realm, algorithm or qop
	Good
)

// Config of a Server.
type Config struct {
	Realm      string
	Secret     []byte        // key of the nonces; nil: random
	Life       time.Duration // of a nonce; 0: 5 minutes
	MaxNonces  int           // nonces whose counts are remembered; 0: 65536
	Algorithms []Algorithm   // order of the challenges; nil: SHA-256, MD5
}

// Server issues challenges and checks answers. A nonce carries its own time and the source it was given to, sealed by
// HMAC, so that a challenge costs no memory; only nonces that were answered rightly are remembered, for their count.
// It may be used from any goroutine.
type Server struct {
	cfg  Config
	mu   sync.Mutex
	used map[string]*count
	line []*count // in order of first use, for forgetting the oldest
	// floor is the issue time of the youngest nonce that was forgotten before its time: those up to it are stale.
	floor time.Time
}

// count is the replay window of one nonce: the highest count seen and those up to 63 below it.
type count struct {
	nonce  string
	issued time.Time
	high   uint64
	seen   uint64
}

// NewServer returns a server; a zero field of the config means the value said there.
func NewServer(c Config) *Server {
	if c.Secret == nil {
		c.Secret = []byte(rand.Text())
	}
	if c.Life == 0 {
		c.Life = 5 * time.Minute
	}
	if c.MaxNonces == 0 {
		c.MaxNonces = 65536
	}
	if c.Algorithms == nil {
		c.Algorithms = []Algorithm{SHA256, MD5}
	}
	return &Server{cfg: c, used: map[string]*count{}}
}

// Challenges gives one challenge for each algorithm, all with one fresh nonce that is only good from that source (an
// address without port: a phone behind NAT may change ports).
func (s *Server) Challenges(now time.Time, source string, stale bool) []Challenge {
	nonce := s.nonce(now, source)
	cs := make([]Challenge, 0, len(s.cfg.Algorithms))
	for _, a := range s.cfg.Algorithms {
		cs = append(cs, Challenge{Realm: s.cfg.Realm, Nonce: nonce, Algorithm: a, QOP: []string{"auth"}, Stale: stale})
	}
	return cs
}

const (
	stampLen = 16 // 8 bytes of time, 8 random
	sealLen  = 16
)

func (s *Server) nonce(now time.Time, source string) string {
	b := make([]byte, stampLen, stampLen+sealLen)
	binary.BigEndian.PutUint64(b, uint64(now.UnixNano()))
	_, _ = rand.Read(b[8:]) // crypto/rand never fails
	return base64.RawURLEncoding.EncodeToString(append(b, s.seal(b, source)...))
}

func (s *Server) seal(stamp []byte, source string) []byte {
	h := hmac.New(sha256.New, s.cfg.Secret)
	h.Write(stamp)
	h.Write([]byte(source + "\x00" + s.cfg.Realm))
	return h.Sum(nil)[:sealLen]
}

// issued opens a nonce of ours; false: it is not ours, not for this source, or its time is over.
func (s *Server) issued(nonce, source string, now time.Time) (time.Time, bool) {
	b, err := base64.RawURLEncoding.DecodeString(nonce)
	if err != nil || len(b) != stampLen+sealLen || !hmac.Equal(b[stampLen:], s.seal(b[:stampLen], source)) {
		return time.Time{}, false
	}
	at := time.Unix(0, int64(binary.BigEndian.Uint64(b)))
	return at, !now.Before(at) && now.Sub(at) < s.cfg.Life
}

// Issued says that a nonce is ours, went to that source, and its time is not over.
func (s *Server) Issued(now time.Time, source, nonce string) bool {
	_, ours := s.issued(nonce, source, now)
	return ours
}

// Check judges credentials for a request. ha1 gives the account's hash for the algorithm; "" (no such user, or no such
// hash) costs the same work and is Wrong. Replays of a count are Stale whether or not the secret is right.
func (s *Server) Check(now time.Time, source, method string, c Credentials, ha1 func(Algorithm) string) Verdict {
	issued, ours := s.issued(c.Nonce, source, now)
	if !ours {
		return Stale
	}
	a := c.Algorithm
	if a == "" {
		a = MD5
	}
	if c.Realm != s.cfg.Realm || !s.offers(a) || (c.QOP != "" && (c.QOP != "auth" || c.CNonce == "")) {
		return Broken
	}
	nc, err := useOf(c)
	if err != nil {
		return Broken
	}
	secret := ha1(a)
	known := secret != ""
	if !known {
		secret = a.sum(c.Username + ":" + string(s.cfg.Secret)) // the same work for a user that does not exist
	}
	want := response(a, secret, method, c)
	same := subtle.ConstantTimeCompare([]byte(want), []byte(c.Response)) == 1
	if !same || !known {
		return Wrong
	}
	if !s.take(c.Nonce, issued, nc, now) {
		return Stale
	}
	return Good
}

func (s *Server) offers(a Algorithm) bool {
	for _, o := range s.cfg.Algorithms {
		if o == a {
			return true
		}
	}
	return false
}

// useOf is the nonce count; a client of RFC 2069, which has none, may use a nonce once.
func useOf(c Credentials) (uint64, error) {
	if c.QOP == "" {
		return 1, nil
	}
	if len(c.NC) != 8 {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseUint(c.NC, 16, 32)
}

// take notes a use of a nonce; false: that count was there before, or is too far behind to know.
func (s *Server) take(nonce string, issued time.Time, nc uint64, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.used[nonce]
	if n == nil {
		s.forget(now)
		if !issued.After(s.floor) {
			return false
		}
		n = &count{nonce: nonce, issued: issued}
		s.used[nonce] = n
		s.line = append(s.line, n)
	}
	return n.take(nc)
}

func (n *count) take(nc uint64) bool {
	switch {
	case nc == 0:
		return false
	case nc > n.high:
		if shift := nc - n.high; shift < 64 {
			n.seen = n.seen<<shift | 1
		} else {
			n.seen = 1
		}
		n.high = nc
		return true
	case n.high-nc >= 64 || n.seen&(1<<(n.high-nc)) != 0:
		return false
	}
	n.seen |= 1 << (n.high - nc)
	return true
}

// forget drops nonces whose time is over, and the oldest where there are too many; lock held.
func (s *Server) forget(now time.Time) {
	for len(s.line) > 0 {
		n := s.line[0]
		expired := now.Sub(n.issued) >= s.cfg.Life
		if !expired && len(s.line) < s.cfg.MaxNonces {
			return
		}
		if !expired && n.issued.After(s.floor) {
			s.floor = n.issued
		}
		delete(s.used, n.nonce)
		s.line[0] = nil
		s.line = s.line[1:]
	}
}
