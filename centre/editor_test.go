package centre

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hotline/configs"
	"hotline/store"
)

// desk is an editor over a centre of two queues, a trunk with a password, a phone, a person, a calendar and a flow.
type desk struct {
	*testing.T
	*Editor
	db      *store.DB
	applied int
	fails   error
}

const data = `
trunks:
  - {id: t1, name: Carrier, sources: [203.0.113.7], targets: [{address: "203.0.113.7:5060"}], user: hotline, password: geheim, options_every: 30s}
numbers:
  - {number: "4001", flow: main}
  - {number: "4002", from: phone, flow: main}
routes:
  - {id: rest, steps: [{queue: sales}, {queue: care, after: 20s}]}
queues:
  - {id: sales, name: 销售, strategy: longest-idle, ring: 15s, wrap_up: 1m}
  - {id: care, max_waiting: 5}
people:
  - {login: amy, name: Amy, phone: "1001", queues: {sales: 1}, skills: {yue: 3}}
phones:
  - {user: "1001", password: correct-horse}
calendars:
  - {id: office, weekly: ["mon-fri 09:00-18:00"]}
flows: [main.yml]
`

const flow = "flow: main\nstart: wait\nnodes:\n  wait:\n    type: queue\n    on: {full: hangup, timeout: hangup, no-agents: hangup, closed: hangup}\n"

