package configs

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"hotline/internal/yamldoc"
)

// Data is a centre: everything that is edited while the node runs. It is read from data.yml by import, kept in the store
// one document for each item, and written back by export.
type Data struct {
	Trunks    []Trunk    `yaml:"trunks,omitempty" json:"-"`
	Numbers   []Number   `yaml:"numbers,omitempty" json:"-"`
	Routes    []Route    `yaml:"routes,omitempty" json:"-"`
	Queues    []Queue    `yaml:"queues,omitempty" json:"-"`
	People    []Person   `yaml:"people,omitempty" json:"-"`
	Phones    []Phone    `yaml:"phones,omitempty" json:"-"`
	Calendars []Calendar `yaml:"calendars,omitempty" json:"-"`
	Callers   Callers    `yaml:"callers,omitempty" json:"-"`
	Outside   Outside    `yaml:"outside,omitempty" json:"-"`
	Codes     Codes      `yaml:"codes,omitempty" json:"-"`
	Flows     []string   `yaml:"flows,omitempty" json:"-"` // files with flows, relative to the data file; patterns allowed

	Sources  []FlowSource `json:"-"` // the flows themselves, as read
	Warnings []string     `json:"-"` // what works, but probably not as meant: one line each, as ReadData found it
}

// FlowSource is one flow as it was written.
type FlowSource struct {
	File   string `yaml:"file" json:"file"`
	Source string `yaml:"source" json:"source"`
}

// Trunk is a carrier.
type Trunk struct {
	ID         string          `yaml:"id" json:"id"`
	Name       string          `yaml:"name,omitempty" json:"name,omitempty"`
	Sources    []string        `yaml:"sources,omitempty" json:"sources,omitempty"` // addresses or prefixes that its calls come from
	Targets    []TrunkTarget   `yaml:"targets,omitempty" json:"targets,omitempty"` // where our calls go
	MaxCalls   int             `yaml:"max_calls,omitempty" json:"maxCalls,omitempty"`
	MaxCPS     int             `yaml:"max_cps,omitempty" json:"maxCps,omitempty"`
	MaxCPSIn   int             `yaml:"max_cps_in,omitempty" json:"maxCpsIn,omitempty"`
	Priority   int             `yaml:"priority,omitempty" json:"priority,omitempty"` // among trunks, where a flow names none
	Weight     int             `yaml:"weight,omitempty" json:"weight,omitempty"`
	Register   *TrunkRegister  `yaml:"register,omitempty" json:"register,omitempty"`          // nil: it knows us by our address
	Within     time.Duration   `yaml:"answer_within,omitempty" json:"answerWithin,omitempty"` // 0: trunk.DefaultAnswerWithin
	Redirects  string          `yaml:"redirects,omitempty" json:"redirects,omitempty"`        // refuse (also when empty) or follow: a 3xx of the carrier
	CallerFrom []string        `yaml:"caller_from,omitempty" json:"callerFrom,omitempty"`     // trunk.CallerPlaces, the first that has a number counts
	CalledFrom []string        `yaml:"called_from,omitempty" json:"calledFrom,omitempty"`     // trunk.CalledPlaces
	CallerIn   []NumberRewrite `yaml:"caller_in,omitempty" json:"callerIn,omitempty"`
	CallerOut  []NumberRewrite `yaml:"caller_out,omitempty" json:"callerOut,omitempty"`
	CalledOut  []NumberRewrite `yaml:"called_out,omitempty" json:"calledOut,omitempty"`
	CallerID   string          `yaml:"caller_id,omitempty" json:"callerId,omitempty"`
	User       string          `yaml:"user,omitempty" json:"user,omitempty"`
	Password   string          `yaml:"password,omitempty" json:"password,omitempty"`
	DTMF       []string        `yaml:"dtmf,omitempty" json:"dtmf,omitempty"`                  // rfc4733, info, inband; none: what the carrier has
	Options    time.Duration   `yaml:"options_every,omitempty" json:"optionsEvery,omitempty"` // 0: not probed
	SRTP       string          `yaml:"srtp,omitempty" json:"srtp,omitempty"`                  // off, optional or required; "": as media.srtp says
	Codecs     []string        `yaml:"codecs,omitempty" json:"codecs,omitempty"`              // best first; none: as media.codecs says
	PerDay     *DayLimit       `yaml:"per_day,omitempty" json:"perDay,omitempty"`             // nil: that of outside.per_trunk

	TrunkForm `yaml:",inline"`
}

