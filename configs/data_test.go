package configs

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"hotline/sip/trunk"
)

const smallFlow = "flow: main\nstart: bye\nnodes:\n  bye: {type: hangup}\n"

// sound is a data file without a mistake.
const sound = `
trunks: [{id: t, sources: [203.0.113.7]}]
numbers: [{number: "4001", flow: main}]
routes: [{id: all, steps: [{queue: q}]}]
queues: [{id: q}]
people: [{login: anna, phone: "1001", queues: {q: 1}}]
phones: [{user: "1001", password: secret}]
calendars: [{id: office, weekly: ["mon-fri 09:00-18:00"]}]
flows: [main.yml]
`

func read(t *testing.T, data string, more ...string) (*Data, error) {
	t.Helper()
	files := fstest.MapFS{"data.yml": {Data: []byte(data)}, "main.yml": {Data: []byte(smallFlow)}}
	for i := 0; i+1 < len(more); i += 2 {
		files[more[i]] = &fstest.MapFile{Data: []byte(more[i+1])}
	}
	return ReadDataFS(files, "data.yml", "")
}

func TestSoundDataHasNoMistake(t *testing.T) {
	d, err := read(t, sound)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range d.Warnings {
		if !strings.Contains(w, "holiday") { // which years a calendar must know depends on today
			t.Errorf("warned: %s", w)
		}
	}
}

