package settings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
	"hotline/centre"
	"hotline/configs"
	"hotline/hours"
	"hotline/store"
)

// wire is an item of a centre in the words of data.yml; T says which words these are.
type wire[T any] struct{ json.RawMessage }

// Schema describes T by its yaml tags.
func (wire[T]) Schema(r huma.Registry) *huma.Schema { return wordsOf(r, reflect.TypeFor[T]()) }

// wordsOf is the schema of a type as data.yml writes it.
func wordsOf(r huma.Registry, t reflect.Type) *huma.Schema {
	if centre.IsTime(t) {
		return &huma.Schema{Type: huma.TypeString, Description: "a time such as 20s, 5m or 1h30m"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return wordsOf(r, t.Elem())
	case reflect.Slice:
		return &huma.Schema{Type: huma.TypeArray, Items: wordsOf(r, t.Elem())}
	case reflect.Map:
		return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: wordsOf(r, t.Elem())}
	case reflect.Bool:
		return &huma.Schema{Type: huma.TypeBoolean}
	case reflect.Struct:
		name := "Config" + t.Name()
		if _, ok := r.Map()[name]; !ok {
			s := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}}
			r.Map()[name] = s
			for _, f := range centre.Fields(t) {
				s.Properties[f.Name] = wordsOf(r, f.Type)
			}
		}
		return &huma.Schema{Ref: "#/components/schemas/" + name}
	case reflect.String:
		return &huma.Schema{Type: huma.TypeString}
	default:
		return &huma.Schema{Type: huma.TypeInteger}
	}
}

type configItem[T any] struct {
	ID        string    `json:"id"`
	Revision  int64     `json:"revision" doc:"grows with each change; a change names the one it was made from"`
	UpdatedAt time.Time `json:"updatedAt"`
	UpdatedBy string    `json:"updatedBy,omitempty"`
	Item      wire[T]   `json:"item" doc:"in the words of data.yml; (kept) stands where a secret is, and written back leaves it as it is"`
}

type configPage[T any] struct {
	Body struct {
		Items []configItem[T] `json:"items"`
		Total int             `json:"total" doc:"on all pages"`
	}
}

type configQuery struct {
	Search string   `query:"search" maxLength:"100" doc:"part of any text of the item"`
	Where  []string `query:"where,explode" maxItems:"10" doc:"field=value, or field alone for items that have it; all must hold. Fields within are written like register.user, those of mappings like queues.sales"`
	Sort   string   `query:"sort" maxLength:"60" doc:"a field, with - before it for the largest first; the order of the centre when left out"`
	Offset int      `query:"offset" minimum:"0"`
	Limit  int      `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// editable adds the list of one kind.
func editable[T any](s *Routes, list, kind, summary string) {
	op := huma.Operation{Method: "GET", Path: "/config/" + list, Summary: summary, Tags: []string{"config"}, OperationID: "config-" + list}
	gate.Add(s.Gate, account.Admin, op, func(ctx context.Context, _ gate.Identity, in *configQuery) (*configPage[T], error) {
		items, total, err := s.Editor.List(ctx, kind, centre.Query{Search: in.Search, Where: in.Where, Sort: in.Sort, Offset: in.Offset, Limit: in.Limit})
		out := &configPage[T]{}
		out.Body.Items, out.Body.Total = []configItem[T]{}, total
		for _, one := range items {
			out.Body.Items = append(out.Body.Items, configItem[T]{one.ID, one.Revision, one.UpdatedAt, one.UpdatedBy, wire[T]{one.Item}})
		}
		return out, err
	})
}

type changeIn struct {
	Kind     string         `json:"kind" enum:"trunk,number,route,queue,person,phone,calendar,callers,outside,codes,flow"`
	ID       string         `json:"id,omitempty" maxLength:"200" doc:"as it is now; absent for a new item"`
	Revision int64          `json:"revision,omitempty" doc:"the one that was seen; absent for a new item"`
	Item     map[string]any `json:"item,omitempty" doc:"in the words of data.yml, whole; absent removes the item"`
}

type publishIn struct {
	Body struct {
		Note    string     `json:"note,omitempty" maxLength:"500" doc:"why"`
		Check   bool       `json:"check,omitempty" doc:"say what is wrong and keep nothing"`
		Changes []changeIn `json:"changes" minItems:"1" maxItems:"10000"`
	}
}

type secretView struct {
	User     string `json:"user"`
	Password string `json:"password"`
}

type changedView struct {
	Kind     string `json:"kind"`
	ID       string `json:"id"`
	Revision int64  `json:"revision"`
}

type publishOut struct {
	Body struct {
		Version  int64            `json:"version,omitempty" doc:"absent where nothing was changed, or only checked"`
		Items    []changedView    `json:"items" doc:"what was changed, with its new revision; without what was removed"`
		Warnings []centre.Finding `json:"warnings" doc:"what works, but is probably not meant"`
		Secrets  []secretView     `json:"secrets" doc:"passwords of phones that were made and kept: shown this once"`
		NotTaken string           `json:"notTaken,omitempty" doc:"why the node goes on with the version before, though this one is kept; absent where it took it"`
	}
}

type versionsIn struct {
	Kind   string `query:"kind" maxLength:"20" doc:"only versions that changed an item of this kind"`
	ID     string `query:"id" maxLength:"200" doc:"only versions that changed this item of the kind"`
	Before int64  `query:"before" minimum:"0" doc:"the next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type versionsOut struct {
	Body struct {
		Versions []store.SettingVersion `json:"versions" doc:"the newest first"`
		Next     int64                  `json:"next,omitempty" doc:"before of the next page; absent at the end"`
	}
}