func open(t *testing.T) *desk {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "hotline.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	d := &desk{T: t, db: db}
	d.Editor = NewEditor(db, "hotline", func(context.Context) error {
		d.applied++
		return d.fails
	})
	read, err := configs.ReadDataFS(files{"data.yml": data, "main.yml": flow}.fs(), "data.yml", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Replace(t.Context(), "import", "", read); err != nil {
		t.Fatal(err)
	}
	d.applied = 0
	return d
}

// item is the one of a kind and id.
func (d *desk) item(kind, id string) Item {
	d.Helper()
	items, err := d.Items(d.Context(), kind)
	if err != nil {
		d.Fatal(err)
	}
	for _, one := range items {
		if one.ID == id {
			return one
		}
	}
	d.Fatalf("no %s %s", kind, id)
	return Item{}
}

// with is the change that sets a field of an item to a JSON value; "" takes it out.
func (d *desk) with(kind, id string, fieldsAndValues ...string) Change {
	d.Helper()
	one := d.item(kind, id)
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(one.Item, &fields); err != nil {
		d.Fatal(err)
	}
	for pair := range slices.Chunk(fieldsAndValues, 2) {
		if fields[pair[0]] = json.RawMessage(pair[1]); pair[1] == "" {
			delete(fields, pair[0])
		}
	}
	text, err := json.Marshal(fields)
	if err != nil {
		d.Fatal(err)
	}
	return Change{Kind: kind, ID: id, Revision: one.Revision, Item: text}
}

func (d *desk) publish(changes ...Change) Result {
	d.Helper()
	out, err := d.Publish(d.Context(), "amy", "why", changes...)
	if err != nil {
		d.Fatal(err)
	}
	return out
}

func TestItemsAreInTheWordsOfTheDataFile(t *testing.T) {
	d := open(t)
	for _, c := range []struct{ kind, id, want string }{
		{configs.KindQueue, "sales", `{"id":"sales","name":"销售","ring":"15s","strategy":"longest-idle","wrap_up":"1m"}`},
		{configs.KindQueue, "care", `{"id":"care","max_waiting":5}`},
		{configs.KindTrunk, "t1", `{"id":"t1","name":"Carrier","options_every":"30s","password":"(kept)","sources":["203.0.113.7"],"targets":[{"address":"203.0.113.7:5060"}],"user":"hotline"}`},
		{configs.KindPhone, "1001", `{"password":"(kept)","user":"1001"}`},
		{configs.KindNumber, "4002@/phone", `{"flow":"main","from":"phone","number":"4002"}`},
		{configs.KindRoute, "rest", `{"id":"rest","steps":[{"queue":"sales"},{"after":"20s","queue":"care"}]}`},
		{configs.KindPerson, "amy", `{"login":"amy","name":"Amy","phone":"1001","queues":{"sales":1},"skills":{"yue":3}}`},
		{configs.KindCallers, "callers", `{}`},
		{configs.KindFlow, "main.yml", `{"file":"main.yml","source":` + quote(flow) + `}`},
	} {
		if got := string(d.item(c.kind, c.id).Item); got != c.want {
			t.Errorf("%s %s: got %s, want %s", c.kind, c.id, got, c.want)
		}
	}
	if _, err := d.Items(t.Context(), "nonsense"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v for an unknown kind", err)
	}
}

func quote(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

func TestWhatIsPublishedIsKeptAndTaken(t *testing.T) {
	d := open(t)
	out := d.publish(d.with(configs.KindQueue, "sales", "strategy", `"round-robin"`), Change{Kind: configs.KindQueue, Item: json.RawMessage(`{"id":"new","ring":"1m30s"}`)})
	if d.applied != 1 || out.Version.Number == 0 || len(out.Items) != 2 {
		t.Fatalf("got %+v, applied %d times", out, d.applied)
	}
	items, _ := d.Items(t.Context(), configs.KindQueue)
	if len(items) != 3 || items[0].ID != "sales" || items[2].ID != "new" || items[0].Revision != 2 || items[0].UpdatedBy != "amy" {
		t.Errorf("got %+v: the order stays, what is new comes last", items)
	}
	v, diff, err := d.Version(t.Context(), out.Version.Number)
	if err != nil || v.By != "amy" || v.Note != "why" || len(diff) != 2 {
		t.Fatalf("got %+v %+v %v", v, diff, err)
	}
	if diff[0].What != "made" || diff[1].What != "changed" || len(diff[1].Fields) != 1 {
		t.Errorf("got %+v", diff)
	}
	if f := diff[1].Fields[0]; f.Field != "strategy" || f.Before != "longest-idle" || f.After != "round-robin" {
		t.Errorf("got %+v", f)
	}
}

func TestNothingChangedIsNoVersion(t *testing.T) {
	d := open(t)
	for _, kind := range []string{configs.KindTrunk, configs.KindPhone, configs.KindPerson, configs.KindQueue, configs.KindRoute, configs.KindCalendar, configs.KindFlow} {
		items, err := d.Items(t.Context(), kind)
		if err != nil || len(items) == 0 {
			t.Fatal(kind, err)
		}
		out := d.publish(Change{Kind: kind, ID: items[0].ID, Revision: items[0].Revision, Item: items[0].Item})
		if out.Version.Number != 0 || d.applied != 0 {
			t.Errorf("%s: writing an item back made version %d", kind, out.Version.Number)
		}
	}
}

func TestTwoEditorsDoNotOverwriteEachOther(t *testing.T) {
	d := open(t)
	mine, theirs := d.with(configs.KindQueue, "sales", "ring", `"20s"`), d.with(configs.KindQueue, "sales", "ring", `"30s"`)
	other := d.with(configs.KindQueue, "care", "ring", `"40s"`)
	d.publish(mine)
	if _, err := d.Publish(t.Context(), "bob", "", theirs); !errors.Is(err, store.ErrConflict) {
		t.Errorf("got %v, want a conflict", err)
	}
	d.publish(other) // of another item: both stand
	for id, want := range map[string]string{"sales": `"ring":"20s"`, "care": `"ring":"40s"`} {
		if got := string(d.item(configs.KindQueue, id).Item); !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %s", id, got, want)
		}
	}
}

func TestMistakesSayWhere(t *testing.T) {
	d := open(t)
	sales := d.item(configs.KindQueue, "sales").Revision
	for _, c := range []struct {
		change Change
		want   []string
	}{
		{d.with(configs.KindQueue, "sales", "strategy", `"nobody"`), []string{`queue sales strategy: "nobody" is no strategy`}},
		{d.with(configs.KindQueue, "sales", "ring", `"soon"`), []string{`queue sales ring: write a time such as 20s`}},
		{d.with(configs.KindQueue, "sales", "rign", `"20s"`), []string{`queue sales rign: unknown key; known here: id, name, `}},
		{d.with(configs.KindQueue, "sales", "max_waiting", `"many"`), []string{`queue sales max_waiting: write a whole number here, not "many"`}},
		{d.with(configs.KindQueue, "sales", "hours", `"none"`), []string{`queue sales hours: there is no calendar "none"; there is office`}},
		{d.with(configs.KindQueue, "sales", "id", `""`), []string{`queue: Give it a name.`}},
		{d.with(configs.KindQueue, "sales", "id", `"care"`), []string{`queue care: There is one of this name already.`}},
		{Change{Kind: configs.KindQueue, ID: "sales", Revision: sales}, []string{`route rest steps[0].queue: there is no queue "sales"`, `person amy queues: there is no queue "sales"`}},
		{Change{Kind: configs.KindQueue, Item: json.RawMessage(`{"id":"care"}`)}, []string{`queue care: There is one of this name already.`}},
		{Change{Kind: configs.KindQueue, Item: json.RawMessage(`[]`)}, []string{`queue: write keys and values here, not []`}},
		{d.with(configs.KindTrunk, "t1", "targets", `[{"address":"nowhere:0"}]`), []string{`trunk t1 targets[0].address: "nowhere:0" is no address`}},
		{d.with(configs.KindPerson, "amy", "phone", `"77"`), []string{`person amy phone: there is no phone "77"`}},
		{d.with(configs.KindCalendar, "office", "weekly", `["every day"]`), []string{`calendar office: weekly "every day"`}},
		{d.with(configs.KindFlow, "main.yml", "source", quote("flow: main\nstart: nowhere\nnodes: {}\n")), []string{`flow main.yml:`}},
		{d.with(configs.KindCallers, "callers", "vip", `["x"]`), []string{`callers callers vip[0]: "x" is no telephone number`}},
	} {
		_, err := d.Publish(t.Context(), "amy", "", c.change)
		var refused *Refused
		if !errors.As(err, &refused) {
			t.Errorf("%s: got %v, want a refusal", c.want, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("got %s, want %s", err, want)
			}
		}
	}
	if versions, _ := d.Versions(t.Context(), "", "", 0, 10); len(versions) != 1 || d.applied != 0 {
		t.Errorf("got %+v, applied %d times: nothing wrong is kept", versions, d.applied)
	}
}

func TestCheckKeepsNothing(t *testing.T) {
	d := open(t)
	if _, err := d.Check(t.Context(), d.with(configs.KindQueue, "sales", "ring", `"20s"`)); err != nil {
		t.Error(err)
	}
	out, err := d.Check(t.Context(), d.with(configs.KindPerson, "amy", "phone", ""))
	if err != nil || len(out.Warnings) == 0 || !strings.Contains(out.Warnings[0].String(), "person amy: amy is in queues but has no phone") {
		t.Errorf("got %+v %v, want a warning", out, err)
	}
	if got := d.item(configs.KindQueue, "sales"); got.Revision != 1 || d.applied != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestSecretsStayWhereTheyAre(t *testing.T) {
	d := open(t)
	d.publish(d.with(configs.KindTrunk, "t1", "name", `"Other"`), d.with(configs.KindPhone, "1001", "srtp", `"optional"`))
	centre := d.data()
	if centre.Trunks[0].Password != "geheim" || centre.Trunks[0].Name != "Other" {
		t.Errorf("got trunk %+v", centre.Trunks[0])
	}
	old := centre.Phones[0].HA1MD5
	if old == "" || centre.Phones[0].SRTP != "optional" {
		t.Errorf("got phone %+v", centre.Phones[0])
	}
	out := d.publish(d.with(configs.KindPhone, "1001", "password", `"generate"`), d.with(configs.KindTrunk, "t1", "password", `"neu"`))
	if len(out.Secrets) != 1 || out.Secrets[0].User != "1001" || len(out.Secrets[0].Password) < 12 {
		t.Errorf("got secrets %+v", out.Secrets)
	}
	centre = d.data()
	if centre.Phones[0].HA1MD5 == old || centre.Phones[0].HA1MD5 == "" || centre.Trunks[0].Password != "neu" {
		t.Errorf("got %+v %+v", centre.Phones[0], centre.Trunks[0])
	}
	_, diff, err := d.Version(t.Context(), out.Version.Number)
	if err != nil || len(diff) != 2 || !diff[0].Secrets || !diff[1].Secrets {
		t.Errorf("got %+v %v, want that secrets changed and nothing of them", diff, err)
	}
	out = d.publish(d.with(configs.KindTrunk, "t1", "password", `"dritt"`, "name", `"Third"`))
	if _, diff, err = d.Version(t.Context(), out.Version.Number); err != nil || len(diff) != 1 || !diff[0].Secrets || len(diff[0].Fields) != 1 {
		t.Errorf("a password and a name: got %+v %v", diff, err)
	}
	out = d.publish(d.with(configs.KindTrunk, "t1", "name", `"Fourth"`))
	if _, diff, err = d.Version(t.Context(), out.Version.Number); err != nil || len(diff) != 1 || diff[0].Secrets {
		t.Errorf("a name alone: got %+v %v", diff, err)
	}
}

// What only makes room has not changed; what passed others has.
func TestPlacesAreNoChanges(t *testing.T) {
	d := open(t)
	names := func(data *configs.Data) (all []string) {
		_, err := d.Replace(t.Context(), "amy", "", data)
		if err != nil {
			t.Fatal(err)
		}
		newest, err := d.Versions(t.Context(), "", "", 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		_, diff, err := d.Version(t.Context(), newest[0].Number)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range diff {
			all = append(all, fmt.Sprint(one.What, " ", one.ID, " ", one.Moved, " ", one.Secrets))
		}
		return all
	}
	more := d.data()
	more.Queues = append([]configs.Queue{{ID: "first"}, {ID: "second"}}, more.Queues...)
	if got, want := names(more), []string{"made first false false", "made second false false"}; !slices.Equal(got, want) {
		t.Errorf("two queues before all: %q, want %q", got, want)
	}
	turned := d.data()
	turned.Queues = append(turned.Queues[1:], turned.Queues[0])
	if got, want := names(turned), []string{"changed first true false"}; !slices.Equal(got, want) {
		t.Errorf("the first made the last: %q, want %q", got, want)
	}
}

// A password that was made is told when it is kept, also where the node does not take the version; what is not kept is not told.
func TestOnlyKeptPasswordsAreTold(t *testing.T) {
	d := open(t)
	fresh := func(user string) Change {
		return Change{Kind: configs.KindPhone, Item: json.RawMessage(`{"user":"` + user + `","password":"generate"}`)}
	}
	undone := d.with(configs.KindPhone, "1001", "srtp", `"optional"`)
	out := d.publish(d.with(configs.KindPhone, "1001", "password", `"generate"`), undone, fresh("1002"))
	if len(out.Secrets) != 1 || out.Secrets[0].User != "1002" {
		t.Errorf("got %+v, want the password of 1002 alone: that of 1001 was undone", out.Secrets)
	}
	d.fails = errors.New("no room")
	out, err := d.Publish(t.Context(), "amy", "", fresh("1003"))
	var not *NotTaken
	if !errors.As(err, &not) || out.Version.Number == 0 || len(out.Secrets) != 1 || out.Secrets[0].User != "1003" {
		t.Errorf("got %+v, %v, want a kept version with its password", out, err)
	}
	out, err = d.Publish(t.Context(), "amy", "", fresh("1004"), Change{Kind: configs.KindQueue, ID: "sales", Revision: 99})
	if !errors.Is(err, store.ErrConflict) || len(out.Secrets) != 0 {
		t.Errorf("got %+v, %v, want a conflict without a password", out, err)
	}
}

func (d *desk) data() *configs.Data {
	d.Helper()
	settings, err := d.db.Settings(d.Context(), "")
	if err != nil {
		d.Fatal(err)
	}
	data, err := newDraft(settings, "").data()
	if err != nil {
		d.Fatal(err)
	}
	return data
}

func TestBackIsAVersionToo(t *testing.T) {
	d := open(t)
	versions, err := d.Versions(t.Context(), "", "", 0, 10)
	if err != nil || len(versions) != 1 {
		t.Fatal(versions, err)
	}
	d.publish(d.with(configs.KindQueue, "sales", "ring", `"20s"`), Change{Kind: configs.KindQueue, Item: json.RawMessage(`{"id":"new"}`)})
	number := d.item(configs.KindNumber, "4002@/phone")
	d.publish(Change{Kind: configs.KindNumber, ID: number.ID, Revision: number.Revision})
	d.applied = 0
	out, err := d.Back(t.Context(), "bob", versions[0].Number)
	if err != nil || d.applied != 1 || out.Version.Back != versions[0].Number || out.Version.Changes != 3 {
		t.Fatalf("got %+v %v", out, err)
	}
	if got := string(d.item(configs.KindQueue, "sales").Item); !strings.Contains(got, `"ring":"15s"`) {
		t.Errorf("got %s", got)
	}
	d.item(configs.KindNumber, "4002@/phone")
	if items, _ := d.Items(t.Context(), configs.KindQueue); len(items) != 2 {
		t.Errorf("got %+v, want the new one gone", items)
	}
	if _, err := d.Back(t.Context(), "bob", 99); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v for a version that never was", err)
	}
}

func TestWhatTheNodeCannotTakeIsSaid(t *testing.T) {
	d := open(t)
	d.fails = errors.New("no room")
	_, err := d.Publish(t.Context(), "amy", "", d.with(configs.KindQueue, "sales", "ring", `"20s"`))
	var not *NotTaken
	if !errors.As(err, &not) || !strings.Contains(err.Error(), "no room") {
		t.Errorf("got %v", err)
	}
}

func TestNumbersMayBeRenamed(t *testing.T) {
	d := open(t)
	d.publish(d.with(configs.KindNumber, "4001@/", "number", `"4009"`))
	if got := d.item(configs.KindNumber, "4009@/"); got.Revision != 1 {
		t.Errorf("got %+v", got)
	}
	if items, _ := d.Items(t.Context(), configs.KindNumber); len(items) != 2 || items[0].ID != "4009@/" {
		t.Errorf("got %+v, want the same place", items)
	}
}

func TestADraftIsTheCentreWithTheChanges(t *testing.T) {
	d := open(t)
	data, err := d.Draft(t.Context(), d.with(configs.KindRoute, "rest", "steps", `[{"queue":"care"}]`))
	if err != nil || len(data.Routes) != 1 || data.Routes[0].Steps[0].Queue != "care" || len(data.Queues) != 2 {
		t.Errorf("got %+v %v", data, err)
	}
	if got := string(d.item(configs.KindRoute, "rest").Item); !strings.Contains(got, "sales") {
		t.Errorf("a draft was kept: %s", got)
	}
	if _, err := d.Draft(t.Context(), d.with(configs.KindRoute, "rest", "steps", `[{"queue":"none"}]`)); err == nil {
		t.Errorf("a draft with a mistake was taken")
	}
}
