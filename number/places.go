package number

import "strings"

// provinces are the short names of the provincial divisions, as regions print them.
var provinces = []string{
	"北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西", "山东", "河南",
	"湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "内蒙古", "广西", "西藏", "宁夏", "新疆",
	"香港", "澳门", "台湾",
}

// provinceEndings are what official names put after the short name, the longer ones first.
var provinceEndings = []string{
	"维吾尔自治区", "特别行政区", "壮族自治区", "回族自治区", "自治区", "省", "市",
}

// peoples are the names in front of 自治州. Those that also stand without 族 are listed that way too.
var peoples = []string{
	"柯尔克孜族", "柯尔克孜", "哈萨克族", "哈萨克", "蒙古族", "蒙古", "朝鲜族", "土家族", "布依族", "哈尼族", "景颇族", "傈僳族",
	"苗族", "侗族", "藏族", "羌族", "彝族", "白族", "傣族", "壮族", "回族",
}

// renamed are cities that libphonenumber still knows by a name or a standing they have lost.
var renamed = map[string]string{
	"襄樊": "襄阳", // 2010
	"巢湖": "合肥", // 2011: became a county-level city of it
	"莱芜": "济南", // 2019
	"思茅": "普洱", // 2007
	"顺德": "佛山",
}

// abroad are the regions with a Chinese short name of their own, by ISO 3166 code.
var abroad = map[string]string{"HK": "香港", "MO": "澳门", "TW": "台湾"}

// place is a city as this package names it.
type place struct {
	province, city, area string // city and area may be ""
}

// isMunicipality says whether a province is a city as well.
func isMunicipality(province string) bool {
	return province == "北京" || province == "天津" || province == "上海" || province == "重庆"
}

// cutProvince splits "广东省深圳市" or "内蒙古包头市" after the province. ok is false when it begins with none.
func cutProvince(s string) (province, rest string, ok bool) {
	for _, p := range provinces {
		after, found := strings.CutPrefix(s, p)
		if !found {
			continue
		}
		for _, ending := range provinceEndings {
			if cut, found := strings.CutPrefix(after, ending); found {
				return p, cut, true
			}
		}
		return p, after, true
	}
	return "", s, false
}

// newPlace makes a place of a province's short name and a city in any writing.
func newPlace(province, city, area string) place {
	city = shortCity(city)
	if isMunicipality(province) {
		city = province
	}
	return place{province: province, city: city, area: area}
}

// shortCity is a city without 市, 地区, 盟, 林区 or the long tail of an autonomous prefecture: 延边, 锡林郭勒, 黔东南.
func shortCity(s string) string {
	s = strings.TrimSpace(s)
	if cut, ok := strings.CutSuffix(s, "自治州"); ok {
		s = cutPeoples(cut)
	}
	for _, ending := range []string{"地区", "林区", "市", "盟"} {
		if cut, ok := strings.CutSuffix(s, ending); ok && len(cut) >= len("市")*2 {
			s = cut
			break
		}
	}
	if now, ok := renamed[s]; ok {
		return now
	}
	return s
}

// cutPeoples removes the names of peoples from the end.
func cutPeoples(s string) string {
	for {
		before := s
		for _, p := range peoples {
			if cut, ok := strings.CutSuffix(s, p); ok && cut != "" {
				s = cut
				break
			}
		}
		if s == before {
			return s
		}
	}
}

// ParseRegion reads what Region.String prints: "广东/广州", "广东", "香港", or the ISO code of a country. Official names such as
// "广东省/广州市" are fine. ok is false when the province is none; whether a city exists is not known here.
func ParseRegion(s string) (r Region, ok bool) {
	province, city, _ := strings.Cut(strings.TrimSpace(s), "/")
	if len(province) == 2 && city == "" && isUpper(province) {
		return Region{Country: province, Province: abroad[province]}, true
	}
	short, rest, ok := cutProvince(province)
	if !ok || rest != "" {
		return Region{}, false
	}
	for code, name := range abroad {
		if name == short {
			return Region{Country: code, Province: short, City: shortCity(city)}, true
		}
	}
	r = Region{Country: "CN", Province: short, City: shortCity(city)}
	return r, !isMunicipality(short) || city == "" || r.City == short
}

// isUpper says whether s is capital letters of ASCII only.
func isUpper(s string) bool {
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
