package spoken

// english says numbers in British English.
type english struct{}

// number says 0 to 99,999,999: one hundred and five.
func (e english) number(n int) []string {
	if n == 0 {
		return []string{whole(0)}
	}
	var words []string
	for _, place := range []struct {
		size int
		word string
	}{{1_000_000, "million"}, {1000, "thousand"}, {100, "hundred"}} {
		if d := n / place.size; d > 0 {
			words = append(append(words, e.number(d)...), place.word)
			n %= place.size
		}
	}
	if n == 0 {
		return words
	}
	if len(words) > 0 {
		words = append(words, "and")
	}
	return append(words, e.tens(n)...)
}

func (e english) tens(n int) []string {
	if n < 20 || n%10 == 0 {
		return []string{whole(n)}
	}
	return []string{whole(n - n%10), whole(n % 10)}
}

func (e english) phone(c byte) string { return digit(c) }

func (e english) ahead(n int) []string {
	switch n {
	case 0:
		return []string{"position-next"}
	case 1:
		return []string{"position-one"}
	}
	words := append([]string{"position-before"}, e.number(n)...)
	return append(words, "position-after")
}

func (e english) unit(n int, unit string) []string {
	if n != 1 {
		unit += "s"
	}
	return append(e.number(n), unit)
}

func (e english) clock(hour, minute int) []string {
	words := e.number(hour)
	switch {
	case minute == 0:
		return append(words, "clock-sharp")
	case minute < 10:
		words = append(words, whole(0))
	}
	return append(words, e.number(minute)...)
}
