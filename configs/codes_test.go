package configs

import (
	"strings"
	"testing"

	"hotline/route"
)

func TestCodesOfACentre(t *testing.T) {
	whole := route.Codes{
		Park: "*70", PickUp: "*8", SignIn: "*51", SignOut: "*52", Ready: "*53", Break: "*54", EndWrap: "*55", Slots: route.Slots{First: 701, Last: 799},
	}
	if got := (Codes{}).build(); got != whole {
		t.Errorf("by default: %+v", got)
	}
	own := whole
	own.Park, own.Ready, own.Slots = "", "#1", route.Slots{First: 6001, Last: 6010}
	d, err := read(t, sound+"codes: {park: none, ready: \"#1\", slots: 6001-6010}\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Codes.build(); got != own {
		t.Errorf("of its own: %+v", got)
	}
	docs, err := d.Documents()
	if err != nil {
		t.Fatal(err)
	}
	if back, err := FromDocuments(docs); err != nil || back.Codes != d.Codes {
		t.Errorf("kept as %+v, %v", back.Codes, err)
	}
	if b, err := d.Build(nil); err != nil || b.Routes.Codes != own {
		t.Errorf("built as %+v, %v", b.Routes.Codes, err)
	}
}

// Each of these says which code is wrong, or which number or phone it would take, with the line.
func TestMistakesOfCodes(t *testing.T) {
	for _, c := range []struct{ codes, number, phone, want string }{
		{"{park: \"7\"}", "", "", `data.yml:10: codes.park: "7" is no code`},
		{"{park: \"*7x\"}", "", "", `codes.park: "*7x" is no code`},
		{"{park: \"705\"}", "", "", "codes.park: 705 is one of the slots 701-799"},
		{"{park: \"*81\"}", "", "", "codes.park: *81 begins with *8, the code of pick_up"},
		{"{park: \"*53\"}", "", "", "*53 begins with *53, the code of"},
		{"{slots: 799-701}", "", "", `codes.slots: "799-701" is no range such as 701-799`},
		{"{slots: 99-101}", "", "", "codes.slots"},
		{"{slots: 1-5000}", "", "", "codes.slots"},
		{"{slots: 701}", "", "", "codes.slots"},
		{"{}", "701", "", "data.yml:3: numbers[0].number: phones cannot dial 701: that is one of the slots in which callers are parked, 701-799; take another number"},
		{"{}", "*70", "", "numbers[0].number: phones cannot dial *70: that is a feature code (park)"},
		{"{}", "*8XXX", "", "numbers[0].number: phones cannot dial *8XXX: that is the feature code *8"},
		{"{}", "*81234", "", "numbers[0].number: phones cannot dial *81234"},
		{"{}", "", "702", "data.yml:7: phones[0]: nobody can dial the phone 702: that is one of the slots"},
	} {
		text := sound + "codes: " + c.codes + "\n"
		if c.number != "" {
			text = strings.Replace(text, `number: "4001"`, `number: "`+c.number+`"`, 1)
		}
		if c.phone != "" {
			text = strings.ReplaceAll(text, `"1001"`, `"`+c.phone+`"`)
		}
		if _, err := read(t, text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s %s: got %v, want %s", c.codes, c.number, c.phone, err, c.want)
		}
	}
	for _, number := range []string{".", "*7X", "8XX", "7XXX", "0."} {
		d, err := read(t, strings.Replace(sound, `"4001"`, `"`+number+`"`, 1))
		if err != nil || strings.Contains(strings.Join(d.Warnings, " "), "parked") {
			t.Errorf("%s: %v %v", number, err, d.Warnings)
		}
	}
	d, err := read(t, strings.Replace(sound, `"4001"`, `"7XX"`, 1))
	if err != nil || !strings.Contains(strings.Join(d.Warnings, " "), "phones that dial 701-799 reach parked callers, not the flow of 7XX") {
		t.Errorf("7XX: %v %v", err, d.Warnings)
	}
	if _, err := read(t, strings.Replace(sound, `{number: "4001",`, `{number: "701", from: trunk,`, 1)); err != nil {
		t.Errorf("a trunk's number: %v", err)
	}
}
