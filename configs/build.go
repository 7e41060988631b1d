package configs

import (
	"cmp"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"hotline/hours"
	"hotline/ivr"
	"hotline/media/codec"
	"hotline/media/sdp"
	"hotline/number"
	"hotline/queue"
	"hotline/route"
	"hotline/sip/resolve"
	"hotline/sip/trunk"
	"hotline/toll"
)

// Built is a centre in the words of the rooms that use it.
type Built struct {
	Routes  *route.Table
	Flows   *ivr.Library
	Queues  []queue.Queue
	Rules   map[string]Queue // the queues as they are written, by id: for what the board does not read
	Agents  []queue.Agent
	Ready   []string // agents who take calls without signing in
	Trunks  []trunk.Trunk
	VIP     map[number.E164]bool
	Blocked map[number.E164]bool
	ByPhone map[string]string // phone user -> agent
	PhoneOf map[string]string // agent -> phone user
	// Codecs of trunks and phones that say something else than the node, best first.
	TrunkCodecs, PhoneCodecs map[string][]codec.Kind
	// SRTP of trunks and phones that say something else than the node.
	TrunkSRTP, PhoneSRTP map[string]sdp.Security

	Greetings map[string]string // agent -> prompt
	Outside   toll.Policy
}

// Build makes the rules' view of a centre. Data that ReadData accepted builds without an error. prompts are the names of
// sound files that exist; nil leaves them unchecked.
func (d *Data) Build(prompts map[string]bool) (b *Built, err error) {
	b = &Built{
		Routes: &route.Table{Calendars: map[string]*hours.Calendar{}}, Flows: &ivr.Library{Flows: map[string]*ivr.Flow{}, Prompts: prompts},
		Rules: map[string]Queue{}, Greetings: map[string]string{}, VIP: numbersOf(d.Callers.VIP), Blocked: numbersOf(d.Callers.Blocked), ByPhone: map[string]string{}, PhoneOf: map[string]string{},
	}
	for _, c := range d.Calendars {
		cal, err := c.build()
		if err != nil {
			return nil, fmt.Errorf("calendar %s: %w", c.ID, err)
		}
		b.Routes.Calendars[c.ID] = cal
	}
	b.Flows.Calendars = b.Routes.Calendars
	for _, s := range d.Sources {
		f, err := ivr.Read(s.File, []byte(s.Source))
		if err != nil {
			return nil, err
		}
		b.Flows.Flows[f.ID] = f
	}
	b.numbers(d.Numbers)
	b.rules(d.Routes)
	b.Routes.Codes = d.Codes.build()
	b.people(d)
	b.security(d)
	b.codecs(d)
	if b.Outside, err = d.policy(); err != nil {
		return nil, err
	}
	return b, b.trunks(d.Trunks)
}

func (b *Built) numbers(numbers []Number) {
	for _, n := range numbers {
		b.Routes.Numbers = append(b.Routes.Numbers, route.Number{
			Pattern: n.Number, Origin: n.From, Trunk: n.Trunk, DID: n.DID, Flow: n.Flow, Topic: n.Topic, Language: n.Language, Brand: n.Brand,
		})
	}
}

func numbersOf(texts []string) map[number.E164]bool {
	set := map[number.E164]bool{}
	for _, t := range texts {
		if n := number.Parse(t); n.E164 != "" {
			set[n.E164] = true
		}
	}
	return set
}

func (b *Built) rules(routes []Route) {
	for _, r := range routes {
		rule := route.Rule{ID: r.ID, DIDs: r.DIDs, Regions: r.Regions, Topics: r.Topics, Hours: r.Hours, Outside: r.Outside, Priority: r.Priority, Language: r.Language}
		for _, s := range r.Steps {
			step := route.Step{After: s.After, Queue: s.Queue}
			step.Skills = needs(s.Skills)
			for _, list := range s.Any {
				step.Any = append(step.Any, needs(list))
			}
			rule.Steps = append(rule.Steps, step)
		}
		b.Routes.Rules = append(b.Routes.Rules, rule)
	}
}

func (b *Built) people(d *Data) {
	b.Flows.Queues = map[string]bool{}
	for _, q := range d.Queues {
		b.Flows.Queues[q.ID] = true
		b.Queues = append(b.Queues, q.build())
		b.Rules[q.ID] = q
	}
	for _, p := range d.People {
		if p.Phone == "" {
			continue
		}
		b.ByPhone[p.Phone], b.PhoneOf[p.Login] = p.Login, p.Phone
		b.Agents = append(b.Agents, queue.Agent{ID: p.Login, Name: p.Name, Phone: p.Phone, Queues: p.Queues, Skills: p.Skills})
		if p.Greeting != "" {
			b.Greetings[p.Login] = p.Greeting
		}
		if p.Ready {
			b.Ready = append(b.Ready, p.Login)
		}
	}
}

