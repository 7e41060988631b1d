package sdp

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"hotline/media/srtp"
)

// Security is whether SRTP may or must be agreed on. The zero value is SecurityOff.
type Security uint8

// The policies.
const (
	SecurityOff      Security = iota // plain RTP only: keys of an offer are passed over, a line that demands SRTP is refused
	SecurityOptional                 // SRTP where both sides can, else plain RTP
	SecurityRequired                 // plain RTP is refused
)

var securities = [...]string{"off", "optional", "required"}

// String is the policy's name in settings.
func (s Security) String() string {
	if int(s) < len(securities) {
		return securities[s]
	}
	return ""
}

// SecurityNamed reads a policy's name; false when it is none.
func SecurityNamed(name string) (Security, bool) {
	i := slices.Index(securities[:], name)
	return Security(max(i, 0)), i >= 0
}

// Why no SRTP is to be had from an offer or an answer. Both are 488 to SIP.
var (
	ErrPlain  = errors.New("SRTP is required here, and plain RTP is all that is offered")
	ErrCrypto = errors.New("SRTP is offered without a key and suite that can be used")
)

// Crypto is an a=crypto line that can be used (RFC 4568 section 9.1).
type Crypto struct {
	Tag int
	Key srtp.Key // what its writer sends with
}

const (
	maxTag    = 999_999_999 // RFC 4568 section 4.1: nine digits
	maxCrypto = 16          // lines that are kept
)

// parseCrypto reads "1 AES_CM_128_HMAC_SHA1_80 inline:... KDR=0". False for suites, keys and session parameters that we do not have.
func parseCrypto(value string) (Crypto, bool) {
	fields := strings.Fields(value)
	if len(fields) < 3 {
		return Crypto{}, false
	}
	tag, ok := parseNumber(fields[0], maxTag)
	if !ok {
		return Crypto{}, false
	}
	key, err := srtp.ParseInline(srtp.SuiteNamed(fields[1]), fields[2])
	if err != nil || slices.ContainsFunc(fields[3:], demanding) {
		return Crypto{}, false
	}
	return Crypto{Tag: tag, Key: key}, true
}

// demanding says that a session parameter asks for what we do not do: less protection, new keys on the way, error correction (RFC 4568
// section 6.3). A window hint binds nobody, and a parameter that begins with a dash may be passed over.
func demanding(parameter string) bool {
	name, value, _ := strings.Cut(strings.ToUpper(parameter), "=")
	return name != "WSH" && !strings.HasPrefix(name, "-") && (name != "KDR" || value != "0")
}

// tagOf is the tag that our offers give to a suite: the same in all offers of a dialog (RFC 4568 section 7.1.4).
func tagOf(s srtp.Suite) int { return int(s) }

// keyFor is ours for a suite; the zero key when we do not offer it.
func (l Local) keyFor(s srtp.Suite) srtp.Key {
	for _, k := range l.Keys {
		if k.Suite() == s && l.Security != SecurityOff {
			return k
		}
	}
	return srtp.Key{}
}

// profile is that of our offers. Where SRTP is optional the line says RTP/AVP, beside which phones that have no SRTP pass the keys over;
// RTP/SAVP would make them refuse the call.
func (l Local) profile() string {
	if l.Security == SecurityRequired || (l.Security == SecurityOptional && l.Strict) {
		return "RTP/SAVP"
	}
	return "RTP/AVP"
}

// plainProfile and secureProfile are what the line's profile allows. RTP/AVPF and RTP/SAVPF (RFC 4585, RFC 5124) only add feedback.
func (m *Media) plainProfile() bool {
	return strings.EqualFold(m.Profile, "RTP/AVP") || strings.EqualFold(m.Profile, "RTP/AVPF")
}

func (m *Media) secureProfile() bool {
	return strings.EqualFold(m.Profile, "RTP/SAVP") || strings.EqualFold(m.Profile, "RTP/SAVPF")
}

// secure finds the line's first key whose suite is ours, in the line's order, which is the peer's preference; the zero Crypto with no error
// means plain RTP. Errors: ErrProfile, ErrPlain, ErrCrypto.
func (m *Media) secure(l Local) (Crypto, error) {
	if !m.plainProfile() && !m.secureProfile() {
		return Crypto{}, ErrProfile
	}
	for _, c := range m.Cryptos {
		if l.keyFor(c.Key.Suite()).On() {
			return c, nil
		}
	}
	switch {
	case m.plainProfile() && l.Security == SecurityRequired:
		return Crypto{}, ErrPlain
	case m.plainProfile():
		return Crypto{}, nil
	case l.Security == SecurityOff:
		return Crypto{}, ErrProfile
	}
	return Crypto{}, ErrCrypto
}

// writeCrypto writes our keys, each with its tag.
func writeCrypto(b *strings.Builder, lines []Crypto) {
	for _, c := range lines {
		fmt.Fprintf(b, "a=crypto:%d %s %s\r\n", c.Tag, c.Key.Suite(), c.Key.Inline())
	}
}

// offered are the lines of our offers.
func (l Local) offered() []Crypto {
	var all []Crypto
	for _, k := range l.Keys {
		if l.Security != SecurityOff {
			all = append(all, Crypto{Tag: tagOf(k.Suite()), Key: k})
		}
	}
	return all
}
