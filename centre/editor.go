// Package centre edits a centre while it runs: trunks, numbers, routes, queues, people, phones, hours and flows are read and
// written one item at a time, in the words of data.yml. What is published together is one version, with its author, its reason
// and its differences; it is checked by the code that checks a data file, kept, and then taken by the node. It knows no HTTP,
// and decides nothing about calls.
package centre

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"hotline/configs"
	"hotline/store"
)

// Store keeps settings and their versions.
type Store interface {
	Settings(ctx context.Context, kind string) ([]store.Setting, error)
	PublishSettings(ctx context.Context, v store.SettingVersion, settings ...store.Setting) (store.SettingVersion, []store.Setting, error)
	SettingVersions(ctx context.Context, kind, id string, before int64, limit int) ([]store.SettingVersion, error)
	SettingVersion(ctx context.Context, number int64) (store.SettingVersion, []store.SettingStep, error)
	SettingsAt(ctx context.Context, number int64) ([]store.Setting, error)
}

// Editor publishes changes. Its methods may be called from any goroutine; publishings come one after another.
type Editor struct {
	store Store
	realm string
	apply func(ctx context.Context) error
	one   sync.Mutex
}

// NewEditor edits what the store keeps. realm is what phones' passwords are hashed for; apply makes the node take what was
// published, nil where none runs.
func NewEditor(s Store, realm string, apply func(ctx context.Context) error) *Editor {
	if apply == nil {
		apply = func(context.Context) error { return nil }
	}
	return &Editor{store: s, realm: realm, apply: apply}
}

// Item is one item of a centre in the words of data.yml. Secrets are not in it: Kept stands where one is.
type Item struct {
	Kind      string
	ID        string
	Revision  int64 // grows with each change
	UpdatedAt time.Time
	UpdatedBy string
	Item      json.RawMessage
}

// Change replaces, makes or removes one item.
type Change struct {
	Kind     string
	ID       string          // as it is now; "" for a new item
	Revision int64           // the one that was seen; 0 for a new item
	Item     json.RawMessage // nil removes it
}

// Result is what came of a publishing.
type Result struct {
	Version  store.SettingVersion // zero when nothing was changed, or only checked
	Items    []Item               // what was changed, as it is now; without what was removed
	Warnings []Finding
	Secrets  []configs.Secret // passwords that were made and kept, shown this once; also where the node did not take the version
}

// Refused are the mistakes for which nothing was published.
type Refused struct{ Findings []Finding }

// Error lists them, one a line.
func (r *Refused) Error() string {
	var lines []string
	for _, f := range r.Findings {
		lines = append(lines, f.String())
	}
	return strings.Join(lines, "\n")
}

// Fault gives kind and sentence to the edge.
func (r *Refused) Fault() (kind, sentence string) {
	if len(r.Findings) == 1 {
		return "invalid", r.Findings[0].String()
	}
	return "invalid", fmt.Sprintf("%d things must be corrected first.", len(r.Findings))
}

// NotTaken says that a version is kept but the node goes on with the one before. Err is why.
type NotTaken struct{ Err error }

// Error says why.
func (n *NotTaken) Error() string {
	return "the version is kept, but the node does not take it: " + n.Err.Error()
}

// Unwrap is why.
func (n *NotTaken) Unwrap() error { return n.Err }

// Fault gives kind and sentence to the edge.
func (*NotTaken) Fault() (kind, sentence string) {
	return "unavailable", "The version is kept, but the running node cannot take it and goes on with the one before; the log says why."
}

// Items are all items of a kind, in their order. The error is store.ErrNotFound for an unknown kind.
func (e *Editor) Items(ctx context.Context, kind string) ([]Item, error) {
	k, ok := kinds[kind]
	if !ok {
		return nil, store.ErrNotFound
	}
	settings, err := e.store.Settings(ctx, kind)
	if err != nil {
		return nil, err
	}
	places := make(map[string]int, len(settings))
	items := make([]Item, 0, len(settings))
	for _, s := range settings {
		item, err := shown(k, s)
		if err != nil {
			return nil, err
		}
		if places[s.ID], err = k.place(s.Body); err != nil {
			return nil, fmt.Errorf("read %s %s: %w", s.Kind, s.ID, err)
		}
		items = append(items, item)
	}
	slices.SortStableFunc(items, func(a, b Item) int { return cmp.Compare(places[a.ID], places[b.ID]) })
	return items, nil
}

