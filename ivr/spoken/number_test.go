package spoken

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// wordValue reads "n15" as 15.
func wordValue(t *testing.T, word string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimPrefix(word, "n"))
	if err != nil {
		t.Fatalf("%q is no number word", word)
	}
	return n
}

// hearMandarin is the number that somebody understands from the words.
func hearMandarin(t *testing.T, words []string) int {
	t.Helper()
	total, section, digit := 0, 0, 0
	for _, w := range words {
		switch w {
		case "liang":
			digit = 2
		case "hundred", "thousand":
			section += digit * map[string]int{"hundred": 100, "thousand": 1000}[w]
			digit = 0
		case "ten-thousand":
			total, section, digit = total+(section+digit)*10_000, 0, 0
		default:
			n := wordValue(t, w)
			if digit == 1 && n >= 10 && n < 20 {
				digit = 0 // 一十五 is 15
			}
			digit += n
		}
	}
	return total + section + digit
}

// hearEnglish is the same in English.
func hearEnglish(t *testing.T, words []string) int {
	t.Helper()
	total, part := 0, 0
	for _, w := range words {
		switch w {
		case "and":
		case "hundred":
			part *= 100
		case "thousand":
			total, part = total+part*1000, 0
		case "million":
			total, part = total+part*1_000_000, 0
		default:
			part += wordValue(t, w)
		}
	}
	return total + part
}

// What is said can be understood again, for every number: nobody hears another amount than is owed.
func TestNumbersAreUnderstood(t *testing.T) {
	random := rand.New(rand.NewPCG(20, 26))
	numbers := []int{0, 1, 9, 10, 11, 19, 20, 21, 99, 100, 101, 110, 111, 999, 1000, 1001, 1010, 1100, 9999, 10_000, 10_001, 10_010, 20_002, 99_999_999}
	for range 20_000 {
		n := random.IntN(100_000_000)
		for range random.IntN(8) { // shorter ones, and ones with zeros
			n /= 10
		}
		if random.IntN(2) == 0 {
			n = n / 100 * 100
		}
		numbers = append(numbers, n)
	}
	for _, n := range numbers {
		zh, en := mandarin{}.number(n), english{}.number(n)
		if got := hearMandarin(t, zh); got != n {
			t.Fatalf("%d: %v is heard as %d", n, zh, got)
		}
		if got := hearEnglish(t, en); got != n {
			t.Fatalf("%d: %v is heard as %d", n, en, got)
		}
		if n > 0 {
			checkZeros(t, n, zh)
		}
	}
}

// checkZeros is the rule of 零: never first, last or twice.
func checkZeros(t *testing.T, n int, words []string) {
	t.Helper()
	if words[0] == "n0" || words[len(words)-1] == "n0" || strings.Contains(strings.Join(words, " "), "n0 n0") {
		t.Fatalf("%d: %v has a zero where none is said", n, words)
	}
}

// Times of day and lengths of time are understood again too.
func TestTimesAreUnderstood(t *testing.T) {
	for hour := range 24 {
		for minute := range 60 {
			words := mandarin{}.clock(hour, minute)
			at := slices.Index(words, "clock-hour")
			if got := hearMandarin(t, words[:at]); got != hour {
				t.Fatalf("%02d:%02d: %v", hour, minute, words)
			}
			rest := words[at+1:]
			if minute == 0 && !slices.Equal(rest, []string{"clock-sharp"}) || minute > 0 && hearMandarin(t, rest[:len(rest)-1]) != minute {
				t.Fatalf("%02d:%02d: %v", hour, minute, words)
			}
		}
	}
	for seconds := range 4000 {
		got := 0
		var words []string
		for _, w := range length(english{}, seconds) {
			switch strings.TrimSuffix(w, "s") {
			case "minute":
				got, words = got+60*hearEnglish(t, words), nil
			case "second":
				got, words = got+hearEnglish(t, words), nil
			default:
				words = append(words, w)
			}
		}
		if got != seconds {
			t.Fatalf("%d s are heard as %d", seconds, got)
		}
	}
}
