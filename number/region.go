package number

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// The confidence of a Region, by what it comes from. Whatever the customer's record or an earlier ticket says is better than all of
// them: the prefix of a mobile number says where it was sold, not where its owner lives, and moves with nobody.
const (
	ConfidenceFixed    = 95 // a fixed line's area code
	ConfidenceImported = 90 // the operator's own table of mobile prefixes
	ConfidenceBuiltin  = 80 // libphonenumber's table of mobile prefixes, or the country of a foreign number
	ConfidenceShared   = 75 // an area code that several cities share: the largest of them
	ConfidenceProvince = 60 // the province alone
)

// Region is where a number comes from. The zero value is unknown, which is no reason to treat a call worse.
type Region struct {
	Country    string // ISO 3166 code such as "CN" or "HK"
	Province   string // short name such as "广东", "内蒙古", "香港"; "" outside these
	City       string // short name such as "广州", "延边"; for the four municipalities the same as Province; "" when only the province is known
	AreaCode   string // with its 0, such as "0755"; of a mobile number, that of its city; "" when unknown
	Confidence int    // 0 to 100; 0 is unknown
	Source     string // "area code", "imported prefix", "libphonenumber", "country code"; "" when unknown
}

// String is "广东/广州", "广东" when the city is unknown, "香港", an ISO code such as "US" for other countries, or "" for unknown.
func (r Region) String() string {
	switch {
	case r.City != "":
		return r.Province + "/" + r.City
	case r.Province != "":
		return r.Province
	case r.Country != "CN":
		return r.Country
	}
	return ""
}

// Known says whether at least the province, or a foreign country, is known.
func (r Region) Known() bool { return r.String() != "" }

// Atlas says where numbers come from. It is immutable and may be read by any number of goroutines at once.
type Atlas struct {
	areas    map[string]area  // by area code without 0
	codes    map[place]string // province and city (area "") -> area code with 0
	prefixes *Prefixes        // nil: only what is built in
}

// area is what an area code stands for.
type area struct {
	place
	shared bool
}

// NewAtlas makes an atlas from the tables that are built in, which know a city for three in five mobile prefixes and for nearly all
// area codes.
func NewAtlas() *Atlas {
	a := &Atlas{areas: make(map[string]area, 400), codes: make(map[place]string, 400)}
	for _, of := range builtinAreas() {
		a.areas[of.code] = of.area
		name := place{province: of.province, city: of.city}
		if _, taken := a.codes[name]; !taken { // several codes may have one city: the first keeps its name
			a.codes[name] = of.place.area
		}
	}
	return a
}

// HasCity says whether there is a city with an area code of that name, written as Region.City or Region.String has it.
func (a *Atlas) HasCity(name string) bool {
	province, city, both := strings.Cut(name, "/")
	if both {
		_, ok := a.codes[place{province: province, city: city}]
		return ok && city != ""
	}
	for p := range a.codes {
		if p.city == name && name != "" {
			return true
		}
	}
	return false
}

// With is a new atlas that asks p before the table built in. nil p takes the imported table away again.
func (a *Atlas) With(p *Prefixes) *Atlas {
	b := *a
	b.prefixes = p
	return &b
}

// Region is where a number comes from: the zero Region for all but valid mobile, fixed and foreign numbers. A 400 number, a
// service number and an extension belong to no city.
func (a *Atlas) Region(n Number) Region {
	switch {
	case n.E164 == "":
		return Region{}
	case n.Kind == Fixed:
		return a.fixed(n.National())
	case n.Kind == Mobile:
		return a.mobile(n.National())
	case n.Kind == Foreign:
		return foreignRegion(n)
	}
	return Region{}
}

// fixed looks up a fixed line by its area code.
func (a *Atlas) fixed(nsn string) Region {
	code := areaCode(nsn)
	found, ok := a.areas[code]
	if !ok {
		return Region{}
	}
	r := a.region(found.place, ConfidenceFixed, "area code")
	if found.shared {
		r.Confidence = ConfidenceShared
	}
	r.AreaCode = "0" + code
	return r
}

// mobile looks up a mobile number in the imported table and then in the one built in. A city from the second beats a bare province
// from the first when they agree about the province.
func (a *Atlas) mobile(nsn string) Region {
	own, found := a.prefixes.find(nsn)
	if found && own.city != "" {
		return a.region(own, ConfidenceImported, "imported prefix")
	}
	built, ok := builtinPrefixes().find(nsn)
	switch {
	case ok && (!found || built.province == own.province):
		return a.region(built, ConfidenceBuiltin, "libphonenumber")
	case found:
		return a.region(own, ConfidenceImported, "imported prefix")
	}
	return Region{}
}

// region makes a Chinese region of a place.
func (a *Atlas) region(p place, confidence int, source string) Region {
	if p.city == "" {
		confidence = ConfidenceProvince
	}
	code := p.area
	if code == "" {
		code = a.codes[place{province: p.province, city: p.city}]
	}
	return Region{Country: "CN", Province: p.province, City: p.city, AreaCode: code, Confidence: confidence, Source: source}
}

// foreignRegion is the country of a foreign number.
func foreignRegion(n Number) Region {
	pn, err := phonenumbers.Parse(string(n.E164), "ZZ")
	if err != nil || !phonenumbers.IsValidNumber(pn) {
		return Region{}
	}
	country := phonenumbers.GetRegionCodeForNumber(pn)
	if len(country) != 2 || strings.ContainsAny(country, "0123456789") { // "001" is a number of no country
		return Region{}
	}
	return Region{Country: country, Province: abroad[country], Confidence: ConfidenceBuiltin, Source: "country code"}
}
