package sdp

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"hotline/media/codec"
)

var both = []codec.Kind{codec.PCMA, codec.PCMU}

func local() Local {
	return Local{Addr: netip.MustParseAddrPort("198.51.100.1:20000"), Codecs: both, SessionID: 7, Version: 1, Mux: true}
}

// audio is an offer or answer of one audio line from 192.0.2.1.
func audio(formats string, attributes ...string) []byte {
	return body(append([]string{"v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0", "m=audio 4000 RTP/AVP " + formats}, attributes...)...)
}

func TestMakeOffer(t *testing.T) {
	got := string(MakeOffer(local()))
	want := string(body(
		"v=0", "o=- 7 1 IN IP4 198.51.100.1", "s=-", "c=IN IP4 198.51.100.1", "t=0 0",
		"m=audio 20000 RTP/AVP 8 0 101", "a=rtpmap:8 PCMA/8000", "a=rtpmap:0 PCMU/8000",
		"a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15", "a=ptime:20", "a=sendrecv", "a=rtcp-mux",
	))
	if got != want {
		t.Errorf("MakeOffer =\n%s\nwant\n%s", got, want)
	}
}

// TestNoEvents: who wants no telephone-event neither offers nor takes it.
func TestNoEvents(t *testing.T) {
	l := local()
	l.NoEvents = true
	if got := string(MakeOffer(l)); strings.Contains(got, "telephone-event") || strings.Contains(got, "101") {
		t.Errorf("offered:\n%s", got)
	}
	peer := parse(t, audio("8 101", "a=rtpmap:101 telephone-event/8000"))
	answer, chosen, err := MakeAnswer(peer, l)
	if err != nil || strings.Contains(string(answer), "101") || chosen.EventType != 0 || chosen.SendEventType != 0 {
		t.Errorf("answered %+v, %v:\n%s", chosen, err, answer)
	}
	if chosen, err = Accept(l, peer); err != nil || chosen.EventType != 0 || chosen.SendEventType != 0 {
		t.Errorf("accepted %+v, %v", chosen, err)
	}
}

func TestMakeAnswer(t *testing.T) {
	offer := parse(t, body(
		"v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "t=3034423619 3042462419", "c=IN IP4 192.0.2.1",
		"m=video 5000 RTP/AVP 31 99", "m=audio 4000 RTP/AVP 18 0 8 96", "a=rtpmap:18 G729/8000", "a=rtpmap:96 telephone-event/8000", "a=ptime:30",
		"m=audio 4002 RTP/AVP 8", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
	))
	got, chosen, err := MakeAnswer(offer, local())
	if err != nil {
		t.Fatal(err)
	}
	want := string(body(
		"v=0", "o=- 7 1 IN IP4 198.51.100.1", "s=-", "c=IN IP4 198.51.100.1", "t=3034423619 3042462419",
		"m=video 0 RTP/AVP 31 99", "m=audio 20000 RTP/AVP 0 96", "a=rtpmap:0 PCMU/8000", "a=rtpmap:96 telephone-event/8000", "a=fmtp:96 0-15",
		"a=ptime:30", "a=sendrecv", "m=audio 0 RTP/AVP 8", "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
	))
	if string(got) != want {
		t.Errorf("MakeAnswer =\n%s\nwant\n%s", got, want)
	}
	wantChosen := Chosen{
		Codec: codec.PCMU, PayloadType: 0, SendPayloadType: 0, EventType: 96, SendEventType: 96, Ptime: 30 * time.Millisecond,
		Remote: netip.MustParseAddrPort("192.0.2.1:4000"), RemoteRTCP: netip.MustParseAddrPort("192.0.2.1:4001"),
	}
	if chosen != wantChosen {
		t.Errorf("chosen = %+v, want %+v", chosen, wantChosen)
	}
}

