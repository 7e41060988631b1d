package store

import (
	"strings"
	"unicode"

	"hotline/ticket"
)

// SQLite's full text search takes a run of Chinese for one word, and its trigrams need three characters; people search
// for two. So Chinese is cut here into overlapping pairs, "退款问题" into "退款 款问 问题", and the last character stands
// alone once more, so that every single one can be found as the beginning of a word.

// ticketWords is the text a ticket is found by, cut into words.
func ticketWords(t ticket.Ticket) string {
	var b strings.Builder
	add := func(s string) {
		for _, w := range splitWords(s) {
			for _, token := range w.tokens(true) {
				b.WriteString(token)
				b.WriteByte(' ')
			}
		}
	}
	add(t.Number)
	add(t.Subject)
	add(t.Topic)
	add(t.Region)
	for _, n := range t.Notes {
		add(n.Text)
	}
	return b.String()
}

// matchWords is the FTS5 expression that finds all words of a text: Chinese anywhere, other words by their beginning. Each
// is quoted and holds letters and digits only, so that nothing a person types can be taken for an operator. Empty when
// the text has no word.
func matchWords(text string) string {
	var terms []string
	for _, w := range splitWords(text) {
		term := `"` + strings.Join(w.tokens(false), " ") + `"`
		if !w.han || len([]rune(w.text)) == 1 {
			term += "*"
		}
		terms = append(terms, term)
	}
	return strings.Join(terms, " AND ")
}

// word is a run of letters and digits that is either all Chinese (or Japanese, Korean) or has none of it.
type word struct {
	text string
	han  bool
}

// tokens is the word as FTS5 sees it; ending adds the last character alone.
func (w word) tokens(ending bool) []string {
	runes := []rune(w.text)
	if !w.han || len(runes) == 1 {
		return []string{w.text}
	}
	var pairs []string
	for i := range len(runes) - 1 {
		pairs = append(pairs, string(runes[i:i+2]))
	}
	if ending {
		pairs = append(pairs, string(runes[len(runes)-1]))
	}
	return pairs
}

func splitWords(s string) []word {
	var (
		words []word
		run   []rune
		han   bool
	)
	flush := func() {
		if len(run) > 0 {
			words = append(words, word{string(run), han})
		}
		run = nil
	}
	for _, r := range s {
		r = narrow(r)
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			flush()
			continue
		}
		is := unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
		if is != han {
			flush()
			han = is
		}
		run = append(run, r)
	}
	flush()
	return words
}

// narrow brings full-width letters and digits to their usual form, and all letters to one case.
func narrow(r rune) rune {
	if r >= '！' && r <= '～' {
		r -= '！' - '!'
	}
	return unicode.ToLower(r)
}
