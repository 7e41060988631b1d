package number

import "fmt"

// Mobile prefixes are the first seven digits of a mobile number: three of the network and four of the area.
const (
	firstPrefix = 1300000
	lastPrefix  = 1999999
)

// The bounds of an imported table. A real one has about half a million rows and four hundred cities.
const (
	maxImport = 64 << 20 // bytes
	maxRows   = 1 << 20
	maxPlaces = 1 << 14
)

// Prefixes is an imported table of mobile prefixes. It is immutable once read; a nil *Prefixes is an empty one.
type Prefixes struct {
	places  []place  // places[0] is nowhere
	index   []uint16 // by prefix - firstPrefix
	rows    int
	skipped int
	version string
}

// Rows is the number of prefixes that the table gives a place for.
func (p *Prefixes) Rows() int {
	if p == nil {
		return 0
	}
	return p.rows
}

// Skipped is the number of entries that were left out because their province or prefix is none.
func (p *Prefixes) Skipped() int {
	if p == nil {
		return 0
	}
	return p.skipped
}

// Version is what the file calls itself, such as "2502" for February 2025; "" for a table from CSV.
func (p *Prefixes) Version() string {
	if p == nil {
		return ""
	}
	return p.version
}

// find looks up a mobile number by its first seven digits.
func (p *Prefixes) find(nsn string) (place, bool) {
	if p == nil || len(nsn) < 7 || !isDigits(nsn[:7], 7, 7) {
		return place{}, false
	}
	v := 0
	for i := range 7 {
		v = v*10 + int(nsn[i]-'0')
	}
	if v < firstPrefix || v > lastPrefix || p.index[v-firstPrefix] == 0 {
		return place{}, false
	}
	return p.places[p.index[v-firstPrefix]], true
}

// tableBuilder fills a Prefixes.
type tableBuilder struct {
	table *Prefixes
	ids   map[place]uint16
}

// newTable starts a table.
func newTable() *tableBuilder {
	t := &Prefixes{places: make([]place, 1), index: make([]uint16, lastPrefix-firstPrefix+1)}
	return &tableBuilder{table: t, ids: map[place]uint16{}}
}

// add gives a prefix its place. The same again is fine; another place for the same prefix is an error.
func (b *tableBuilder) add(prefix int, at place) error {
	id, known := b.ids[at]
	if !known {
		if len(b.table.places) > maxPlaces {
			return fmt.Errorf("more than %d different places", maxPlaces)
		}
		id = uint16(len(b.table.places))
		b.ids[at] = id
		b.table.places = append(b.table.places, at)
	}
	slot := &b.table.index[prefix-firstPrefix]
	switch *slot {
	case id:
		return nil
	case 0:
		*slot = id
		b.table.rows++
		return nil
	}
	was := b.table.places[*slot]
	return fmt.Errorf("prefix %d is %s/%s here and %s/%s before", prefix, at.province, at.city, was.province, was.city)
}

// isPrefix says whether v can be the first seven digits of a mobile number.
func isPrefix(v int) bool { return v >= firstPrefix && v <= lastPrefix }
