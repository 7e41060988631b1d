package number

import (
	"net/url"
	"strings"
)

// address is a SIP or tel address taken apart as far as a number needs it.
type address struct {
	user    string // the number's part, without scheme, host and parameters
	host    string // "" when there was none
	ext     string // ;ext= of RFC 3966 section 3; "" when there was none
	context string // ;phone-context= of RFC 3966 section 5.1.5; "" when there was none
}

// withheldWords are what networks send in place of a number that is withheld or missing (RFC 3323 section 4.1.1.3 and habit).
var withheldWords = map[string]bool{
	"": true, "anonymous": true, "unavailable": true, "restricted": true, "unknown": true, "private": true, "withheld": true,
	"blocked": true, "none": true, "null": true, "nonumber": true, "no number": true, "id unavailable": true,
	"out of area": true, "out-of-area": true, "匿名": true, "未知": true, "未知号码": true, "无": true,
}

// unwrap takes the number out of `"Name" <sip:user;params@host;params>`, a tel: URI or a bare user part.
func unwrap(raw string) address {
	s := strings.TrimSpace(raw)
	if i := strings.LastIndexByte(s, '<'); i >= 0 {
		s, _, _ = strings.Cut(s[i+1:], ">")
	}
	scheme, rest, wrapped := cutScheme(s)
	if wrapped {
		s = rest
	}
	var a address
	// "@" also ends a bare user part: logs and phones write 8001@10.0.0.1 without a scheme.
	if user, host, found := strings.Cut(s, "@"); found && scheme != "tel" {
		s, a.host = user, strings.ToLower(host)
		wrapped = true
	}
	// In people's text "83765566;8001" is an extension, which parameters of an address never look like.
	if _, after, found := strings.Cut(s, ";"); wrapped || found && !isDigits(strings.TrimSpace(after), 1, 8) {
		s = a.parameters(s)
	}
	if decoded, err := url.PathUnescape(s); err == nil {
		s = decoded
	}
	a.user = strings.TrimSpace(s)
	return a
}

// cutScheme removes sip:, sips: or tel:, and the double slash some software adds.
func cutScheme(s string) (scheme, rest string, found bool) {
	before, after, found := strings.Cut(s, ":")
	scheme = strings.ToLower(strings.TrimSpace(before))
	if !found || scheme != "sip" && scheme != "sips" && scheme != "tel" {
		return "", s, false
	}
	return scheme, strings.TrimPrefix(after, "//"), true
}

// parameters cuts ";name=value" off the user part and keeps the two that change which number is meant.
func (a *address) parameters(s string) (user string) {
	user, rest, _ := strings.Cut(s, ";")
	for p := range strings.SplitSeq(rest, ";") {
		name, value, _ := strings.Cut(p, "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "ext", "postd":
			a.ext = strings.Trim(value, " pw,")
		case "phone-context":
			a.context = strings.Trim(value, ` "`)
		}
	}
	// A SIP user part may carry a password; nobody's number contains a colon.
	user, _, _ = strings.Cut(user, ":")
	return user
}

// withheld says whether the address is that of a caller who shows none.
func (a address) withheld() bool {
	host, _, _ := strings.Cut(a.host, ";")
	return withheldWords[strings.Trim(normalise(a.user), `"'<> `)] || host == "anonymous.invalid"
}

// inContext reads a local number together with its global phone-context, as 83765566 with +86755. ok is false when that makes
// no number: some phones send a context that does not fit, and then the number alone counts.
func (a address) inContext() (Number, bool) {
	if !strings.HasPrefix(a.context, "+") || strings.HasPrefix(a.user, "+") {
		return Number{}, false
	}
	n := parseText(a.context+a.user, a.ext)
	return n, n.Kind != Invalid
}

// Dialled is what was dialled, for patterns: the user part of an address, or a text as people write it, without separators. A
// leading plus, * and # stay. Text longer than 256 bytes is "".
func Dialled(raw string) string {
	if len(raw) > maxRaw {
		return ""
	}
	return compact(unwrap(raw).user)
}