// TestMistakesOfData changes one line of the sound file, and names what must be said, with the line.
func TestMistakesOfData(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"trunks:", "trunkz:", `data.yml:2: trunkz: unknown key; did you mean trunks?`},
		{"sources: [203.0.113.7]", "sources: [carrier..example]", `data.yml:2: trunks[0].sources[0]: "carrier..example" is no address`},
		{"sources: [203.0.113.7]", "name: x", "data.yml:2: trunks[0]: give sources"},
		{"sources: [203.0.113.7]", "targets: [{address: 203.0.113.7}]", "data.yml:2: trunks[0].targets[0].address"},
		{"sources: [203.0.113.7]", "targets: [{address: carrier.example:0}]", "data.yml:2: trunks[0].targets[0].address"},
		{"sources: [203.0.113.7]", "targets: [{address: 203.0.113.7:5060, transport: sctp}]", "data.yml:2: trunks[0].targets[0].transport: udp, tcp or tls"},
		{"[{id: t, sources: [203.0.113.7]}]", "[{id: t, sources: [203.0.113.7]}, {id: u, sources: [203.0.113.7/32]}]", `source 203.0.113.7/32 belongs to "t"`},
		{"[{id: t, sources: [203.0.113.7]}]", "[{id: t, sources: [203.0.113.7]}, {id: t, sources: [203.0.113.8]}]", `data.yml:2: trunks[1].id: "t" is used twice`},
		{"sources: [203.0.113.7]", "sources: [0.0.0.0/0]", "is every address"},
		{"sources: [203.0.113.7]", "sources: [203.0.113.7], dtmf: [rfc2833]", `data.yml:2: trunks[0].dtmf: keys do not come by "rfc2833"`},
		{"sources: [203.0.113.7]", "sources: [203.0.113.7], show: [from]", `data.yml:2: trunks[0].show[0]: "from" is none of [From P-Asserted-Identity`},
		{"sources: [203.0.113.7]", "sources: [203.0.113.7], format: E164", `data.yml:2: trunks[0].format: "E164" is none of [e164 national]`},
		{"sources: [203.0.113.7]", "sources: [203.0.113.7], forwarded: yes", `data.yml:2: trunks[0].forwarded: "yes" is none of [none diversion history-info both]`},
		{"sources: [203.0.113.7]", `sources: [203.0.113.7], from_domain: "a@b"`, `data.yml:2: trunks[0].from_domain: a host`},
		{"sources: [203.0.113.7]", "sources: [203.0.113.7], city: 广州", `data.yml:2: trunks[0].city: city decides`},
		{"sources: [203.0.113.7]", "sources: [203.0.113.7], format: national, city: Canton", `data.yml:2: trunks[0].city: no city of China`},
		{"sources: [203.0.113.7]", "sources: [203.0.113.7], format: national, city: 广西/广州", `data.yml:2: trunks[0].city: no city of China`},
		{`number: "4001"`, `number: "40-01-"`, "data.yml:3: numbers[0]"},
		{"flow: main}]", "flow: mane}]", `data.yml:3: numbers[0].flow: there is no flow "mane"; there is main`},
		{"flow: main}]", "from: mars, flow: main}]", `data.yml:3: numbers[0].from: trunk, phone or web, not "mars"`},
		{"flow: main}]", "trunk: nobody, flow: main}]", `data.yml:3: numbers[0].trunk: there is no trunk "nobody"; there is t`},
		{`[{number: "4001", flow: main}]`, `[{number: "4001", flow: main}, {number: "4001", flow: main}]`,
			"data.yml:3: numbers[1]: number 2 (4001): can never apply: number 1 is the same"},
		{"{queue: q}", "{queue: sales}", `data.yml:4: routes[0].steps[0].queue: there is no queue "sales"; there is q`},
		{"steps: [{queue: q}]", "hours: night, steps: [{queue: q}]", `data.yml:4: routes[0].hours: there is no calendar "night"; there is office`},
		{"steps: [{queue: q}]", "steps: []", "data.yml:4: routes[0].steps: name at least one queue"},
		{"steps: [{queue: q}]", "steps: [{queue: q}, {queue: q}]", "data.yml:4: routes[0]: rule 1 (all): step 2 begins no later than the one before"},
		{"steps: [{queue: q}]", "regions: [Canton], steps: [{queue: q}]", `data.yml:4: routes[0]: rule 1 (all): region "Canton" is written like`},
		{"[{id: all, steps: [{queue: q}]}]", "[{id: all, steps: [{queue: q}]}, {id: b, steps: [{queue: q}]}]",
			"data.yml:4: routes[1]: rule 2 (b): can never apply: rule all takes all its calls"},
		{"[{id: q}]", "[{id: q, ring: -1s}]", "data.yml:5: queues[0].ring: "},
		{"[{id: q}]", "[{id: q, strategy: fair}]", `data.yml:5: queues[0].strategy: "fair" is no strategy; there is [longest-idle ring-all round-robin fewest-calls least-talk-time top-down random weighted ring-progressively]`},
		{"[{id: q}]", "[{id: q}, {id: q}]", `data.yml:5: queues[1].id: "q" is used twice`},
		{"[{id: q}]", "[{id: q, max_wait: 25h}]", "data.yml:5: queues[0].max_wait: a time from 0s to 24h"},
		{"[{id: q}]", "[{id: q, misses: -1, max_waiting: -2}]", "data.yml:5: queues[0].misses"},
		{"[{id: q}]", "[{id: q, hours: office, at_closing: vanish}]", `data.yml:5: queues[0].at_closing: serve or leave, not "vanish"`},
		{"[{id: q}]", "[{id: q, at_closing: leave}]", "data.yml:5: queues[0].at_closing: is about hours, and the queue has none"},
		{"[{id: q}]", "[{id: q, hours: night}]", `data.yml:5: queues[0].hours: there is no calendar "night"; there is office`},
		{"[{id: q}]", "[{id: q, priority_worth: 25h, familiar_days: -1}]", "data.yml:5: queues[0].priority_worth: a time from 0s to 24h"},
		{"{queue: q}", "{queue: q, any: [{en: 1}]}", "data.yml:4: routes[0].steps[0].any[0]: name at least two skills to choose from"},
		{"login: anna", "login: anna, role: boss", `data.yml:6: people[0]: anna: role is agent, supervisor or admin, not "boss"`},
		{"login: anna", "login: anna, password: anna", "data.yml:6: people[0]: anna: The password needs at least"},
		{`phone: "1001"`, `phone: "1009"`, `data.yml:6: people[0].phone: there is no phone "1009"; there is 1001`},
		{"queues: {q: 1}", "queues: {p: 1}", `data.yml:6: people[0].queues: there is no queue "p"; there is q`},
		{"queues: {q: 1}", "queues: {q: -1}", "data.yml:6: people[0]: anna: the level in queue q is a number from 0 to 100"},
		{"[{login: anna", `[{login: Anna, phone: "1001"}, {login: anna`, `data.yml:6: people[1]: login "anna" is empty or listed twice`},
		{"[{login: anna", `[{login: bob, phone: "1001"}, {login: anna`, "data.yml:6: people[1]: bob and anna have the same phone 1001"},
		{"password: secret", "", "data.yml:7: phones[0]: 1001 has no password: write one, or `generate`"},
		{`user: "1001"`, "user: a9-a1", "data.yml:7: phones[0].user: a range such as agent001-agent050 goes upward"},
		{`user: "1001"`, "user: a1-a99999999999999999999", "data.yml:7: phones[0].user: a range such as"},
		{`user: "1001"`, "user: a1-a9999", "goes upward and names at most 5000"},
		{"login: anna", "login: a1-a3", "data.yml:6: people[0].phone: a range of logins needs a range of as many phones"},
		{"mon-fri 09:00-18:00", "mon-fri 9-18", `data.yml:8: calendars[0]: weekly "mon-fri 9-18": "9" is no time of day`},
		{"mon-fri 09:00-18:00", "mon-fri 09:00-18:00h", "is no time of day"},
		{"mon-fri 09:00-18:00", "funday 09:00-18:00", `"funday" is no day`},
		{`"mon-fri 09:00-18:00"`, `"mon-fri 09:00-18:00", "fri 17:00-20:00"`, "data.yml:8: calendars[0]: calendar office: weekly 6: Friday 17:00-20:00 overlaps"},
		{"id: office,", "id: office, zone: Mars/Base,", "data.yml:8: calendars[0]: zone:"},
		{"id: office,", "id: office, holidays: {2026-02-30: x},", "holidays 2026-02-30"},
		{"id: office,", "id: office, closed: {why: flood, until: tomorrow},", "closed.until"},
		{"[main.yml]", "[none.yml]", "data.yml:9: flows[0]: no file none.yml beside the data file"},
		{"[main.yml]", "[../main.yml]", "data.yml:9: flows[0]: no file ../main.yml"},
		{"[main.yml]", "[main.yml, broken.yml]", "broken.yml:4:"},
		{"[main.yml]", "[main.yml, other/main.yml]", "two files with flows are called main"},
		{"[main.yml]", "[main.yml]\ncallers: {vip: [nobody]}", `data.yml:10: callers.vip[0]: "nobody" is no telephone number`},
	} {
		if !strings.Contains(sound, c.from) {
			t.Fatalf("the sound file has no %q", c.from)
		}
		text := strings.Replace(sound, c.from, c.to, 1)
		_, err := read(t, text, "broken.yml", "flow: b\nstart: x\nnodes:\n  x: {type: nonsense}\n",
			"other/main.yml", "flow: other\nstart: bye\nnodes:\n  bye: {type: hangup}\n")
		if err == nil {
			t.Errorf("%s: nothing found", c.to)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got\n%v\nwant %s", c.to, err, c.want)
		}
	}
}

