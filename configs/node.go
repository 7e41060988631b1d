// Package configs reads and checks what people write: hotline.yml, which belongs to a node, and the data of a centre
// (trunks, numbers, flows, queues, people, phones), which belongs to the store. It also carries the annotated reference,
// the sample centres and the shipped prompts. It opens no port and starts nothing.
package configs

import (
	"embed"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"hotline/internal/yamldoc"
	"hotline/media/codec"
	"hotline/sip/transport/guard"
)

// Reference is hotline.yml with every key, its default and a sentence.
//
//go:embed hotline.yml
var Reference []byte

// Samples are the sample centres: samples/NAME/hotline.yml and data.yml with its flows.
//
//go:embed samples
var Samples embed.FS

// Node is hotline.yml. Every field has a default, see Defaults.
type Node struct {
	Data      string    `yaml:"data"` // folder; relative to the working folder
	Seed      string    `yaml:"seed"` // data file imported when the store is empty; relative to hotline.yml
	Log       Log       `yaml:"log"`
	SIP       SIP       `yaml:"sip"`
	Media     Media     `yaml:"media"`
	Recording Recording `yaml:"recording"`
	HTTP      HTTP      `yaml:"http"`
	Softphone Softphone `yaml:"softphone"`
	Button    Button    `yaml:"button"`
	Calls     Calls     `yaml:"calls"`
	Tickets   Tickets   `yaml:"tickets"`
	Numbers   Numbers   `yaml:"numbers"`
	Lookups   Lookups   `yaml:"lookups"`
	TTS       TTS       `yaml:"tts"`
}

// Log says how much is logged and in which form.
type Log struct {
	Level  string `yaml:"level"`  // debug, info, warn, error
	Format string `yaml:"format"` // text, json
}

// SIP is where and how the node speaks SIP.
type SIP struct {
	UDP []netip.AddrPort `yaml:"udp"`
	TCP []netip.AddrPort `yaml:"tcp"`
	TLS []netip.AddrPort `yaml:"tls"`
	WS  []netip.AddrPort `yaml:"ws"`
	WSS []netip.AddrPort `yaml:"wss"`
	// Certificate and Key are PEM files, relative to hotline.yml; "": the node makes its own in the data folder where TLS wants one.
	Certificate string        `yaml:"certificate"`
	Key         string        `yaml:"key"`
	CA          string        `yaml:"ca"`        // PEM file, relative to hotline.yml; "": the system's
	Advertise   string        `yaml:"advertise"` // address or ""
	DNS         []string      `yaml:"dns"`       // servers, address or address:port; none: those of /etc/resolv.conf
	Realm       string        `yaml:"realm"`
	MinExpires  time.Duration `yaml:"min_expires"`
	MaxExpires  time.Duration `yaml:"max_expires"`
	Contacts    int           `yaml:"contacts"`
	Rate        float64       `yaml:"rate"`
	Burst       int           `yaml:"burst"`
	Failures    int           `yaml:"failures"`
	Ban         time.Duration `yaml:"ban"`
	Scanners    []string      `yaml:"scanners"`
	Banner      string        `yaml:"banner"`
	Ladders     int           `yaml:"ladders"`
	Digest      []string      `yaml:"digest"`
}

// Media is the sound's side.
type Media struct {
	Address string        `yaml:"address"`
	PortMin int           `yaml:"port_min"`
	PortMax int           `yaml:"port_max"`
	Shards  int           `yaml:"shards"`
	Silence time.Duration `yaml:"silence"`
	// Codecs are what trunks and phones are offered that do not say it themselves, best first.
	Codecs []string `yaml:"codecs"`
	// SRTP is off, optional or required for trunks and phones that do not say it themselves.
	SRTP        string `yaml:"srtp"`
	SRTPInClear bool   `yaml:"srtp_in_clear"`
	SRTPStrict  bool   `yaml:"srtp_strict"`
	RTCPMux     bool   `yaml:"rtcp_mux"`
}

// Recording is where recordings go.
type Recording struct {
	Folder  string        `yaml:"folder"` // "": recordings in the data folder
	Writers int           `yaml:"writers"`
	Sync    time.Duration `yaml:"sync"`
	MinFree int           `yaml:"min_free_mb"`

	// Download is the least role that may save recordings as files: agent, supervisor or admin.
	Download string `yaml:"download"`
}

// HTTP is where the API and the pages are served.
type HTTP struct {
	Listen  netip.AddrPort `yaml:"listen"`
	Origins []string       `yaml:"origins"`
}

