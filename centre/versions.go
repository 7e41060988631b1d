package centre

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"hotline/configs"
	"hotline/store"
)

// Difference is what a version did to one item.
type Difference struct {
	Kind    string     `json:"kind"`
	ID      string     `json:"id"`
	What    string     `json:"what" enum:"made,changed,removed"`
	Fields  []Altered  `json:"fields,omitempty" doc:"what differs, by field; for a flow see lines"`
	Lines   []TextLine `json:"lines,omitempty" doc:"the text of a flow with what was taken out and put in, without most of what stayed"`
	Secrets bool       `json:"secrets,omitempty" doc:"a password was changed; it is not shown"`
	Moved   bool       `json:"moved,omitempty" doc:"its place among its kind is another"`
}

// Altered is a field that differs. A nil side has no such field.
type Altered struct {
	Field  string `json:"field"`
	Before any    `json:"before,omitempty"`
	After  any    `json:"after,omitempty"`
}

// Versions are publishings, the newest first: those below the number before (0 for all), and those that changed the item where kind and
// id are given.
func (e *Editor) Versions(ctx context.Context, kind, id string, before int64, limit int) ([]store.SettingVersion, error) {
	return e.store.SettingVersions(ctx, kind, id, before, limit)
}

// Version is one publishing and what it changed; store.ErrNotFound.
func (e *Editor) Version(ctx context.Context, number int64) (store.SettingVersion, []Difference, error) {
	v, steps, err := e.store.SettingVersion(ctx, number)
	if err != nil {
		return v, nil, err
	}
	shifted, err := moved(steps)
	if err != nil {
		return v, nil, err
	}
	var all []Difference
	for _, s := range steps {
		d, err := difference(s)
		if err != nil {
			return v, nil, err
		}
		d.Moved = shifted[key{s.Kind, s.ID}]
		if d.What != "changed" || len(d.Fields)+len(d.Lines) > 0 || d.Secrets || d.Moved {
			all = append(all, d) // the others only made room
		}
	}
	return v, all, nil
}

// moved are the items that passed others of their kind, the fewest that explain the new order: who only made room for one that came, or
// closed up to fill the place of one that went, has not moved.
func moved(steps []store.SettingStep) (map[key]bool, error) {
	type placed struct {
		id            string
		before, after int
	}
	all := map[string][]placed{}
	for _, s := range steps {
		k, ok := kinds[s.Kind]
		if !ok || s.Before == nil || s.After == nil {
			continue
		}
		p := placed{id: s.ID}
		var err, err2 error
		p.before, err = k.place(s.Before)
		p.after, err2 = k.place(s.After)
		if err := errors.Join(err, err2); err != nil {
			return nil, fmt.Errorf("find the place of %s %s: %w", s.Kind, s.ID, err)
		}
		all[s.Kind] = append(all[s.Kind], p)
	}
	out := map[key]bool{}
	for kind, items := range all {
		order := func(place func(placed) int) string {
			slices.SortStableFunc(items, func(a, b placed) int { return place(a) - place(b) })
			var text strings.Builder
			for _, p := range items {
				fmt.Fprintln(&text, p.id)
			}
			return text.String()
		}
		before, after := order(func(p placed) int { return p.before }), order(func(p placed) int { return p.after })
		if before == after {
			continue
		}
		for _, l := range textDiff(before, after) {
			if l.Sign == "+" {
				out[key{kind, l.Text}] = true
			}
		}
	}
	return out, nil
}

