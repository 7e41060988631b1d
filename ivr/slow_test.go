package ivr

import (
	"runtime"
	"strings"
	"testing"

	"hotline/internal/yamldoc"
	"hotline/ivr/form"
)

// hostile are files made to cost much: each is about n bytes long.
var hostile = map[string]func(n int) string{
	"keys":             func(n int) string { return fill("a: b\n", n) },
	"different keys":   differentKeys,
	"keys in brackets": func(n int) string { return "{" + fill("a: b,", n) + "}" },
	"open keys":        func(n int) string { return "{" + fill("a: b,", n) },
	"keys in a line":   func(n int) string { return fill("a: ", n) },
	"quotes":           func(n int) string { return fill(`"`, n) },
	"quoted texts":     func(n int) string { return fill(`"a" `, n) },
	"lines of text":    func(n int) string { return fill("a\n", n) },
	"spaces":           func(n int) string { return fill(" \n", n) },
	"literal":          func(n int) string { return "a: |\n" + fill(" a\n", n) },
	"folded":           func(n int) string { return "a: >\n" + fill(" a\n", n) },
	"list":             func(n int) string { return fill("- a\n", n) },
	"list in brackets": func(n int) string { return "a: [" + fill("a,", n) + "]" },
	"open list":        func(n int) string { return "a: [" + fill("a,", n) },
	"comments":         func(n int) string { return fill("# a\n", n) },
	"documents":        func(n int) string { return fill("---\n", n) },
	"anchors":          func(n int) string { return fill("&a ", n) },
	"aliases":          func(n int) string { return fill("- *a\n", n) },
	"tags":             func(n int) string { return fill("!a ", n) },
	"indented":         indented,
	"nodes":            func(n int) string { return head + fill("  n: {type: echo}\n", n) },
	"dollar":           func(n int) string { return head + "  a: {type: topic, topic: '" + fill("${a}", n) + "', next: a}" },
}

func fill(line string, n int) string { return strings.Repeat(line, n/len(line)) }

func differentKeys(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString("k" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + ": b\n")
	}
	return b.String()
}

func indented(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// spent is what reading a file allocates.
func spent(src string) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _ = Read("f.yml", []byte(src))
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Reading costs in proportion to the file, whatever it holds: twice the file is about twice the work. The keys of one mapping are the
// exception, at the parser's square, which is what form.MaxLines is for. How long the largest files take is BenchmarkReadHostile's to say.
func TestReadCostsInProportion(t *testing.T) {
	const size = 8 << 10
	for name, file := range hostile {
		most := 2.9
		if name == "keys" || name == "different keys" {
			most = 4.2
		}
		small, large := spent(file(size)), spent(file(2*size))
		if times := float64(large) / float64(small); times > most && large > 1<<20 {
			t.Errorf("%s: twice the %d bytes take %.1f times as much (%d and %d), want %.1f at most", name, size, times, small, large, most)
		}
	}
}

// A file at the limits is read, or refused by them, without the parser seeing more.
func TestReadRefusesBySizeBeforeItParses(t *testing.T) {
	for name, src := range map[string]string{
		"bytes":       strings.Repeat(" ", form.MaxSource+1),
		"lines":       strings.Repeat("\n", form.MaxLines+1),
		"brackets":    strings.Repeat("[", yamldoc.MaxNested+1),
		"lists":       strings.Repeat("- ", yamldoc.MaxNested+1),
		"many errors": head + fill("  n: {type: sing}\n", form.MaxSource/2),
	} {
		_, err := Read("f.yml", []byte(src))
		if err == nil {
			t.Errorf("%s: was read", name)
			continue
		}
		if got := strings.Count(err.Error(), "\n") + 1; got > form.MaxTold {
			t.Errorf("%s: got %d problems, want %d at most", name, got, form.MaxTold)
		}
	}
}

func BenchmarkReadHostile(b *testing.B) {
	for name, file := range hostile {
		src := []byte(file(form.MaxSource - 100))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				_, _ = Read("f.yml", src)
			}
		})
	}
}