func TestAllMistakesComeAtOnceByLine(t *testing.T) {
	_, err := read(t, strings.NewReplacer("sources: [203.0.113.7]", "sources: [x/y]", "flow: main}", "flow: no}",
		"{queue: q}", "{queue: no}", "login: anna", "login: anna, role: x").Replace(sound))
	if err == nil {
		t.Fatal("nothing found")
	}
	got := regexp.MustCompile(`(?m)^data\.yml:(\d+)`).FindAllString(err.Error(), -1)
	if want := []string{"data.yml:2", "data.yml:3", "data.yml:4", "data.yml:6"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v:\n%v", got, want, err)
	}
}

func TestWarningsOfData(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"steps: [{queue: q}]", "regions: [广东], steps: [{queue: q}]", "data.yml:4: warning: no rule applies to every call"},
		{`phone: "1001", queues`, "queues", "data.yml:6: warning: anna is in queues but has no phone"},
		{`weekly: ["mon-fri 09:00-18:00"]`, "weekly: []", "data.yml:8: warning: calendar office: weekly: has no spans"},
	} {
		d, err := read(t, strings.Replace(sound, c.from, c.to, 1))
		if err != nil {
			t.Errorf("%s: %v", c.to, err)
			continue
		}
		if !slices.ContainsFunc(d.Warnings, func(w string) bool { return strings.HasPrefix(w, c.want) }) {
			t.Errorf("%s: got %q, want %s", c.to, d.Warnings, c.want)
		}
	}
}

