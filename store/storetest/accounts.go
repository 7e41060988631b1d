package storetest

import (
	"reflect"
	"strconv"
	"sync"
	"testing"
	"time"

	"hotline/account"
)

var accountBehaviours = []behaviour{
	{"people/come back whole by id and by login in any letter case", peopleWhole},
	{"people/a login is taken once, in any letter case", peopleTaken},
	{"people/the first administrator is first only once", peopleFirst},
	{"people/a change of an old revision conflicts", peopleConflict},
	{"sessions/live until they are ended", sessions},
	{"sessions/one that was ended is not brought back by its use", sessionsStayEnded},
	{"sessions/expired ones go, with the links", sessionsExpire},
	{"tokens/live until they are deleted", tokens},
	{"links/work once, even for many at once", links},
}

func person(id account.ID, login string) account.Person {
	return account.Person{
		ID: id, Login: login, Name: "Name " + odd, Role: account.Agent, AgentID: "a1", Disabled: true, Hash: "$argon2id$", CreatedAt: noon,
		UpdatedAt: noon, Revision: 1,
	}
}

func peopleWhole(t *testing.T, s Store) {
	ctx := t.Context()
	p, q := person("p1", "Li.Na"), person("p2", "amy")
	allSet(t, p)
	must(t, s.InsertPerson(ctx, p, false))
	must(t, s.InsertPerson(ctx, q, false))
	for _, got := range []account.Person{value(s.Person(ctx, "p1"))(t), value(s.PersonByLogin(ctx, " lI.nA "))(t)} {
		if !reflect.DeepEqual(got, p) {
			t.Errorf("got %+v, want %+v", got, p)
		}
	}
	if got := value(s.People(ctx))(t); len(got) != 2 || got[0].ID != "p2" {
		t.Errorf("got %+v, want two by login", got)
	}
	_, err := s.Person(ctx, "nobody")
	wantErr(t, "unknown id", err, account.ErrNotFound)
	_, err = s.PersonByLogin(ctx, "' OR 1=1 --")
	wantErr(t, "unknown login", err, account.ErrNotFound)
}

func peopleTaken(t *testing.T, s Store) {
	ctx := t.Context()
	must(t, s.InsertPerson(ctx, person("p1", "amy"), false))
	wantErr(t, "insert", s.InsertPerson(ctx, person("p2", "AMY"), false), account.ErrLoginTaken)
	q := person("p3", "bob")
	must(t, s.InsertPerson(ctx, q, false))
	q.Login, q.Revision = "Amy", 2
	wantErr(t, "update", s.UpdatePerson(ctx, q), account.ErrLoginTaken)
}

func peopleFirst(t *testing.T, s Store) {
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
		made int
	)
	agent := person("a1", "amy")
	if err := s.InsertPerson(t.Context(), agent, false); err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		wait.Go(func() {
			p := person(account.ID("p"+strconv.Itoa(i)), "l"+strconv.Itoa(i))
			p.Role = account.Admin
			err := s.InsertPerson(t.Context(), p, true)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				made++
				return
			}
			wantErr(t, "a second first", err, account.ErrNotFirst)
		})
	}
	wait.Wait()
	if made != 1 {
		t.Errorf("got %d first administrators beside an agent, want 1", made)
	}
}

func peopleConflict(t *testing.T, s Store) {
	ctx := t.Context()
	p := person("p1", "amy")
	must(t, s.InsertPerson(ctx, p, false))
	p.Name, p.Role, p.Disabled, p.Hash, p.AgentID, p.UpdatedAt, p.Revision = "Amy", account.Admin, false, "h2", "", noon.Add(time.Hour), 2
	must(t, s.UpdatePerson(ctx, p))
	if got := value(s.Person(ctx, "p1"))(t); !reflect.DeepEqual(got, p) {
		t.Errorf("got %+v, want %+v", got, p)
	}
	wantErr(t, "the same revision again", s.UpdatePerson(ctx, p), account.ErrConflict)
	p.ID = "nobody"
	wantErr(t, "an unknown person", s.UpdatePerson(ctx, p), account.ErrNotFound)
}

func session(hash string, id account.ID, expires time.Duration) account.Session {
	return account.Session{Hash: hash, Person: id, Source: "::1", Since: noon, LastUsed: noon, Expires: noon.Add(expires)}
}

