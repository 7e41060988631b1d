package message

import (
	"errors"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

var (
	errVia     = errors.New("unreadable Via")
	errAddress = errors.New("address unreadable")
	errURI     = errors.New("URI unreadable")
	errNumber  = errors.New("number unreadable or too large")
)

// eachPart calls f for the parts of s between separators that stand outside quotes and angle brackets, and stops at its first error.
func eachPart(s string, separator byte, f func(part string) error) error {
	for s != "" {
		i := cutAt(s, separator)
		if err := f(strings.TrimSpace(s[:i])); err != nil {
			return err
		}
		if i == len(s) {
			return nil
		}
		s = s[i+1:]
	}
	return nil
}

// cutAt is where the separator stands outside quotes and angle brackets, or the length of s.
func cutAt(s string, separator byte) int {
	quoted, angle := false, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case c == separator && !angle:
			return i
		}
	}
	return len(s)
}

// parseParams reads ;-separated parameters and appends them to p. The names that routing depends on are put in lower case, as names are
// compared without case (RFC 3261 7.3.1). Empty ones are left out, and an error.
func parseParams(s string, p sip.HeaderParams) (sip.HeaderParams, error) {
	var empty error
	for {
		i := cutAt(s, ';')
		name, value, _ := strings.Cut(s[:i], "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if name == "" {
			empty = errAddress
		} else {
			p = append(p, sip.HeaderKV{K: lowerParam(name), V: value})
		}
		if i == len(s) {
			return p, empty
		}
		s = s[i+1:]
	}
}

func lowerParam(name string) string {
	for _, known := range [...]string{"branch", "tag", "rport", "received", "expires", "q"} {
		if strings.EqualFold(name, known) {
			return known
		}
	}
	return name
}

// address is the common part of From, To and Contact (RFC 3261 20.10).
type address struct {
	display string // without the outer quotes, escapes left as they are
	uri     sip.Uri
	params  sip.HeaderParams
}

func parseAddress(s string) (a address, err error) {
	rest := s
	if strings.HasPrefix(s, `"`) {
		end := closingQuote(s)
		if end < 0 {
			return a, errAddress
		}
		a.display, rest = s[1:end], strings.TrimLeft(s[end+1:], " \t")
		if !strings.HasPrefix(rest, "<") {
			return a, errAddress
		}
	} else if i := strings.IndexByte(s, '<'); i >= 0 {
		a.display, rest = strings.TrimSpace(s[:i]), s[i:]
	}
	uri, params, more, err := cutURI(rest)
	if err != nil {
		return a, err
	}
	if err := parseURI(uri, &a.uri); err != nil {
		return a, err
	}
	if more {
		a.params, _ = parseParams(params, make(sip.HeaderParams, 0, 2))
	}
	return a, nil
}

// cutURI parts the URI from the parameters after it. Without angle brackets all parameters are the header's, and a ? is not allowed.
func cutURI(s string) (uri, params string, more bool, err error) {
	if !strings.HasPrefix(s, "<") {
		uri, params, more = strings.Cut(s, ";")
		if strings.IndexByte(uri, '?') >= 0 {
			return "", "", false, errAddress
		}
		return strings.TrimSpace(uri), params, more, nil
	}
	end := strings.IndexByte(s, '>')
	if end < 0 {
		return "", "", false, errAddress
	}
	params = strings.TrimLeft(s[end+1:], " \t")
	if params != "" && params[0] != ';' {
		return "", "", false, errAddress
	}
	return strings.TrimSpace(s[1:end]), strings.TrimPrefix(params, ";"), params != "", nil
}

func closingQuote(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// parseURI is sipgo's parser with its leniency taken back: no blanks or delimiters, a host, and a port that exists.
func parseURI(s string, uri *sip.Uri) error {
	if strings.ContainsAny(s, " \t<>\"") {
		return errURI
	}
	if err := sip.ParseUri(s, uri); err != nil {
		return errURI
	}
	if uri.Wildcard || uri.Scheme != "sip" && uri.Scheme != "sips" {
		return nil
	}
	if uri.Host == "" || uri.Port < 0 || uri.Port > 65535 {
		return errURI
	}
	return nil
}

// parseCSeq reads "number method" (RFC 3261 20.16); the number is below 2^31 (8.1.1.5).
func parseCSeq(s string) (*sip.CSeqHeader, error) {
	i := strings.IndexAny(s, " \t")
	if i < 0 {
		return nil, errNumber
	}
	n, err := strconv.ParseUint(s[:i], 10, 31)
	method := strings.TrimSpace(s[i:])
	if err != nil || !isToken(method) {
		return nil, errNumber
	}
	return &sip.CSeqHeader{SeqNo: uint32(n), MethodName: sip.RequestMethod(method)}, nil
}
