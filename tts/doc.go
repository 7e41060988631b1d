// Package tts turns text into sound: by a program, by a web service, and from a folder that remembers what was said before.
//
// All three are an ivr.Speaker: mono 16-bit samples at 8 kHz. It is not a voice itself, plays nothing and keeps no queue: who
// asks waits, so calls ask from a goroutine of their own.
package tts

import (
	"errors"
	"time"
	"unicode/utf8"
)

// Sentinels of this package.
var (
	ErrTooLong = errors.New("text too long")              // more than MaxText characters
	ErrTooBig  = errors.New("more sound than allowed")    // the speaker sent more than its limit
	ErrNoSound = errors.New("not a usable WAV")           // the speaker sent something else
	ErrRefused = errors.New("the speech service refused") // an HTTP status other than 200
)

// MaxText is how many characters are spoken at most: a prompt, not a book.
const MaxText = 1000

const (
	defaultTimeout = 5 * time.Second
	defaultBytes   = 8 << 20 // about three minutes at 22.05 kHz
)

func check(text string) error {
	if utf8.RuneCountInString(text) > MaxText {
		return ErrTooLong
	}
	return nil
}

func orTimeout(d time.Duration) time.Duration {
	if d <= 0 {
		return defaultTimeout
	}
	return d
}

func orBytes(n int) int {
	if n <= 0 {
		return defaultBytes
	}
	return n
}