func sessions(t *testing.T, s Store) {
	ctx := t.Context()
	must(t, s.InsertPerson(ctx, person("p1", "amy"), false))
	for _, hash := range []string{"h1", "h2", "h3"} {
		must(t, s.SaveSession(ctx, session(hash, "p1", time.Hour)))
	}
	want := session("h1", "p1", 2*time.Hour)
	want.LastUsed = noon.Add(time.Minute)
	allSet(t, want)
	must(t, s.TouchSession(ctx, want))
	if got := value(s.Session(ctx, "h1"))(t); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	must(t, s.EndSession(ctx, "h2"))
	must(t, s.EndSession(ctx, "h2"))
	must(t, s.EndSessions(ctx, "p1", "h1"))
	for hash, lives := range map[string]bool{"h1": true, "h2": false, "h3": false} {
		if _, err := s.Session(ctx, hash); (err == nil) != lives {
			t.Errorf("%s: got %v, want it to live: %v", hash, err, lives)
		}
	}
}

func sessionsStayEnded(t *testing.T, s Store) {
	ctx := t.Context()
	must(t, s.InsertPerson(ctx, person("p1", "amy"), false))
	one := session("h1", "p1", time.Hour)
	must(t, s.SaveSession(ctx, one))
	must(t, s.EndSession(ctx, "h1"))
	must(t, s.TouchSession(ctx, one))
	_, err := s.Session(ctx, "h1")
	wantErr(t, "an ended session", err, account.ErrNotFound)
}

func sessionsExpire(t *testing.T, s Store) {
	ctx := t.Context()
	must(t, s.InsertPerson(ctx, person("p1", "amy"), false))
	must(t, s.SaveSession(ctx, session("old", "p1", time.Hour)))
	must(t, s.SaveSession(ctx, session("new", "p1", 3*time.Hour)))
	must(t, s.SaveLink(ctx, account.Link{Hash: "l", Purpose: account.FirstAdmin, Expires: noon.Add(time.Hour)}))
	must(t, s.EndExpired(ctx, noon.Add(2*time.Hour)))
	_, err := s.Session(ctx, "old")
	wantErr(t, "the old session", err, account.ErrNotFound)
	_, err = s.Session(ctx, "new")
	must(t, err)
	_, err = s.UseLink(ctx, "l")
	wantErr(t, "the old link", err, account.ErrNotFound)
}

func tokens(t *testing.T, s Store) {
	ctx := t.Context()
	want := account.Token{ID: "t1", Name: odd, Role: account.Supervisor, Hash: "h1", By: "p1", CreatedAt: noon, Expires: noon.Add(time.Hour)}
	must(t, s.SaveToken(ctx, want))
	want.LastUsed = noon.Add(time.Hour)
	allSet(t, want)
	must(t, s.TouchToken(ctx, want))
	if got := value(s.TokenByHash(ctx, "h1"))(t); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := value(s.Tokens(ctx))(t); len(got) != 1 || got[0] != want {
		t.Errorf("list: got %+v", got)
	}
	must(t, s.DeleteToken(ctx, "t1"))
	must(t, s.TouchToken(ctx, want))
	_, err := s.TokenByHash(ctx, "h1")
	wantErr(t, "a deleted token", err, account.ErrNotFound)
	wantErr(t, "delete again", s.DeleteToken(ctx, "t1"), account.ErrNotFound)
}

func links(t *testing.T, s Store) {
	want := account.Link{Hash: "h", Purpose: account.NewSecret, Person: "p1", Expires: noon}
	allSet(t, want)
	must(t, s.SaveLink(t.Context(), want))
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
		used int
	)
	for range 6 {
		wait.Go(func() {
			got, err := s.UseLink(t.Context(), "h")
			mu.Lock()
			defer mu.Unlock()
			if err == nil && got == want {
				used++
				return
			}
			wantErr(t, "a second use", err, account.ErrNotFound)
		})
	}
	wait.Wait()
	if used != 1 {
		t.Errorf("a link worked %d times", used)
	}
}

var trailBehaviours = []behaviour{
	{"trail/numbers its lines and chains them", trail},
	{"trail/keeps the chain with many writers", trailConcurrent},
	{"trail/is found by every field", trailFound},
}

