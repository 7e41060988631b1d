package sdp

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"hotline/media/srtp"
)

const (
	key30 = "inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj" // RFC 4568's example
	other = "inline:NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj" // likewise
	key28 = "inline:AAECAwQFBgcICQoLDA0OD6ChoqOkpaanqKmqqw=="
	key46 = "inline:AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg+goaKjpKWmp6ipqqusrQ=="
)

// secured is our side with a policy and a key for each suite.
func secured(policy Security) Local {
	l := local()
	l.Security = policy
	for _, s := range srtp.Suites {
		l.Keys = append(l.Keys, srtp.NewKey(s))
	}
	return l
}

// phone is what a phone of that make sends, and what each policy makes of it: "plain", a suite, or an error.
type phone struct {
	name                    string
	lines                   []string
	off, optional, required any
}

const (
	sha80 = "AES_CM_128_HMAC_SHA1_80"
	sha32 = "AES_CM_128_HMAC_SHA1_32"
	gcm   = "AEAD_AES_128_GCM"
)

// phones are offers in the form that these phones and SBCs send.
var phones = []phone{
	{"Yealink, SRTP compulsory", []string{
		"v=0", "o=- 20013 20013 IN IP4 192.0.2.20", "s=SDP data", "c=IN IP4 192.0.2.20", "t=0 0",
		"m=audio 11780 RTP/SAVP 9 0 8 18 101", "a=rtpmap:9 G722/8000", "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000",
		"a=rtpmap:18 G729/8000", "a=fmtp:18 annexb=no", "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15", "a=ptime:20", "a=sendrecv",
		"a=crypto:1 " + sha80 + " " + key30, "a=crypto:2 " + sha32 + " " + other, "a=crypto:3 F8_128_HMAC_SHA1_80 " + other,
	}, ErrProfile, sha80, sha80},
	{"Yealink, SRTP optional", []string{
		"v=0", "o=- 20014 20014 IN IP4 192.0.2.20", "s=SDP data", "c=IN IP4 192.0.2.20", "t=0 0",
		"m=audio 11782 RTP/AVP 8 0 101", "a=rtpmap:8 PCMA/8000", "a=rtpmap:0 PCMU/8000", "a=rtpmap:101 telephone-event/8000",
		"a=crypto:1 " + sha80 + " " + key30, "a=ptime:20", "a=sendrecv",
	}, "plain", sha80, sha80},
	{"Grandstream, a lifetime", []string{
		"v=0", "o=1001 8000 8000 IN IP4 192.0.2.21", "s=SIP Call", "c=IN IP4 192.0.2.21", "t=0 0",
		"m=audio 5004 RTP/SAVP 0 8 101", "a=sendrecv", "a=rtpmap:0 PCMU/8000", "a=ptime:20", "a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000",
		"a=fmtp:101 0-15", "a=crypto:1 " + sha80 + " " + key30 + "|2^32", "a=crypto:2 " + sha32 + " " + other + "|2^32",
	}, ErrProfile, sha80, sha80},
	{"Grandstream, enabled but not forced: two lines", []string{
		"v=0", "o=1001 8000 8001 IN IP4 192.0.2.21", "s=SIP Call", "c=IN IP4 192.0.2.21", "t=0 0",
		"m=audio 5004 RTP/AVP 0 8 101", "a=rtpmap:101 telephone-event/8000",
		"m=audio 5006 RTP/SAVP 0 8 101", "a=rtpmap:101 telephone-event/8000", "a=crypto:1 " + sha80 + " " + key30 + "|2^32",
	}, "plain", sha80, sha80},
	{"Fanvil", []string{
		"v=0", "o=1002 1 1 IN IP4 192.0.2.22", "s=A call", "c=IN IP4 192.0.2.22", "t=0 0",
		"m=audio 10000 RTP/SAVP 8 0 101", "a=rtpmap:8 PCMA/8000", "a=crypto:1 " + sha32 + " " + key30, "a=crypto:2 " + sha80 + " " + other,
		"a=rtpmap:101 telephone-event/8000", "a=sendrecv",
		"m=video 10002 RTP/SAVP 96", "a=rtpmap:96 H264/90000", "a=crypto:1 " + sha80 + " " + key30,
	}, ErrProfile, sha32, sha32},
	{"Linphone, with ICE", []string{
		"v=0", "o=alice 3004 3004 IN IP4 192.0.2.23", "s=Talk", "c=IN IP4 192.0.2.23", "t=0 0", "a=ice-pwd:2f3dd0aa56b74e2e5a1b0b8d", "a=ice-ufrag:a8c2d4e6",
		"a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL voip-metrics", "a=record:off",
		"m=audio 7078 RTP/SAVP 96 97 98 0 8 101 99", "a=rtpmap:96 opus/48000/2", "a=rtpmap:97 speex/16000", "a=rtpmap:98 speex/8000",
		"a=rtpmap:101 telephone-event/48000", "a=rtpmap:99 telephone-event/8000",
		"a=crypto:1 " + sha80 + " " + key30, "a=crypto:2 " + sha32 + " " + other, "a=crypto:3 AES_256_CM_HMAC_SHA1_80 " + key46, "a=crypto:4 " + gcm + " " + key28,
		"a=candidate:1 1 UDP 2130706303 192.0.2.23 7078 typ host", "a=candidate:1 2 UDP 2130706302 192.0.2.23 7079 typ host", "a=rtcp-fb:* trr-int 5000",
	}, ErrProfile, sha80, sha80},
	{"baresip, srtp", []string{
		"v=0", "o=- 1234 5678 IN IP4 192.0.2.24", "s=-", "c=IN IP4 192.0.2.24", "t=0 0", "a=tool:baresip 1.0.0",
		"m=audio 14206 RTP/AVP 8 0 101", "a=rtpmap:8 PCMA/8000", "a=rtpmap:0 PCMU/8000", "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15",
		"a=rtcp:14207", "a=sendrecv", "a=label:1", "a=rtcp-rsize", "a=ssrc:1234 cname:sip:x@y", "a=ptime:20", "a=crypto:1 " + sha32 + " " + key30,
		"a=crypto:2 " + sha80 + " " + other,
	}, "plain", sha32, sha32},
	{"Zoiper", []string{
		"v=0", "o=Z 0 1 IN IP4 192.0.2.25", "s=Z", "c=IN IP4 192.0.2.25", "t=0 0",
		"m=audio 8000 RTP/SAVP 3 110 97 8 0 101", "a=rtpmap:110 speex/8000", "a=rtpmap:97 iLBC/8000", "a=fmtp:97 mode=20", "a=rtpmap:101 telephone-event/8000",
		"a=crypto:1 " + sha80 + " " + key30, "a=crypto:2 " + sha32 + " " + other, "a=sendrecv",
	}, ErrProfile, sha80, sha80},
	{"Asterisk", []string{
		"v=0", "o=- 1725 1725 IN IP4 192.0.2.26", "s=Asterisk", "c=IN IP4 192.0.2.26", "t=0 0",
		"m=audio 17044 RTP/SAVP 8 0 101", "a=crypto:1 " + sha80 + " " + key30, "a=rtpmap:8 PCMA/8000", "a=rtpmap:0 PCMU/8000",
		"a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-16", "a=ptime:20", "a=maxptime:150", "a=sendrecv",
	}, ErrProfile, sha80, sha80},
	{"Asterisk, for browsers", []string{
		"v=0", "o=- 1726 1726 IN IP4 192.0.2.26", "s=Asterisk", "c=IN IP4 192.0.2.26", "t=0 0", "a=group:BUNDLE audio-0", "a=msid-semantic:WMS *",
		"m=audio 17046 UDP/TLS/RTP/SAVPF 8 0 101", "a=connection:new", "a=setup:actpass", "a=fingerprint:SHA-256 00:11:22",
		"a=ice-ufrag:1a2b", "a=ice-pwd:3c4d", "a=candidate:1 1 UDP 2130706431 192.0.2.26 17046 typ host", "a=rtcp-mux", "a=mid:audio-0",
	}, ErrProfile, ErrProfile, ErrProfile},
	{"Cisco SBC, MKI and lifetime", []string{
		"v=0", "o=CiscoSystemsSIP-GW-UserAgent 9 6 IN IP4 192.0.2.27", "s=SIP Call", "c=IN IP4 192.0.2.27", "t=0 0",
		"m=audio 16384 RTP/SAVP 8 101 19", "c=IN IP4 192.0.2.27", "a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15",
		"a=rtpmap:19 CN/8000", "a=ptime:20", "a=crypto:1 AEAD_AES_256_GCM " + key28 + "|2^31|1:4", // of the wrong length
		"a=crypto:2 " + sha80 + " " + key30 + "|2^31|1:4",
	}, ErrProfile, sha80, sha80},
	{"Cisco, capability negotiation (RFC 5939)", []string{
		"v=0", "o=- 1 1 IN IP4 192.0.2.27", "s=-", "c=IN IP4 192.0.2.27", "t=0 0", "a=tcap:1 RTP/SAVP",
		"m=audio 16386 RTP/AVP 8", "a=acap:1 crypto:1 " + sha80 + " " + key30, "a=pcfg:1 t=1 a=1",
	}, "plain", "plain", ErrPlain},
	{"fax beside the sound", []string{
		"v=0", "o=- 1 1 IN IP4 192.0.2.28", "s=-", "c=IN IP4 192.0.2.28", "t=0 0",
		"m=image 6000 udptl t38", "a=T38FaxVersion:0", "m=image 6002 tcp t38", "m=audio 6004 RTP/AVP 8", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
	}, "plain", "plain", ErrPlain},
	{"SAVP with nothing that we have", []string{
		"v=0", "c=IN IP4 192.0.2.29", "m=audio 6000 RTP/SAVP 8", "a=crypto:1 F8_128_HMAC_SHA1_80 " + key30, "a=crypto:2 " + sha80 + " " + key30 + " UNENCRYPTED_SRTP",
		"a=crypto:3 " + sha80 + " " + key30 + " KDR=2", "a=crypto:4 " + sha80 + " " + key30 + " UNENCRYPTED_SRTCP", "a=crypto:5 " + sha80,
		"a=crypto:x " + sha80 + " " + key30, "a=crypto:6 " + sha80 + " inline:short", "a=crypto:7 " + sha80 + " " + key30 + ";" + other,
	}, ErrProfile, ErrCrypto, ErrCrypto},
	{"session parameters that bind nobody", []string{
		"v=0", "c=IN IP4 192.0.2.30", "m=audio 6000 RTP/SAVPF 8", "a=crypto:999999999 " + gcm + " " + key28 + " KDR=0 WSH=64 -OWN=1",
	}, ErrProfile, gcm, gcm},
}

