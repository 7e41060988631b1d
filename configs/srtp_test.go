package configs

import (
	"strings"
	"testing"

	"hotline/internal/yamldoc"
	"hotline/media/sdp"
)

func TestSRTPOfTrunksAndPhones(t *testing.T) {
	d := &Data{
		Trunks: []Trunk{{ID: "a", SRTP: "required"}, {ID: "b"}, {ID: "c", SRTP: "off"}},
		Phones: []Phone{{User: "1001", SRTP: "optional"}, {User: "1002"}},
	}
	b, err := d.Build(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.TrunkSRTP) != 2 || b.TrunkSRTP["a"] != sdp.SecurityRequired || b.TrunkSRTP["c"] != sdp.SecurityOff {
		t.Errorf("trunks: %v", b.TrunkSRTP)
	}
	if len(b.PhoneSRTP) != 1 || b.PhoneSRTP["1001"] != sdp.SecurityOptional {
		t.Errorf("phones: %v", b.PhoneSRTP)
	}
}

func TestSRTPIsChecked(t *testing.T) {
	src := `trunks:
  - {id: a, sources: [192.0.2.1], srtp: sometimes}
  - {id: b, targets: [{address: "192.0.2.2:5060"}], srtp: required}
  - {id: c, targets: [{address: "192.0.2.3:5061", transport: tls}], srtp: required}
phones:
  - {user: "1001", password: x, srtp: yes please}
`
	d := &Data{}
	doc := yamldoc.Decode("data.yml", []byte(src), d)
	d.Phones = expandPhones(doc, d.Phones)
	d.check(doc)
	var all []string
	for _, p := range doc.Problems {
		all = append(all, p.Error())
	}
	problems := strings.Join(all, "\n")
	if strings.Count(problems, "off, optional or required, not") != 2 {
		t.Errorf("problems:\n%s", problems)
	}
	warnings := strings.Join(d.Warnings, "\n")
	if !strings.Contains(warnings, "trunk b: the keys") || strings.Contains(warnings, "trunk c") {
		t.Errorf("warnings:\n%s", warnings)
	}
	if _, err := ParseNode("hotline.yml", []byte("media: {srtp: maybe}\n")); err == nil || !strings.Contains(err.Error(), "media.srtp") && !strings.Contains(err.Error(), "maybe") {
		t.Errorf("hotline.yml: %v", err)
	}
}
