package message

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzRead: the tolerant reader and the lane's first look agree on the Call-ID, and every answer can be read back and carries no line
// that the request's values smuggled in.
func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/rfc4475/*.dat")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(asked("INVITE", "c")))
	f.Add([]byte("A b SIP/2.0\nv:\n \n:\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var rd, back Lines
		callID, request, _ := Peek(raw)
		if !rd.Read(raw) {
			return
		}
		if got := rd.value(hCallID); got != callID || request != rd.IsRequest {
			t.Errorf("lane of %q (request %v), message says %q (%v)", callID, request, got, rd.IsRequest)
		}
		_, _ = rd.BuildResponse(false)
		_, _ = rd.BuildRequest(true)
		via := rd.TopVia()
		if via == nil || !rd.IsRequest {
			return
		}
		MarkVia(via, phone)
		var b bytes.Buffer
		rd.Answer(&b, via, bad("Bad"), "tag", "agent")
		if !back.Read(b.Bytes()) || back.code != 400 || back.badLine || back.count[hVia] == 0 {
			t.Errorf("answer unreadable:\n%q\nto\n%q", b.String(), raw)
		}
		if back.count[hCallID] > 1 || back.count[hCSeq] > 1 || strings.Count(b.String(), "\r\n\r\n") != 1 {
			t.Errorf("answer with lines of the request's making:\n%q", b.String())
		}
	})
}
