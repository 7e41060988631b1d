package storetest

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"hotline/recording"
	"hotline/sip/registrar"
	"hotline/sip/transport"
	"hotline/store"
)

var settingBehaviours = []behaviour{
	{"settings/are read by kind and id, and counted", settings},
	{"settings/a revision of a document that is gone never fits again", settingsGone},
	{"settings/what is no JSON or has no name is refused", settingsInvalid},
}

func setting(kind, id, body string, revision int64) store.Setting {
	return store.Setting{Kind: kind, ID: id, Body: json.RawMessage(body), Revision: revision}
}

func settings(t *testing.T, s Store) {
	ctx := t.Context()
	_, kept, err := s.PublishSettings(ctx, store.SettingVersion{By: "amy"}, setting("queue", "b", `{"x":1}`, 0), setting("queue", "a", `[]`, 0), setting("trunk", "a", `"`+"中文"+`"`, 0))
	must(t, err)
	for _, k := range kept {
		if k.Revision != 1 || k.UpdatedBy != "amy" || k.UpdatedAt.IsZero() {
			t.Errorf("got %+v, want revision 1", k)
		}
	}
	if got := value(s.Settings(ctx, "queue"))(t); !reflect.DeepEqual(got, []store.Setting{kept[1], kept[0]}) {
		t.Errorf("queues: got %+v", got)
	}
	if got := value(s.Settings(ctx, ""))(t); len(got) != 3 || !reflect.DeepEqual(got[2], kept[2]) {
		t.Errorf("all: got %+v", got)
	}
	allSet(t, kept[2])
	if got := value(s.Settings(ctx, "' OR 1=1 --"))(t); len(got) != 0 {
		t.Errorf("injection: got %+v", got)
	}
}

func settingsGone(t *testing.T, s Store) {
	put := func(v store.Setting) ([]store.Setting, error) {
		_, kept, err := s.PublishSettings(t.Context(), store.SettingVersion{By: "amy"}, v)
		return kept, err
	}
	gone := func(revision int64) store.Setting { return store.Setting{Kind: "queue", ID: "a", Revision: revision} }
	value(put(setting("queue", "a", `1`, 0)))(t)
	_, err := put(gone(9))
	wantErr(t, "delete a wrong revision", err, store.ErrConflict)
	value(put(gone(1)))(t)
	_, err = put(gone(1))
	wantErr(t, "delete again", err, store.ErrNotFound)
	_, err = put(setting("queue", "a", `2`, 1))
	wantErr(t, "write what is gone", err, store.ErrNotFound)
	if kept := value(put(setting("queue", "a", `3`, 0)))(t); kept[0].Revision != 3 {
		t.Errorf("made again: got revision %d, want 3, so that 1 never fits", kept[0].Revision)
	}
}

func settingsInvalid(t *testing.T, s Store) {
	for _, bad := range []store.Setting{setting("", "a", `1`, 0), setting("queue", "", `1`, 0), setting("queue", "a", `{`, 0), setting("queue", "a", ``, 0)} {
		_, _, err := s.PublishSettings(t.Context(), store.SettingVersion{By: "amy"}, bad)
		wantErr(t, bad.Kind+"/"+bad.ID, err, &store.Error{Kind: store.Invalid})
	}
}

var otherBehaviours = []behaviour{
	{"recordings/come back whole, by id and by call", recordings},
	{"recordings/the open ones are known", recordingsOpen},
	{"recordings/what they take is added up", recordingsTake},
	{"contacts/of a phone are replaced as a whole", contacts},
}

func recordings(t *testing.T, s Store) {
	ctx := t.Context()
	row := recording.Row{
		ID: "r1", Call: "c1", Kind: "conversation", Segment: 1, Queue: "q", Agent: "a1", From: odd, Started: noon, State: recording.Open,
		File: "2026/11/r1.wav",
	}
	must(t, s.SaveRecording(ctx, row))
	row.Duration, row.Bytes, row.SHA256, row.State, row.Frames, row.Dropped = time.Minute, 960_044, "00ff", recording.Sealed, 3000, 1
	must(t, s.SaveRecording(ctx, row))
	if got := value(s.Recording(ctx, "r1"))(t); !reflect.DeepEqual(got, row) {
		t.Errorf("got %+v, want %+v", got, row)
	}
	must(t, s.SaveRecording(ctx, recording.Row{ID: "r0", Call: "c1", Segment: 2, Started: noon, State: recording.Sealed}))
	must(t, s.SaveRecording(ctx, recording.Row{ID: "r2", Call: "c2", Segment: 1, Started: noon, State: recording.Sealed}))
	if got := value(s.RecordingsOf(ctx, "c1"))(t); len(got) != 2 || got[0].ID != "r1" || got[1].ID != "r0" {
		t.Errorf("of a call: got %+v, want two by segment", got)
	}
	_, err := s.Recording(ctx, "nobody")
	wantErr(t, "unknown", err, recording.ErrNotFound)
}

