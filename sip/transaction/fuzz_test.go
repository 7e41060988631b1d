package transaction

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotline/sip/transport"
)

func seeds(f *testing.F) {
	files, _ := filepath.Glob("testdata/rfc4475/*.dat")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(message("INVITE", "a", "c")))
	f.Add([]byte("A b SIP/2.0\nv:\n \n:\n\n"))
}

// FuzzRead: the tolerant reader and the lane's first look agree on the Call-ID, and every answer can be read back and carries no line
// that the request's values smuggled in.
func FuzzRead(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var rd, back reading
		callID, request, _ := peekCallID(raw)
		if !rd.read(raw) {
			return
		}
		if got := rd.value(hCallID); got != callID || request != rd.request {
			t.Errorf("lane of %q (request %v), message says %q (%v)", callID, request, got, rd.request)
		}
		_, _ = rd.buildResponse(false)
		_, _ = rd.buildRequest(true)
		via := rd.topVia()
		if via == nil || !rd.request {
			return
		}
		markVia(via, phone.Addr)
		var b bytes.Buffer
		rd.answer(&b, via, bad("Bad"), "tag", "agent")
		if !back.read(b.Bytes()) || back.code != 400 || back.badLine || back.count[hVia] == 0 {
			t.Errorf("answer unreadable:\n%q\nto\n%q", b.String(), raw)
		}
		if back.count[hCallID] > 1 || back.count[hCSeq] > 1 || strings.Count(b.String(), "\r\n\r\n") != 1 {
			t.Errorf("answer with lines of the request's making:\n%q", b.String())
		}
	})
}

// FuzzLane: no message makes a lane panic, and none but a request is answered.
func FuzzLane(f *testing.F) {
	seeds(f)
	d := &desk{}
	d.request = func(s *Server) { s.Respond(s.Response(404, "Not Found", nil)) }
	f.Fuzz(func(t *testing.T, raw []byte) {
		d.sent, d.acks, d.strays = nil, nil, nil
		d.Layer = New(Config{Lanes: 1}, d.send, core{d})
		d.Receive(transport.Received{Peer: phone, Raw: raw})
		d.Receive(transport.Received{Peer: phone, Raw: raw})
		d.lanes[0].turn()
		if got := d.Counters().Panics; got != 0 {
			t.Errorf("%d panics on %q", got, raw)
		}
		var rd reading
		if len(d.sent) > 0 && (!rd.read(raw) || !rd.request || rd.method == "ACK") {
			t.Errorf("%q was answered %q", raw, d.sent[0].raw)
		}
	})
}