func TestWarningsOfFlowsAreKept(t *testing.T) {
	flow := "flow: main\nstart: menu\nnodes:\n  menu: {type: menu, prompts: [a, b, c], keys: {1: bye}, on: {timeout: bye, invalid: bye}}\n  bye: {type: hangup}\n"
	files := fstest.MapFS{"data.yml": {Data: []byte(sound)}, "main.yml": {Data: []byte(flow)}}
	d, err := ReadDataFS(files, "data.yml", "")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(d.Warnings, func(w string) bool { return strings.HasPrefix(w, "main.yml:") && strings.Contains(w, "warning") }) {
		t.Errorf("got %q, want the flow's warning that nobody can be reached", d.Warnings)
	}
}

func TestRangesNameEveryone(t *testing.T) {
	text := strings.NewReplacer(`{user: "1001", password: secret}`, `{user: agent001-agent050, password: "pw-${user}"}, {user: 2001-2003, password: generate}`,
		`{login: anna, phone: "1001", queues: {q: 1}}`,
		"{login: agent001-agent050, phone: agent001-agent050, queues: {q: 1}}, {login: night-1, queues: {q: 1}}").Replace(sound)
	d, err := read(t, text)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Phones) != 53 || d.Phones[49].User != "agent050" || d.Phones[49].Password != "pw-agent050" || d.Phones[50].User != "2001" {
		t.Errorf("got %d phones, the last of the range %+v", len(d.Phones), d.Phones[49])
	}
	if len(d.People) != 51 || d.People[0].Login != "agent001" || d.People[0].Phone != "agent001" || d.People[50].Login != "night-1" {
		t.Errorf("got %d people, the first %+v, the last %+v", len(d.People), d.People[0], d.People[50])
	}
	made := d.SealPhones("realm")
	if len(made) != 3 || made[0].User != "2001" || len(made[0].Password) < 12 || made[0].Password == made[1].Password {
		t.Errorf("made %+v", made)
	}
	for _, p := range d.Phones {
		if p.Password != "" || len(p.HA1MD5) != 32 || len(p.HA1SHA256) != 64 {
			t.Fatalf("phone %+v is not sealed", p)
		}
	}
}

func TestImportAgainKeepsMadePasswords(t *testing.T) {
	have := []Phone{{User: "1", HA1MD5: "old1"}, {User: "2", HA1MD5: "old2"}}
	d := &Data{Phones: []Phone{{User: "1", Password: generate}, {User: "2", Password: "mine"}, {User: "3", Password: generate}}}
	d.KeepPhones(have)
	made := d.SealPhones("realm")
	if len(made) != 1 || made[0].User != "3" {
		t.Errorf("made %+v, want one for 3 only", made)
	}
	if d.Phones[0].HA1MD5 != "old1" || d.Phones[1].HA1MD5 == "old2" {
		t.Errorf("got %+v", d.Phones)
	}
}

