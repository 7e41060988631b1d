package guard

import "bytes"

// DefaultScanners are the beginnings of the User-Agents of tools that look for switches to break into. None of them is a phone.
func DefaultScanners() []string {
	return []string{
		"friendly-scanner", "sipvicious", "sipcli", "sip-scan", "sundayddr", "VaxSIPUserAgent", "VaxIPUserAgent", "iWar", "pplsip", "siparmyknife",
		"SIVuS", "smap", "sipptk", "sippts",
	}
}

// scanners finds them in messages before these are parsed.
type scanners [][]byte

func newScanners(names []string) (s scanners) {
	for _, n := range names {
		if n != "" {
			s = append(s, bytes.ToLower([]byte(n)))
		}
	}
	return s
}

// sent says that the User-Agent of a message begins like one of them, in any case. It allocates nothing.
func (s scanners) sent(raw []byte) bool {
	if len(s) == 0 {
		return false
	}
	agent := userAgent(raw)
	for _, name := range s {
		if len(agent) >= len(name) && bytes.EqualFold(agent[:len(name)], name) {
			return true
		}
	}
	return false
}

var lineEnd = []byte{'\n'}

// userAgent is the value of the first User-Agent header; empty: there is none.
func userAgent(raw []byte) []byte {
	const name = "user-agent"
	_, rest, _ := bytes.Cut(raw, lineEnd)
	for len(rest) > 0 {
		var line []byte
		line, rest, _ = bytes.Cut(rest, lineEnd)
		if len(line) < 2 { // the blank line
			return nil
		}
		if line[0]|0x20 != 'u' || len(line) <= len(name) || !bytes.EqualFold(line[:len(name)], []byte(name)) {
			continue
		}
		if value, ok := bytes.CutPrefix(bytes.TrimLeft(line[len(name):], " \t"), []byte{':'}); ok {
			return bytes.TrimSpace(value)
		}
	}
	return nil
}
