package route

import "testing"

// codes are those of an ordinary centre.
var codes = Codes{
	Park: "*70", PickUp: "*8", SignIn: "*51", SignOut: "*52", Ready: "*53", Break: "*54", EndWrap: "*55", Slots: Slots{701, 799},
}

func TestCodes(t *testing.T) {
	for dialled, want := range map[string]Code{
		"*70": {ParkCaller, ""}, "701": {FetchParked, "701"}, "799": {FetchParked, "799"}, "*8": {PickUpGroup, ""}, "*81001": {PickUpPhone, "1001"}, "*8701": {FetchParked, "701"},
		"*51": {SignIn, ""}, "*52": {SignOut, ""}, "*53": {Ready, ""}, "*54": {Break, "break"}, "*541": {Break, "break"}, "*543": {Break, "meeting"}, "*55": {EndWrap, ""},
		"700": {}, "800": {}, "0701": {}, "+701": {}, "7011": {}, "*701": {}, "*545": {}, "*540": {}, "*5411": {}, "*54x": {}, "*": {}, "": {}, "1001": {}, "*5": {},
	} {
		got, ok := codes.Read(dialled)
		if got != want || ok != (want.Does != "") {
			t.Errorf("%q: got %v %v, want %v", dialled, got, ok, want)
		}
	}
	none := Codes{}
	for _, dialled := range []string{"", "*70", "701", "0", "*8", "1"} {
		if got, ok := none.Read(dialled); ok {
			t.Errorf("%q is %v where there are no codes", dialled, got)
		}
	}
	if len(codes.All()) != 7 || len(none.All()) != 0 {
		t.Errorf("all codes are %v and %v", codes.All(), none.All())
	}
}
