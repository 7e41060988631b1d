package trunk

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"hotline/number"
)

// Form is how a carrier wants to be told who calls.
type Form struct {
	Show      []string // CallerPlaces that our number is sent in; nil: From. Without From that names the account
	Domain    string   // host of From and of the other identities; "": Register.Domain, else our own
	UserPhone bool     // telephone numbers get user=phone (RFC 3261 19.1.1)
	Format    string   // Formats; "": numbers stay as they are
	City      string   // of the trunk's lines, as number.Region has it: "广州" or "广东/广州". "": mobiles never get a 0
	Forwarded string   // what tells of a forwarded call; "": ByDiversion
	Hide      bool     // our number is never shown to the called
	Trusted   bool     // it is told a hidden number nevertheless (RFC 3325 section 7)
}

// How a carrier is told that a call is forwarded, and by whom.
const (
	ByNothing   = "none"
	ByDiversion = "diversion"    // RFC 5806
	ByHistory   = "history-info" // RFC 7044
	ByBoth      = "both"
)

// ForwardedWays are all of them.
func ForwardedWays() []string { return []string{ByNothing, ByDiversion, ByHistory, ByBoth} }

const (
	anonymous = "anonymous"
	nowhere   = "anonymous.invalid" // RFC 3323 section 4.1.1.3
)

// Calling is a call out before the trunk's rules.
type Calling struct {
	Number    string  // dialled
	Caller    string  // number to show; "": CallerID. One that number.Parse finds anonymous is hidden
	Name      string  // shown beside it
	Forwards  string  // the number, or phone of ours, that was called and sends the call on; "": nobody does
	Deflected bool    // by hand, rather than always
	Earlier   Earlier // who sent it on before it came here
	Host      string  // ours
	To        string  // of the target: host, and port where it is not the usual one
}

// Header is one line of a message.
type Header struct{ Name, Value string }

// Sent is the same call as the carrier gets it.
type Sent struct {
	Called     Change
	Shown      Change // our number; where the caller's may not be told, Given is CallerID
	Name, User string // of From
	Host       string // of From
	Phone      bool   // From has user=phone
	CalledTel  bool   // so has the Request-URI
	Headers    []Header

	own, to string // hosts of our identities, and of the target
}

// Send says how a call is sent to this trunk: what becomes of its numbers, and which headers tell whose it is. All calls out by trunks are
// sent so, and the test box shows it.
func (t Trunk) Send(c Calling) Sent {
	private := hides(c.Caller)
	if private { // what is vouched for is ours: the caller's is not known, or not to be told
		c.Caller = ""
	}
	s := Sent{Called: t.Called(c.Number), Shown: t.Shown(c.Caller), own: t.host(c.Host), to: c.To}
	s.CalledTel = t.Form.UserPhone && isPhone(s.Called.Result)
	hidden := private || t.Form.Hide
	t.introduce(&s, c.Name, hidden)
	t.assert(&s, hidden)
	if hidden {
		s.add("Privacy", "id")
	}
	t.forward(&s, c)
	return s
}

// introduce fills From.
func (t Trunk) introduce(s *Sent, name string, hidden bool) {
	shown := s.Shown.Result
	if len(t.Form.Show) > 0 && !slices.Contains(t.Form.Show, From) {
		shown = t.account()
	}
	switch {
	case hidden:
		s.Name, s.User, s.Host = "Anonymous", anonymous, nowhere
	case shown == "":
		s.User, s.Host = anonymous, nowhere
	default:
		s.Name, s.User, s.Host = name, shown, s.own
		s.Phone = t.Form.UserPhone && isPhone(shown)
	}
}

// assert adds the identities beside From. One that is hidden from the called is told to a carrier that is trusted with it, and to no other.
func (t Trunk) assert(s *Sent, hidden bool) {
	if s.Shown.Result == "" || hidden && !t.Form.Trusted {
		return
	}
	places := t.Form.Show
	if hidden && !slices.ContainsFunc(places, func(p string) bool { return p != From }) {
		places = []string{Asserted}
	}
	who := t.address(s.Shown.Result, bracketed(s.own), "")
	for _, place := range places {
		switch {
		case place == Asserted || place == Preferred:
			s.add(place, who)
		case place == Remote && hidden:
			s.add(place, who+";party=calling;screen=yes;privacy=full")
		case place == Remote:
			s.add(place, who+";party=calling;screen=yes;privacy=off")
		}
	}
}

