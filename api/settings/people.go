package settings

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
	"hotline/centre"
	"hotline/configs"
)

type personView struct {
	ID       string         `json:"id,omitempty" doc:"absent for an agent of the configuration who cannot sign in"`
	Login    string         `json:"login"`
	Name     string         `json:"name"`
	Role     account.Role   `json:"role" enum:"admin,supervisor,agent"`
	State    string         `json:"state" enum:"active,disabled,no-password,no-account"`
	Agent    string         `json:"agent,omitempty" doc:"who this is in queues: an id of GET /config/people"`
	Phone    string         `json:"phone,omitempty"`
	Queues   map[string]int `json:"queues,omitempty"`
	Created  time.Time      `json:"createdAt,omitzero"`
	Revision int64          `json:"revision" doc:"of the account"`
}

type peopleIn struct {
	gate.Paging
	Role  string `query:"role" enum:"admin,supervisor,agent"`
	State string `query:"state" enum:"active,disabled,no-password,no-account"`
	Queue string `query:"queue" maxLength:"100" doc:"only agents of this queue"`
	Sort  string `query:"sort" enum:"login,-login,name,-name,role,-role,createdAt,-createdAt" default:"login"`
}

type peopleOut struct {
	Body struct {
		People []personView `json:"people"`
		Total  int          `json:"total" doc:"on all pages"`
	}
}

type newPersonIn struct {
	Body struct {
		Login    string         `json:"login" minLength:"2" maxLength:"64"`
		Name     string         `json:"name" maxLength:"100"`
		Role     account.Role   `json:"role" enum:"admin,supervisor,agent"`
		Phone    string         `json:"phone,omitempty" maxLength:"64" doc:"an agent's phone; with none, and no new one, the person is in no queue"`
		NewPhone bool           `json:"newPhone,omitempty" doc:"make the phone, with a password"`
		Queues   map[string]int `json:"queues,omitempty" doc:"levels by queue"`
	}
}

type newPersonOut struct {
	Body struct {
		Person   personView   `json:"person"`
		Secret   string       `json:"secret" doc:"one-time password, good for 24 hours, by which the person sets a password: shown this once"`
		Secrets  []secretView `json:"secrets" doc:"the password of a phone that was made and kept: shown this once"`
		NotTaken string       `json:"notTaken,omitempty" doc:"why the person is there and the node does not know the agent; absent where it does"`
	}
}

type changePersonIn struct {
	ID   string `path:"id"`
	Body struct {
		Revision int64         `json:"revision"`
		Name     *string       `json:"name,omitempty" maxLength:"100"`
		Role     *account.Role `json:"role,omitempty" enum:"admin,supervisor,agent"`
		Disabled *bool         `json:"disabled,omitempty" doc:"true signs the person out everywhere, at once"`
		Agent    *string       `json:"agent,omitempty" maxLength:"64" doc:"who this is in queues; empty for nobody"`
	}
}

type personOut struct{ Body personView }

type secretOut struct {
	Body struct {
		Secret string `json:"secret" doc:"one-time password, good for 24 hours: shown this once"`
	}
}

// people adds those who sign in.
func (s *Routes) people() {
	tags := []string{"people"}
	gate.Add(s.Gate, account.Admin, huma.Operation{Method: "GET", Path: "/people", Summary: "People who sign in, and agents who cannot yet", Tags: tags}, s.listPeople)
	gate.Add(s.Gate, account.Admin, huma.Operation{
		Method: "POST", Path: "/people", Summary: "Add a person, and make them an agent", Tags: tags, DefaultStatus: 201,
		Description: "The person sets a password by the one-time password that is answered. With a phone they become an agent, which is a version of the centre.",
	}, s.invite)
	gate.Add(s.Gate, account.Admin, huma.Operation{Method: "PATCH", Path: "/people/{id}", Summary: "Change a person's name or role, or disable them", Tags: tags}, s.changePerson)
	gate.Add(s.Gate, account.Admin, huma.Operation{
		Method: "POST", Path: "/people/{id}/one-time-password", Summary: "Let a person set a new password; the present one works until then", Tags: tags,
	}, s.resetPassword)
}

