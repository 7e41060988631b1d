package gate

import (
	"slices"
	"strings"
)

// Paging is what every list takes that is searched and paged in memory; each has fields of its own to sort by.
type Paging struct {
	Search string `query:"search" maxLength:"100" doc:"part of what a line shows"`
	Offset int    `query:"offset" minimum:"0"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// Has is true where one of a line's texts holds what is searched, in whatever case; nothing searched is in every line.
func (p Paging) Has(texts ...string) bool {
	sought := strings.ToLower(p.Search)
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(strings.ToLower(text), sought) })
}

// Paged is a page of the lines that fit, in the order of the field that sort names (- before it: the largest first; "": as they came), and
// how many lines fit on all pages. The page is never nil; all may be changed.
func Paged[T any](all []T, p Paging, sort string, fits func(T) bool, compare func(a, b T, by string) int) (page []T, total int) {
	all = slices.DeleteFunc(all, func(line T) bool { return !fits(line) })
	if by, down := strings.CutPrefix(sort, "-"); by != "" {
		slices.SortStableFunc(all, func(a, b T) int {
			if down {
				a, b = b, a
			}
			return compare(a, b, by)
		})
	}
	from := min(p.Offset, len(all))
	return List(all[from:min(len(all), from+p.Limit)]), len(all)
}

// Folded orders two texts whatever their case.
func Folded(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }
