package transaction

import (
	"os"
	"path/filepath"
	"testing"

	"hotline/sip/message"
	"hotline/sip/transport"
)

func seeds(f *testing.F) {
	files, _ := filepath.Glob("../message/testdata/rfc4475/*.dat")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(asked("INVITE", "a", "c")))
	f.Add([]byte("A b SIP/2.0\nv:\n \n:\n\n"))
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
		var rd message.Lines
		if len(d.sent) > 0 && (!rd.Read(raw) || !rd.IsRequest || rd.Method == "ACK") {
			t.Errorf("%q was answered %q", raw, d.sent[0].raw)
		}
	})
}