// The words of Trunk.Redirects.
const (
	RedirectsRefuse = "refuse"
	RedirectsFollow = "follow"
)

// TrunkForm is how a carrier is told who calls.
type TrunkForm struct {
	Show       []string `yaml:"show,omitempty" json:"show,omitempty"`              // trunk.CallerPlaces; none: From
	FromDomain string   `yaml:"from_domain,omitempty" json:"fromDomain,omitempty"` // host of our identities; the registration's, else our own, when left out
	UserPhone  bool     `yaml:"user_phone,omitempty" json:"userPhone,omitempty"`
	Format     string   `yaml:"format,omitempty" json:"format,omitempty"`       // trunk.Formats; "": as they are
	City       string   `yaml:"city,omitempty" json:"city,omitempty"`           // of its lines: mobiles of others get a 0
	Forwarded  string   `yaml:"forwarded,omitempty" json:"forwarded,omitempty"` // trunk.ForwardedWays; diversion when left out
	Hide       bool     `yaml:"hide,omitempty" json:"hide,omitempty"`
	Trusted    bool     `yaml:"trusted,omitempty" json:"trusted,omitempty"` // with hidden numbers
}

// TrunkRegister is how a trunk registers with its carrier, as its user and with its password.
type TrunkRegister struct {
	Domain  string        `yaml:"domain,omitempty" json:"domain,omitempty"`   // host of the address of record; the first target's address when left out
	User    string        `yaml:"user,omitempty" json:"user,omitempty"`       // of the address of record; the trunk's user when left out
	Contact string        `yaml:"contact,omitempty" json:"contact,omitempty"` // user part of our Contact; the user when left out
	Expires time.Duration `yaml:"expires,omitempty" json:"expires,omitempty"`
	Each    bool          `yaml:"each,omitempty" json:"each,omitempty"` // with every target; otherwise with one, in turn
}

// TrunkTarget is one address of a carrier, or a name that stands for several.
type TrunkTarget struct {
	Address   string `yaml:"address" json:"address"`                         // IP:port, or a name with or without a port (RFC 3263)
	Transport string `yaml:"transport,omitempty" json:"transport,omitempty"` // udp (also when empty, unless DNS says otherwise of a name), tcp or tls
	// ServerName is what the certificate must be for with tls, "" for the name or the IP address; Insecure takes any certificate.
	ServerName string `yaml:"server_name,omitempty" json:"serverName,omitempty"`
	Insecure   bool   `yaml:"insecure,omitempty" json:"insecure,omitempty"`
	Priority   int    `yaml:"priority,omitempty" json:"priority,omitempty"`
	Weight     int    `yaml:"weight,omitempty" json:"weight,omitempty"`
}

// NumberRewrite changes numbers that begin with Prefix: Strip characters go, Add is put before the rest.
type NumberRewrite struct {
	Prefix string `yaml:"prefix,omitempty" json:"prefix,omitempty"`
	Strip  int    `yaml:"strip,omitempty" json:"strip,omitempty"`
	Add    string `yaml:"add,omitempty" json:"add,omitempty"`
}

// Number is a number that may be dialled, and the flow behind it.
type Number struct {
	Number   string `yaml:"number" json:"number"`                 // X is a digit, a dot at the end any rest
	From     string `yaml:"from,omitempty" json:"from,omitempty"` // trunk, phone, web (the call button), or all when empty
	Trunk    string `yaml:"trunk,omitempty" json:"trunk,omitempty"`
	DID      string `yaml:"did,omitempty" json:"did,omitempty"`
	Flow     string `yaml:"flow" json:"flow"`
	Topic    string `yaml:"topic,omitempty" json:"topic,omitempty"`
	Language string `yaml:"language,omitempty" json:"language,omitempty"`
	Brand    string `yaml:"brand,omitempty" json:"brand,omitempty"`
}

// Route is a rule from DID, region, topic and hours to queues.
type Route struct {
	ID       string   `yaml:"id" json:"id"`
	DIDs     []string `yaml:"dids,omitempty" json:"dids,omitempty"`
	Regions  []string `yaml:"regions,omitempty" json:"regions,omitempty"`
	Topics   []string `yaml:"topics,omitempty" json:"topics,omitempty"`
	Hours    string   `yaml:"hours,omitempty" json:"hours,omitempty"`
	Outside  bool     `yaml:"outside,omitempty" json:"outside,omitempty"`
	Priority int      `yaml:"priority,omitempty" json:"priority,omitempty"`
	Language string   `yaml:"language,omitempty" json:"language,omitempty"`
	Steps    []Step   `yaml:"steps" json:"steps"`
}

