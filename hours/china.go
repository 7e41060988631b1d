package hours

// Year is one year's public holidays and make-up working days.
type Year struct {
	Holidays map[Date]string
	Workdays map[Date]string
}

// China is the calendar of public holidays of mainland China for a year. ok is false for a year this build does not carry: they are
// published in the November before, so later years are imported. The maps are the caller's own.
//
// 2026 is from the General Office of the State Council's notice of 2025-11-04. It does not say which weekday a make-up day stands
// for; each takes the hours of a working day that was given away for it, in the order of the dates.
func China(year int) (y Year, ok bool) {
	y = Year{Holidays: map[Date]string{}, Workdays: map[Date]string{}}
	for _, h := range chinaHolidays[year] {
		zone := shanghai
		day, errFrom := h.from.Time(zone)
		last, errTo := h.to.Time(zone)
		if errFrom != nil || errTo != nil {
			continue
		}
		for ; !day.After(last); day = day.AddDate(0, 0, 1) {
			y.Holidays[DateOf(day)] = h.name
		}
	}
	for date, value := range chinaWorkdays[year] {
		y.Workdays[date] = value
	}
	return y, len(y.Holidays) > 0
}

// Add puts a year's days into a calendar that nobody uses yet. Days the calendar already names are left as they are.
func (c *Calendar) Add(y Year) {
	if c.Holidays == nil {
		c.Holidays = map[Date]string{}
	}
	if c.Workdays == nil {
		c.Workdays = map[Date]string{}
	}
	for date, name := range y.Holidays {
		if _, taken := c.Holidays[date]; !taken {
			c.Holidays[date] = name
		}
	}
	for date, value := range y.Workdays {
		if _, taken := c.Workdays[date]; !taken {
			c.Workdays[date] = value
		}
	}
}

// holiday is a run of days off.
type holiday struct {
	name     string
	from, to Date
}

// chinaHolidays are the days off by year.
var chinaHolidays = map[int][]holiday{
	2026: {
		{"元旦", "2026-01-01", "2026-01-03"},
		{"春节", "2026-02-15", "2026-02-23"},
		{"清明节", "2026-04-04", "2026-04-06"},
		{"劳动节", "2026-05-01", "2026-05-05"},
		{"端午节", "2026-06-19", "2026-06-21"},
		{"中秋节", "2026-09-25", "2026-09-27"},
		{"国庆节", "2026-10-01", "2026-10-07"},
	},
}

// chinaWorkdays are the weekend days on which China works, by year.
var chinaWorkdays = map[int]map[Date]string{
	2026: {
		"2026-01-04": "friday 元旦调休",
		"2026-02-14": "friday 春节调休",
		"2026-02-28": "monday 春节调休",
		"2026-05-09": "tuesday 劳动节调休",
		"2026-09-20": "tuesday 国庆节调休",
		"2026-10-10": "wednesday 国庆节调休",
	},
}
