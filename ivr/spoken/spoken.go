// Package spoken puts recorded words together: numbers, places in a queue, times and lengths of time, in Mandarin and in English.
// It knows the names of the recordings and in which order they are said; it plays nothing.
package spoken

import (
	"strconv"
	"strings"
)

// Kinds are the ways in which a value can be said; see Words.
func Kinds() []string { return []string{"number", "digits", "phone", "position", "seconds", "time"} }

// Words says a value in recordings, by the names of their files, of a language ("zh"; everything else is spoken as English):
//
//   - number: a whole number below 100 million, "12" as 十二; in Mandarin 2 is 两 before 百, 千 and 万
//   - digits: one by one, "12" as 一二
//   - phone: the same with 幺 for 1 in Mandarin
//   - position: a place in a queue, 1 is next: "3" as 您前面还有两位
//   - seconds: a length of time, "90" as 一分钟三十秒
//   - time: a time of day, "15:04" as 十五点零四分
//
// A text that is no such value is spelt digit by digit; characters that cannot be said are left out.
func Words(language, kind, text string) []string {
	if language == "zh" {
		return speak(mandarin{}, kind, text)
	}
	return speak(english{}, kind, text)
}

// voice is how one language puts recorded words together. Numbers are never negative.
type voice interface {
	number(n int) []string
	phone(digit byte) string
	ahead(n int) []string // so many callers before you
	unit(n int, unit string) []string
	clock(hour, minute int) []string
}

func speak(v voice, kind, text string) []string {
	n, err := strconv.Atoi(text)
	number := err == nil && n >= 0 && n < 100_000_000
	switch {
	case kind == "number" && number:
		return v.number(n)
	case kind == "position" && number:
		return v.ahead(max(n-1, 0))
	case kind == "seconds" && number:
		return length(v, n)
	case kind == "time":
		if hour, minute, ok := clock(text); ok {
			return v.clock(hour, minute)
		}
	}
	return spell(v, kind, text)
}

// spell says digits one by one.
func spell(v voice, kind, text string) []string {
	var words []string
	for _, c := range []byte(text) {
		switch {
		case c < '0' || c > '9':
		case kind == "phone":
			words = append(words, v.phone(c))
		default:
			words = append(words, digit(c))
		}
	}
	return words
}

// length says a time in minutes and seconds, leaving out what is zero.
func length(v voice, seconds int) []string {
	minutes := seconds / 60
	seconds %= 60
	var words []string
	if minutes > 0 {
		words = append(words, v.unit(minutes, "minute")...)
	}
	if seconds > 0 || minutes == 0 {
		words = append(words, v.unit(seconds, "second")...)
	}
	return words
}

// clock reads "15:04".
func clock(text string) (hour, minute int, ok bool) {
	h, m, found := strings.Cut(text, ":")
	hour, err1 := strconv.Atoi(h)
	minute, err2 := strconv.Atoi(m)
	ok = found && err1 == nil && err2 == nil && hour >= 0 && hour < 24 && minute >= 0 && minute < 60
	return hour, minute, ok
}

func digit(c byte) string { return "n" + string(c) }

func whole(n int) string { return "n" + strconv.Itoa(n) }