// Step is a queue that is asked after a time.
type Step struct {
	Queue  string         `yaml:"queue" json:"queue"`
	After  time.Duration  `yaml:"after,omitempty" json:"after,omitempty"`
	Skills map[string]int `yaml:"skills,omitempty" json:"skills,omitempty"`
	// Any lists alternatives: of each entry at least one skill is needed beside all of Skills.
	Any []map[string]int `yaml:"any,omitempty" json:"any,omitempty"`
}

// Person is somebody who signs in, takes calls, or both.
type Person struct {
	Login    string         `yaml:"login" json:"login"`
	Name     string         `yaml:"name,omitempty" json:"name,omitempty"`
	Role     string         `yaml:"role,omitempty" json:"role,omitempty"`         // agent (when empty), supervisor, admin
	Password string         `yaml:"password,omitempty" json:"password,omitempty"` // only to import; none: cannot sign in until one is set
	Phone    string         `yaml:"phone,omitempty" json:"phone,omitempty"`
	Queues   map[string]int `yaml:"queues,omitempty" json:"queues,omitempty"` // queue -> level
	Skills   map[string]int `yaml:"skills,omitempty" json:"skills,omitempty"`
	Greeting string         `yaml:"greeting,omitempty" json:"greeting,omitempty"` // the prompt that begins each talk
	Ready    bool           `yaml:"ready,omitempty" json:"ready,omitempty"`       // takes calls whenever the phone is there, without signing in

	at string // where it stands in the data file
}

// Phone is an account that a desk phone registers with. Users may be a range, "agent001-agent050", and ${user} in the
// password is each one's own name.
type Phone struct {
	User      string `yaml:"user" json:"user"`
	Password  string `yaml:"password,omitempty" json:"-"` // "generate" makes one and shows it once
	HA1MD5    string `yaml:"ha1_md5,omitempty" json:"ha1Md5,omitempty"`
	HA1SHA256 string `yaml:"ha1_sha256,omitempty" json:"ha1Sha256,omitempty"`
	SRTP      string `yaml:"srtp,omitempty" json:"srtp,omitempty"` // off, optional or required; "": as media.srtp says

	Codecs []string  `yaml:"codecs,omitempty" json:"codecs,omitempty"`  // best first; none: as media.codecs says
	PerDay *DayLimit `yaml:"per_day,omitempty" json:"perDay,omitempty"` // nil: that of outside.per_phone

	at string // where it stands in the data file
}

// Calendar is opening hours.
type Calendar struct {
	ID       string            `yaml:"id" json:"id"`
	Zone     string            `yaml:"zone,omitempty" json:"zone,omitempty"`
	Weekly   []string          `yaml:"weekly" json:"weekly"`                         // "mon-fri 09:00-18:00", "sat,sun 22:00-06:00"
	Holidays map[string]string `yaml:"holidays,omitempty" json:"holidays,omitempty"` // date -> name
	Workdays map[string]string `yaml:"workdays,omitempty" json:"workdays,omitempty"` // date -> weekday whose hours it has
	Closed   *Closed           `yaml:"closed,omitempty" json:"closed,omitempty"`     // emergency
}

// Closed is an emergency close.
type Closed struct {
	Why   string `yaml:"why" json:"why"`
	Until string `yaml:"until,omitempty" json:"until,omitempty"` // RFC 3339; "" until lifted
}

// Callers are numbers that are treated in a special way.
type Callers struct {
	VIP     []string `yaml:"vip,omitempty" json:"vip,omitempty"`
	Blocked []string `yaml:"blocked,omitempty" json:"blocked,omitempty"`
}

// ReadData reads a data file and the flows it names; the error lists all mistakes of all files with their lines.
func ReadData(file string) (*Data, error) {
	return ReadDataFS(os.DirFS(filepath.Dir(file)), filepath.Base(file), filepath.Dir(file))
}

// ReadDataFS is ReadData for files of a file system; where is what messages put before their names.
func ReadDataFS(files fs.FS, name, where string) (*Data, error) {
	src, err := readBounded(files, name)
	if err != nil {
		return nil, fmt.Errorf("read the data: %w", err)
	}
	d := &Data{}
	doc := yamldoc.Decode(filepath.Join(where, name), src, d)
	d.readFlows(doc, files, where)
	d.Phones = expandPhones(doc, d.Phones)
	d.People = expandPeople(doc, d.People)
	d.check(doc)
	return d, doc.Problems.Err()
}