func trail(t *testing.T, s Store) {
	ctx := t.Context()
	for i := range 5 {
		e := account.Entry{At: noon.Add(time.Duration(i)), Who: "p1", Name: odd, What: "login", Object: odd, Detail: odd, Source: "::1"}
		got := value(s.AppendTrail(ctx, e))(t)
		if got.Number != int64(i+1) || got.Hash == "" {
			t.Errorf("got %+v, want number %d", got, i+1)
		}
	}
	verify(t, s, 5)
}

// verify reads the whole trail in order and checks its chain.
func verify(t *testing.T, s Store, want int) {
	t.Helper()
	lines := value(s.TrailOf(t.Context(), account.TrailQuery{Limit: 1000}))(t)
	if len(lines) != want {
		t.Fatalf("got %d lines, want %d", len(lines), want)
	}
	for i, k := 0, len(lines)-1; i < k; i, k = i+1, k-1 {
		lines[i], lines[k] = lines[k], lines[i]
	}
	if wrong := account.VerifyTrail("", lines); wrong != 0 {
		t.Errorf("line %d breaks the chain", wrong)
	}
	lines[1].Who = "somebody else"
	if wrong := account.VerifyTrail("", lines); wrong != 2 {
		t.Errorf("a changed line 2: got %d", wrong)
	}
}

func trailConcurrent(t *testing.T, s Store) {
	var wait sync.WaitGroup
	for range 5 {
		wait.Go(func() {
			for range 10 {
				if _, err := s.AppendTrail(t.Context(), account.Entry{At: noon, Who: "p", What: "x"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	verify(t, s, 50)
}

func trailFound(t *testing.T, s Store) {
	ctx := t.Context()
	for i, who := range []string{"p1", "p2", "p1"} {
		value(s.AppendTrail(ctx, account.Entry{At: noon.Add(time.Duration(i) * time.Hour), Who: who, What: "w" + who, Object: "o" + strconv.Itoa(i), Detail: []string{"", "50", "5_% off"}[i]}))(t)
	}
	value(s.AppendTrail(ctx, account.Entry{At: noon.Add(-time.Hour), Who: "p3", What: "group.made"}))(t)
	for _, c := range []struct {
		name string
		q    account.TrailQuery
		want []int64
	}{
		{"all", account.TrailQuery{}, []int64{4, 3, 2, 1}}, {"who", account.TrailQuery{Who: "p1"}, []int64{3, 1}}, {"what", account.TrailQuery{What: "wp2"},
			[]int64{2}},
		{"object", account.TrailQuery{Object: "o0"}, []int64{1}}, {"from", account.TrailQuery{From: noon.Add(time.Hour)}, []int64{3, 2}},
		{"to", account.TrailQuery{To: noon.Add(time.Hour)}, []int64{4, 1}}, {"page", account.TrailQuery{Before: 3, Limit: 1}, []int64{2}},
		{"beginning", account.TrailQuery{What: "w."}, nil}, {"search", account.TrailQuery{Search: "O1"}, []int64{2}}, {"in the detail", account.TrailQuery{Search: "5_%"}, []int64{3}},
		{"a sign is itself", account.TrailQuery{Search: "o_"}, nil}, {"a group", account.TrailQuery{What: "group."}, []int64{4}},
		{"injection", account.TrailQuery{Who: "' OR 1=1 --"}, nil},
		{"the oldest first", account.TrailQuery{Sort: "at"}, []int64{1, 2, 3, 4}}, {"and on", account.TrailQuery{Sort: "at", Before: 2}, []int64{3, 4}},
		{"by what", account.TrailQuery{Sort: "what"}, []int64{4, 1, 3, 2}}, {"and on by what", account.TrailQuery{Sort: "what", Before: 1}, []int64{3, 2}},
		{"by what, the last first", account.TrailQuery{Sort: "-what"}, []int64{2, 3, 1, 4}}, {"and on", account.TrailQuery{Sort: "-what", Before: 3}, []int64{1, 4}},
		{"by name", account.TrailQuery{Sort: "who", Before: 2}, []int64{3, 4}}, {"by name, the last first", account.TrailQuery{Sort: "-who", Limit: 3}, []int64{4, 3, 2}},
	} {
		var got []int64
		for _, e := range value(s.TrailOf(ctx, c.q))(t) {
			got = append(got, e.Number)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}