// TestCodecChoice: the offer's order counts, restricted to what we have.
func TestCodecChoice(t *testing.T) {
	rows := []struct {
		name    string
		formats string
		codecs  []codec.Kind
		maps    []string
		want    codec.Kind
		payload uint8
		event   uint8
	}{
		{"the offer prefers PCMU", "0 8", both, nil, codec.PCMU, 0, 0},
		{"the offer prefers PCMA", "8 0", both, nil, codec.PCMA, 8, 0},
		{"the other leg has PCMA", "0 8", both[:1], nil, codec.PCMA, 8, 0},
		{"a dynamic number", "97", both, []string{"a=rtpmap:97 pcma/8000/1"}, codec.PCMA, 97, 0},
		{"a static number used for another codec", "8 0", both, []string{"a=rtpmap:8 G726-32/8000"}, codec.PCMU, 0, 0},
		{"wideband PCMA is another codec", "97 0", both, []string{"a=rtpmap:97 PCMA/16000"}, codec.PCMU, 0, 0},
		{"two channels are another codec", "97 0", both, []string{"a=rtpmap:97 PCMA/8000/2"}, codec.PCMU, 0, 0},
		{"events at 48 kHz go with Opus", "0 101 102", both,
			[]string{"a=rtpmap:101 telephone-event/48000", "a=rtpmap:102 TELEPHONE-EVENT/8000"}, codec.PCMU, 0, 102},
		{"events without a map are unknown", "0 101", both, nil, codec.PCMU, 0, 0},
		{"formats that are no numbers", "x 300 8", both, nil, codec.PCMA, 8, 0},
	}
	for _, row := range rows {
		l := local()
		l.Codecs = row.codecs
		_, got, err := MakeAnswer(parse(t, audio(row.formats, row.maps...)), l)
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		if got.Codec != row.want || got.PayloadType != row.payload || got.SendPayloadType != row.payload || got.EventType != row.event {
			t.Errorf("%s: got %+v, want %v as %d, events as %d", row.name, got, row.want, row.payload, row.event)
		}
	}
}

