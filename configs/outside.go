package configs

import (
	"fmt"
	"time"

	"hotline/number"
	"hotline/toll"
)

// Outside is what may be dialled through trunks, whoever dials: without it numbers of mainland China, premium numbers left out.
type Outside struct {
	Countries []string  `yaml:"countries,omitempty" json:"countries,omitempty"` // ISO 3166, "*" for all; [CN] when left out
	Allow     []string  `yaml:"allow,omitempty" json:"allow,omitempty"`         // patterns dialled whatever the country
	Deny      []string  `yaml:"deny,omitempty" json:"deny,omitempty"`           // patterns never dialled
	PerPhone  *DayLimit `yaml:"per_phone,omitempty" json:"perPhone,omitempty"`  // nil: phoneDay
	PerTrunk  *DayLimit `yaml:"per_trunk,omitempty" json:"perTrunk,omitempty"`  // nil: no limit
	Zone      string    `yaml:"zone,omitempty" json:"zone,omitempty"`           // where the day begins; China when left out
}

// DayLimit is how much may be called out in a day; 0 is no limit.
type DayLimit struct {
	Calls   int `yaml:"calls,omitempty" json:"calls,omitempty"`
	Minutes int `yaml:"minutes,omitempty" json:"minutes,omitempty"`
}

// phoneDay bounds what a stolen password costs: more than an agent makes in a day.
var phoneDay = toll.Limit{Calls: 500, Minutes: 600} //nolint:gochecknoglobals // a constant of a type that has none

func (l *DayLimit) build(otherwise toll.Limit) toll.Limit {
	if l == nil {
		return otherwise
	}
	return toll.Limit{Calls: l.Calls, Minutes: l.Minutes}
}

// policy is the guard that these data ask for.
func (d *Data) policy() (toll.Policy, error) {
	o := d.Outside
	p := toll.Policy{
		Countries: o.Countries, PerPhone: o.PerPhone.build(phoneDay), PerTrunk: o.PerTrunk.build(toll.Limit{}),
		Phones: map[string]toll.Limit{}, Trunks: map[string]toll.Limit{},
	}
	for _, text := range o.Allow {
		p.Allow = append(p.Allow, number.Pattern(text))
	}
	for _, text := range o.Deny {
		p.Deny = append(p.Deny, number.Pattern(text))
	}
	for _, phone := range d.Phones {
		if phone.PerDay != nil {
			p.Phones[phone.User] = phone.PerDay.build(toll.Limit{})
		}
	}
	for _, t := range d.Trunks {
		if t.PerDay != nil {
			p.Trunks[t.ID] = t.PerDay.build(toll.Limit{})
		}
	}
	if o.Zone != "" {
		zone, err := time.LoadLocation(o.Zone)
		if err != nil {
			return p, fmt.Errorf("outside: zone: %w", err)
		}
		p.Zone = zone
	}
	return p, nil
}

func (c *checker) outside(d *Data) {
	o := d.Outside
	for i, code := range o.Countries {
		if code != "*" && !toll.IsCountry(code) {
			c.doc.At(fmt.Sprintf("outside.countries[%d]", i), "%q is no country; write CN, HK, US and so on, or \"*\" for all", code)
		}
		if code == "*" {
			c.warn(fmt.Sprintf("outside.countries[%d]", i), "every country may be dialled: the guard against toll fraud is open")
		}
	}
	for key, patterns := range map[string][]string{"allow": o.Allow, "deny": o.Deny} {
		for i, text := range patterns {
			if err := number.Pattern(text).Check(); err != nil {
				c.doc.At(fmt.Sprintf("outside.%s[%d]", key, i), "%v", err)
			}
		}
	}
	if _, err := time.LoadLocation(o.Zone); err != nil {
		c.doc.At("outside.zone", "%q is no time zone such as Asia/Shanghai", o.Zone)
	}
	c.dayLimit("outside.per_phone", o.PerPhone)
	c.dayLimit("outside.per_trunk", o.PerTrunk)
	for i, t := range d.Trunks {
		c.dayLimit(fmt.Sprintf("trunks[%d].per_day", i), t.PerDay)
	}
	for _, p := range d.Phones {
		c.dayLimit(p.at+".per_day", p.PerDay)
	}
}

func (c *checker) dayLimit(path string, l *DayLimit) {
	if l != nil && (l.Calls < 0 || l.Minutes < 0) {
		c.doc.At(path, "0 (no limit) or more")
	}
}
