package number

import (
	_ "embed" // the tables
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
)

// The regions that are built in: libphonenumber's, written anew by `make regions`, which keeps its maps of 21 MB out of the process.
//
//	areas.csv   area code without 0, province, city, "shared" where several cities have the code
//	places.csv  province, city
//	mobile.bin  runs of mobile prefixes from firstPrefix on: how many, and which line of places.csv (0: unknown), as uvarints
var (
	//go:embed regions/areas.csv
	areasCSV string
	//go:embed regions/places.csv
	placesCSV string
	//go:embed regions/mobile.bin
	mobileBin []byte
)

// builtinAreas are the area codes in ascending order.
func builtinAreas() []areaCodeOf {
	var all []areaCodeOf
	for line := range strings.Lines(areasCSV) {
		f := strings.Split(strings.TrimSpace(line), ",")
		all = append(all, areaCodeOf{code: f[0], area: area{place: place{province: f[1], city: f[2], area: "0" + f[0]}, shared: f[3] != ""}})
	}
	return all
}

// areaCodeOf is a line of areas.csv.
type areaCodeOf struct {
	code string // without 0
	area
}

// builtinPrefixes is the table of mobile prefixes, read once.
var builtinPrefixes = sync.OnceValue(func() *Prefixes {
	t := newTable().table
	for line := range strings.Lines(placesCSV) {
		province, city, _ := strings.Cut(strings.TrimSpace(line), ",")
		t.places = append(t.places, place{province: province, city: city})
	}
	index, runs := t.index, mobileBin
	for len(runs) > 0 {
		n, a := binary.Uvarint(runs)
		id, b := binary.Uvarint(runs[max(a, 0):])
		if a <= 0 || b <= 0 || n > uint64(len(index)) || id >= uint64(len(t.places)) {
			panic(fmt.Sprintf("number: regions/mobile.bin is broken %d octets before its end: write it anew with make regions", len(runs)))
		}
		for i := range n {
			index[i] = uint16(id)
		}
		index, runs = index[n:], runs[a+b:]
		if id != 0 {
			t.rows += int(n)
		}
	}
	return t
})
