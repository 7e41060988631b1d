package number

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// datEntry is one line of the index of a phone.dat under test.
type datEntry struct {
	prefix uint32
	record string
}

// makeDat writes a phone.dat.
func makeDat(entries ...datEntry) []byte {
	records, offsets := []byte{}, map[string]uint32{}
	for _, e := range entries {
		if _, ok := offsets[e.record]; !ok {
			offsets[e.record] = uint32(8 + len(records))
			records = append(append(records, e.record...), 0)
		}
	}
	out := append([]byte("2502"), binary.LittleEndian.AppendUint32(nil, uint32(8+len(records)))...)
	out = append(out, records...)
	for _, e := range entries {
		out = binary.LittleEndian.AppendUint32(out, e.prefix)
		out = binary.LittleEndian.AppendUint32(out, offsets[e.record])
		out = append(out, 1)
	}
	return out
}

func goodDat() []byte {
	return makeDat(datEntry{1921234, "广东|惠州|516000|0752"}, datEntry{1921235, "广东|惠州|516000|0752"},
		datEntry{1990000, "北京|北京|100000|010"}, datEntry{1700000, "未知|未知||"}, datEntry{1000000, "广东|广州|510000|020"})
}

func TestReadPhoneDat(t *testing.T) {
	p, err := ReadPhoneDat(bytes.NewReader(goodDat()))
	if err != nil {
		t.Fatal(err)
	}
	if p.Rows() != 3 || p.Skipped() != 2 || p.Version() != "2502" {
		t.Errorf("got %d rows, %d skipped, version %q", p.Rows(), p.Skipped(), p.Version())
	}
	got := atlas().With(p).Region(Parse("19212345678"))
	want := Region{Country: "CN", Province: "广东", City: "惠州", AreaCode: "0752", Confidence: ConfidenceImported, Source: "imported prefix"}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestReadPhoneDatRefuses(t *testing.T) {
	good := goodDat()
	broken := func(at int, b ...byte) []byte {
		out := slices.Clone(good)
		copy(out[at:], b)
		return out
	}
	index := int(binary.LittleEndian.Uint32(good[4:8]))
	tests := map[string]struct {
		data []byte
		want string
	}{
		"empty":              {nil, "header"},
		"cut index":          {good[:len(good)-1], "cut off"},
		"index outside":      {broken(4, 0xff, 0xff, 0xff, 0x7f), "outside the file"},
		"index in header":    {broken(4, 4, 0, 0, 0), "outside the file"},
		"record outside":     {broken(index+4, 0xff, 0xff, 0xff, 0xff), "entry 1: record offset"},
		"record in header":   {broken(index+4, 0, 0, 0, 0), "entry 1: record offset"},
		"no fields":          {makeDat(datEntry{1921234, "广东"}), "entry 1"},
		"not UTF-8":          {makeDat(datEntry{1921234, "\xb9\xe3|\xb6\xab||"}), "entry 1"},
		"long record":        {makeDat(datEntry{1921234, strings.Repeat("a", 300)}), "not ended"},
		"two cities for one": {makeDat(datEntry{1921234, "广东|惠州||"}, datEntry{1921234, "广东|广州||"}), "entry 2"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := ReadPhoneDat(bytes.NewReader(tt.data))
			if err == nil || p != nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error about %q", err, tt.want)
			}
		})
	}
}

func TestReadPrefixCSV(t *testing.T) {
	p := csvTable(t, "\ufeff前缀,省,市,区号\n1921234,广东省,惠州市,0752,电信\n\n1990000,北京市,,10\n1990001, 内蒙古自治区 , 锡林郭勒盟 ,\n1990001,内蒙古,锡林郭勒,\n")
	if p.Rows() != 3 {
		t.Errorf("got %d rows, want 3", p.Rows())
	}
	for number, want := range map[string]place{
		"19212340000": {"广东", "惠州", "0752"}, "19900000000": {"北京", "北京", "010"}, "19900010000": {"内蒙古", "锡林郭勒", ""},
	} {
		if got, ok := p.find(number); !ok || got != want {
			t.Errorf("%s: got %+v %v, want %+v", number, got, ok, want)
		}
	}
	if _, ok := p.find("19900020000"); ok {
		t.Error("found a prefix that is not there")
	}
}

