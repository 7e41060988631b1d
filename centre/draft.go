package centre

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hotline/configs"
	"hotline/internal/yamldoc"
	"hotline/store"
)

type key struct{ kind, id string }

// draft is a centre on its way to the next version.
type draft struct {
	before   map[key]store.Setting
	now      map[key]store.Setting // revisions are those of before, 0 for what is new
	last     map[string]int        // the last place of each kind
	findings []Finding             // of single items, as they were read
	sealer   sealer
}

func newDraft(settings []store.Setting, realm string) *draft {
	d := &draft{sealer: sealer{realm: realm}, before: map[key]store.Setting{}, now: map[key]store.Setting{}, last: map[string]int{}}
	for _, s := range settings {
		d.before[key{s.Kind, s.ID}] = s
		if k, ok := kinds[s.Kind]; ok {
			if at, err := k.place(s.Body); err == nil {
				d.last[s.Kind] = max(d.last[s.Kind], at+1)
			}
		}
	}
	maps.Copy(d.now, d.before)
	return d
}

// change puts one change into the draft.
func (d *draft) change(c Change) error {
	k, ok := kinds[c.Kind]
	if !ok {
		return store.ErrNotFound
	}
	at := key{c.Kind, c.ID}
	old, there := d.before[at]
	switch {
	case c.ID == "" && c.Revision != 0, c.ID != "" && !there:
		return fmt.Errorf("%s %q: %w", c.Kind, c.ID, store.ErrNotFound)
	case c.ID != "" && old.Revision != c.Revision:
		return fmt.Errorf("%s %q: %w", c.Kind, c.ID, store.ErrConflict)
	}
	if c.Item == nil {
		delete(d.now, at)
		return nil
	}
	place := d.last[c.Kind]
	if there {
		var err error
		if place, err = k.place(old.Body); err != nil {
			return fmt.Errorf("read %s %s: %w", c.Kind, c.ID, err)
		}
	} else {
		d.last[c.Kind]++
	}
	id, body, problems, err := k.stored(c.Item, old.Body, place, &d.sealer)
	if err != nil {
		return err
	}
	d.note(c.Kind, id, problems)
	return d.put(at, key{c.Kind, id}, body)
}

// put gives an item its place under its id, which may be a new one.
func (d *draft) put(from, to key, body []byte) error {
	if to.id == "" {
		d.findings = append(d.findings, Finding{Kind: to.kind, Text: "Give it a name."})
		return nil
	}
	if from != to {
		if _, taken := d.now[to]; taken {
			d.findings = append(d.findings, Finding{Kind: to.kind, ID: to.id, Text: "There is one of this name already."})
			return nil
		}
		delete(d.now, from)
	}
	d.now[to] = store.Setting{Kind: to.kind, ID: to.id, Body: body, Revision: d.before[to].Revision}
	return nil
}

func (d *draft) note(kind, id string, problems yamldoc.Problems) {
	for _, p := range problems {
		d.findings = append(d.findings, Finding{Kind: kind, ID: id, Field: p.Path, Text: p.Text})
	}
}

// become makes the draft what the settings say, at the revisions of now.
func (d *draft) become(then []store.Setting) {
	d.now = map[key]store.Setting{}
	for _, s := range then {
		at := key{s.Kind, s.ID}
		s.Revision = d.before[at].Revision
		d.now[at] = s
	}
}

// data is the draft as configs reads it.
func (d *draft) data() (*configs.Data, error) {
	var docs []configs.Document
	for _, at := range d.keys() {
		docs = append(docs, configs.Document{Kind: at.kind, ID: at.id, Body: d.now[at].Body})
	}
	return configs.FromDocuments(docs)
}

// keys are all items of the draft, by kind and id.
func (d *draft) keys() []key {
	return slices.SortedFunc(maps.Keys(d.now), func(a, b key) int {
		if c := strings.Compare(a.kind, b.kind); c != 0 {
			return c
		}
		return strings.Compare(a.id, b.id)
	})
}

// check is what is wrong with the draft as a whole, as *Refused, and what is probably not meant.
func (d *draft) check() ([]Finding, error) {
	if len(d.findings) > 0 {
		return nil, &Refused{d.findings}
	}
	data, err := d.data()
	if err != nil {
		return nil, err
	}
	problems, warned := data.Recheck()
	if len(problems) > 0 {
		r := &Refused{}
		for _, p := range problems {
			r.Findings = append(r.Findings, locate(data, p))
		}
		return nil, r
	}
	var warnings []Finding
	for _, p := range warned {
		warnings = append(warnings, locate(data, p))
	}
	return warnings, nil
}

// changed is what the draft would write: a nil body removes.
func (d *draft) changed() []store.Setting {
	var put []store.Setting
	for _, at := range d.keys() {
		if s := d.now[at]; !bytes.Equal(s.Body, d.before[at].Body) {
			put = append(put, s)
		}
	}
	for at, s := range d.before {
		if _, stays := d.now[at]; !stays {
			s.Body = nil
			put = append(put, s)
		}
	}
	return put
}

// secrets are the passwords that were made and that the draft has: one that another change of the same version undid is not.
func (d *draft) secrets() ([]configs.Secret, error) {
	if len(d.sealer.made) == 0 {
		return nil, nil
	}
	data, err := d.data()
	if err != nil {
		return nil, err
	}
	var all []configs.Secret
	for _, one := range d.sealer.made {
		if slices.ContainsFunc(data.Phones, func(p configs.Phone) bool { return p.User == one.User && p.HA1SHA256 == one.phone.HA1SHA256 }) {
			all = append(all, one.Secret)
		}
	}
	return all, nil
}
