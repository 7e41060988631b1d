package tts

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// HTTP speaks by a web service: POST {"language": ..., "text": ...}, answered by a WAV file.
type HTTP struct {
	URL      string
	Header   map[string]string // such as Authorization; nil: none
	Client   *http.Client      // nil: http.DefaultClient
	Timeout  time.Duration     // 0: 5 s
	MaxBytes int               // of the answer; 0: 8 MiB
}

// Speak asks once. The error wraps ErrTooLong, ErrTooBig, ErrNoSound, ErrRefused or the error of the connection.
func (h *HTTP) Speak(ctx context.Context, language, text string) ([]int16, error) {
	if err := check(text); err != nil {
		return nil, fmt.Errorf("speak %d bytes: %w", len(text), err)
	}
	ctx, cancel := context.WithTimeout(ctx, orTimeout(h.Timeout))
	defer cancel()
	req, err := h.request(ctx, language, text)
	if err != nil {
		return nil, err
	}
	client := h.Client
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the speech service: %w", err)
	}
	defer func() { _ = res.Body.Close() }() // it was only read from
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask the speech service: %w: status %d", ErrRefused, res.StatusCode)
	}
	limit := orBytes(h.MaxBytes)
	file, err := io.ReadAll(io.LimitReader(res.Body, int64(limit)+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read from the speech service: %w", err)
	case len(file) > limit:
		return nil, fmt.Errorf("read from the speech service: %w", ErrTooBig)
	}
	return sound(file)
}

func (h *HTTP) request(ctx context.Context, language, text string) (*http.Request, error) {
	body, err := json.Marshal(map[string]string{"language": language, "text": text})
	if err != nil {
		return nil, fmt.Errorf("encode the text: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask the speech service: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "audio/wav")
	for name, value := range h.Header {
		req.Header.Set(name, value)
	}
	return req, nil
}
