package agentphone

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"hotline/media/codec"
)

// What is wrong with a browser's offer, in words that the page shows.
var (
	errOffer       = errors.New("the offer is no session description")
	errNoAudio     = errors.New("the offer has no audio line with a codec that is spoken here")
	errNoICE       = errors.New("the offer has no ice-ufrag and ice-pwd")
	errFingerprint = errors.New("the offer has no sha-256 fingerprint")
	errSetup       = errors.New("the offer must let us be the DTLS server: a=setup:actpass or active")
)

// offer is what a browser's description says (RFC 8829), as far as we use it.
type offer struct {
	lines       []mline
	audio       int // which of lines we take
	ufrag, pwd  string
	fingerprint string // SHA-256, upper case with colons
	candidates  []string
	direction   string // of our answer: sendrecv, sendonly, recvonly or inactive
	codec       codec.Kind
	payload     uint8
	events      uint8 // telephone-event at the rate of the codec; 0: none
}

type mline struct {
	kind, profile, mid string
	formats            []string
	attributes         []string // without "a="
}

const mostOffer = 32 << 10 // octets

// readOffer reads a browser's offer and takes the first codec of want that it has.
func readOffer(text string, want []codec.Kind) (*offer, error) {
	if len(text) > mostOffer || !strings.HasPrefix(text, "v=0") {
		return nil, errOffer
	}
	var session []string
	o := &offer{audio: -1}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "m="):
			f := strings.Fields(line[2:])
			if len(f) < 4 || len(o.lines) == 16 {
				return nil, errOffer
			}
			o.lines = append(o.lines, mline{kind: f[0], profile: f[2], formats: f[3:]})
		case !strings.HasPrefix(line, "a="):
		case len(o.lines) == 0:
			session = append(session, line[2:])
		default:
			m := &o.lines[len(o.lines)-1]
			m.attributes = append(m.attributes, line[2:])
		}
	}
	return o, o.choose(session, want)
}

// choose takes the first audio line that has a codec of want.
func (o *offer) choose(session []string, want []codec.Kind) error {
	for i := range o.lines {
		m := &o.lines[i]
		m.mid, _ = value(m.attributes, "mid")
		if o.audio < 0 && m.kind == "audio" && o.takeCodec(m, want) {
			o.audio = i
		}
	}
	if o.audio < 0 {
		return errNoAudio
	}
	all := append(append([]string(nil), o.lines[o.audio].attributes...), session...)
	o.ufrag, _ = value(all, "ice-ufrag")
	o.pwd, _ = value(all, "ice-pwd")
	if len(o.ufrag) < 4 || len(o.pwd) < 22 { // RFC 8839 section 5.4
		return errNoICE
	}
	print, _ := value(all, "fingerprint")
	method, hash, _ := strings.Cut(print, " ")
	if !strings.EqualFold(method, "sha-256") || len(hash) != 95 {
		return errFingerprint
	}
	o.fingerprint = strings.ToUpper(hash)
	if setup, _ := value(all, "setup"); setup != "actpass" && setup != "active" {
		return errSetup
	}
	o.direction = "sendrecv"
	for _, a := range all {
		if ours, ok := directions[a]; ok {
			o.direction = ours
		}
		if strings.HasPrefix(a, "candidate:") {
			o.candidates = append(o.candidates, a)
		}
	}
	return nil
}