func (b *Built) codecs(d *Data) {
	b.TrunkCodecs, b.PhoneCodecs = map[string][]codec.Kind{}, map[string][]codec.Kind{}
	for _, t := range d.Trunks {
		if all, err := codec.List(t.Codecs); err == nil && len(all) > 0 {
			b.TrunkCodecs[t.ID] = all
		}
	}
	for _, p := range d.Phones {
		if all, err := codec.List(p.Codecs); err == nil && len(all) > 0 {
			b.PhoneCodecs[p.User] = all
		}
	}
}

func (b *Built) security(d *Data) {
	b.TrunkSRTP, b.PhoneSRTP = map[string]sdp.Security{}, map[string]sdp.Security{}
	for _, t := range d.Trunks {
		if s, ok := sdp.SecurityNamed(t.SRTP); ok {
			b.TrunkSRTP[t.ID] = s
		}
	}
	for _, p := range d.Phones {
		if s, ok := sdp.SecurityNamed(p.SRTP); ok {
			b.PhoneSRTP[p.User] = s
		}
	}
}

func (b *Built) trunks(trunks []Trunk) error {
	for _, t := range trunks {
		keys, err := trunk.ReadKeys(t.DTMF)
		if err != nil {
			return fmt.Errorf("trunk %s: dtmf: %w", t.ID, err)
		}
		out := trunk.Trunk{
			ID: t.ID, Name: t.Name, MaxCalls: t.MaxCalls, MaxCPS: t.MaxCPS, MaxCPSIn: t.MaxCPSIn, Priority: t.Priority, Weight: t.Weight,
			AnswerWithin: t.Within, CallerFrom: t.CallerFrom, CalledFrom: t.CalledFrom, CallerIn: rewrites(t.CallerIn), CallerOut: rewrites(t.CallerOut),
			CalledOut: rewrites(t.CalledOut), CallerID: t.CallerID, User: t.User, Password: trunk.Secret(t.Password), OptionsEvery: t.Options, Keys: keys,
			Follow: t.Redirects == RedirectsFollow,
			Form: trunk.Form{
				Show: t.Show, Domain: t.FromDomain, UserPhone: t.UserPhone, Format: t.Format, City: t.City, Forwarded: t.Forwarded, Hide: t.Hide, Trusted: t.Trusted,
			},
		}
		out.Register = t.registers()
		for _, s := range t.Sources {
			if resolve.IsName(s) {
				out.SourceNames = append(out.SourceNames, s)
				continue
			}
			p, err := prefix(s)
			if err != nil {
				return fmt.Errorf("trunk %s: %w", t.ID, err)
			}
			out.Sources = append(out.Sources, p)
		}
		for _, target := range t.Targets {
			x, err := target.build()
			if err != nil {
				return fmt.Errorf("trunk %s: %w", t.ID, err)
			}
			out.Targets = append(out.Targets, x)
		}
		b.Trunks = append(b.Trunks, out)
	}
	return nil
}

func (t TrunkTarget) build() (trunk.Target, error) {
	x := trunk.Target{
		URI: "sip:" + t.Address, Network: t.Transport, ServerName: t.ServerName, Insecure: t.Insecure, Priority: t.Priority, Weight: t.Weight,
	}
	var err error
	x.Addr, x.Name, x.Port, err = place(t.Address)
	if x.Name == "" {
		x.Network = cmp.Or(t.Transport, "udp")
	}
	return x, err
}

// place reads where a target is: an address with a port, or a name, whose port and network are mostly DNS's to say.
func place(s string) (addr netip.AddrPort, name string, port uint16, err error) {
	if addr, err = netip.ParseAddrPort(s); err == nil {
		return addr, "", 0, nil
	}
	name, number, written := strings.Cut(s, ":")
	if written {
		n, err := strconv.ParseUint(number, 10, 16)
		if port = uint16(n); err != nil || n == 0 {
			return addr, "", 0, fmt.Errorf("%q has no port from 1 to 65535", s)
		}
	}
	if !resolve.IsName(name) {
		return addr, "", 0, fmt.Errorf("%q is neither an address with a port nor a name", s)
	}
	return netip.AddrPort{}, name, port, nil
}

// registers fills in what the trunk says elsewhere; nil: it does not register.
func (t Trunk) registers() *trunk.Register {
	r := t.Register
	if r == nil {
		return nil
	}
	user := cmp.Or(r.User, t.User)
	domain := r.Domain
	if domain == "" && len(t.Targets) > 0 {
		addr, name, _, err := place(t.Targets[0].Address)
		if domain = name; name == "" && err == nil {
			domain = addr.Addr().String()
		}
	}
	return &trunk.Register{Domain: domain, User: user, Contact: cmp.Or(r.Contact, user), Expires: r.Expires, Each: r.Each}
}

func rewrites(in []NumberRewrite) []trunk.Rule {
	var out []trunk.Rule
	for _, r := range in {
		out = append(out, trunk.Rule{Prefix: r.Prefix, Strip: r.Strip, Add: r.Add})
	}
	return out
}
