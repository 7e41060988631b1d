package spoken

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	for _, c := range []struct{ language, kind, text, want string }{
		{"zh", "number", "0", "n0"},
		{"zh", "number", "2", "n2"},
		{"zh", "number", "12", "n12"},
		{"zh", "number", "22", "n20 n2"},
		{"zh", "number", "200", "liang hundred"},
		{"zh", "number", "202", "liang hundred n0 n2"},
		{"zh", "number", "110", "n1 hundred n1 n10"},
		{"zh", "number", "1005", "n1 thousand n0 n5"},
		{"zh", "number", "1050", "n1 thousand n0 n50"},
		{"zh", "number", "2222", "liang thousand liang hundred n20 n2"},
		{"zh", "number", "10000", "n1 ten-thousand"},
		{"zh", "number", "20020", "liang ten-thousand n0 n20"},
		{"zh", "number", "120015", "n12 ten-thousand n0 n1 n15"},
		{"zh", "digits", "1203", "n1 n2 n0 n3"},
		{"zh", "phone", "+86 138", "n8 n6 yao n3 n8"},
		{"zh", "position", "1", "position-next"},
		{"zh", "position", "3", "position-before liang position-after"},
		{"zh", "position", "13", "position-before n12 position-after"},
		{"zh", "seconds", "2", "liang seconds"},
		{"zh", "seconds", "60", "n1 minutes"},
		{"zh", "seconds", "150", "liang minutes n30 seconds"},
		{"zh", "time", "15:04", "n15 clock-hour n0 n4 clock-minute"},
		{"zh", "time", "2:00", "liang clock-hour clock-sharp"},
		{"zh", "time", "25:00", "n2 n5 n0 n0"},
		{"zh", "number", "-5", "n5"},
		{"zh", "number", "many", ""},
		{"zh", "number", "999999999999", "n9 n9 n9 n9 n9 n9 n9 n9 n9 n9 n9 n9"},
		{"en", "number", "0", "n0"},
		{"en", "number", "21", "n20 n1"},
		{"en", "number", "105", "n1 hundred and n5"},
		{"en", "number", "1200", "n1 thousand n2 hundred"},
		{"en", "number", "2000340", "n2 million n3 hundred and n40"},
		{"en", "phone", "101", "n1 n0 n1"},
		{"en", "position", "0", "position-next"},
		{"en", "position", "2", "position-one"},
		{"en", "position", "5", "position-before n4 position-after"},
		{"en", "seconds", "61", "n1 minute n1 second"},
		{"en", "seconds", "0", "n0 seconds"},
		{"en", "time", "09:30", "n9 n30"},
		{"en", "time", "09:05", "n9 n0 n5"},
		{"en", "time", "12:00", "n12 clock-sharp"},
	} {
		got := Words(c.language, c.kind, c.text)
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s %s %q: got %v, want %s", c.language, c.kind, c.text, got, c.want)
		}
	}
}

// TestWordsAreRecorded keeps the words that are said few: each must be in the prompt set.
func TestWordsAreRecorded(t *testing.T) {
	known := map[string]bool{}
	for _, name := range strings.Fields(`n0 n1 n2 n3 n4 n5 n6 n7 n8 n9 n10 n11 n12 n13 n14 n15 n16 n17 n18 n19
		n20 n30 n40 n50 n60 n70 n80 n90 liang yao and hundred thousand ten-thousand million second seconds minute minutes
		clock-hour clock-sharp clock-minute position-next position-one position-before position-after`) {
		known[name] = true
	}
	used := map[string]bool{}
	for _, language := range []string{"zh", "en"} {
		for _, kind := range Kinds() {
			for _, text := range []string{"0", "1", "2", "11", "29", "101", "1234", "20500", "99999999", "0:05", "12:00", "23:59", "garbage"} {
				for _, word := range Words(language, kind, text) {
					used[word] = true
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		if !known[name] {
			t.Errorf("%q is said, which is not recorded", name)
		}
	}
}