// directions are what we answer to what a browser offers (RFC 3264 section 6.1).
var directions = map[string]string{"sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}

func (o *offer) takeCodec(m *mline, want []codec.Kind) bool {
	formats, events := map[codec.Kind]uint8{}, map[int]uint8{} // the latter by their rate
	for _, format := range m.formats {
		n, err := strconv.ParseUint(format, 10, 7)
		if err != nil {
			continue
		}
		name := strings.ToLower(mapping(m.attributes, format))
		if rate, ok := strings.CutPrefix(name, "telephone-event/"); ok {
			if hz, err := strconv.Atoi(rate); err == nil {
				events[hz] = uint8(n)
			}
		}
		for kind, k := range spoken {
			if name == k.name || name == "" && k.static && uint8(n) == kind.PayloadType() {
				formats[kind] = uint8(n)
			}
		}
	}
	for _, kind := range want {
		if n, ok := formats[kind]; ok {
			o.codec, o.payload, o.events = kind, n, events[kind.ClockRate()]
			return true
		}
	}
	return false
}

// spoken are the codecs as browsers name them, in lower case; static ones need no name.
var spoken = map[codec.Kind]struct {
	name, rtpmap, fmtp string
	static             bool
}{
	codec.PCMA: {name: "pcma/8000", rtpmap: "PCMA/8000", static: true},
	codec.PCMU: {name: "pcmu/8000", rtpmap: "PCMU/8000", static: true},
	codec.G722: {name: "g722/8000", rtpmap: "G722/8000", static: true},
	// One channel of speech in wide band, with copies against loss (RFC 7587 section 6.1); the two channels are of its name only.
	codec.Opus: {name: "opus/48000/2", rtpmap: "opus/48000/2", fmtp: "maxplaybackrate=16000;stereo=0;useinbandfec=1"},
}

// mapping is what a=rtpmap says of a format; "" when there is no line.
func mapping(attributes []string, format string) string {
	for _, a := range attributes {
		if rest, ok := strings.CutPrefix(a, "rtpmap:"+format+" "); ok {
			return rest
		}
	}
	return ""
}

func value(attributes []string, name string) (string, bool) {
	for _, a := range attributes {
		if v, ok := strings.CutPrefix(a, name+":"); ok {
			return strings.TrimSpace(v), true
		}
	}
	return "", false
}

// ours is what the answer says of our end.
type ours struct {
	ufrag, pwd, fingerprint string
	lite                    bool     // we are the lite side of ICE
	candidates              []string // without "a=candidate:"
	session                 uint64
}

// answer writes our description: the audio line taken, every other refused in its place (RFC 8829 section 5.3.1).
func (o *offer) answer(u ours) string {
	var b strings.Builder
	fmt.Fprintf(&b, "v=0\r\no=- %d 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE %s\r\na=msid-semantic: WMS hotline\r\n", u.session, o.lines[o.audio].mid)
	if u.lite {
		b.WriteString("a=ice-lite\r\n")
	}
	for i, m := range o.lines {
		if i != o.audio {
			fmt.Fprintf(&b, "m=%s 0 %s %s\r\nc=IN IP4 0.0.0.0\r\na=mid:%s\r\na=inactive\r\n", m.kind, m.profile, strings.Join(m.formats, " "), m.mid)
			continue
		}
		formats := strconv.Itoa(int(o.payload))
		if o.events != 0 {
			formats += " " + strconv.Itoa(int(o.events))
		}
		fmt.Fprintf(&b, "m=audio 9 %s %s\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=mid:%s\r\n", m.profile, formats, m.mid)
		fmt.Fprintf(&b, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=fingerprint:sha-256 %s\r\na=setup:passive\r\n", u.ufrag, u.pwd, u.fingerprint)
		fmt.Fprintf(&b, "a=%s\r\na=msid:hotline sound\r\na=rtcp-mux\r\na=rtpmap:%d %s\r\na=ptime:20\r\n", o.direction, o.payload, spoken[o.codec].rtpmap)
		if f := spoken[o.codec].fmtp; f != "" {
			fmt.Fprintf(&b, "a=fmtp:%d %s\r\n", o.payload, f)
		}
		if o.events != 0 {
			fmt.Fprintf(&b, "a=rtpmap:%d telephone-event/%d\r\na=fmtp:%d 0-15\r\n", o.events, o.codec.ClockRate(), o.events)
		}
		for _, c := range u.candidates {
			fmt.Fprintf(&b, "a=candidate:%s\r\n", c)
		}
		b.WriteString("a=end-of-candidates\r\n")
	}
	return b.String()
}