// Softphone is where browsers' sound comes to, and how. The first address of each alone counts; none of UDP: browsers are no telephones.
type Softphone struct {
	UDP       []netip.AddrPort `yaml:"udp"`
	TCP       []netip.AddrPort `yaml:"tcp"`
	ICE       string           `yaml:"ice"` // lite or full
	Codecs    []string         `yaml:"codecs"`
	Advertise string           `yaml:"advertise"`
}

// Calls bounds the node.
type Calls struct {
	Most  int           `yaml:"most"`
	Drain time.Duration `yaml:"drain"`
	// TransferOutside lets phones transfer to outside numbers that the routes let them dial.
	TransferOutside bool `yaml:"transfer_outside"`
	// TellSupervision lets agents see who supervises their calls.
	TellSupervision bool `yaml:"tell_supervision"`
	// Park is how long who is parked waits before the agent who parked them is rung again.
	Park time.Duration `yaml:"park"`
}

// Tickets says which calls make a ticket by themselves.
type Tickets struct {
	OnAnswer    bool `yaml:"on_answer"`
	OnAbandon   bool `yaml:"on_abandon"`
	LowRating   int  `yaml:"low_rating"` // a score up to it makes a ticket urgent; 0: never
	OnVoicemail bool `yaml:"on_voicemail"`
}

// Numbers is where further mobile prefixes come from.
type Numbers struct {
	Prefixes string `yaml:"prefixes"` // phone.dat or CSV; relative to hotline.yml; "": none
}

// Lookups bounds what flows may ask.
type Lookups struct {
	Private bool `yaml:"private"`
}

// TTS is the text-to-speech of a node.
type TTS struct {
	Command []string          `yaml:"command"` // the text comes on standard input, WAV is expected on standard output
	URL     string            `yaml:"url"`
	Voices  map[string]string `yaml:"voices"` // what {language} in the command becomes
	Timeout time.Duration     `yaml:"timeout"`
}

// Defaults are the values of keys that hotline.yml leaves out.
func Defaults() Node {
	all := netip.MustParseAddrPort("0.0.0.0:5060")
	return Node{
		Data: "var",
		Log:  Log{Level: "info", Format: "text"},
		SIP: SIP{
			UDP: []netip.AddrPort{all}, TCP: []netip.AddrPort{all}, Realm: "hotline", MinExpires: 30 * time.Second,
			MaxExpires: time.Hour, Contacts: 5, Rate: 100, Burst: 300, Failures: 10, Ban: 10 * time.Minute, Scanners: guard.DefaultScanners(), Ladders: 1000, Digest: []string{"MD5", "SHA-256"},
		},
		Media: Media{Address: "0.0.0.0", PortMin: 10000, PortMax: 19999, Silence: 20 * time.Second, SRTP: "optional", RTCPMux: true,
			Codecs: []string{"PCMA", "PCMU", "G722", "opus"}},
		Recording: Recording{Writers: 2, Sync: 2 * time.Second, MinFree: 500, Download: "supervisor"},
		HTTP:      HTTP{Listen: netip.MustParseAddrPort("127.0.0.1:8080")},
		Softphone: Softphone{
			UDP: []netip.AddrPort{netip.MustParseAddrPort("0.0.0.0:26000")}, TCP: []netip.AddrPort{netip.MustParseAddrPort("0.0.0.0:26000")},
			ICE: "lite", Codecs: []string{"PCMA", "PCMU"},
		},
		Button:  Button{Origins: []string{}, Most: 50, Rate: 6},
		Calls:   Calls{Drain: 30 * time.Second, TransferOutside: true, Park: 90 * time.Second},
		Tickets: Tickets{OnAnswer: true, OnAbandon: true, OnVoicemail: true, LowRating: 2},
		TTS:     TTS{Timeout: 5 * time.Second, Voices: map[string]string{"zh": "cmn", "en": "en-gb"}},
	}
}

// ReadNode reads hotline.yml; the error lists all mistakes with their lines. Relative paths of files are taken
// from its folder.
func ReadNode(file string) (Node, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return Node{}, fmt.Errorf("read the configuration: %w", err)
	}
	return ParseNode(file, src)
}

// ParseNode is ReadNode for text at hand.
func ParseNode(file string, src []byte) (Node, error) {
	n := Defaults()
	doc := yamldoc.Decode(file, src, &n)
	n.check(doc)
	folder := filepath.Dir(file)
	for _, p := range []*string{&n.Seed, &n.Numbers.Prefixes, &n.SIP.Certificate, &n.SIP.Key, &n.SIP.CA, &n.Button.Key} {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(folder, *p)
		}
	}
	return n, doc.Problems.Err()
}

