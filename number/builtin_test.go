//go:build !race

package number

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

var update = flag.Bool("update", false, "write regions/* anew")

// The tables that are built in say what libphonenumber says; -update writes them. `make check` runs this: with the race detector it
// would take a minute.
func TestBuiltinRegions(t *testing.T) {
	places, mobile := mobileTables()
	for name, want := range map[string][]byte{"areas.csv": areasTable(), "places.csv": places, "mobile.bin": mobile} {
		path := "regions/" + name
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what libphonenumber says (%v): run make regions", path, err)
		}
	}
}

// areasTable is areas.csv.
func areasTable() []byte {
	var b bytes.Buffer
	row := func(code int) {
		text := strconv.Itoa(code)
		nsn, _ := strconv.ParseUint((text + "00000000")[:10], 10, 64)
		p, shared, ok := describe(nsn)
		if !ok {
			return
		}
		word := ""
		if shared {
			word = "shared"
		}
		fmt.Fprintf(&b, "%d,%s,%s,%s\n", code, p.province, p.city, word)
	}
	row(10)
	for code := 20; code <= 29; code++ {
		row(code)
	}
	for code := 310; code <= 999; code++ {
		row(code)
	}
	return b.Bytes()
}

// mobileTables are places.csv and mobile.bin.
func mobileTables() (places, mobile []byte) {
	ids := map[place]uint64{{}: 0}
	var run, last uint64
	put := func() {
		mobile = binary.AppendUvarint(binary.AppendUvarint(mobile, run), last)
	}
	for prefix := uint64(firstPrefix); prefix <= lastPrefix; prefix++ {
		p, _, _ := describe(prefix * 10_000)
		id, known := ids[p]
		if !known {
			id = uint64(len(ids))
			ids[p] = id
			places = fmt.Appendf(places, "%s,%s\n", p.province, p.city)
		}
		if id != last && run > 0 {
			put()
			run = 0
		}
		last, run = id, run+1
	}
	put()
	return places, mobile
}

// describe asks libphonenumber where a national significant number is. ok is false when it does not know or says only "China".
func describe(nsn uint64) (p place, shared, ok bool) {
	text, err := phonenumbers.GetGeocodingForNumber(chinese(nsn), "zh")
	if err != nil {
		return place{}, false, false
	}
	return readPlace(text)
}
