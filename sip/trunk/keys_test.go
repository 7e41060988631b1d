package trunk

import "testing"

func TestReadKeys(t *testing.T) {
	for _, row := range []struct {
		words []string
		want  Keys
		ok    bool
	}{
		{nil, Keys{}, true},
		{[]string{"rfc4733", "info", "inband"}, Keys{true, true, true}, true},
		{[]string{"INBAND"}, Keys{Tones: true}, true},
		{[]string{"rfc2833"}, Keys{}, false},
		{[]string{"info", "info"}, Keys{}, false},
	} {
		got, err := ReadKeys(row.words)
		if got != row.want || (err == nil) != row.ok {
			t.Errorf("%v: %+v, %v", row.words, got, err)
		}
		if row.ok && got.Any() != (len(row.words) == 0) {
			t.Errorf("%v: Any is %v", row.words, got.Any())
		}
	}
}
