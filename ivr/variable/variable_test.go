package variable

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

// Whatever a caller's value holds, it comes out of a URL, a JSON text and a header line as the value alone.
func FuzzEscapes(f *testing.F) {
	f.Add("a&b=c#d?e/f:g@h")
	f.Add("\"}, {\"x\": \"\r\nHost: evil\x00\u2028")
	f.Add("\xff\xfe")
	f.Fuzz(func(t *testing.T, value string) {
		if got, err := url.QueryUnescape(InURL(value)); err != nil || got != value {
			t.Errorf("URL: got %q, %v, want %q", got, err, value)
		}
		if u, err := url.Parse("http://x.example/p?q=" + InURL(value)); err != nil || u.Host != "x.example" || u.Fragment != "" || len(u.Query()) != 1 {
			t.Errorf("URL: %q makes %v, %v", value, u, err)
		}
		var got map[string]string
		err := json.Unmarshal([]byte(`{"v": "`+InJSON(value)+`"}`), &got)
		if want := strings.ToValidUTF8(value, "\uFFFD"); err != nil || len(got) != 1 || got["v"] != want {
			t.Errorf("JSON: got %q, %v, want %q", got, err, want)
		}
		if line := InLine(value); strings.ContainsAny(line, "\r\n\x00\x7f") {
			t.Errorf("header: %q keeps a control character", line)
		}
	})
}

func FuzzText(f *testing.F) {
	f.Add("a ${b} $ ${c}")
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := Parse(text)
		if err != nil {
			return
		}
		if got := parsed.Fill(func(name string) string { return "${" + name + "}" }, nil); got != text {
			t.Errorf("got %q, want %q back", got, text)
		}
	})
}