func TestRefusals(t *testing.T) {
	head := []string{"v=0", "c=IN IP4 192.0.2.1"}
	rows := []struct {
		name  string
		lines []string
		want  error
	}{
		{"no media", nil, ErrNoAudio},
		{"video only", []string{"m=video 4000 RTP/AVP 0"}, ErrNoAudio},
		{"audio switched off", []string{"m=audio 0 RTP/AVP 0"}, ErrNoAudio},
		{"SRTP by SDES", []string{"m=audio 4000 RTP/SAVP 0", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x"}, ErrProfile},
		{"SRTP by DTLS", []string{"m=audio 4000 UDP/TLS/RTP/SAVPF 0"}, ErrProfile},
		{"G.729 only", []string{"m=audio 4000 RTP/AVP 18"}, ErrNoCodec},
		{"events only", []string{"m=audio 4000 RTP/AVP 101", "a=rtpmap:101 telephone-event/8000"}, ErrNoCodec},
		{"the other IP version", []string{"m=audio 4000 RTP/AVP 0", "c=IN IP6 2001:db8::1"}, ErrFamily},
	}
	for _, row := range rows {
		s := parse(t, body(append(head, row.lines...)...))
		if _, _, err := MakeAnswer(s, local()); !errors.Is(err, row.want) {
			t.Errorf("%s: MakeAnswer error = %v, want %v", row.name, err, row.want)
		}
		if _, err := Accept(local(), s); !errors.Is(err, row.want) {
			t.Errorf("%s: Accept error = %v, want %v", row.name, err, row.want)
		}
	}
}

// TestSecondLineIsTaken: phones that may do SRTP offer two audio lines, the secured one first.
func TestSecondLineIsTaken(t *testing.T) {
	s := parse(t, body("v=0", "c=IN IP4 192.0.2.1", "m=audio 4000 RTP/SAVP 8", "m=audio 4002 RTP/AVPF 8"))
	got, chosen, err := MakeAnswer(s, local())
	if err != nil {
		t.Fatal(err)
	}
	if chosen.Remote.Port() != 4002 {
		t.Errorf("chose port %d, want 4002", chosen.Remote.Port())
	}
	for _, want := range []string{"m=audio 0 RTP/SAVP 8\r\n", "m=audio 20000 RTP/AVPF 8\r\n"} {
		if !strings.Contains(string(got), want) {
			t.Errorf("answer lacks %q:\n%s", want, got)
		}
	}
}

// TestDirections are RFC 3264 section 6.1 and 8.4, and hold by address as RFC 2543 phones do it.
func TestDirections(t *testing.T) {
	rows := []struct {
		offered string
		conn    string
		ours    Direction
		want    Direction
		held    bool
	}{
		{"", "192.0.2.1", SendRecv, SendRecv, false},
		{"a=sendrecv", "192.0.2.1", SendRecv, SendRecv, false},
		{"a=sendonly", "192.0.2.1", SendRecv, RecvOnly, true},
		{"a=recvonly", "192.0.2.1", SendRecv, SendOnly, false},
		{"a=inactive", "192.0.2.1", SendRecv, Inactive, true},
		{"a=sendrecv", "192.0.2.1", SendOnly, SendOnly, false},
		{"a=sendonly", "192.0.2.1", SendOnly, Inactive, true},
		{"a=recvonly", "192.0.2.1", Inactive, Inactive, false},
		{"", "0.0.0.0", SendRecv, RecvOnly, true},
		{"a=recvonly", "0.0.0.0", SendRecv, Inactive, true},
		{"a=inactive", "0.0.0.0", SendRecv, Inactive, true},
	}
	for _, row := range rows {
		l := local()
		l.Direction = row.ours
		s := parse(t, body("v=0", "c=IN IP4 "+row.conn, "m=audio 4000 RTP/AVP 8", row.offered))
		answer, got, err := MakeAnswer(s, l)
		if err != nil {
			t.Errorf("%+v: %v", row, err)
			continue
		}
		if got.Direction != row.want || got.Held != row.held {
			t.Errorf("offered %q at %s, we %v: %v held %v, want %v held %v", row.offered, row.conn, row.ours, got.Direction, got.Held, row.want, row.held)
		}
		if !strings.Contains(string(answer), "a="+row.want.String()+"\r\n") {
			t.Errorf("offered %q at %s: the answer does not say %v:\n%s", row.offered, row.conn, row.want, answer)
		}
		if row.conn == "0.0.0.0" && got.Remote.IsValid() {
			t.Errorf("held by address, but sound would go to %v", got.Remote)
		}
	}
}

func TestAccept(t *testing.T) {
	rows := []struct {
		name   string
		offer  Local
		answer []byte
		want   Chosen
	}{
		{"as offered", local(), audio("8 101", "a=rtpmap:101 telephone-event/8000", "a=rtcp-mux"), Chosen{
			Codec: codec.PCMA, PayloadType: 8, SendPayloadType: 8, EventType: 101, SendEventType: 101, Mux: true}},
		{"the first of two", local(), audio("0 8"), Chosen{Codec: codec.PCMU}},
		{"other numbers", local(), audio("97 98", "a=rtpmap:97 PCMA/8000", "a=rtpmap:98 telephone-event/8000"), Chosen{
			Codec: codec.PCMA, PayloadType: 8, SendPayloadType: 97, EventType: 101, SendEventType: 98}},
		{"it holds us", local(), audio("8", "a=sendonly"), Chosen{
			Codec: codec.PCMA, PayloadType: 8, SendPayloadType: 8, Direction: RecvOnly, Held: true}},
		{"we hold it", Local{Codecs: both, Direction: SendOnly}, audio("8", "a=recvonly"), Chosen{
			Codec: codec.PCMA, PayloadType: 8, SendPayloadType: 8, Direction: SendOnly}},
		{"we are inactive", Local{Codecs: both, Direction: Inactive}, audio("8", "a=inactive"), Chosen{
			Codec: codec.PCMA, PayloadType: 8, SendPayloadType: 8, Direction: Inactive}},
		{"it answers more than was offered", Local{Codecs: both, Direction: SendOnly}, audio("8", "a=sendrecv"), Chosen{
			Codec: codec.PCMA, PayloadType: 8, SendPayloadType: 8, Direction: SendOnly}},
	}
	for _, row := range rows {
		got, err := Accept(row.offer, parse(t, row.answer))
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		row.want.Ptime = 20 * time.Millisecond
		row.want.Remote, row.want.RemoteRTCP = netip.MustParseAddrPort("192.0.2.1:4000"), netip.MustParseAddrPort("192.0.2.1:4001")
		if row.want.Mux {
			row.want.RemoteRTCP = row.want.Remote
		}
		if got != row.want {
			t.Errorf("%s: got %+v, want %+v", row.name, got, row.want)
		}
	}
}

func TestPacketTime(t *testing.T) {
	rows := []struct {
		attributes string
		want       int
	}{
		{"", 20}, {"a=ptime:10", 10}, {"a=ptime:30", 30}, {"a=ptime:60", 60}, {"a=ptime:5", 10}, {"a=ptime:25", 20}, {"a=ptime:200", 60},
		{"a=ptime:0", 20}, {"a=ptime:40\r\na=maxptime:20", 20}, {"a=maxptime:10", 10},
	}
	for _, row := range rows {
		_, got, err := MakeAnswer(parse(t, audio("8", row.attributes)), local())
		if err != nil || got.Ptime != time.Duration(row.want)*time.Millisecond {
			t.Errorf("%q: %v, %v, want %d ms", row.attributes, got.Ptime, err, row.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	const line, v4, v6 = "m=audio 4000 RTP/AVP 8", "198.51.100.1:2", "[2001:db8::2]:2"
	rows := []struct {
		name       string
		conn       string
		lines      []string
		mux        bool
		rtp, rtcp  string
		ours       string
		wantMuxed  bool
		invalidRTP bool
	}{
		{"next port", "IN IP4 192.0.2.1", []string{line}, true, "192.0.2.1:4000", "192.0.2.1:4001", v4, false, false},
		{"muxed", "IN IP4 192.0.2.1", []string{line, "a=rtcp-mux"}, true, "192.0.2.1:4000", "192.0.2.1:4000", v4, true, false},
		{"mux not ours", "IN IP4 192.0.2.1", []string{line, "a=rtcp-mux"}, false, "192.0.2.1:4000", "192.0.2.1:4001", v4, false, false},
		{"a=rtcp port", "IN IP4 192.0.2.1", []string{line, "a=rtcp:5005"}, true, "192.0.2.1:4000", "192.0.2.1:5005", v4, false, false},
		{"a=rtcp address", "IN IP4 192.0.2.1", []string{line, "a=rtcp:5005 IN IP4 192.0.2.2"}, true, "192.0.2.1:4000", "192.0.2.2:5005", v4, false, false},
		{"line before session", "IN IP4 192.0.2.1", []string{line, "c=IN IP4 192.0.2.3"}, true, "192.0.2.3:4000", "192.0.2.3:4001", v4, false, false},
		{"IPv6", "IN IP6 2001:db8::1", []string{line}, true, "[2001:db8::1]:4000", "[2001:db8::1]:4001", v6, false, false},
		{"a name", "IN IP4 pbx.example", []string{line}, true, "", "", v4, false, true},
		{"the last port has no next", "IN IP4 192.0.2.1", []string{"m=audio 65535 RTP/AVP 8"}, true, "192.0.2.1:65535", "invalid AddrPort", v4, false, false},
	}
	for _, row := range rows {
		l := local()
		l.Mux, l.Addr = row.mux, netip.MustParseAddrPort(row.ours)
		answer, got, err := MakeAnswer(parse(t, body(append([]string{"v=0", "c=" + row.conn}, row.lines...)...)), l)
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		if row.invalidRTP != !got.Remote.IsValid() || !row.invalidRTP && (got.Remote.String() != row.rtp || got.RemoteRTCP.String() != row.rtcp) {
			t.Errorf("%s: RTP %v RTCP %v, want %s and %s", row.name, got.Remote, got.RemoteRTCP, row.rtp, row.rtcp)
		}
		if got.Mux != row.wantMuxed || strings.Contains(string(answer), "rtcp-mux") != row.wantMuxed {
			t.Errorf("%s: mux = %v, want %v; answer:\n%s", row.name, got.Mux, row.wantMuxed, answer)
		}
		if family := familyOf(l.Addr.Addr()); !strings.Contains(string(answer), "c=IN "+family+" "+l.Addr.Addr().String()+"\r\n") {
			t.Errorf("%s: the answer's c= line is wrong:\n%s", row.name, answer)
		}
	}
}

// TestAuthor: the version stays with the words (RFC 3264 section 8).
func TestAuthor(t *testing.T) {
	a := Author{ID: 9}
	version := func(b []byte) string { return parse(t, b).Origin.Version }
	l := local()
	first := a.Offer(l)
	if again := a.Offer(l); string(again) != string(first) || version(first) != "1" {
		t.Errorf("the same offer again:\n%s\nafter\n%s", again, first)
	}
	l.Direction = SendOnly
	if held := a.Offer(l); version(held) != "2" {
		t.Errorf("hold has version %s, want 2", version(held))
	}
	l.Direction = SendRecv
	offer := parse(t, audio("8"))
	answer, _, err := a.Answer(offer, l)
	if err != nil || version(answer) != "3" || parse(t, answer).Origin.ID != "9" {
		t.Errorf("answer = %v\n%s", err, answer)
	}
	if again, _, _ := a.Answer(offer, l); string(again) != string(answer) {
		t.Errorf("a session refresh changed the answer:\n%s\nafter\n%s", again, answer)
	}
	if _, _, err := a.Answer(parse(t, audio("18")), l); !errors.Is(err, ErrNoCodec) {
		t.Errorf("error = %v, want ErrNoCodec", err)
	}
	if again, _, _ := a.Answer(offer, l); string(again) != string(answer) {
		t.Errorf("a refused offer changed the version:\n%s", again)
	}
}

func TestDirectionNames(t *testing.T) {
	for _, d := range []Direction{SendRecv, SendOnly, RecvOnly, Inactive} {
		if got, ok := directionNamed(strings.ToUpper(d.String())); !ok || got != d {
			t.Errorf("directionNamed(%v) = %v, %v", d, got, ok)
		}
		if got := direction(d.Sends(), d.Receives()); got != d {
			t.Errorf("direction of the halves of %v = %v", d, got)
		}
	}
	if got := Direction(9).String(); got != "inactive" {
		t.Errorf("Direction(9) = %q", got)
	}
}

func everything() Local {
	l := local()
	l.Codecs = []codec.Kind{codec.PCMA, codec.PCMU, codec.G722, codec.Opus}
	return l
}

// TestOfferOfAll: every codec with its map, and telephone-event at both clocks.
func TestOfferOfAll(t *testing.T) {
	got := string(MakeOffer(everything()))
	for _, want := range []string{
		" 8 0 9 111 101 110\r\n", "a=rtpmap:9 G722/8000\r\n", "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 maxplaybackrate=16000;stereo=0;useinbandfec=1\r\n",
		"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n", "a=rtpmap:110 telephone-event/48000\r\na=fmtp:110 0-15\r\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	l := everything()
	l.Codecs = []codec.Kind{codec.Opus}
	if got := string(MakeOffer(l)); strings.Contains(got, "telephone-event/8000") || !strings.Contains(got, " 111 110\r\n") {
		t.Errorf("offer of Opus alone:\n%s", got)
	}
}

// TestCodecOfAnswer: of an offer ours decide, but between the laws the offer; of an answer its first.
func TestCodecOfAnswer(t *testing.T) {
	opus := []string{"a=rtpmap:96 opus/48000/2", "a=rtpmap:97 telephone-event/48000", "a=rtpmap:101 telephone-event/8000"}
	rows := []struct {
		name    string
		formats string
		lines   []string
		want    codec.Kind
		payload uint8
		event   uint8
		clock   int
	}{
		{"a law before Opus", "96 0 8 97 101", opus, codec.PCMU, 0, 101, 0},
		{"Opus alone", "96 97 101", opus, codec.Opus, 96, 97, 48000},
		{"Opus with events at 8 kHz only", "96 101", opus, codec.Opus, 96, 101, 0},
		{"G.711 without events of its clock", "8 97", opus, codec.PCMA, 8, 0, 0},
		{"G.722 before Opus", "96 9 101", opus, codec.G722, 9, 101, 0},
		{"G.722 at its true rate", "98", []string{"a=rtpmap:98 G722/16000"}, codec.G722, 98, 0, 0},
		{"Opus of one channel", "98", []string{"a=rtpmap:98 OPUS/48000"}, codec.Opus, 98, 0, 0},
		{"no Opus at 16 kHz", "98 8", []string{"a=rtpmap:98 opus/16000/2"}, codec.PCMA, 8, 0, 0},
		{"no stereo PCMA", "98 0", []string{"a=rtpmap:98 PCMA/8000/2"}, codec.PCMU, 0, 0, 0},
	}
	for _, row := range rows {
		body, got, err := MakeAnswer(parse(t, audio(row.formats, row.lines...)), everything())
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		if got.Codec != row.want || got.PayloadType != row.payload || got.EventType != row.event || got.SendEventType != row.event || got.EventClock != row.clock {
			t.Errorf("%s: %+v", row.name, got)
		}
		if row.want == codec.Opus && !strings.Contains(string(body), "opus/48000/2\r\na=fmtp") {
			t.Errorf("%s: answer\n%s", row.name, body)
		}
		if row.clock == 48000 && !strings.Contains(string(body), "a=rtpmap:97 telephone-event/48000") {
			t.Errorf("%s: answer\n%s", row.name, body)
		}
	}
	answer := parse(t, audio("96 8 97 101", opus...))
	got, err := Accept(everything(), answer)
	if err != nil || got.Codec != codec.Opus || got.PayloadType != codec.OpusType || got.SendPayloadType != 96 ||
		got.EventType != WideEventType || got.SendEventType != 97 || got.EventClock != 48000 {
		t.Errorf("Accept = %+v, %v: want Opus, the answer's first, with the numbers of each side", got, err)
	}
}
