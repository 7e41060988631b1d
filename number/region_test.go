package number

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

// atlas is built once: it is immutable, and reading the tables takes a while.
var atlas = sync.OnceValue(NewAtlas)

func TestRegion(t *testing.T) {
	tests := []struct {
		raw        string
		want       string
		area       string
		confidence int
	}{
		{"13800138000", "北京/北京", "010", ConfidenceBuiltin},
		{"0755-83765566", "广东/深圳", "0755", ConfidenceFixed},
		{"02087654321", "广东/广州", "020", ConfidenceFixed},
		{"01066551234", "北京/北京", "010", ConfidenceFixed},
		{"02161234567", "上海/上海", "021", ConfidenceFixed},
		{"02261234567", "天津/天津", "022", ConfidenceFixed},
		{"02361234567", "重庆/重庆", "023", ConfidenceFixed},
		{"02881234567", "四川/成都", "028", ConfidenceShared},
		{"09551234567", "宁夏/中卫", "0955", ConfidenceFixed},
		{"04726123456", "内蒙古/包头", "0472", ConfidenceFixed},
		{"04332123456", "吉林/延边", "0433", ConfidenceShared},
		{"+85223456789", "香港", "", ConfidenceBuiltin},
		{"+886912345678", "台湾", "", ConfidenceBuiltin},
		{"+16502530000", "US", "", ConfidenceBuiltin},
		{"19212345678", "", "", 0},
		// Traps: libphonenumber's geocoder would place every one of these.
		{"9013800138000", "", "", 0},
		{"85223456789", "", "", 0},
		{"95588", "", "", 0},
		{"10086", "", "", 0},
		{"106912345678", "", "", 0},
		{"1069123456", "", "", 0},
		{"0013912345678", "", "", 0},
		{"70012345678", "", "", 0},
		{"700123456789012", "", "", 0},
		{"14912345678", "", "", 0},
		{"00000000", "", "", 0},
		{"83765566", "", "", 0},
		{"4001234567", "", "", 0},
		{"anonymous", "", "", 0},
		{"8001", "", "", 0},
		{"+80012345678", "", "", 0},
	}
	for _, tt := range tests {
		got := atlas().Region(Parse(tt.raw))
		if got.String() != tt.want || got.AreaCode != tt.area || got.Confidence != tt.confidence {
			t.Errorf("%s: got %s %+v, want %q %q %d", tt.raw, got, got, tt.want, tt.area, tt.confidence)
		}
		if tt.want == "" && got != (Region{}) {
			t.Errorf("%s: got %+v, want the zero Region", tt.raw, got)
		}
		if got.Known() != (tt.want != "") {
			t.Errorf("%s: known is %v", tt.raw, got.Known())
		}
	}
}

func TestImportedPrefixesWin(t *testing.T) {
	table := csvTable(t, "1921234,广东省,惠州市,0752\n1380013,上海,上海,021\n1621234,浙江,,\n1390013,北京,\n1380751,湖南,,\n1381234,江苏,无锡,\n1381235,江苏,,\n")
	tests := []struct {
		raw, want, source string
		confidence        int
	}{
		{"19212345678", "广东/惠州", "imported prefix", ConfidenceImported},
		{"13800138000", "上海/上海", "imported prefix", ConfidenceImported},
		{"16212345678", "浙江", "imported prefix", ConfidenceProvince},
		{"13900131234", "北京/北京", "imported prefix", ConfidenceImported},
		{"13807511234", "湖南", "imported prefix", ConfidenceProvince}, // a city of another province would contradict the operator
		{"13812341234", "江苏/无锡", "imported prefix", ConfidenceImported},
		{"13812351234", "江苏/镇江", "libphonenumber", ConfidenceBuiltin}, // the operator's province, and a city in it
	}
	with := atlas().With(table)
	for _, tt := range tests {
		got := with.Region(Parse(tt.raw))
		if got.String() != tt.want || got.Source != tt.source || got.Confidence != tt.confidence {
			t.Errorf("%s: got %s %+v, want %q from %q (%d)", tt.raw, got, got, tt.want, tt.source, tt.confidence)
		}
	}
	if got := atlas().Region(Parse("19212345678")); got.Known() {
		t.Errorf("the first atlas changed: %+v", got)
	}
	if got := with.With(nil).Region(Parse("19212345678")); got.Known() {
		t.Errorf("With(nil) kept the table: %+v", got)
	}
	if got := with.Region(Parse("19212345678")).AreaCode; got != "0752" {
		t.Errorf("area code: got %q", got)
	}
}

