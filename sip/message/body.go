package message

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// SDPType is the media type of session descriptions.
const SDPType = "application/sdp"

// MediaType is that of the body in lower case, without parameters; "": none is given.
func MediaType(m sip.Message) string {
	v := Value(m, "Content-Type")
	if v == "" {
		v = Value(m, "c")
	}
	t, _, _ := strings.Cut(v, ";")
	return strings.ToLower(strings.TrimSpace(t))
}

// SDP is the session description of a message: its body, or that part of a multipart body. nil: none.
func SDP(m sip.Message) []byte {
	body := m.Body()
	if len(body) == 0 {
		return nil
	}
	switch t := MediaType(m); {
	case t == SDPType:
		return body
	case strings.HasPrefix(t, "multipart/"):
		return sdpPart(Value(m, "Content-Type"), body)
	}
	return nil
}

// maxParts bounds how many parts of a multipart body are looked at.
const maxParts = 16

func sdpPart(contentType string, body []byte) []byte {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || params["boundary"] == "" {
		return nil
	}
	r := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for range maxParts {
		p, err := r.NextRawPart()
		if err != nil {
			return nil
		}
		if t, _, _ := strings.Cut(p.Header.Get("Content-Type"), ";"); !strings.EqualFold(strings.TrimSpace(t), SDPType) {
			continue
		}
		if sdp, err := io.ReadAll(p); err == nil {
			return sdp
		}
	}
	return nil
}

// SetSDP makes a session description the body; nil: none.
func SetSDP(m interface {
	AppendHeader(sip.Header)
	SetBody([]byte)
}, sdp []byte,
) {
	if sdp == nil {
		return
	}
	t := sip.ContentTypeHeader(SDPType)
	m.AppendHeader(&t)
	m.SetBody(sdp)
}