func (s *Routes) listPeople(ctx context.Context, _ gate.Identity, in *peopleIn) (*peopleOut, error) {
	all, err := s.everybody(ctx)
	if err != nil {
		return nil, err
	}
	out := &peopleOut{}
	out.Body.People, out.Body.Total = gate.Paged(all, in.Paging, in.Sort, in.fits, personView.compare)
	return out, nil
}

func (in *peopleIn) fits(p personView) bool {
	if in.Role != "" && string(p.Role) != in.Role || in.State != "" && p.State != in.State {
		return false
	}
	if _, ok := p.Queues[in.Queue]; in.Queue != "" && !ok {
		return false
	}
	return in.Has(p.Login, p.Name, p.Phone)
}

func (p personView) compare(o personView, by string) int {
	switch by {
	case "name":
		return gate.Folded(p.Name, o.Name)
	case "role":
		return cmp.Compare(p.Role, o.Role)
	case "createdAt":
		return p.Created.Compare(o.Created)
	default:
		return gate.Folded(p.Login, o.Login)
	}
}

// everybody is the accounts with what they are in queues, and agents without an account.
func (s *Routes) everybody(ctx context.Context) ([]personView, error) {
	accounts, err := s.Accounts.People(ctx)
	if err != nil {
		return nil, err
	}
	items, err := s.Editor.Items(ctx, configs.KindPerson)
	if err != nil {
		return nil, err
	}
	agents := map[string]configs.Person{}
	for _, one := range items {
		p, err := agentOf(one)
		if err != nil {
			return nil, err
		}
		agents[strings.ToLower(p.Login)] = p
	}
	all := make([]personView, 0, len(accounts))
	for _, p := range accounts {
		v := viewOfPerson(p)
		key := strings.ToLower(cmp.Or(p.AgentID, p.Login))
		if a, ok := agents[key]; ok {
			v.Phone, v.Queues = a.Phone, a.Queues
			delete(agents, key)
		}
		all = append(all, v)
	}
	for _, a := range agents {
		role := account.Role(cmp.Or(a.Role, string(account.Agent)))
		all = append(all, personView{Login: a.Login, Name: cmp.Or(a.Name, a.Login), Role: role, State: "no-account", Agent: a.Login, Phone: a.Phone, Queues: a.Queues})
	}
	return all, nil
}

// agentOf reads what the list of people needs of an item.
func agentOf(one centre.Item) (configs.Person, error) {
	var p struct {
		Login, Name, Role, Phone string
		Queues                   map[string]int
	}
	if err := json.Unmarshal(one.Item, &p); err != nil {
		return configs.Person{}, fmt.Errorf("read person %s: %w", one.ID, err)
	}
	return configs.Person{Login: p.Login, Name: p.Name, Role: p.Role, Phone: p.Phone, Queues: p.Queues}, nil
}

func viewOfPerson(p account.Person) personView {
	v := personView{ID: string(p.ID), Login: p.Login, Name: p.Name, Role: p.Role, State: "active", Agent: p.AgentID, Created: p.CreatedAt, Revision: p.Revision}
	switch {
	case p.Disabled:
		v.State = "disabled"
	case p.Hash == "":
		v.State = "no-password"
	}
	return v
}