func TestReadPrefixCSVRefuses(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"short prefix":       {"1921234,广东,惠州,\n192123,广东,惠州,\n", "line 2: \"192123\""},
		"no mobile prefix":   {"1291234,广东,惠州,\n", "line 1"},
		"signed prefix":      {"+921234,广东,惠州,\n", "line 1"},
		"unknown province":   {"1921234,广洲,惠州,\n", "line 1: \"广洲\""},
		"province and city":  {"1921234,广东省惠州市,,\n", "line 1"},
		"area code":          {"1921234,广东,惠州,07521\n", "line 1: \"07521\""},
		"area code too long": {"1921234,广东,广州,0201\n", "line 1"},
		"one column":         {"1921234\n", "line 1: fewer"},
		"GBK":                {"1921234,\xb9\xe3\xb6\xab,\xbb\xdd\xd6\xdd,\n", "UTF-8"},
		"contradiction":      {"1921234,广东,惠州,\n1921234,广东,广州,\n", "line 2: prefix 1921234"},
		"open quote":         {"1921234,\"广东,惠州,\n", "line"},
		"after blank lines":  {"前缀,省\n\n\n1,广东\n", "line 4"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := ReadPrefixCSV(strings.NewReader(tt.text))
			if err == nil || p != nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error about %q", err, tt.want)
			}
		})
	}
}

func TestReadPrefixCSVStopsComplaining(t *testing.T) {
	_, err := ReadPrefixCSV(strings.NewReader(strings.Repeat("0,广东\n", 1000)))
	if err == nil || strings.Count(err.Error(), "line ") != maxMistakes {
		t.Errorf("got %v", err)
	}
}

// endless is a file without end.
type endless struct {
	line string
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	for n := 0; n < len(p); {
		got := copy(p[n:], e.line[e.at:])
		n, e.at = n+got, (e.at+got)%len(e.line)
	}
	return len(p), nil
}

func TestImportersAreBounded(t *testing.T) {
	if _, err := readPhoneDat(&endless{line: strings.Repeat("x", 4096)}, 1<<20); err == nil || !strings.Contains(err.Error(), "larger") {
		t.Errorf("phone.dat: got %v", err)
	}
	for _, line := range []string{"\"" + strings.Repeat("x", 4095), "1921234,广东\n"} {
		if _, err := readPrefixCSV(&endless{line: line}, 1<<20); err == nil || !strings.Contains(err.Error(), "larger than 1048576") {
			t.Errorf("CSV of %.10q: got %v", line, err)
		}
	}
	b := newTable()
	var err error
	for i := 0; err == nil && i <= maxPlaces; i++ {
		err = b.add(firstPrefix+i, place{province: "广东", city: fmt.Sprint(i)})
	}
	if err == nil {
		t.Error("a table took more places than its bound")
	}
}

func TestNilPrefixesAreEmpty(t *testing.T) {
	var p *Prefixes
	if _, ok := p.find("13800138000"); ok || p.Rows() != 0 || p.Skipped() != 0 || p.Version() != "" {
		t.Error("a nil table knows something")
	}
}

func FuzzReadPhoneDat(f *testing.F) {
	f.Add(goodDat())
	f.Add([]byte("2502\x08\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ReadPhoneDat(bytes.NewReader(data))
		if (p == nil) != (err != nil) {
			t.Fatalf("got %v and %v", p != nil, err)
		}
		if p != nil {
			p.find("13800138000")
		}
	})
}

func FuzzReadPrefixCSV(f *testing.F) {
	f.Add("1921234,广东省,惠州市,0752\n")
	f.Add("前缀,省\n\"1921234\",\"北京\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ReadPrefixCSV(strings.NewReader(text))
		if (p == nil) != (err != nil) {
			t.Fatalf("got %v and %v", p != nil, err)
		}
	})
}
