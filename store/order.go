package store

import (
	"math"
	"strings"
)

// order is how a list is sorted: by columns, the later of which tell apart what is the same in those before, all of them up or down.
type order struct {
	columns []string
	down    bool
}

// orderOf is the order for a word of keys, which leads to a column, with - before it for the largest first; ties are the columns after that
// one, down to one that is unique. For a word that is not in keys it is ties alone, the largest first.
func orderOf(sort string, keys map[string]string, ties ...string) order {
	by, down := strings.CutPrefix(sort, "-")
	key, known := keys[by]
	switch {
	case !known:
		return order{ties, true}
	case key == ties[0]:
		return order{ties, down}
	}
	return order{append([]string{key}, ties...), down}
}

// past is true of all that comes after a place, whose values are expressions of SQL, one for each column of the longest order: a shorter
// one takes the last of them.
func (o order) past(values ...string) string {
	than := " > "
	if o.down {
		than = " < "
	}
	return "(" + strings.Join(o.columns, ", ") + ")" + than + "(" + strings.Join(values[len(values)-len(o.columns):], ", ") + ")"
}

// by is the clause that sorts.
func (o order) by() string {
	way := ""
	if o.down {
		way = " DESC"
	}
	return " ORDER BY " + strings.Join(o.columns, way+", ") + way
}

// edge is a number before all others: the place of the first page.
func (o order) edge() int64 {
	if o.down {
		return math.MaxInt64
	}
	return math.MinInt64
}