func TestPhonesAreAnsweredByPolicy(t *testing.T) {
	for _, p := range phones {
		for policy, want := range map[Security]any{SecurityOff: p.off, SecurityOptional: p.optional, SecurityRequired: p.required} {
			t.Run(fmt.Sprint(p.name, ", ", policy), func(t *testing.T) {
				offer := parse(t, body(p.lines...))
				l := secured(policy)
				answer, chosen, err := MakeAnswer(offer, l)
				if refusal, refused := want.(error); refused {
					if !errors.Is(err, refusal) {
						t.Fatalf("error %v, want %v\n%s", err, refusal, answer)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				checkAnswer(t, offer, string(answer), chosen, want.(string))
				// The peer reads it as it was meant.
				if got := parse(t, answer); got.Media[index(got)].Port != l.Addr.Port() {
					t.Errorf("no line is ours:\n%s", answer)
				}
			})
		}
	}
}

// index is the line that was taken.
func index(s *Session) int {
	for i, m := range s.Media {
		if m.Port != 0 {
			return i
		}
	}
	return -1
}

func checkAnswer(t *testing.T, offer *Session, answer string, c Chosen, want string) {
	t.Helper()
	read := parse(t, []byte(answer))
	if len(read.Media) != len(offer.Media) {
		t.Fatalf("%d lines answered with %d", len(offer.Media), len(read.Media))
	}
	taken := 0
	for i, m := range read.Media {
		if o := offer.Media[i]; m.Profile != o.Profile || m.Type != o.Type || (m.Port == 0 && strings.Join(m.Formats, " ") != strings.Join(o.Formats, " ")) {
			t.Errorf("line %d: %s %s %v was offered, and %s %s %v answered", i, o.Type, o.Profile, o.Formats, m.Type, m.Profile, m.Formats)
		}
		if m.Port != 0 {
			taken++
		}
	}
	if taken != 1 {
		t.Errorf("%d lines were taken, want 1:\n%s", taken, answer)
	}
	for _, told := range []string{"ice-", "candidate", "fingerprint", "BUNDLE", "a=mid", "setup:"} {
		if strings.Contains(answer, told) {
			t.Errorf("the answer promises %q:\n%s", told, answer)
		}
	}
	if want == "plain" {
		if c.In.On() || c.Out.On() || strings.Contains(answer, "a=crypto") {
			t.Errorf("want plain RTP, got %v and\n%s", c.In, answer)
		}
		return
	}
	if c.In.Suite().String() != want || c.Out.Suite().String() != want || c.In == c.Out {
		t.Errorf("got %v in and %v out, want %s", c.In, c.Out, want)
	}
	m := offer.Media[index(read)]
	line := fmt.Sprintf("a=crypto:%d %s %s\r\n", tagIn(m, c.In), want, c.Out.Inline())
	if strings.Count(answer, "a=crypto") != 1 || !strings.Contains(answer, line) {
		t.Errorf("want one line %s in\n%s", line, answer)
	}
}

// tagIn is the tag that the offer gave to a key.
func tagIn(m Media, k srtp.Key) int {
	for _, c := range m.Cryptos {
		if c.Key == k {
			return c.Tag
		}
	}
	return -1
}

func TestOfferByPolicy(t *testing.T) {
	for _, row := range []struct {
		policy  Security
		strict  bool
		profile string
		lines   int
	}{
		{SecurityOff, true, "RTP/AVP", 0}, {SecurityOptional, false, "RTP/AVP", 4}, {SecurityOptional, true, "RTP/SAVP", 4}, {SecurityRequired, false, "RTP/SAVP", 4},
	} {
		l := secured(row.policy)
		l.Strict = row.strict
		s := parse(t, MakeOffer(l))
		m := s.Media[0]
		if m.Profile != row.profile || len(m.Cryptos) != row.lines {
			t.Errorf("%v: %s with %d keys, want %s with %d", row.policy, m.Profile, len(m.Cryptos), row.profile, row.lines)
		}
		for i, c := range m.Cryptos {
			if c.Key != l.Keys[i] || c.Tag != i+1 || c.Key.Suite() != srtp.Suites[i] {
				t.Errorf("%v: line %d is %d %v, want the best suite first", row.policy, i, c.Tag, c.Key)
			}
		}
	}
}

// TestAnswersToOurOffer: what a phone may say, by what we offered.
func TestAnswersToOurOffer(t *testing.T) {
	const avp, savp = "m=audio 4000 RTP/AVP 8", "m=audio 4000 RTP/SAVP 8"
	for _, row := range []struct {
		name               string
		lines              []string
		optional, required any
	}{
		{"takes a key", []string{savp, "a=crypto:3 " + sha80 + " " + key30}, sha80, sha80},
		{"takes a key on the plain profile", []string{avp, "a=crypto:1 " + gcm + " " + key28}, gcm, gcm},
		{"has no SRTP", []string{avp}, "plain", ErrPlain},
		{"has another suite", []string{savp, "a=crypto:1 F8_128_HMAC_SHA1_80 " + key30}, ErrCrypto, ErrCrypto},
		{"says SRTP and gives no key", []string{savp}, ErrCrypto, ErrCrypto},
		{"refuses", []string{"m=audio 0 RTP/SAVP 8"}, ErrNoAudio, ErrNoAudio},
	} {
		for policy, want := range map[Security]any{SecurityOptional: row.optional, SecurityRequired: row.required} {
			l := secured(policy)
			answer := parse(t, body(append([]string{"v=0", "c=IN IP4 192.0.2.1"}, row.lines...)...))
			c, err := Accept(l, answer)
			if refusal, refused := want.(error); refused {
				if !errors.Is(err, refusal) {
					t.Errorf("%s, %v: error %v, want %v", row.name, policy, err, refusal)
				}
				continue
			}
			if want == "plain" {
				if err != nil || c.In.On() || c.Out.On() {
					t.Errorf("%s, %v: %v %v %v, want plain RTP", row.name, policy, c.In, c.Out, err)
				}
			} else if suite := want.(string); err != nil || c.In.Suite().String() != suite || c.Out != l.keyFor(c.In.Suite()) {
				t.Errorf("%s, %v: %v %v %v, want %s", row.name, policy, c.In, c.Out, err, suite)
			}
		}
	}
}

// TestTwoOfOurLikeAgree: offer, answer, and both have each other's keys.
func TestTwoOfOurLikeAgree(t *testing.T) {
	for _, a := range []Security{SecurityOff, SecurityOptional, SecurityRequired} {
		for _, b := range []Security{SecurityOff, SecurityOptional, SecurityRequired} {
			caller, callee := secured(a), secured(b)
			answer, theirs, err := MakeAnswer(parse(t, MakeOffer(caller)), callee)
			if a != b && (a == SecurityOff || b == SecurityOff) && (a == SecurityRequired || b == SecurityRequired) {
				if err == nil {
					t.Errorf("%v calls %v: they agree on\n%s", a, b, answer)
				}
				continue
			}
			if err != nil {
				t.Errorf("%v calls %v: %v", a, b, err)
				continue
			}
			ours, err := Accept(caller, parse(t, answer))
			if err != nil || ours.In != theirs.Out || ours.Out != theirs.In || ours.In.On() != (a != SecurityOff && b != SecurityOff) {
				t.Errorf("%v calls %v: %v, %v in and %v out", a, b, err, ours.In, ours.Out)
			}
			if ours.In.On() && ours.In.Suite() != srtp.GCM128 {
				t.Errorf("%v calls %v: %v, want the best suite", a, b, ours.In)
			}
		}
	}
}

// TestKeysAreNotWrittenAgain: Bytes is for logs.
func TestKeysAreNotWrittenAgain(t *testing.T) {
	s := parse(t, body(phones[0].lines...))
	if got := string(s.Bytes()); strings.Contains(got, "inline") || strings.Contains(fmt.Sprintf("%v %+v", s, s.Media), "d0Rmdm") {
		t.Errorf("keys are shown:\n%s", got)
	}
}

func TestSecurityNames(t *testing.T) {
	for _, s := range []Security{SecurityOff, SecurityOptional, SecurityRequired} {
		if got, ok := SecurityNamed(s.String()); !ok || got != s {
			t.Errorf("%v is read as %v", s, got)
		}
	}
	if _, ok := SecurityNamed("sometimes"); ok || Security(9).String() != "" {
		t.Error("a policy of an unknown name")
	}
}

// FuzzCrypto: whatever is offered, the answer is read again and both sides agree.
func FuzzCrypto(f *testing.F) {
	for _, p := range phones {
		f.Add(body(p.lines...))
	}
	l := secured(SecurityOptional)
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Parse(b)
		if err != nil {
			return
		}
		answer, chosen, err := MakeAnswer(s, l)
		if err != nil {
			return
		}
		again, err := Parse(answer)
		if err != nil || len(again.Media) != len(s.Media) {
			t.Fatalf("our answer is not read: %v", err)
		}
		m := again.Media[index(again)]
		if chosen.Out.On() != (len(m.Cryptos) == 1) || (chosen.Out.On() && m.Cryptos[0].Key != chosen.Out) || chosen.In.On() != chosen.Out.On() {
			t.Fatalf("the answer has %d keys, chosen %v", len(m.Cryptos), chosen.Out)
		}
	})
}