type versionIn struct {
	Number int64 `path:"number" minimum:"1"`
}

type differenceOut struct {
	Body struct {
		Version store.SettingVersion `json:"version"`
		Changes []centre.Difference  `json:"changes"`
	}
}

// centre adds how a centre is edited.
func (s *Routes) centre() {
	editable[configs.Trunk](s, "trunks", configs.KindTrunk, "Trunks as they are configured")
	editable[configs.Number](s, "numbers", configs.KindNumber, "Numbers that may be dialled")
	editable[configs.Route](s, "routes", configs.KindRoute, "Rules from number, region, topic and hours to queues")
	editable[configs.Queue](s, "queues", configs.KindQueue, "Queues as they are configured")
	editable[configs.Person](s, "people", configs.KindPerson, "Agents: their phone, queues and skills")
	editable[configs.Phone](s, "phones", configs.KindPhone, "Accounts that phones register with")
	editable[configs.Calendar](s, "calendars", configs.KindCalendar, "Opening hours, holidays and make-up days")
	editable[configs.Callers](s, "callers", configs.KindCallers, "Callers who come first, and callers who are refused: one item")
	editable[configs.Outside](s, "outside", configs.KindOutside, "What may be dialled outside: one item")
	editable[configs.Codes](s, "codes", configs.KindCodes, "Feature codes of phones: one item")
	editable[configs.FlowSource](s, "flows", configs.KindFlow, "Flows as they are written")
	tags := []string{"config"}
	gate.Add(s.Gate, account.Admin, huma.Operation{
		Method: "POST", Path: "/config/publish", Summary: "Change the centre: one version, checked, kept, and taken by the node", Tags: tags,
		Description: "All changes or none. A refusal (422) lists what is wrong in errors: value has kind, id, field, line and text. Calls under way go on.",
	}, s.publish)
	gate.Add(s.Gate, account.Admin, huma.Operation{Method: "GET", Path: "/config/holidays/{country}/{year}", Summary: "Public holidays and make-up days", Tags: tags}, publicHolidays)
	gate.Add(s.Gate, account.Admin, huma.Operation{Method: "GET", Path: "/config/versions", Summary: "What was published, the newest first", Tags: tags}, s.listVersions)
	gate.Add(s.Gate, account.Admin, huma.Operation{Method: "GET", Path: "/config/versions/{number}", Summary: "What a version changed", Tags: tags}, s.showVersion)
	gate.Add(s.Gate, account.Admin, huma.Operation{
		Method: "POST", Path: "/config/versions/{number}/back", Summary: "Bring the centre of a version back, as a new version", Tags: tags,
	}, s.backTo)
}

func (s *Routes) publish(ctx context.Context, who gate.Identity, in *publishIn) (*publishOut, error) {
	changes, err := changesOf(in.Body.Changes)
	if err != nil {
		return nil, err
	}
	if in.Body.Check {
		out, err := s.Editor.Check(ctx, changes...)
		return published(out), refusedBy(err)
	}
	out, err := s.Editor.Publish(ctx, who.Name, strings.TrimSpace(in.Body.Note), changes...)
	s.trailVersion(ctx, who, "config.publish", out, in.Body.Note)
	return s.kept(out, err)
}

