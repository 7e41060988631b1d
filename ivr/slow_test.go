package ivr

import (
	"strings"
	"testing"
	"time"
)

func TestReadIsQuickWhateverTheFile(t *testing.T) {
	indented := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.Repeat(" ", i) + "a:\n")
		}
		return b.String()
	}
	many := func(line string) string { return strings.Repeat(line, maxSource/len(line)) }
	for name, src := range map[string]string{
		"a flow of many nodes": head + strings.Repeat("  n: {type: echo}\n", 5000),
		"keys":                 many("a: b\n"),
		"keys, just enough":    strings.Repeat("a: b\n", maxLines),
		"keys in brackets":     "{" + strings.Repeat("a: b,", maxSource/5-10) + "}",
		"open keys":            "{" + strings.Repeat("a: b,", maxSource/5-10),
		"indented":             indented(700),
		"keys in a line":       many("a: "),
		"quotes":               many(`"`),
		"quoted texts":         many(`"a" `),
		"lines of text":        many("a\n"),
		"spaces":               many(" \n"),
		"literal":              "a: |\n" + strings.Repeat(" a\n", maxSource/4),
		"folded":               "a: >\n" + strings.Repeat(" a\n", maxSource/4),
		"list":                 many("- a\n"),
		"list in brackets":     "a: [" + strings.Repeat("a,", maxSource/2-10) + "]",
		"open list":            "a: [" + strings.Repeat("a,", maxSource/2-10),
		"comments":             many("# a\n"),
		"documents":            many("---\n"),
		"anchors":              many("&a "),
		"aliases":              many("- *a\n"),
		"tags":                 many("!a "),
		"dollar":               head + "  a: {type: topic, topic: '" + strings.Repeat("${a}", maxSource/5) + "', next: a}",
	} {
		began := time.Now()
		_, _ = Read("f.yml", []byte(src))
		took := time.Since(began)
		t.Logf("%s: %v", name, took)
		if took > 15*time.Second {
			t.Errorf("%s: reading %d bytes took %v", name, len(src), took)
		}
	}
}