func shown(k kind, s store.Setting) (Item, error) {
	wire, err := k.wire(s.Body)
	if err != nil {
		return Item{}, fmt.Errorf("read %s %s: %w", s.Kind, s.ID, err)
	}
	return Item{Kind: s.Kind, ID: s.ID, Revision: s.Revision, UpdatedAt: s.UpdatedAt, UpdatedBy: s.UpdatedBy, Item: wire}, nil
}

// Publish checks the centre with the changes, keeps them as one version and lets the node take it. Nothing is kept when the error is
// *Refused, store.ErrConflict (somebody else changed one of the items since) or store.ErrNotFound.
func (e *Editor) Publish(ctx context.Context, by, note string, changes ...Change) (Result, error) {
	return e.publish(ctx, store.SettingVersion{By: by, Note: note}, changes, false)
}

// Check says what Publish would say, and keeps nothing.
func (e *Editor) Check(ctx context.Context, changes ...Change) (Result, error) {
	return e.publish(ctx, store.SettingVersion{}, changes, true)
}

// Draft is the centre as it would be with the changes; the error is that of Check.
func (e *Editor) Draft(ctx context.Context, changes ...Change) (*configs.Data, error) {
	now, err := e.store.Settings(ctx, "")
	if err != nil {
		return nil, err
	}
	d := newDraft(now, e.realm)
	for _, c := range changes {
		if err := d.change(c); err != nil {
			return nil, err
		}
	}
	if _, err := d.check(); err != nil {
		return nil, err
	}
	return d.data()
}

func (e *Editor) publish(ctx context.Context, v store.SettingVersion, changes []Change, dry bool) (Result, error) {
	e.one.Lock()
	defer e.one.Unlock()
	now, err := e.store.Settings(ctx, "")
	if err != nil {
		return Result{}, err
	}
	d := newDraft(now, e.realm)
	for _, c := range changes {
		if err := d.change(c); err != nil {
			return Result{}, err
		}
	}
	var out Result
	if out.Warnings, err = d.check(); err != nil || dry {
		return out, err
	}
	err = e.keep(ctx, v, d, &out)
	return out, err
}

// keep writes a draft as a version and lets the node take it.
func (e *Editor) keep(ctx context.Context, v store.SettingVersion, d *draft, out *Result) error {
	put := d.changed()
	if len(put) == 0 {
		return nil
	}
	version, kept, err := e.store.PublishSettings(ctx, v, put...)
	if err != nil {
		return err
	}
	out.Version = version
	if out.Secrets, err = d.secrets(); err != nil {
		return err
	}
	for _, s := range kept {
		if s.Body == nil {
			continue
		}
		item, err := shown(kinds[s.Kind], s)
		if err != nil {
			return err
		}
		out.Items = append(out.Items, item)
	}
	if err := e.apply(context.WithoutCancel(ctx)); err != nil {
		return &NotTaken{err}
	}
	return nil
}

// Back brings the centre of an earlier version back, as a new version. Errors: store.ErrNotFound, *Refused.
func (e *Editor) Back(ctx context.Context, by string, number int64) (Result, error) {
	e.one.Lock()
	defer e.one.Unlock()
	then, err := e.store.SettingsAt(ctx, number)
	if err != nil {
		return Result{}, err
	}
	now, err := e.store.Settings(ctx, "")
	if err != nil {
		return Result{}, err
	}
	d := newDraft(now, e.realm)
	d.become(then)
	var out Result
	if out.Warnings, err = d.check(); err != nil {
		return out, err
	}
	err = e.keep(ctx, store.SettingVersion{By: by, Back: number}, d, &out)
	return out, err
}

// Replace makes the centre what data says, as one version: what data lacks is removed. Phones whose password is to be made keep the
// one they have. It returns the passwords that were made.
func (e *Editor) Replace(ctx context.Context, by, note string, data *configs.Data) ([]configs.Secret, error) {
	e.one.Lock()
	defer e.one.Unlock()
	now, err := e.store.Settings(ctx, "")
	if err != nil {
		return nil, err
	}
	d := newDraft(now, e.realm)
	before, err := d.data()
	if err != nil {
		return nil, err
	}
	data.KeepPhones(before.Phones)
	secrets := data.SealPhones(e.realm)
	docs, err := data.Documents()
	if err != nil {
		return nil, err
	}
	then := make([]store.Setting, 0, len(docs))
	for _, doc := range docs {
		then = append(then, store.Setting{Kind: doc.Kind, ID: doc.ID, Body: doc.Body})
	}
	d.become(then)
	var out Result
	if err := e.keep(ctx, store.SettingVersion{By: by, Note: note}, d, &out); err != nil {
		if out.Version.Number == 0 {
			secrets = nil // nothing was kept
		}
		return secrets, err
	}
	return secrets, nil
}