func changesOf(asked []changeIn) ([]centre.Change, error) {
	changes := make([]centre.Change, 0, len(asked))
	for _, c := range asked {
		change := centre.Change{Kind: c.Kind, ID: c.ID, Revision: c.Revision}
		if c.Item != nil {
			text, err := json.Marshal(c.Item)
			if err != nil {
				return nil, fmt.Errorf("read an item: %w", err)
			}
			change.Item = text
		}
		changes = append(changes, change)
	}
	return changes, nil
}

type yearIn struct {
	Country string `path:"country" enum:"CN"`
	Year    int    `path:"year" minimum:"2000" maximum:"2100"`
}

type yearOut struct {
	Body struct {
		Holidays map[string]string `json:"holidays" doc:"names by date"`
		Workdays map[string]string `json:"workdays" doc:"make-up days by date: the weekday whose hours they have, and what for"`
	}
}

func publicHolidays(_ context.Context, _ gate.Identity, in *yearIn) (*yearOut, error) {
	year, ok := hours.China(in.Year)
	if !ok {
		return nil, huma.Error404NotFound("The public holidays of this year are not known here: they are published in the November before. Enter them by hand.")
	}
	out := &yearOut{}
	out.Body.Holidays, out.Body.Workdays = map[string]string{}, map[string]string{}
	for day, name := range year.Holidays {
		out.Body.Holidays[string(day)] = name
	}
	for day, like := range year.Workdays {
		out.Body.Workdays[string(day)] = like
	}
	return out, nil
}

// trailVersion notes a version that was kept, whether the node took it or not.
func (s *Routes) trailVersion(ctx context.Context, who gate.Identity, what string, out centre.Result, detail string) {
	if out.Version.Number == 0 {
		return
	}
	detail = strings.TrimSpace(fmt.Sprintf("%d items. %s", out.Version.Changes, detail))
	s.Audit(ctx, who, what, "version "+strconv.FormatInt(out.Version.Number, 10), detail)
}

func published(r centre.Result) *publishOut {
	out := &publishOut{}
	out.Body.Version, out.Body.Items, out.Body.Warnings, out.Body.Secrets = r.Version.Number, []changedView{}, gate.List(r.Warnings), []secretView{}
	for _, one := range r.Items {
		out.Body.Items = append(out.Body.Items, changedView{one.Kind, one.ID, one.Revision})
	}
	for _, one := range r.Secrets {
		out.Body.Secrets = append(out.Body.Secrets, secretView{one.User, one.Password})
	}
	return out
}

// kept is the answer where a version was kept: it also tells, with the passwords that were made, that the node did not take it.
func (s *Routes) kept(r centre.Result, err error) (*publishOut, error) {
	out := published(r)
	if not := new(centre.NotTaken); errors.As(err, &not) {
		_, out.Body.NotTaken = s.Answer(err)
		return out, nil
	}
	return out, refusedBy(err)
}

// refusedBy lists what is wrong with a centre in the errors of the answer; other errors are left as they are.
func refusedBy(err error) error {
	var r *centre.Refused
	if !errors.As(err, &r) {
		return err
	}
	details := make([]error, 0, len(r.Findings))
	for _, f := range r.Findings {
		details = append(details, &huma.ErrorDetail{Message: f.String(), Location: strings.Trim(f.Kind+"/"+f.ID+"/"+f.Field, "/"), Value: f})
	}
	_, sentence := r.Fault()
	return huma.Error422UnprocessableEntity(sentence, details...)
}

func (s *Routes) listVersions(ctx context.Context, _ gate.Identity, in *versionsIn) (*versionsOut, error) {
	all, err := s.Editor.Versions(ctx, in.Kind, in.ID, in.Before, in.Limit)
	out := &versionsOut{}
	out.Body.Versions = gate.List(all)
	if len(all) == in.Limit {
		out.Body.Next = all[len(all)-1].Number
	}
	return out, err
}

func (s *Routes) showVersion(ctx context.Context, _ gate.Identity, in *versionIn) (*differenceOut, error) {
	v, changes, err := s.Editor.Version(ctx, in.Number)
	out := &differenceOut{}
	out.Body.Version, out.Body.Changes = v, gate.List(changes)
	return out, err
}

func (s *Routes) backTo(ctx context.Context, who gate.Identity, in *versionIn) (*publishOut, error) {
	out, err := s.Editor.Back(ctx, who.Name, in.Number)
	s.trailVersion(ctx, who, "config.back", out, "to version "+strconv.FormatInt(in.Number, 10))
	return s.kept(out, err)
}