func (n *Node) check(doc *yamldoc.Doc) {
	oneOf(doc, "log.level", n.Log.Level, "debug", "info", "warn", "error")
	oneOf(doc, "log.format", n.Log.Format, "text", "json")
	if len(n.SIP.UDP)+len(n.SIP.TCP)+len(n.SIP.TLS)+len(n.SIP.WS)+len(n.SIP.WSS) == 0 {
		doc.At("sip", "listen somewhere: give udp, tcp, tls, ws or wss an address such as 0.0.0.0:5060")
	}
	if (n.SIP.Certificate == "") != (n.SIP.Key == "") {
		doc.At("sip.certificate", "give certificate and key together")
	}
	if n.SIP.Realm == "" {
		doc.At("sip.realm", "give a name; phones show it when they ask for a password")
	}
	if len(n.SIP.Digest) == 0 {
		doc.At("sip.digest", "name MD5, SHA-256 or both")
	}
	for i, name := range n.SIP.Digest {
		oneOf(doc, fmt.Sprintf("sip.digest[%d]", i), name, "MD5", "SHA-256")
	}
	if n.SIP.MinExpires > n.SIP.MaxExpires {
		doc.At("sip.min_expires", "must not be longer than max_expires")
	}
	positive(doc, "sip.failures", n.SIP.Failures)
	positive(doc, "sip.ban", int(n.SIP.Ban/time.Second))
	if strings.ContainsFunc(n.SIP.Banner, unicode.IsControl) {
		doc.At("sip.banner", "must be one line of text")
	}
	for i, server := range n.SIP.DNS {
		if _, err := dnsServer(server); err != nil {
			doc.At(fmt.Sprintf("sip.dns[%d]", i), "%q is no IP address, with or without a port", server)
		}
	}
	address(doc, "sip.advertise", n.SIP.Advertise, true)
	address(doc, "media.address", n.Media.Address, false)
	if n.Media.PortMin < 1024 || n.Media.PortMax > 65535 || n.Media.PortMax-n.Media.PortMin < 3 {
		doc.At("media.port_min", "ports must lie within 1024 to 65535 and leave room: each leg takes two")
	}
	positive(doc, "media.silence", int(n.Media.Silence/time.Second))
	if all, err := codec.List(n.Media.Codecs); err != nil {
		doc.At("media.codecs", "%v", err)
	} else if len(all) == 0 {
		doc.At("media.codecs", "name at least one codec")
	}
	oneOf(doc, "media.srtp", n.Media.SRTP, "off", "optional", "required")
	positive(doc, "recording.writers", n.Recording.Writers)
	positive(doc, "recording.sync", int(n.Recording.Sync/time.Millisecond))
	oneOf(doc, "recording.download", n.Recording.Download, "agent", "supervisor", "admin")
	oneOf(doc, "softphone.ice", n.Softphone.ICE, "lite", "full")
	if _, err := codec.List(n.Softphone.Codecs); err != nil {
		doc.At("softphone.codecs", "%v", err)
	}
	address(doc, "softphone.advertise", n.Softphone.Advertise, true)
	n.Button.check(doc, len(n.Softphone.UDP) > 0)
	if len(n.TTS.Command) > 0 && n.TTS.URL != "" {
		doc.At("tts", "give command or url, not both")
	}
}

// DNSServers are the servers of DNS; nil: those that the system has. What ParseNode took has no wrong ones.
func (s SIP) DNSServers() (all []netip.AddrPort) {
	for _, server := range s.DNS {
		if at, err := dnsServer(server); err == nil {
			all = append(all, at)
		}
	}
	return all
}

func dnsServer(s string) (netip.AddrPort, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		return netip.AddrPortFrom(addr, 53), nil
	}
	return netip.ParseAddrPort(s)
}

func oneOf(doc *yamldoc.Doc, path, value string, allowed ...string) {
	for _, a := range allowed {
		if value == a {
			return
		}
	}
	doc.At(path, "%q is none of %v", value, allowed)
}

func positive(doc *yamldoc.Doc, path string, n int) {
	if n <= 0 {
		doc.At(path, "must be more than zero")
	}
}

func address(doc *yamldoc.Doc, path, value string, empty bool) {
	if value == "" && empty {
		return
	}
	if _, err := netip.ParseAddr(value); err != nil {
		doc.At(path, "%q is no IP address", value)
	}
}