// csvTable reads a table that must be fine.
func csvTable(t *testing.T, text string) *Prefixes {
	t.Helper()
	table, err := ReadPrefixCSV(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestPlaces(t *testing.T) {
	for text, want := range map[string]place{
		"广东省深圳市":   {province: "广东", city: "深圳"},
		"北京市":      {province: "北京", city: "北京"},
		"天津":       {province: "天津", city: "天津"},
		"内蒙古锡林郭勒盟": {province: "内蒙古", city: "锡林郭勒"},
		"新疆塔城地区":   {province: "新疆", city: "塔城"},
		"新疆克孜勒苏柯尔克孜自治州": {province: "新疆", city: "克孜勒苏"},
		"云南省德宏傣族景颇族自治州": {province: "云南", city: "德宏"},
		"青海省海西蒙古族藏族自治州": {province: "青海", city: "海西"},
		"贵州省黔东南苗族侗族自治州": {province: "贵州", city: "黔东南"},
		"湖北省襄樊市":        {province: "湖北", city: "襄阳"},
		"湖北省神农架林区":      {province: "湖北", city: "神农架"},
		"吉林省吉林市":        {province: "吉林", city: "吉林"},
		"广西壮族自治区南宁市":    {province: "广西", city: "南宁"},
		"海南省":           {province: "海南"},
	} {
		got, _, ok := readPlace(text)
		if !ok || got != want {
			t.Errorf("%s: got %+v %v, want %+v", text, got, ok, want)
		}
	}
	for _, text := range []string{"中国", "", "Shenzhen, Guangdong", "世界"} {
		if got, _, ok := readPlace(text); ok {
			t.Errorf("%q: got %+v, want no place", text, got)
		}
	}
}

func TestParseRegion(t *testing.T) {
	for text, want := range map[string]string{
		"广东/广州": "广东/广州", "广东": "广东", "广东省/广州市": "广东/广州", "北京": "北京", "北京/北京": "北京/北京", "香港": "香港", "US": "US", "HK": "香港",
	} {
		if got, ok := ParseRegion(text); !ok || got.String() != want {
			t.Errorf("%q: got %q %v, want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "广洲", "广州/广东", "北京/上海", "us", "广东广州"} {
		if got, ok := ParseRegion(text); ok {
			t.Errorf("%q: got %+v, want none", text, got)
		}
	}
}

// Every area code's description must split into a province and a city that no ending is left on.
func TestEveryAreaHasAShortName(t *testing.T) {
	if got := len(atlas().areas); got < 320 {
		t.Errorf("got %d area codes, want at least 320", got)
	}
	for code, a := range atlas().areas {
		for _, ending := range []string{"市", "地区", "盟", "州", "省", "族"} {
			if strings.HasSuffix(a.city, ending) && len(a.city) > 6 && a.city != "锡林郭勒" {
				t.Errorf("%s: %s/%s keeps %s", code, a.province, a.city, ending)
			}
		}
	}
}

func TestCoverage(t *testing.T) {
	known := atlas().coverage(138)
	if known.Valid != 10000 || known.Share() < 0.9 {
		t.Errorf("138: got %+v", known)
	}
	if got := atlas().coverage(192); got.Valid != 10000 || got.City != 0 {
		t.Errorf("192: got %+v", got)
	}
	if got := atlas().coverage(154); got.Valid != 0 {
		t.Errorf("154: got %+v", got)
	}
	with := atlas().With(csvTable(t, "1920000,广东,广州,020\n1920001,广东,,\n")).coverage(192)
	if with.City != 1 || with.Province != 1 {
		t.Errorf("192 with a table: got %+v", with)
	}
	c := Coverage{Rows: []CoverageRow{known, with}}
	if sum := c.Sum(); sum.Valid != 20000 || sum.City != known.City+1 {
		t.Errorf("sum: got %+v", sum)
	}
	if got := strings.Count(c.String(), "\n"); got != 4 || !strings.Contains(c.String(), "138        10000") {
		t.Errorf("table:\n%s", c)
	}
	if got := (CoverageRow{}).Share(); got != 0 {
		t.Errorf("share of nothing: got %v", got)
	}
}

// Coverage asks for validity once in a hundred prefixes. This holds libphonenumber's plan to that.
func TestValidityNeedsFiveDigitsOnly(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 1500 {
		hundred := uint64(13000 + r.IntN(7000))
		want := validMobile(hundred * 1_000_000)
		if got := validMobile(hundred*1_000_000 + r.Uint64N(1_000_000)); got != want {
			t.Fatalf("%d is not valid or invalid as a whole", hundred)
		}
	}
}

func TestAtlasIsSafeForManyReaders(t *testing.T) {
	var wg sync.WaitGroup
	table := csvTable(t, "1921234,广东,惠州,0752\n")
	for i := range 4 {
		wg.Go(func() {
			a := atlas()
			if i%2 == 0 {
				a = a.With(table)
			}
			for j := range 50 {
				a.Region(Parse(fmt.Sprintf("138%04d0000", j)))
			}
		})
	}
	wg.Wait()
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		Parse("+8613800138000")
	}
}

func BenchmarkRegion(b *testing.B) {
	a := atlas()
	table, err := ReadPrefixCSV(strings.NewReader("1921234,广东,惠州,0752\n"))
	if err != nil {
		b.Fatal(err)
	}
	for name, raw := range map[string]string{"mobile": "13800138000", "fixed": "075583765566", "unknown": "19912345678", "imported": "19212345678"} {
		n, a := Parse(raw), a.With(table)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				a.Region(n)
			}
		})
	}
}

func BenchmarkNewAtlas(b *testing.B) {
	for b.Loop() {
		NewAtlas()
	}
}

func BenchmarkCoverage(b *testing.B) {
	a := atlas()
	for b.Loop() {
		b.ReportMetric(100*a.Coverage().Sum().Share(), "%city")
	}
}

func TestCitiesThatThereAre(t *testing.T) {
	a := NewAtlas()
	for name, want := range map[string]bool{"广州": true, "广东/广州": true, "北京": true, "北京/北京": true, "广西/广州": false, "Canton": false, "广东": false, "广东/": false, "/": false, "": false} {
		if got := a.HasCity(name); got != want {
			t.Errorf("%q: got %v", name, got)
		}
	}
}

// readPlace makes a place of a description such as "四川省成都市、资阳市、眉山市". shared is true when it names several cities; the
// first is the seat and the one most callers are in. ok is false when it is no Chinese place.
func readPlace(s string) (p place, shared, ok bool) {
	province, rest, ok := cutProvince(strings.TrimSpace(s))
	if !ok {
		return place{}, false, false
	}
	first, _, shared := strings.Cut(rest, "、")
	return newPlace(province, first, ""), shared, true
}
