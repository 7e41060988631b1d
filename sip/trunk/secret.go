package trunk

import (
	"fmt"
	"log/slog"

	"hotline/sip/digest"
)

// hidden stands for a secret wherever one would be printed.
const hidden = "***"

// Secret is a password that no formatter, logger or encoder prints; Reveal gives it.
type Secret string

// Reveal is the password in clear, for the code that answers a challenge or stores the trunk.
func (s Secret) Reveal() string { return string(s) }

// Format implements fmt.Formatter for all verbs.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// MarshalText keeps the secret out of JSON, YAML and XML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue keeps the secret out of slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// HA1 answers a challenge of the carrier: it fits session.Dialling.HA1. "": the trunk has no credentials.
func (t Trunk) HA1(realm, algorithm string) string {
	if t.User == "" {
		return ""
	}
	return digest.HA1(digest.Algorithm(algorithm), t.User, realm, string(t.Password))
}