// samples are the sample centres by name.
func samples(t *testing.T) []string {
	t.Helper()
	entries, err := fs.ReadDir(Samples, "samples")
	if err != nil || len(entries) < 3 {
		t.Fatal(err, entries)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func sample(t *testing.T, name string) *Data {
	t.Helper()
	files, err := fs.Sub(Samples, "samples/"+name)
	if err != nil {
		t.Fatal(err)
	}
	d, err := ReadDataFS(files, "data.yml", name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSamplesAreValid(t *testing.T) {
	for _, name := range samples(t) {
		src, err := Samples.ReadFile("samples/" + name + "/hotline.yml")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseNode(name+"/hotline.yml", src); err != nil {
			t.Error(err)
		}
		if _, err := sample(t, name).Build(nil); err != nil {
			t.Error(err)
		}
	}
}

// same compares two centres by their documents.
func same(t *testing.T, a, b *Data) {
	t.Helper()
	docs := func(d *Data) string {
		all, err := d.Documents()
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for _, doc := range all {
			fmt.Fprintf(&out, "%s %s %s\n", doc.Kind, doc.ID, doc.Body)
		}
		return out.String()
	}
	if got, want := docs(a), docs(b); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestDocumentsAndBack(t *testing.T) {
	for _, name := range samples(t) {
		d := sample(t, name)
		d.SealPhones("realm")
		docs, err := d.Documents()
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, doc := range docs {
			if key := doc.Kind + "/" + doc.ID; seen[key] || doc.ID == "" {
				t.Errorf("%s: document %s is there twice, or has no id", name, key)
			} else {
				seen[key] = true
			}
			if !json.Valid(doc.Body) || !slices.Contains(Kinds, doc.Kind) {
				t.Errorf("%s: document %s %s is no JSON or of no kind", name, doc.Kind, doc.ID)
			}
		}
		slices.Reverse(docs) // the store gives them in another order
		back, err := FromDocuments(docs)
		if err != nil {
			t.Fatal(err)
		}
		same(t, back, d)
	}
	if _, err := FromDocuments([]Document{{KindQueue, "q", []byte("{")}}); err == nil {
		t.Error("broken JSON was read")
	}
}

func TestExportAndImportGiveTheSameCentre(t *testing.T) {
	for _, name := range samples(t) {
		d := sample(t, name)
		d.SealPhones("realm")
		data, flows, err := d.YAML()
		if err != nil {
			t.Fatal(err)
		}
		files := fstest.MapFS{"data.yml": {Data: data}}
		for file, body := range flows {
			files[file] = &fstest.MapFile{Data: body}
		}
		back, err := ReadDataFS(files, "data.yml", "")
		if err != nil {
			t.Fatalf("%s: %v in\n%s", name, err, data)
		}
		same(t, back, d)
	}
}

func TestExportIsReadable(t *testing.T) {
	d, err := read(t, strings.NewReplacer("[{id: q}]", "[{id: q, ring: 20s, max_wait: 90m}]").Replace(sound))
	if err != nil {
		t.Fatal(err)
	}
	data, flows, err := d.YAML()
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for _, want := range []string{"ring: 20s", "max_wait: 1h30m0s", "number: \"4001\"", "flows/main.yml"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, unwanted := range []string{"null", "[]", "{}", `""`, "callers", "false", ": 0"} {
		if strings.Contains(text, unwanted) {
			t.Errorf("empty %q in\n%s", unwanted, text)
		}
	}
	if string(flows["flows/main.yml"]) != smallFlow {
		t.Errorf("got flows %q", flows)
	}
}

func TestAbsurdSizesAreMistakes(t *testing.T) {
	huge := sound + "#" + strings.Repeat("x", mostBytes)
	if _, err := read(t, huge); err == nil || !strings.Contains(err.Error(), "larger than 8 MB") {
		t.Errorf("a huge file: %v", err)
	}
	var many strings.Builder
	for i := range 12 {
		fmt.Fprintf(&many, "  - {user: %c1-%c5000, password: x}\n", 'a'+i, 'a'+i)
	}
	_, err := read(t, strings.Replace(sound, `phones: [{user: "1001", password: secret}]`, "phones:\n"+many.String(), 1))
	if err == nil || !strings.Contains(err.Error(), "at most 50000 phones") {
		t.Errorf("sixty thousand phones: %.200v", err)
	}
}

func TestBuildSaysWhatTheDataSays(t *testing.T) {
	b, err := sample(t, "demo").Build(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Trunks) != 1 || b.Trunks[0].MaxCalls != 100 || len(b.Queues) != 6 || b.Queues[4].MaxWaiting != 50 || b.Queues[0].WrapUp != 5*time.Second {
		t.Errorf("got %+v %+v", b.Trunks, b.Queues)
	}
	if b.ByPhone["1001"] != "agent-1001" || len(b.Ready) != 6 || !b.VIP["+8613900000001"] || !b.Blocked["+8613900000002"] {
		t.Errorf("got %v %v %v %v", b.ByPhone, b.Ready, b.VIP, b.Blocked)
	}
	if r := b.Routes.Rules[1]; r.ID != "beijing" || !reflect.DeepEqual(r.Regions, []string{"北京"}) || r.Steps[1].After != 20*time.Second {
		t.Errorf("got %+v", r)
	}
	if !b.Routes.Calendars["hotline"].Open(time.Now()).Open {
		t.Error("the demo is closed")
	}
}

func TestWeekly(t *testing.T) {
	for line, want := range map[string]string{
		"mon-fri 09:00-18:00": "12345 540-1080", "sat,sun 22:00-06:00": "60 1320-360", "daily 00:00-24:00": "1234560 0-1440", "fri-mon 8:05-9:30": "5601 485-570",
		"": "", "mon": "", "mon 9-18": "", "mon 25:00-26:00": "",
		"mon 09:60-10:00": "", "monday 09:00-10:00": "", "mon- 09:00-10:00": "", "mon 09:00": "", "mon 09:00-10:00x": "",
	} {
		spans, err := parseWeekly(line)
		got := ""
		for i, s := range spans {
			got += fmt.Sprint(int(s.Day))
			if i == len(spans)-1 {
				got += fmt.Sprintf(" %d-%d", s.From, s.To)
			}
		}
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v; want %q", line, got, err, want)
		}
	}
}

func FuzzReadData(f *testing.F) {
	f.Add([]byte(sound))
	f.Add([]byte("phones: [{user: a1-a3}]\npeople: {}\n"))
	f.Add([]byte("routes: [{steps: [{after: 1s}]}]"))
	f.Fuzz(func(t *testing.T, src []byte) {
		files := fstest.MapFS{"data.yml": {Data: src}, "main.yml": {Data: []byte(smallFlow)}}
		d, err := ReadDataFS(files, "data.yml", "")
		if err != nil {
			return
		}
		if _, err := d.Build(nil); err != nil {
			t.Errorf("accepted but not built: %v", err)
		}
		if _, err := d.Documents(); err != nil {
			t.Errorf("accepted but not kept: %v", err)
		}
	})
}

func TestFormOfATrunk(t *testing.T) {
	d, err := read(t, strings.Replace(sound, "sources: [203.0.113.7]", `sources: [203.0.113.7], show: [From, P-Asserted-Identity], from_domain: ims.test, user_phone: true,
    format: national, city: 广东/广州, forwarded: both, hide: true, trusted: true`, 1))
	if err != nil {
		t.Fatal(err)
	}
	b, err := d.Build(nil)
	want := trunk.Form{
		Show: []string{trunk.From, trunk.Asserted}, Domain: "ims.test", UserPhone: true, Format: trunk.National, City: "广东/广州", Forwarded: trunk.ByBoth, Hide: true, Trusted: true,
	}
	if err != nil || !reflect.DeepEqual(b.Trunks[0].Form, want) {
		t.Errorf("got %+v, %v", b.Trunks, err)
	}
}
