// Package prompt keeps the prompts that people upload: it reads WAV and MP3, brings them to 8 kHz mono at one loudness, and keeps
// them as LANGUAGE/NAME.wav in the node's prompts folder, over those that are shipped.
//
// It plays nothing and is no general audio library: see package media/wav for what is read.
package prompt

import (
	"fmt"
	"regexp"
	"time"
)

// MaxLength is the longest prompt that can be uploaded; MaxBytes the largest file.
const (
	MaxLength = 10 * time.Minute
	MaxBytes  = 50 << 20
)

// Prompt is one sentence, sound or piece of music.
type Prompt struct {
	Language string        `json:"language" doc:"zh, en ...; any for sounds without words"`
	Name     string        `json:"name"`
	Length   time.Duration `json:"length" doc:"nanoseconds"`
	Bytes    int64         `json:"bytes"`
	Shipped  bool          `json:"shipped" doc:"came with Hotline; false: uploaded, or put into the folder"`
	Replaces bool          `json:"replaces,omitempty" doc:"is heard instead of a shipped one"`
	Text     string        `json:"text,omitempty" doc:"what it says, where that is known"`
}

// Fault is an error that is told to who asked.
type Fault struct{ Kind, Text string }

// Error is the sentence.
func (f *Fault) Error() string { return f.Text }

// Fault is the kind (invalid, too-large, not-found, conflict) and the sentence.
func (f *Fault) Fault() (kind, sentence string) { return f.Kind, f.Text }

// Is tells faults of one kind.
func (f *Fault) Is(target error) bool {
	t, ok := target.(*Fault)
	return ok && t.Kind == f.Kind && t.Text == ""
}

// What errors of this package are, for errors.Is.
var (
	ErrInvalid  error = &Fault{Kind: "invalid"}   // a name, or sound that cannot be read
	ErrTooLarge error = &Fault{Kind: "too-large"} // too long, or too many bytes
	ErrNotFound error = &Fault{Kind: "not-found"}
	ErrShipped  error = &Fault{Kind: "conflict"} // shipped prompts cannot be removed
)

func fault(kind, format string, args ...any) error {
	return &Fault{Kind: kind, Text: fmt.Sprintf(format, args...)}
}

var (
	language = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$`)
	name     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)
)

// check refuses what could leave the folder, or could never be found again.
func check(lang, prompt string) error {
	if !language.MatchString(lang) {
		return fault("invalid", "A language is written zh, en or zh-HK, and any for sounds without words; not %q.", lang)
	}
	if !name.MatchString(prompt) {
		return fault("invalid", "A prompt's name has letters (A to Z), digits, - and _, 64 at most; not %q.", prompt)
	}
	return nil
}
