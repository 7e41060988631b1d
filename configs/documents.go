package configs

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"

	"hotline/sip/digest"
)

// Kinds of documents, as the store keeps a centre.
const (
	KindTrunk    = "trunk"
	KindNumber   = "number"
	KindRoute    = "route"
	KindQueue    = "queue"
	KindPerson   = "person"
	KindPhone    = "phone"
	KindCalendar = "calendar"
	KindCallers  = "callers"
	KindOutside  = "outside"
	KindCodes    = "codes"
	KindFlow     = "flow"
)

// Kinds are all of them.
var Kinds = []string{KindTrunk, KindNumber, KindRoute, KindQueue, KindPerson, KindPhone, KindCalendar, KindCallers, KindOutside, KindCodes, KindFlow}

// Document is one item of a centre: JSON, with its place among its kind.
type Document struct {
	Kind, ID string
	Body     []byte
}

type placed[T any] struct {
	Place int `json:"place"`
	Item  T   `json:"item"`
}

// Documents are the centre's items to keep. Passwords of people are left out: they belong to the accounts.
func (d *Data) Documents() ([]Document, error) {
	people := slices.Clone(d.People)
	for i := range people {
		people[i].Password = ""
	}
	flows := slices.Clone(d.Sources)
	for i := range flows {
		flows[i].File = flowName(flows[i]) + ".yml"
	}
	var all []Document
	err := cmp.Or(
		put(&all, KindTrunk, d.Trunks, func(t Trunk) string { return t.ID }),
		put(&all, KindNumber, d.Numbers, Number.Key),
		put(&all, KindRoute, d.Routes, func(r Route) string { return r.ID }),
		put(&all, KindQueue, d.Queues, func(q Queue) string { return q.ID }),
		put(&all, KindPerson, people, func(p Person) string { return p.Login }),
		put(&all, KindPhone, d.Phones, func(p Phone) string { return p.User }),
		put(&all, KindCalendar, d.Calendars, func(c Calendar) string { return c.ID }),
		put(&all, KindCallers, []Callers{d.Callers}, func(Callers) string { return "callers" }),
		put(&all, KindOutside, []Outside{d.Outside}, func(Outside) string { return "outside" }),
		put(&all, KindCodes, []Codes{d.Codes}, func(Codes) string { return KindCodes }),
		put(&all, KindFlow, flows, func(f FlowSource) string { return f.File }),
	)
	return all, err
}

// Key names a number among those of a centre: the same digits may be dialled on several trunks.
func (n Number) Key() string { return n.Number + "@" + n.Trunk + "/" + n.From }

func put[T any](all *[]Document, kind string, items []T, id func(T) string) error {
	for i, item := range items {
		body, err := json.Marshal(placed[T]{i, item})
		if err != nil {
			return fmt.Errorf("write %s %s: %w", kind, id(item), err)
		}
		*all = append(*all, Document{kind, id(item), body})
	}
	return nil
}

// FromDocuments is the centre that Documents gave.
func FromDocuments(docs []Document) (*Data, error) {
	d := &Data{}
	var callers []Callers
	var outside []Outside
	var codes []Codes
	err := cmp.Or(
		take(docs, KindTrunk, &d.Trunks), take(docs, KindNumber, &d.Numbers), take(docs, KindRoute, &d.Routes),
		take(docs, KindQueue, &d.Queues), take(docs, KindPerson, &d.People), take(docs, KindPhone, &d.Phones),
		take(docs, KindCalendar, &d.Calendars), take(docs, KindCallers, &callers), take(docs, KindOutside, &outside), take(docs, KindCodes, &codes), take(docs, KindFlow, &d.Sources),
	)
	if len(callers) > 0 {
		d.Callers = callers[0]
	}
	if len(outside) > 0 {
		d.Outside = outside[0]
	}
	if len(codes) > 0 {
		d.Codes = codes[0]
	}
	return d, err
}

func take[T any](docs []Document, kind string, into *[]T) error {
	var all []placed[T]
	for _, doc := range docs {
		if doc.Kind != kind {
			continue
		}
		var one placed[T]
		if err := json.Unmarshal(doc.Body, &one); err != nil {
			return fmt.Errorf("read %s %s: %w", kind, doc.ID, err)
		}
		all = append(all, one)
	}
	slices.SortStableFunc(all, func(a, b placed[T]) int { return cmp.Compare(a.Place, b.Place) })
	for _, one := range all {
		*into = append(*into, one.Item)
	}
	return nil
}

// Secret is a password that was made at import and is shown once.
type Secret struct{ User, Password string }

// KeepPhones lets phones whose password is to be made keep the one they have: an import again must not lock them out.
func (d *Data) KeepPhones(have []Phone) {
	sealed := map[string]Phone{}
	for _, p := range have {
		sealed[p.User] = p
	}
	for i := range d.Phones {
		p := &d.Phones[i]
		if old := sealed[p.User]; p.Password == generate && old.HA1MD5 != "" {
			*p = old
		}
	}
}

// generate stands where a password is to be made.
const generate = "generate"

// SealPhones replaces the phones' passwords by the hashes that the registrar needs (RFC 7616 section 3.4.2), making
// passwords where "generate" stands.
func (d *Data) SealPhones(realm string) []Secret {
	var made []Secret
	for i := range d.Phones {
		p := &d.Phones[i]
		if p.Password == "" {
			continue
		}
		if p.Password == generate {
			p.Password = rand.Text()[:12]
			made = append(made, Secret{p.User, p.Password})
		}
		p.HA1MD5 = digest.HA1(digest.MD5, p.User, realm, p.Password)
		p.HA1SHA256 = digest.HA1(digest.SHA256, p.User, realm, p.Password)
		p.Password = ""
	}
	return made
}

// YAML writes the centre as a data file; flows go to files of their own, by name.
func (d *Data) YAML() (data []byte, flows map[string][]byte, err error) {
	out := *d
	out.Flows = nil
	flows = map[string][]byte{}
	for _, s := range d.Sources {
		name := "flows/" + flowName(s) + ".yml"
		flows[name] = []byte(s.Source)
		out.Flows = append(out.Flows, name)
	}
	data, err = yaml.Marshal(out)
	if err != nil {
		return nil, nil, fmt.Errorf("write the data: %w", err)
	}
	return data, flows, nil
}
