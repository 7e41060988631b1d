package configs

import (
	"slices"
	"strings"
	"testing"

	"hotline/internal/yamldoc"
	"hotline/media/codec"
)

func TestCodecsOfTrunksAndPhones(t *testing.T) {
	d := &Data{
		Trunks: []Trunk{{ID: "a", Codecs: []string{"pcmu"}}, {ID: "b"}},
		Phones: []Phone{{User: "1001", Codecs: []string{"opus", "PCMA"}}, {User: "1002"}},
	}
	b, err := d.Build(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.TrunkCodecs) != 1 || !slices.Equal(b.TrunkCodecs["a"], []codec.Kind{codec.PCMU}) {
		t.Errorf("trunks: %v", b.TrunkCodecs)
	}
	if len(b.PhoneCodecs) != 1 || !slices.Equal(b.PhoneCodecs["1001"], []codec.Kind{codec.Opus, codec.PCMA}) {
		t.Errorf("phones: %v", b.PhoneCodecs)
	}
}

func TestCodecsAreChecked(t *testing.T) {
	src := `trunks:
  - {id: a, sources: [192.0.2.1], codecs: [G729]}
phones:
  - {user: "1001", password: x, codecs: [opus, opus]}
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
	if !strings.Contains(problems, `no codec is called "G729"`) || !strings.Contains(problems, "opus is there twice") {
		t.Errorf("problems:\n%s", problems)
	}
	for _, text := range []string{"media: {codecs: []}\n", "media: {codecs: [speex]}\n"} {
		if _, err := ParseNode("hotline.yml", []byte(text)); err == nil || !strings.Contains(err.Error(), "codec") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
