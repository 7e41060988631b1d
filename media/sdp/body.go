package sdp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"strings"
)

// ContentType is the media type of a description (RFC 8866 section 8.2.1).
const ContentType = "application/sdp"

// maxParts bounds what Body looks through; SIP-I and PIDF-LO bodies have two or three parts.
const maxParts = 16

// Body finds the description in the body of a SIP message: the whole of it, or the first application/sdp part of
// a multipart one (RFC 5621 section 3). Without a content type a body that starts like a description is one. It returns
// nil and no error when there is none, and an error wrapping ErrSyntax when a multipart body is broken before one.
func Body(contentType string, body []byte) ([]byte, error) {
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil && kind == "" {
		kind, _, _ = strings.Cut(contentType, ";")
		kind = strings.ToLower(strings.TrimSpace(kind))
	}
	switch {
	case len(body) == 0:
		return nil, nil
	case kind == ContentType, kind == "" && bytes.HasPrefix(bytes.TrimSpace(body), []byte("v=0")):
		return body, nil
	case strings.HasPrefix(kind, "multipart/") && parameters["boundary"] != "":
		return part(multipart.NewReader(bytes.NewReader(body), parameters["boundary"]))
	}
	return nil, nil
}

// part is the first description among the parts.
func part(parts *multipart.Reader) ([]byte, error) {
	for range maxParts {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: read a part: %w", ErrSyntax, err)
		}
		kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if kind != ContentType {
			continue
		}
		found, err := io.ReadAll(io.LimitReader(p, maxBytes+1))
		if err != nil {
			return nil, fmt.Errorf("%w: read the description's part: %w", ErrSyntax, err)
		}
		return found, nil
	}
	return nil, nil
}
