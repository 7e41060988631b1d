package spoken

// mandarin says numbers in Mandarin Chinese.
type mandarin struct{}

// number says 0 to 99,999,999 in groups of four digits: 一万零二十.
func (m mandarin) number(n int) []string {
	if n == 0 {
		return []string{whole(0)}
	}
	if n < 10_000 {
		return m.group(n, true)
	}
	words := m.group(n/10_000, true)
	if n/10_000 == 2 {
		words = []string{"liang"}
	}
	words = append(words, "ten-thousand")
	rest := n % 10_000
	if rest == 0 {
		return words
	}
	if rest < 1000 {
		words = append(words, whole(0))
	}
	return append(words, m.group(rest, false)...)
}

// group says 1 to 9999. At the start of a number ten is 十; within it, 一十.
func (m mandarin) group(n int, first bool) []string {
	var words []string
	skipped := false
	for _, place := range []struct {
		size int
		word string
	}{{1000, "thousand"}, {100, "hundred"}} {
		d := n / place.size
		n %= place.size
		if d == 0 {
			skipped = len(words) > 0
			continue
		}
		words = append(words, m.factor(d), place.word)
	}
	if n == 0 {
		return words
	}
	if len(words) > 0 && (n < 10 || skipped) {
		words = append(words, whole(0))
	}
	return append(words, m.tens(n, first && len(words) == 0)...)
}

// factor is a digit before 百 and 千: 2 is 两 there.
func (m mandarin) factor(d int) string {
	if d == 2 {
		return "liang"
	}
	return whole(d)
}

// tens says 1 to 99. The set has recordings of 10 to 19 and of the full tens.
func (m mandarin) tens(n int, first bool) []string {
	switch {
	case n >= 10 && n < 20 && !first:
		return []string{whole(1), whole(n)}
	case n < 20 || n%10 == 0:
		return []string{whole(n)}
	}
	return []string{whole(n - n%10), whole(n % 10)}
}

func (m mandarin) counted(n int) []string {
	if n == 2 {
		return []string{"liang"}
	}
	return m.number(n)
}

func (m mandarin) phone(c byte) string {
	if c == '1' {
		return "yao"
	}
	return digit(c)
}

func (m mandarin) ahead(n int) []string {
	if n == 0 {
		return []string{"position-next"}
	}
	words := append([]string{"position-before"}, m.counted(n)...)
	return append(words, "position-after")
}

func (m mandarin) unit(n int, unit string) []string {
	return append(m.counted(n), unit+"s")
}

func (m mandarin) clock(hour, minute int) []string {
	words := append(m.counted(hour), "clock-hour")
	if minute == 0 {
		return append(words, "clock-sharp")
	}
	if minute < 10 {
		words = append(words, whole(0))
	}
	return append(append(words, m.number(minute)...), "clock-minute")
}
