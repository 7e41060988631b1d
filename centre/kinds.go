package centre

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"hotline/configs"
	"hotline/internal/yamldoc"
)

// Kept stands where a secret is: it is never read out, and written back it leaves the secret as it is.
const Kept = "(kept)"

// kind is how items of one sort are written, named and found in the data of a centre.
type kind interface {
	// wire is a stored body in the words of data.yml, without its secrets.
	wire(body []byte) (json.RawMessage, error)
	// secret is what wire leaves out of a stored body; "" nothing.
	secret(body []byte) (string, error)
	// stored reads an item of the wire. old is the stored body it takes the place of, nil for none; s hashes passwords.
	stored(item json.RawMessage, old []byte, at int, s *sealer) (id string, body []byte, problems yamldoc.Problems, err error)
	// place is where a stored body stands among its kind.
	place(body []byte) (int, error)
	// nth is the id of the n-th item in the data; "" beyond them.
	nth(d *configs.Data, n int) string
}

type kindOf[T any] struct {
	list func(d *configs.Data) []T
	id   func(T) string
	hide func(*T)                     // secrets of what is shown; nil: there are none
	hid  func(T) string               // what hide takes away; nil: nothing that is stored
	keep func(t *T, old T, s *sealer) // puts secrets back that were not changed, and hashes new ones; nil: there are none
}

// sealer hashes passwords of phones for a realm, and remembers those that it made.
type sealer struct {
	realm string
	made  []madeFor
}

// madeFor is a password that was made, and the phone as it is with it.
type madeFor struct {
	configs.Secret
	phone configs.Phone
}

// kept is a document as the store has it; see configs.Document.
type kept[T any] struct {
	Place int `json:"place"`
	Item  T   `json:"item"`
}

func (k kindOf[T]) wire(body []byte) (json.RawMessage, error) {
	var doc kept[T]
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, fmt.Errorf("read an item: %w", err)
	}
	if k.hide != nil {
		k.hide(&doc.Item)
	}
	return encode(doc.Item)
}

func (k kindOf[T]) secret(body []byte) (string, error) {
	var doc kept[T]
	if body == nil || k.hid == nil {
		return "", nil
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return "", fmt.Errorf("read an item: %w", err)
	}
	return k.hid(doc.Item), nil
}

func (k kindOf[T]) stored(item json.RawMessage, old []byte, at int, s *sealer) (string, []byte, yamldoc.Problems, error) {
	doc := kept[T]{Place: at}
	problems := read(item, &doc.Item)
	if k.keep != nil {
		var before kept[T]
		if old != nil {
			if err := json.Unmarshal(old, &before); err != nil {
				return "", nil, nil, fmt.Errorf("read an item: %w", err)
			}
		}
		k.keep(&doc.Item, before.Item, s)
	}
	body, err := json.Marshal(doc)
	return k.id(doc.Item), body, problems, err
}

func (kindOf[T]) place(body []byte) (int, error) {
	var doc kept[json.RawMessage]
	err := json.Unmarshal(body, &doc)
	return doc.Place, err
}

func (k kindOf[T]) nth(d *configs.Data, n int) string {
	if all := k.list(d); n >= 0 && n < len(all) {
		return k.id(all[n])
	}
	return ""
}

