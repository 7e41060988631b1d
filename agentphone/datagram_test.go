package agentphone

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"hash/crc32"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"hotline/media/codec"
)

// FuzzDatagram throws datagrams at the port that browsers come to while ICE is looking for one: STUN with the right password and without,
// and what goes on to DTLS. After each the port must still answer a browser's binding request (RFC 8489). The first octet says what is made of the rest.
func FuzzDatagram(f *testing.F) {
	b := newBrowser(f)
	f.Add(append([]byte{0}, b.request(1)...))
	f.Add(append([]byte{signed}, b.request(2)[:28]...))
	f.Add(append([]byte{sealed}, b.request(3)...))
	f.Add(append([]byte{signed | sealed}, stunMessage(0x0101, 4, []byte{0, 0x20, 0, 8, 0, 1, 0x12, 0x34, 1, 2, 3, 4})...)) // a success response
	f.Add(append([]byte{signed | sealed}, stunMessage(0x0001, 5, []byte{0, 0x25, 0, 0})...))                               // USE-CANDIDATE alone
	f.Add([]byte{0, 22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0})                                             // DTLS
	f.Add([]byte{0, 0x80, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0xd5})                                                          // RTP
	number := uint32(1 << 16)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) == 0 || len(raw) > 1500 {
			return
		}
		if time.Since(b.heard) > forgotten {
			b.connect(t)
		}
		b.port.Foreign(b.finish(raw[0], raw[1:]), b.from)
		number++
		b.asked(t, number)
	})
}

// What the first octet of an input adds.
const (
	signed = 1 // MESSAGE-INTEGRITY with the agent's password
	sealed = 2 // FINGERPRINT
)

// browser is a socket that speaks STUN by hand to a way that waits for it.
type browser struct {
	port *Port
	cert *certificate
	conn *net.UDPConn
	from netip.AddrPort

	way   *way
	user  string    // the USERNAME of its requests
	pwd   string    // the agent's, which signs what comes to it
	heard time.Time // when the way answered last
}

// forgotten is how long a way may be left alone: ICE gives up a browser that is silent for longer, and this one is where the machine stands still.
const forgotten = 5 * time.Second

func newBrowser(f *testing.F) *browser {
	f.Helper()
	port, err := OpenPort(netip.MustParseAddrPort("127.0.0.1:0"), netip.AddrPort{}, slog.New(slog.DiscardHandler))
	if err != nil {
		f.Fatal(err)
	}
	cert, err := newCertificate()
	if err != nil {
		f.Fatal(err)
	}
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(port.Addr()))
	if err != nil {
		f.Fatal(err)
	}
	b := &browser{port: port, cert: cert, conn: conn, from: conn.LocalAddr().(*net.UDPAddr).AddrPort()}
	b.connect(f)
	f.Cleanup(func() {
		_ = b.way.agent.Close()
		_ = conn.Close()
		_ = port.Close()
	})
	return b
}

// connect makes a new way in place of the one there was.
func (b *browser) connect(tb testing.TB) {
	tb.Helper()
	if b.way != nil {
		_ = b.way.agent.Close()
	}
	o, err := readOffer(chromium, []codec.Kind{codec.PCMA})
	if err != nil {
		tb.Fatal(err)
	}
	w, _, err := newWay(context.Background(), &Config{Port: b.port, Logger: slog.New(slog.DiscardHandler)}, b.cert, o)
	if err != nil {
		tb.Fatal(err)
	}
	ufrag, pwd, err := w.agent.GetLocalUserCredentials()
	if err != nil {
		tb.Fatal(err)
	}
	b.way, b.user, b.pwd, b.heard = w, ufrag+":"+o.ufrag, pwd, time.Now()
	go func() {
		conn, err := w.agent.Accept(context.Background(), o.ufrag, o.pwd)
		for buf := make([]byte, 2048); err == nil; {
			_, err = conn.Read(buf) // what is no STUN, until the agent is closed
		}
	}()
}

// asked sends a binding request and waits for its answer.
func (b *browser) asked(t *testing.T, number uint32) {
	t.Helper()
	request := b.request(number)
	buf := make([]byte, 2048)
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		if _, err := b.conn.Write(request); err != nil {
			t.Fatal(err)
		}
		_ = b.conn.SetReadDeadline(time.Now().Add(time.Second)) // a full kernel buffer loses it: it is sent again
		for {
			n, err := b.conn.Read(buf)
			if err != nil {
				break
			}
			if n >= 20 && binary.BigEndian.Uint16(buf) == 0x0101 && slices.Equal(buf[4:20], request[4:20]) {
				b.heard = time.Now()
				return
			}
		}
	}
	t.Fatal("the port is deaf")
}

// request is a binding request as a browser sends it, signed and sealed.
func (b *browser) request(number uint32) []byte {
	attributes := attribute(0x0006, []byte(b.user))                                             // USERNAME
	attributes = append(attributes, attribute(0x0024, []byte{0x6e, 0, 1, 0xff})...)             // PRIORITY
	attributes = append(attributes, attribute(0x0025, nil)...)                                  // USE-CANDIDATE
	attributes = append(attributes, attribute(0x802a, []byte{1, 2, 3, 4, 5, 6, 7, byte(9)})...) // ICE-CONTROLLING
	return b.finish(signed|sealed, stunMessage(0x0001, number, attributes))
}

// finish adds what how asks for; what is too short for a header stays as it is.
func (b *browser) finish(how byte, m []byte) []byte {
	m = slices.Clone(m)
	if len(m) < 20 {
		return m
	}
	if how&signed != 0 {
		length(m, 24)
		mac := hmac.New(sha1.New, []byte(b.pwd))
		mac.Write(m)
		m = append(m, attribute(0x0008, mac.Sum(nil))...)
	}
	if how&sealed != 0 {
		length(m, 8)
		m = append(m, attribute(0x8028, binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(m)^0x5354554e))...)
	}
	return m
}

// length writes the length that m will have with more octets behind it.
func length(m []byte, more int) { binary.BigEndian.PutUint16(m[2:], uint16(len(m)-20+more)) }

func stunMessage(kind uint16, number uint32, attributes []byte) []byte {
	m := binary.BigEndian.AppendUint16(nil, kind)
	m = binary.BigEndian.AppendUint16(m, uint16(len(attributes)))
	m = binary.BigEndian.AppendUint32(m, 0x2112A442)
	m = binary.BigEndian.AppendUint64(m, 7)
	return append(binary.BigEndian.AppendUint32(m, number), attributes...)
}

func attribute(kind uint16, value []byte) []byte {
	a := binary.BigEndian.AppendUint16(nil, kind)
	a = append(binary.BigEndian.AppendUint16(a, uint16(len(value))), value...)
	for len(a)%4 != 0 {
		a = append(a, 0)
	}
	return a
}