// invite makes the account first: a login that is taken or badly formed leaves the centre alone. That the centre takes the agent was
// checked before.
func (s *Routes) invite(ctx context.Context, who gate.Identity, in *newPersonIn) (*newPersonOut, error) {
	changes, agent, err := s.agentChanges(ctx, in)
	if err != nil {
		return nil, err
	}
	if len(changes) > 0 {
		if _, err := s.Editor.Check(ctx, changes...); err != nil {
			return nil, refusedBy(err)
		}
	}
	p, secret, err := s.Accounts.Invite(ctx, account.Person{Login: in.Body.Login, Name: cmp.Or(strings.TrimSpace(in.Body.Name), in.Body.Login), Role: in.Body.Role, AgentID: agent})
	if err != nil {
		return nil, err
	}
	s.Audit(ctx, who, "person.create", string(p.ID), string(p.Role)+" "+p.Login)
	out := &newPersonOut{}
	out.Body.Person, out.Body.Secret, out.Body.Secrets = viewOfPerson(p), secret, []secretView{}
	out.Body.Person.Phone, out.Body.Person.Queues = in.Body.Phone, in.Body.Queues
	if len(changes) == 0 {
		return out, nil
	}
	done, err := s.Editor.Publish(ctx, who.Name, "new: "+p.Login, changes...)
	s.trailVersion(ctx, who, "config.publish", done, "new: "+p.Login)
	if done.Version.Number == 0 && err != nil { // somebody else changed the centre since the check: the person is there, the agent is not
		out.Body.Person.Phone, out.Body.Person.Queues = "", nil
		_, out.Body.NotTaken = s.Answer(err)
		return out, nil
	}
	version, err := s.kept(done, err)
	out.Body.Secrets, out.Body.NotTaken = version.Body.Secrets, version.Body.NotTaken
	return out, err
}

// agentChanges make a new person an agent; who is in the configuration already stays what they are there.
func (s *Routes) agentChanges(ctx context.Context, in *newPersonIn) (changes []centre.Change, agent string, err error) {
	b := in.Body
	items, err := s.Editor.Items(ctx, configs.KindPerson)
	if err != nil {
		return nil, "", err
	}
	for _, one := range items {
		if strings.EqualFold(one.ID, strings.TrimSpace(b.Login)) {
			return nil, one.ID, nil
		}
	}
	if b.Phone == "" {
		if b.NewPhone || len(b.Queues) > 0 {
			return nil, "", huma.Error422UnprocessableEntity("An agent in queues needs a phone: say which.")
		}
		return nil, "", nil
	}
	if b.NewPhone {
		changes = append(changes, change(configs.KindPhone, map[string]any{"user": b.Phone, "password": "generate"}))
	}
	agent = strings.TrimSpace(b.Login)
	person := map[string]any{"login": agent, "name": b.Name, "phone": b.Phone, "queues": b.Queues}
	if b.Role != account.Agent {
		person["role"] = b.Role
	}
	return append(changes, change(configs.KindPerson, person)), agent, nil
}

// change is a new item of the centre.
func change(kind string, item map[string]any) centre.Change {
	text, _ := json.Marshal(item) // texts and numbers only
	return centre.Change{Kind: kind, Item: text}
}

func (s *Routes) changePerson(ctx context.Context, who gate.Identity, in *changePersonIn) (*personOut, error) {
	p, err := s.Accounts.Person(ctx, account.ID(in.ID))
	if err != nil {
		return nil, err
	}
	b := in.Body
	p.Revision = b.Revision
	var what []string
	set(&p.Name, b.Name, "name", &what)
	set(&p.Role, b.Role, "role", &what)
	set(&p.Disabled, b.Disabled, "disabled", &what)
	set(&p.AgentID, b.Agent, "agent", &what)
	if p, err = s.Accounts.Change(ctx, p); err != nil {
		return nil, err
	}
	s.Audit(ctx, who, "person.change", in.ID, p.Login+": "+strings.Join(what, ", "))
	return &personOut{viewOfPerson(p)}, nil
}

// set changes a field that a request has, and notes how.
func set[T comparable](field, to *T, name string, what *[]string) {
	if to != nil && *to != *field {
		*field = *to
		*what = append(*what, fmt.Sprintf("%s %v", name, *to))
	}
}

func (s *Routes) resetPassword(ctx context.Context, who gate.Identity, in *gate.ByID) (*secretOut, error) {
	secret, err := s.Accounts.PasswordLink(ctx, account.ID(in.ID))
	if err != nil {
		return nil, err
	}
	s.Audit(ctx, who, "person.one-time-password", in.ID, "")
	out := &secretOut{}
	out.Body.Secret = secret
	return out, nil
}
