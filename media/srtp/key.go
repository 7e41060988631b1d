package srtp

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"math/bits"
	"strconv"
	"strings"
)

const maxSecret = 46 // octets of the longest master key and salt, with room

// The lifetimes of a key in packets (RFC 3711 section 9.2). One that the peer limits to fewer than leastLife would end in
// the middle of a long call, six hours at 50 packets a second.
const (
	mostLife  = uint64(1) << 48
	leastLife = uint64(1) << 20
)

const maxMKI = 128 // octets (RFC 4568 section 6.1)

// ErrKey is wrapped by every error about a key's text; none of them repeats the text.
var ErrKey = errors.New("SRTP key cannot be used")

var errNoKey = fmt.Errorf("%w: there is none", ErrKey)

// Key is a master key and salt for one direction. Keys compare with ==; the zero value is none, and means plain RTP. Whatever
// prints one prints its suite only.
type Key struct {
	suite  Suite
	secret [maxSecret]byte
	mki    string // master key identifier that each packet carries; "": none
	life   uint64 // packets; 0: mostLife
}

// NewKey makes a random key.
func NewKey(s Suite) Key {
	k := Key{suite: s}
	_, _ = rand.Read(k.secret[:k.size()]) // it never fails: the process would end
	return k
}

// KeyOf makes a key of a master key and salt that were agreed elsewhere, as by DTLS (RFC 5764 section 4.2). Errors: ErrKey.
func KeyOf(s Suite, key, salt []byte) (Key, error) {
	k := Key{suite: s}
	if s == None || len(key) != sizes[s].key || len(salt) != sizes[s].salt {
		return Key{}, fmt.Errorf("%w: its length is wrong", ErrKey)
	}
	copy(k.secret[copy(k.secret[:], key):], salt)
	return k, nil
}

func (k Key) size() int { return sizes[k.suite].key + sizes[k.suite].salt }

func (k *Key) master() []byte { return k.secret[:sizes[k.suite].key] }

func (k *Key) salt() []byte { return k.secret[sizes[k.suite].key:k.size()] }

// Suite is what the key is for; None for the zero key.
func (k Key) Suite() Suite { return k.suite }

// On says that there is a key.
func (k Key) On() bool { return k.suite != None }

// String is the suite: keys are not for logs.
func (k Key) String() string { return k.suite.String() }

// GoString is String.
func (k Key) GoString() string { return "srtp.Key(" + k.suite.String() + ")" }

// Format is String whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// LogValue is String.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// Inline is the key as SDP carries it (RFC 4568 section 6.1), without lifetime and MKI: "inline:" and base64.
func (k Key) Inline() string {
	return inline + base64.StdEncoding.EncodeToString(k.secret[:k.size()])
}

const inline = "inline:"

// ParseInline reads the key parameters of a crypto attribute: "inline:" with base64, then optionally a lifetime ("2^31" or a
// number) and an MKI ("1:4"). Several keys in one line, and a lifetime too short for a call, are refused. Errors: ErrKey.
func ParseInline(s Suite, text string) (Key, error) {
	if s == None {
		return Key{}, fmt.Errorf("%w: the suite is unknown", ErrKey)
	}
	if len(text) < len(inline) || !strings.EqualFold(text[:len(inline)], inline) {
		return Key{}, fmt.Errorf("%w: it is not given inline", ErrKey)
	}
	if strings.Contains(text, ";") {
		return Key{}, fmt.Errorf("%w: a line with several keys", ErrKey)
	}
	parts := strings.Split(text[len(inline):], "|")
	k := Key{suite: s}
	octets, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(parts[0], "=")) // some phones leave the padding out
	if err != nil || len(octets) != k.size() {
		return Key{}, fmt.Errorf("%w: it has not the length of %s", ErrKey, s)
	}
	copy(k.secret[:], octets)
	for i, part := range parts[1:] {
		switch {
		case i > 1:
			return Key{}, fmt.Errorf("%w: too many parameters", ErrKey)
		case strings.Contains(part, ":"):
			k.mki, err = parseMKI(part)
		default:
			k.life, err = parseLife(part)
		}
		if err != nil {
			return Key{}, err
		}
	}
	return k, nil
}

// parseLife reads "2^31" or "2147483648".
func parseLife(text string) (uint64, error) {
	var n uint64
	if power, ok := strings.CutPrefix(text, "2^"); ok {
		p, err := strconv.ParseUint(power, 10, 8)
		if err != nil || p > 48 {
			return 0, fmt.Errorf("%w: its lifetime is no number of packets", ErrKey)
		}
		n = 1 << p
	} else {
		var err error
		if n, err = strconv.ParseUint(text, 10, 64); err != nil || n > mostLife {
			return 0, fmt.Errorf("%w: its lifetime is no number of packets", ErrKey)
		}
	}
	if n < leastLife {
		return 0, fmt.Errorf("%w: it lives for 2^%d packets only", ErrKey, bits.Len64(n)-1)
	}
	return n, nil
}

// parseMKI reads "value:octets", both decimal.
func parseMKI(text string) (string, error) {
	value, length, _ := strings.Cut(text, ":")
	n, err := strconv.ParseUint(value, 10, 64)
	octets, err2 := strconv.Atoi(length)
	if err != nil || err2 != nil || octets < 1 || octets > maxMKI || (octets < 8 && n>>(8*octets) != 0) {
		return "", fmt.Errorf("%w: its MKI is not understood", ErrKey)
	}
	mki := make([]byte, octets)
	for i := octets - 1; i >= 0 && n > 0; i-- {
		mki[i], n = byte(n), n>>8
	}
	return string(mki), nil
}
