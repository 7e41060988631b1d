package variable

import (
	"fmt"
	"strings"
)

// Text is a text with ${name} in it, split once when the flow is read.
type Text struct {
	parts []part
}

// part is a piece of plain text or the name of a variable.
type part struct{ plain, name string }

// Plain is a text without variables.
func Plain(text string) Text { return Text{parts: []part{{plain: text}}} }

// Parse splits a text. A dollar without a brace is itself.
func Parse(text string) (Text, error) {
	var t Text
	for text != "" {
		plain, rest, found := strings.Cut(text, "${")
		if plain != "" {
			t.parts = append(t.parts, part{plain: plain})
		}
		if !found {
			return t, nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return t, fmt.Errorf("${%s has no closing brace", rest)
		}
		if !IsName(name) {
			return t, fmt.Errorf("${%s} is no variable: a name has letters, digits and _ and begins with a letter", name)
		}
		t.parts = append(t.parts, part{name: name})
		text = after
	}
	return t, nil
}

// IsName says whether a text can be the name of a variable, in templates and in conditions alike.
func IsName(s string) bool {
	for i, c := range []byte(s) {
		letter := c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// Empty says that there is no text at all, not even a variable.
func (t Text) Empty() bool { return len(t.parts) == 0 }

// Begins is the plain text before the first variable.
func (t Text) Begins() string {
	if t.Empty() {
		return ""
	}
	return t.parts[0].plain
}

// Fixed is the text when it has no variables.
func (t Text) Fixed() (string, bool) {
	switch {
	case len(t.parts) == 0:
		return "", true
	case len(t.parts) == 1 && t.parts[0].name == "":
		return t.parts[0].plain, true
	}
	return "", false
}

// Fill puts the values in; escape, when not nil, makes each value safe where it goes. Unknown variables are empty.
func (t Text) Fill(value func(name string) string, escape func(string) string) string {
	var b strings.Builder
	for _, p := range t.parts {
		if p.name == "" {
			b.WriteString(p.plain)
			continue
		}
		v := value(p.name)
		if escape != nil {
			v = escape(v)
		}
		b.WriteString(v)
	}
	return b.String()
}

// FixedHost says whether a URL is HTTP and its host is written out: a variable there would let a caller choose whom we ask.
func FixedHost(url string) bool {
	rest, ok := strings.CutPrefix(url, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(url, "http://")
	}
	host := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host = rest[:i]
	}
	return ok && host != "" && !strings.ContainsAny(host, "${} \t")
}

// InURL percent-encodes everything but the unreserved characters of RFC 3986 section 2.3: a value never becomes syntax.
func InURL(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(s) {
		if 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}

// InJSON makes a value safe between the quotes of a JSON string (RFC 8259 section 7).
func InJSON(s string) string {
	var b strings.Builder
	for _, c := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case c == '"' || c == '\\':
			b.WriteRune('\\')
			b.WriteRune(c)
		case c < 0x20:
			fmt.Fprintf(&b, "\\u%04x", c)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// InLine drops control characters, so that a value cannot begin a new header line.
func InLine(s string) string {
	return strings.Map(func(c rune) rune {
		if c < 0x20 || c == 0x7f {
			return -1
		}
		return c
	}, s)
}