func difference(s store.SettingStep) (Difference, error) {
	d := Difference{Kind: s.Kind, ID: s.ID, What: "changed"}
	k, ok := kinds[s.Kind]
	if !ok {
		return d, nil // of a kind that this program has no more
	}
	switch {
	case s.Before == nil:
		d.What = "made"
	case s.After == nil:
		d.What = "removed"
	}
	if d.What == "changed" {
		was, err := k.secret(s.Before)
		is, err2 := k.secret(s.After)
		if err := errors.Join(err, err2); err != nil {
			return d, fmt.Errorf("compare %s %s: %w", s.Kind, s.ID, err)
		}
		d.Secrets = was != is
	}
	before, err := fieldsOf(k, s.Before)
	if err != nil {
		return d, fmt.Errorf("compare %s %s: %w", s.Kind, s.ID, err)
	}
	after, err := fieldsOf(k, s.After)
	if err != nil {
		return d, fmt.Errorf("compare %s %s: %w", s.Kind, s.ID, err)
	}
	if s.Kind == configs.KindFlow {
		d.Lines = textDiff(text(before["source"]), text(after["source"]))
		return d, nil
	}
	for _, name := range slices.Sorted(maps.Keys(joined(before, after))) {
		if !reflect.DeepEqual(before[name], after[name]) {
			d.Fields = append(d.Fields, Altered{name, before[name], after[name]})
		}
	}
	return d, nil
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func joined(a, b map[string]any) map[string]any {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// fieldsOf are an item's fields by name: those of structures within have names like register.user.
func fieldsOf(k kind, body []byte) (map[string]any, error) {
	flat := map[string]any{}
	if body == nil {
		return flat, nil
	}
	wire, err := k.wire(body)
	if err != nil {
		return nil, err
	}
	var item map[string]any
	if err := json.Unmarshal(wire, &item); err != nil {
		return nil, err
	}
	flatten("", item, flat)
	return flat, nil
}

func flatten(path string, item, into map[string]any) {
	for name, v := range item {
		if inner, ok := v.(map[string]any); ok && len(inner) > 0 {
			flatten(join(path, name), inner, into)
			continue
		}
		into[join(path, name)] = v
	}
}

// TextLine is a line of a text's difference: Sign is "+" for one put in, "-" for one taken out, " " for one that stayed, and "" where
// lines that stayed are left out.
type TextLine struct {
	Sign string `json:"sign" enum:"+,-, ,"`
	Text string `json:"text"`
}

// around is how many lines that stayed are shown beside a change.
const around = 3

// mostLines bounds the table that compares two texts; longer ones are shown whole, as taken out and put in.
const mostLines = 3000

// textDiff compares two texts by lines: the fewest that must go and come.
func textDiff(before, after string) []TextLine {
	a, b := lines(before), lines(after)
	if len(a) > mostLines || len(b) > mostLines {
		return append(signed("-", a), signed("+", b)...)
	}
	common := commonLines(a, b)
	var all []TextLine
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			all = append(all, TextLine{" ", a[i]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			all = append(all, TextLine{"-", a[i]})
			i++
		default:
			all = append(all, TextLine{"+", b[j]})
			j++
		}
	}
	return shortened(all)
}

func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

func signed(sign string, all []string) []TextLine {
	out := make([]TextLine, 0, len(all))
	for _, l := range all {
		out = append(out, TextLine{sign, l})
	}
	return out
}

// commonLines counts, for each pair of places, the longest sequence of lines that both rests share.
func commonLines(a, b []string) [][]int16 {
	table := make([][]int16, len(a)+1)
	cells := make([]int16, (len(a)+1)*(len(b)+1))
	for i := range table {
		table[i] = cells[i*(len(b)+1) : (i+1)*(len(b)+1)]
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				table[i][j] = table[i+1][j+1] + 1
			} else {
				table[i][j] = max(table[i+1][j], table[i][j+1])
			}
		}
	}
	return table
}

// shortened leaves out lines that stayed and are far from a change.
func shortened(all []TextLine) []TextLine {
	near := make([]bool, len(all))
	for i, l := range all {
		if l.Sign == " " {
			continue
		}
		for n := max(0, i-around); n <= min(len(all)-1, i+around); n++ {
			near[n] = true
		}
	}
	var out []TextLine
	for i, l := range all {
		switch {
		case near[i]:
			out = append(out, l)
		case i == 0 || near[i-1]:
			out = append(out, TextLine{})
		}
	}
	return out
}