// The cause of RFC 4458 and the reason of RFC 5806 for a call that is always forwarded, and for one that somebody sends on.
const (
	causeAlways, reasonAlways = "302", "unconditional"
	causeByHand, reasonByHand = "480", "deflection"
)

// forward tells who sends the call on.
func (t Trunk) forward(s *Sent, c Calling) {
	if c.Forwards == "" || t.Form.Forwarded == ByNothing {
		return
	}
	cause, reason := causeAlways, reasonAlways
	if c.Deflected {
		cause, reason = causeByHand, reasonByHand
	}
	who := t.address(t.Shown(c.Forwards).Result, bracketed(s.own), "")
	if t.Form.Forwarded != ByHistory {
		s.add(Diversion, who+";reason="+reason+";counter=1")
		t.passOn(s, c)
	}
	if t.Form.Forwarded == ByHistory || t.Form.Forwarded == ByBoth {
		s.add(History, t.way(s, c, who, cause))
	}
}

// account is who we are to the carrier, where From does not show the number.
func (t Trunk) account() string {
	if t.Register != nil {
		return t.Register.User
	}
	return cmp.Or(t.User, t.Shown("").Result)
}

// host is the host of our identities.
func (t Trunk) host(own string) string {
	if t.Form.Domain == "" && t.Register != nil {
		return t.Register.Domain
	}
	return cmp.Or(t.Form.Domain, own)
}

// address is a number as a name-addr without a name (RFC 3261 25.1).
func (t Trunk) address(user, host, params string) string {
	if t.Form.UserPhone && isPhone(user) {
		params += ";user=phone"
	}
	return "<sip:" + userPart(user) + "@" + host + params + ">"
}

func (s *Sent) add(name, value string) { s.Headers = append(s.Headers, Header{name, value}) }

// Lines are the lines of the INVITE that a trunk's form concerns, as they are sent; From also gets a tag.
func (s Sent) Lines() []string {
	phone := func(yes bool) string {
		if yes {
			return ";user=phone"
		}
		return ""
	}
	called := "sip:" + userPart(s.Called.Result) + "@" + s.to + phone(s.CalledTel)
	from := "<sip:" + userPart(s.User) + "@" + bracketed(s.Host) + phone(s.Phone) + ">"
	if s.Name != "" {
		from = `"` + s.Name + `" ` + from
	}
	lines := []string{"INVITE " + called + " SIP/2.0", "From: " + from, "To: <" + called + ">"}
	for _, h := range s.Headers {
		lines = append(lines, h.Name+": "+h.Value)
	}
	return lines
}

// hides is true for what stands where a number would, and says that there is none to be shown.
func hides(caller string) bool {
	return caller != "" && !strings.ContainsAny(caller, "0123456789") && number.Parse(caller).Kind == number.Anonymous
}

// isPhone is true for the user part of a telephone number: digits, with a + before them or not.
func isPhone(user string) bool {
	digits := strings.TrimPrefix(user, "+")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

// userPart escapes what may not stand in the user part of a URI (RFC 3261 25.1): nothing that a caller chose can end it.
func userPart(s string) string {
	const free = "-_.!~*'()&=+$,;?/%"
	if isPhone(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte(free, c) >= 0 {
			b.WriteByte(c)
		} else {
			b.WriteString("%" + strings.ToUpper(strconv.FormatUint(uint64(c)|0x100, 16)[1:]))
		}
	}
	return b.String()
}

// bracketed writes an IPv6 address as hosts are written.
func bracketed(host string) string {
	if a, err := netip.ParseAddr(host); err == nil && a.Is6() {
		return "[" + host + "]"
	}
	return host
}