func recordingsOpen(t *testing.T, s Store) {
	ctx := t.Context()
	for id, state := range map[string]recording.State{"r1": recording.Open, "r2": recording.Sealed, "r3": recording.Lost, "r4": recording.Repaired} {
		must(t, s.SaveRecording(ctx, recording.Row{ID: id, Call: "c", Started: noon, State: state}))
	}
	if got := value(s.OpenRecordings(ctx))(t); len(got) != 1 || got[0].ID != "r1" {
		t.Errorf("got %+v, want r1", got)
	}
}

func recordingsTake(t *testing.T, s Store) {
	ctx := t.Context()
	all, recent, err := s.RecordingBytes(ctx, noon)
	if err != nil || all != 0 || recent != 0 {
		t.Errorf("none: got %d, %d, %v", all, recent, err)
	}
	must(t, s.SaveRecording(ctx, recording.Row{ID: "r1", Call: "c", Started: noon.Add(-time.Microsecond), State: recording.Sealed, Bytes: 3 << 32}))
	must(t, s.SaveRecording(ctx, recording.Row{ID: "r2", Call: "c", Started: noon, State: recording.Sealed, Bytes: 500}))
	must(t, s.SaveRecording(ctx, recording.Row{ID: "r3", Call: "c", Started: noon, State: recording.Open}))
	all, recent, err = s.RecordingBytes(ctx, noon)
	if err != nil || all != 3<<32+500 || recent != 500 {
		t.Errorf("got %d, %d, %v, want %d and 500", all, recent, err, 3<<32+500)
	}
	if size, err := s.Size(ctx); err != nil || size <= 0 {
		t.Errorf("the size of the store: got %d, %v", size, err)
	}
}

func contact(t *testing.T, uri string) registrar.Contact {
	t.Helper()
	c := registrar.Contact{
		Peer: transport.Peer{Network: "tcp", Addr: netip.MustParseAddrPort("127.0.0.1:5070"), Local: netip.MustParseAddrPort("[::1]:5060"),
			Conn: 1<<63 + 5},
		Expires: noon.Add(time.Hour), Agent: odd, Q: 0.5, CallID: "abc@x", CSeq: 1<<32 - 1, Since: noon,
		Instance: "<urn:uuid:0>;1", Refreshed: noon.Add(time.Minute),
	}
	must(t, sip.ParseUri(uri, &c.URI))
	allSet(t, c)
	return c
}

func contacts(t *testing.T, s Store) {
	one, two := contact(t, "sip:1001@127.0.0.1:5070;transport=tcp;ob"), contact(t, "sip:1001@[::1]:5080")
	two.Peer = transport.Peer{Network: "udp"}
	must(t, s.KeepContacts("1001", []registrar.Contact{two}))
	must(t, s.KeepContacts("1001", []registrar.Contact{one, two}))
	must(t, s.KeepContacts("1002", []registrar.Contact{two}))
	must(t, s.KeepContacts("1002", nil))
	all := value(s.KeptContacts())(t)
	if len(all) != 1 || len(all["1001"]) != 2 {
		t.Fatalf("got %+v", all)
	}
	for i, want := range []registrar.Contact{one, two} {
		got := all["1001"][i]
		if got.URI.String() != want.URI.String() || got.Peer != want.Peer {
			t.Errorf("got %s at %+v, want %s at %+v", got.URI.String(), got.Peer, want.URI.String(), want.Peer)
		}
		got.URI, want.URI = sip.Uri{}, sip.Uri{}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// allSet stops the test when the suite leaves a field of a sample empty: a store that forgets it would pass.
func allSet(t *testing.T, sample any) {
	t.Helper()
	v := reflect.ValueOf(sample)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Fatalf("%s.%s is empty in the sample: give it a value here and keep it in the store", v.Type(), v.Type().Field(i).Name)
		}
	}
}