func (d *Data) readFlows(doc *yamldoc.Doc, files fs.FS, where string) {
	for i, pattern := range d.Flows {
		path := fmt.Sprintf("flows[%d]", i)
		found, err := fs.Glob(files, pattern)
		if err != nil || len(found) == 0 {
			doc.At(path, "no file %s beside the data file", pattern)
			continue
		}
		for _, name := range found {
			src, err := readBounded(files, name)
			if err != nil {
				doc.At(path, "%v", err)
				continue
			}
			if len(d.Sources) == mostFlows {
				doc.At(path, "a centre has at most %d flows", mostFlows)
				return
			}
			d.Sources = append(d.Sources, FlowSource{File: filepath.Join(where, name), Source: string(src)})
		}
	}
}

// Bounds of what is read: beyond them it is a mistake, not a centre.
const (
	most      = 5000    // accounts that one range may name
	mostOfAll = 50_000  // accounts of all ranges together
	mostFlows = 2000    // flows
	mostBytes = 8 << 20 // one file
)

// readBounded reads a file that is not absurdly large.
func readBounded(files fs.FS, name string) ([]byte, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	if err == nil && len(src) > mostBytes {
		return nil, fmt.Errorf("%s is larger than %d MB", name, mostBytes>>20)
	}
	return src, err
}

// expand turns "agent001-agent050" into its names; a text that is no range is itself.
func expand(text string) ([]string, error) {
	a, b, ok := cutRange(text)
	if !ok {
		return []string{text}, nil
	}
	prefix, width := a[:len(a)-digits(a)], digits(a)
	if prefix != b[:len(b)-digits(b)] {
		return []string{text}, nil
	}
	from, err1 := strconv.Atoi(a[len(prefix):])
	to, err2 := strconv.Atoi(b[len(prefix):])
	if err1 != nil || err2 != nil || to < from || to-from >= most {
		return nil, fmt.Errorf("a range such as agent001-agent050 goes upward and names at most %d", most)
	}
	var all []string
	for n := from; n <= to; n++ {
		all = append(all, fmt.Sprintf("%s%0*d", prefix, width, n))
	}
	return all, nil
}

func cutRange(text string) (a, b string, ok bool) {
	for i := 1; i < len(text)-1; i++ {
		if text[i] == '-' && digits(text[:i]) > 0 && digits(text) > 0 {
			return text[:i], text[i+1:], true
		}
	}
	return "", "", false
}

// digits is how many digits a text ends with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[len(s)-1-n] >= '0' && s[len(s)-1-n] <= '9' {
		n++
	}
	return n
}

func expandPhones(doc *yamldoc.Doc, in []Phone) []Phone {
	var out []Phone
	for i, p := range in {
		users, err := expand(p.User)
		if err != nil {
			doc.At(fmt.Sprintf("phones[%d].user", i), "%v", err)
		}
		if len(out)+len(users) > mostOfAll {
			doc.At(fmt.Sprintf("phones[%d]", i), "a centre has at most %d phones", mostOfAll)
			return out
		}
		for _, user := range users {
			one := p
			one.User, one.at = user, fmt.Sprintf("phones[%d]", i)
			one.Password = strings.ReplaceAll(p.Password, "${user}", user)
			out = append(out, one)
		}
	}
	return out
}

// expandPeople lets one entry describe a range of agents whose logins and phones count together.
func expandPeople(doc *yamldoc.Doc, in []Person) []Person {
	var out []Person
	for i, p := range in {
		logins, err := expand(p.Login)
		if err != nil {
			doc.At(fmt.Sprintf("people[%d].login", i), "%v", err)
			continue
		}
		if len(out)+len(logins) > mostOfAll {
			doc.At(fmt.Sprintf("people[%d]", i), "a centre has at most %d people", mostOfAll)
			return out
		}
		phones, err := expand(p.Phone)
		if p.Phone == "" {
			phones = make([]string, len(logins))
		}
		if err != nil || len(phones) != len(logins) {
			doc.At(fmt.Sprintf("people[%d].phone", i), "a range of logins needs a range of as many phones")
			continue
		}
		for n, login := range logins {
			one := p
			one.Login, one.Phone, one.at = login, phones[n], fmt.Sprintf("people[%d]", i)
			out = append(out, one)
		}
	}
	return out
}

// flowName is what a flow's file is called.
func flowName(s FlowSource) string {
	base := filepath.Base(s.File)
	return strings.TrimSuffix(base, filepath.Ext(base))
}
