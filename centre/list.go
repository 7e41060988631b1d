package centre

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Query chooses items of a kind. The zero value is all of them, in their order.
type Query struct {
	Search string   // part of any text of the item, in any letter case
	Where  []string // "field=value", or "field" for items that have it; all must hold
	Sort   string   // a field, "-" before it for the largest first; "": the order of the centre
	Offset int
	Limit  int // 0 for all
}

// List is a page of the items of a kind that a query chooses, and how many there are on all pages.
func (e *Editor) List(ctx context.Context, kind string, q Query) (page []Item, total int, err error) {
	items, err := e.Items(ctx, kind)
	if err != nil {
		return nil, 0, err
	}
	rows := make([]row, 0, len(items))
	for _, item := range items {
		r := row{Item: item, fields: map[string]any{}}
		var fields map[string]any
		if err := json.Unmarshal(item.Item, &fields); err != nil {
			return nil, 0, fmt.Errorf("read %s %s: %w", kind, item.ID, err)
		}
		flatten("", fields, r.fields)
		if r.fits(q) {
			rows = append(rows, r)
		}
	}
	if name, down := strings.CutPrefix(q.Sort, "-"); name != "" {
		slices.SortStableFunc(rows, func(a, b row) int {
			c := compare(a.fields[name], b.fields[name])
			if down {
				return -c
			}
			return c
		})
	}
	total = len(rows)
	from := min(max(q.Offset, 0), total)
	to := total
	if q.Limit > 0 {
		to = min(total, from+q.Limit)
	}
	for _, r := range rows[from:to] {
		page = append(page, r.Item)
	}
	return page, total, nil
}

type row struct {
	Item
	fields map[string]any
}

func (r row) fits(q Query) bool {
	for _, w := range q.Where {
		name, value, valued := strings.Cut(w, "=")
		has, ok := r.fields[name]
		if !valued && !ok || valued && !holds(has, value) {
			return false
		}
	}
	if q.Search == "" {
		return true
	}
	word := strings.ToLower(q.Search)
	for name, v := range r.fields {
		if mentions(v, word) || strings.Contains(name, ".") && strings.Contains(strings.ToLower(name), word) {
			return true // the names of a mapping, such as queues of a person, are words of the item
		}
	}
	return false
}

// holds is true for the value itself and for a list that has it.
func holds(v any, value string) bool {
	if all, ok := v.([]any); ok {
		return slices.ContainsFunc(all, func(one any) bool { return holds(one, value) })
	}
	if fields, ok := v.(map[string]any); ok {
		for _, one := range fields {
			if holds(one, value) {
				return true
			}
		}
		return false
	}
	if v == nil {
		return value == ""
	}
	return fmt.Sprint(v) == value
}

func mentions(v any, word string) bool {
	switch v := v.(type) {
	case string:
		return strings.Contains(strings.ToLower(v), word)
	case []any:
		return slices.ContainsFunc(v, func(one any) bool { return mentions(one, word) })
	case map[string]any:
		for name, one := range v {
			if strings.Contains(strings.ToLower(name), word) || mentions(one, word) {
				return true
			}
		}
	case float64:
		return fmt.Sprint(v) == word
	}
	return false
}

// compare orders numbers, times such as 90s, and texts in any letter case; what is missing comes first.
func compare(a, b any) int {
	if a == nil || b == nil {
		return cmp.Compare(boolInt(a != nil), boolInt(b != nil))
	}
	if x, ok := a.(float64); ok {
		if y, ok := b.(float64); ok {
			return cmp.Compare(x, y)
		}
	}
	s, t := fmt.Sprint(a), fmt.Sprint(b)
	x, err := time.ParseDuration(s)
	y, err2 := time.ParseDuration(t)
	if err == nil && err2 == nil {
		return cmp.Compare(x, y)
	}
	return strings.Compare(strings.ToLower(s), strings.ToLower(t))
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
