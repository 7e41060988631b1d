package storetest

import (
	"reflect"
	"testing"

	"hotline/store"
)

var versionBehaviours = []behaviour{
	{"versions/what is published together is one version", versions},
	{"versions/nothing of a version is kept when a part of it is refused", versionsTogether},
	{"versions/the settings of an earlier version come back", versionsAt},
	{"versions/come a page at a time, and those of one setting", versionsListed},
}

// publish is a version of the settings; a body of "" deletes.
func publish(t *testing.T, s Store, by, note string, settings ...store.Setting) store.SettingVersion {
	t.Helper()
	for i := range settings {
		if len(settings[i].Body) == 0 {
			settings[i].Body = nil
		}
	}
	v, kept, err := s.PublishSettings(t.Context(), store.SettingVersion{By: by, Note: note}, settings...)
	must(t, err)
	if len(kept) != len(settings) || v.Changes != len(settings) || v.At.IsZero() {
		t.Errorf("got %+v and %d settings, want %d", v, len(kept), len(settings))
	}
	return v
}

func versions(t *testing.T, s Store) {
	ctx := t.Context()
	first := publish(t, s, "amy", "two queues", setting("queue", "a", `1`, 0), setting("queue", "b", `2`, 0))
	second := publish(t, s, "bob", "", setting("queue", "a", `3`, 1), setting("queue", "b", ``, 1), setting("trunk", "t", `4`, 0))
	v, steps, err := s.SettingVersion(ctx, second.Number)
	must(t, err)
	if !reflect.DeepEqual(v, second) {
		t.Errorf("got %+v, want %+v", v, second)
	}
	var got []string
	for _, step := range steps {
		got = append(got, step.Kind+"/"+step.ID+" "+string(step.Before)+">"+string(step.After))
	}
	if want := []string{"queue/a 1>3", "queue/b 2>", "trunk/t >4"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if first.Number >= second.Number || first.Note != "two queues" {
		t.Errorf("got %+v before %+v", first, second)
	}
	_, _, err = s.SettingVersion(ctx, 99)
	wantErr(t, "unknown", err, store.ErrNotFound)
}

func versionsTogether(t *testing.T, s Store) {
	ctx := t.Context()
	publish(t, s, "amy", "", setting("queue", "a", `1`, 0))
	for what, bad := range map[string]store.Setting{
		"a wrong revision": setting("queue", "a", `2`, 7), "a new one that is there": setting("queue", "a", `2`, 0),
		"a deletion of what is not there": {Kind: "queue", ID: "z"}, "no JSON": setting("queue", "a", `{`, 1),
	} {
		_, _, err := s.PublishSettings(ctx, store.SettingVersion{By: "bob"}, setting("queue", "b", `2`, 0), bad)
		if err == nil {
			t.Errorf("%s was taken", what)
		}
	}
	if got := value(s.Settings(ctx, ""))(t); len(got) != 1 || string(got[0].Body) != "1" {
		t.Errorf("got %+v, want nothing changed", got)
	}
	if got := value(s.SettingVersions(ctx, "", "", 0, 10))(t); len(got) != 1 {
		t.Errorf("got %+v, want one version", got)
	}
}

func versionsAt(t *testing.T, s Store) {
	ctx := t.Context()
	first := publish(t, s, "amy", "", setting("queue", "a", `1`, 0), setting("queue", "b", `2`, 0))
	publish(t, s, "bob", "", setting("queue", "a", `3`, 1), setting("queue", "b", ``, 1), setting("queue", "c", `4`, 0))
	var got []string
	for _, is := range value(s.SettingsAt(ctx, first.Number))(t) {
		got = append(got, is.ID+string(is.Body))
	}
	if want := []string{"a1", "b2"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	_, err := s.SettingsAt(ctx, 99)
	wantErr(t, "unknown", err, store.ErrNotFound)
}

func versionsListed(t *testing.T, s Store) {
	ctx := t.Context()
	publish(t, s, "amy", "1", setting("queue", "a", `1`, 0))
	publish(t, s, "amy", "2", setting("trunk", "a", `1`, 0))
	publish(t, s, "amy", "3", setting("queue", "b", `1`, 0), setting("queue", "a", `2`, 1))
	notes := func(kind, id string, before int64, limit int) (all string) {
		for _, v := range value(s.SettingVersions(ctx, kind, id, before, limit))(t) {
			all += v.Note
		}
		return all
	}
	newest := value(s.SettingVersions(ctx, "", "", 0, 1))(t)[0].Number
	for _, c := range []struct{ got, want string }{
		{notes("", "", 0, 10), "321"}, {notes("", "", 0, 2), "32"}, {notes("", "", newest, 10), "21"},
		{notes("queue", "", 0, 10), "31"}, {notes("queue", "b", 0, 10), "3"}, {notes("queue", "none", 0, 10), ""},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