// kinds are all sorts of items by configs' name for them. Their lists in data.yml are called as in lists.
var kinds = map[string]kind{
	configs.KindTrunk: kindOf[configs.Trunk]{
		list: func(d *configs.Data) []configs.Trunk { return d.Trunks }, id: func(t configs.Trunk) string { return t.ID },
		hide: func(t *configs.Trunk) { t.Password = hidden(t.Password) }, hid: func(t configs.Trunk) string { return t.Password },
		keep: func(t *configs.Trunk, old configs.Trunk, _ *sealer) {
			if t.Password == Kept {
				t.Password = old.Password
			}
		},
	},
	configs.KindNumber: kindOf[configs.Number]{list: func(d *configs.Data) []configs.Number { return d.Numbers }, id: configs.Number.Key},
	configs.KindRoute: kindOf[configs.Route]{
		list: func(d *configs.Data) []configs.Route { return d.Routes }, id: func(r configs.Route) string { return r.ID },
	},
	configs.KindQueue: kindOf[configs.Queue]{
		list: func(d *configs.Data) []configs.Queue { return d.Queues }, id: func(q configs.Queue) string { return q.ID },
	},
	configs.KindPerson: kindOf[configs.Person]{
		list: func(d *configs.Data) []configs.Person { return d.People }, id: func(p configs.Person) string { return p.Login },
		hide: func(p *configs.Person) { p.Password = "" },
		keep: func(p *configs.Person, _ configs.Person, _ *sealer) { p.Password = "" }, // belongs to the account
	},
	configs.KindPhone: kindOf[configs.Phone]{
		list: func(d *configs.Data) []configs.Phone { return d.Phones }, id: func(p configs.Phone) string { return p.User },
		hide: func(p *configs.Phone) { p.Password, p.HA1MD5, p.HA1SHA256 = hidden(p.HA1MD5+p.HA1SHA256), "", "" },
		hid:  func(p configs.Phone) string { return p.HA1MD5 + p.HA1SHA256 }, keep: keepPhone,
	},
	configs.KindCalendar: kindOf[configs.Calendar]{
		list: func(d *configs.Data) []configs.Calendar { return d.Calendars }, id: func(c configs.Calendar) string { return c.ID },
	},
	configs.KindCallers: kindOf[configs.Callers]{
		list: func(d *configs.Data) []configs.Callers { return []configs.Callers{d.Callers} }, id: func(configs.Callers) string { return configs.KindCallers },
	},
	configs.KindOutside: kindOf[configs.Outside]{
		list: func(d *configs.Data) []configs.Outside { return []configs.Outside{d.Outside} }, id: func(configs.Outside) string { return configs.KindOutside },
	},
	configs.KindCodes: kindOf[configs.Codes]{
		list: func(d *configs.Data) []configs.Codes { return []configs.Codes{d.Codes} }, id: func(configs.Codes) string { return configs.KindCodes },
	},
	configs.KindFlow: kindOf[configs.FlowSource]{
		list: func(d *configs.Data) []configs.FlowSource { return d.Sources },
		id:   func(s configs.FlowSource) string { return path.Base(s.File) },
	},
}

// keepPhone leaves a phone the password it has, unless another one is given.
func keepPhone(p *configs.Phone, old configs.Phone, s *sealer) {
	if p.Password == Kept || p.Password == "" && p.HA1MD5 == "" && p.HA1SHA256 == "" {
		p.Password, p.HA1MD5, p.HA1SHA256 = "", old.HA1MD5, old.HA1SHA256
	}
	one := configs.Data{Phones: []configs.Phone{*p}}
	for _, secret := range one.SealPhones(s.realm) {
		s.made = append(s.made, madeFor{secret, one.Phones[0]})
	}
	*p = one.Phones[0]
}

func hidden(secret string) string {
	if secret == "" {
		return ""
	}
	return Kept
}

// lists are the kinds by the names of their lists in data.yml.
var lists = map[string]string{
	"trunks": configs.KindTrunk, "numbers": configs.KindNumber, "routes": configs.KindRoute, "queues": configs.KindQueue, "people": configs.KindPerson,
	"phones": configs.KindPhone, "calendars": configs.KindCalendar, "callers": configs.KindCallers, "outside": configs.KindOutside, "codes": configs.KindCodes,
}

var indexed = regexp.MustCompile(`^([a-z]+)(?:\[(\d+)\])?\.?(.*)$`)

// locate turns where a finding of the check stands into the item it is about.
func locate(d *configs.Data, p yamldoc.Problem) Finding {
	f := Finding{Text: p.Text, Line: p.Line}
	if p.File != "" {
		f.Kind, f.ID = configs.KindFlow, path.Base(p.File)
		return f
	}
	m := indexed.FindStringSubmatch(p.Path)
	if m == nil || lists[m[1]] == "" {
		f.Field = p.Path
		return f
	}
	f.Kind, f.Field = lists[m[1]], m[3]
	if n, err := strconv.Atoi(m[2]); err == nil {
		f.ID = kinds[f.Kind].nth(d, n)
	} else if f.Kind == configs.KindCallers || f.Kind == configs.KindOutside || f.Kind == configs.KindCodes {
		f.ID = f.Kind
	}
	return f
}

// Finding is one thing that is wrong, or that is probably not meant.
type Finding struct {
	Kind  string `json:"kind,omitempty"`
	ID    string `json:"id,omitempty"`
	Field string `json:"field,omitempty" doc:"as data.yml names it, such as targets[0].address"`
	Line  int    `json:"line,omitempty" doc:"of a flow's text"`
	Text  string `json:"text" doc:"a sentence that says what to do"`
}

// String is the finding in one line.
func (f Finding) String() string {
	where := strings.Trim(f.Kind+" "+f.ID, " ")
	switch {
	case f.Field != "":
		where = strings.Trim(where+" "+f.Field, " ")
	case f.Line > 0:
		where += ":" + strconv.Itoa(f.Line)
	}
	if where == "" {
		return f.Text
	}
	return where + ": " + f.Text
}
