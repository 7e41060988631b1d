package number

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Coverage says for how many of all valid mobile prefixes an atlas knows the city.
type Coverage struct {
	Rows []CoverageRow // by the three digits of the network, ascending; networks without valid prefixes are left out
}

// CoverageRow counts the seven-digit prefixes of one network.
type CoverageRow struct {
	Network  string // "138"; "all" in the sum
	Valid    int    // prefixes that can be numbers
	City     int    // of these, with a city
	Province int    // of these, with the province only
}

// Share is the part of the valid prefixes with a city, 0 to 1.
func (r CoverageRow) Share() float64 {
	if r.Valid == 0 {
		return 0
	}
	return float64(r.City) / float64(r.Valid)
}

// Sum adds the rows up.
func (c Coverage) Sum() CoverageRow {
	sum := CoverageRow{Network: "all"}
	for _, r := range c.Rows {
		sum.Valid += r.Valid
		sum.City += r.City
		sum.Province += r.Province
	}
	return sum
}

// String is a table of fixed-width lines for a terminal, the sum last.
func (c Coverage) String() string {
	var b strings.Builder
	b.WriteString("network    valid     city province only  share\n")
	for _, r := range append(c.Rows[:len(c.Rows):len(c.Rows)], c.Sum()) {
		fmt.Fprintf(&b, "%-7s %8d %8d %13d %5.1f%%\n", r.Network, r.Valid, r.City, r.Province, 100*r.Share())
	}
	return b.String()
}

// Coverage looks up every mobile prefix. It takes seconds: it is for an operator who has imported a table, not for calls.
func (a *Atlas) Coverage() Coverage {
	var c Coverage
	for network := firstPrefix / 10000; network <= lastPrefix/10000; network++ {
		if row := a.coverage(network); row.Valid > 0 {
			c.Rows = append(c.Rows, row)
		}
	}
	return c
}

// coverage counts one network, such as 138. Validity is asked once for a hundred prefixes: the plan of mobile numbers that
// libphonenumber carries distinguishes five digits at most, which a test holds it to.
func (a *Atlas) coverage(network int) CoverageRow {
	row := CoverageRow{Network: strconv.Itoa(network)}
	for hundred := network * 100; hundred < (network+1)*100; hundred++ {
		if !validMobile(uint64(hundred) * 1_000_000) {
			continue
		}
		for prefix := hundred * 100; prefix < (hundred+1)*100; prefix++ {
			row.Valid++
			switch r := a.mobile(strconv.Itoa(prefix) + "0000"); {
			case r.City != "":
				row.City++
			case r.Province != "":
				row.Province++
			}
		}
	}
	return row
}

// validMobile says whether a national significant number is a valid mobile number.
func validMobile(nsn uint64) bool {
	pn := chinese(nsn)
	return phonenumbers.IsValidNumber(pn) && phonenumbers.GetNumberType(pn) == phonenumbers.MOBILE
}
