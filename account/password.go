package account

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Cost is what one argon2id hash takes (RFC 9106).
type Cost struct {
	Time    uint32 // passes
	Memory  uint32 // KiB
	Threads uint8
}

// DefaultCost takes some 30 to 90 ms of one core: dear for a guesser, cheap for a machine that also carries calls.
func DefaultCost() Cost { return Cost{Time: 2, Memory: 19 * 1024, Threads: 1} }

// The most a kept hash may ask for, so that an edited database cannot take the machine down.
const (
	timeMost   = 16
	memoryMost = 1 << 20 // KiB
	saltLen    = 16
	keyLen     = 32
)

// HashPassword makes an argon2id hash in the usual form: $argon2id$v=19$m=…,t=…,p=…$salt$key. The parameters travel with it.
func HashPassword(password string, c Cost) (string, error) {
	salt := make([]byte, saltLen)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("make a salt: %w", err)
	}
	key := argon2.IDKey([]byte(password), salt, c.Time, c.Memory, c.Threads, keyLen)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Time, c.Threads,
		enc.EncodeToString(salt), enc.EncodeToString(key)), nil
}

// VerifyPassword reports whether a password has a hash; false for a hash that cannot be read. Comparing takes the same
// time whatever differs.
func VerifyPassword(password, hash string) bool {
	c, salt, key, ok := readHash(hash)
	if !ok {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, c.Time, c.Memory, c.Threads, uint32(len(key))) //nolint:gosec // readHash bounds it
	return subtle.ConstantTimeCompare(got, key) == 1
}

// readHash takes a hash apart.
func readHash(hash string) (c Cost, salt, key []byte, ok bool) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, false
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Time, &c.Threads); n != 3 || err != nil {
		return c, nil, nil, false
	}
	if c.Time < 1 || c.Time > timeMost || c.Memory < 8 || c.Memory > memoryMost || c.Threads < 1 {
		return c, nil, nil, false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	key, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	return c, salt, key, err1 == nil && err2 == nil && len(salt) >= 8 && len(key) >= 16 && len(key) <= 64
}

const (
	passwordLeast = 10
	passwordMost  = 256
)

// guesses are what people type when ten characters are asked for.
var guesses = []string{
	"1234567890", "0123456789", "0987654321", "9876543210", "12345678910", "1q2w3e4r5t", "qwertyuiop", "password12", "password123",
	"password1234", "admin12345", "admin123456", "administrator", "1qaz2wsx3edc", "a123456789", "woaini1314", "5201314520", "hotline123", "hotline1234",
}

// CheckPassword refuses passwords that are too short, too long, known guesses, all one character, or made of the login.
func CheckPassword(password, login string) error {
	low := strings.ToLower(password)
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		return invalid("The password is no readable text.")
	case n < passwordLeast:
		return invalid(fmt.Sprintf("The password needs at least %d characters.", passwordLeast))
	case n > passwordMost:
		return invalid(fmt.Sprintf("The password may have %d characters at most.", passwordMost))
	case strings.Count(low, string([]rune(low)[0])) == n:
		return invalid("The password is one character over and over.")
	}
	if key := LoginKey(login); len(key) >= 3 && strings.Contains(low, key) && utf8.RuneCountInString(low)-utf8.RuneCountInString(key) < 6 {
		return invalid("The password is little more than the login.")
	}
	for _, g := range guesses {
		if low == g {
			return invalid("This password is one of the first that anybody would try.")
		}
	}
	return nil
}

// newSecret makes a random 256-bit secret and what is kept of it.
func newSecret(prefix string) (secret, hash string, err error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", "", fmt.Errorf("make a secret: %w", err)
	}
	secret = prefix + base64.RawURLEncoding.EncodeToString(raw)
	return secret, hashSecret(secret), nil
}

// hashSecret needs no salt and no cost: 100 random bits and more cannot be guessed.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
