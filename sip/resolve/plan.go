package resolve

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// plan is one look-up on its way.
type plan struct {
	c    Config
	ctx  context.Context //nolint:containedctx // lives as long as one look-up
	ttl  time.Duration   // the shortest of all records used
	none time.Duration   // the shortest for which there are none
	srv  int             // counts SRV records
}

// service is a NAPTR service or an SRV prefix and the network it means (RFC 3263 section 4.1).
type service struct{ naptr, srv, network string }

var services = []service{{"SIP+D2U", "_sip._udp.", "udp"}, {"SIP+D2T", "_sip._tcp.", "tcp"}, {"SIPS+D2T", "_sips._tcp.", "tls"}}

// bounds of what one name may make us ask.
const (
	maxRecords   = 16 // NAPTR or SRV records followed
	maxAddresses = 64
)

// run is RFC 3263 section 4 for a name.
func (p *plan) run(q Query) ([]candidate, error) {
	if q.Port != 0 { // 4.2: no SRV
		network := cmp.Or(q.Network, "udp")
		return p.hosts(q, network, q.Host, q.Port)
	}
	found, err := p.byNAPTR(q)
	if len(found) > 0 {
		return found, nil
	}
	for i, s := range services {
		if q.Network != "" && q.Network != s.network || err != nil {
			continue
		}
		var more []candidate
		if more, err = p.bySRV(q, s.network, s.srv+q.Host, i); err == nil {
			found = append(found, more...)
		}
	}
	switch {
	case err != nil:
		return nil, err
	case len(found) > 0:
		return found, nil
	}
	network := cmp.Or(q.Network, "udp")
	return p.hosts(q, network, q.Host, defaultPort(network))
}

// byNAPTR asks which networks a name has, unless the URI says; an error is none: there are routers that drop such questions.
func (p *plan) byNAPTR(q Query) (found []candidate, err error) {
	if q.Network != "" && q.Network != "tls" {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(p.ctx, p.c.Deadline/3)
	defer cancel()
	records, err := p.ask(ctx, q.Host, typeNAPTR)
	if err != nil {
		return nil, nil //nolint:nilerr // SRV may be there all the same
	}
	slices.SortStableFunc(records, func(a, b record) int {
		return cmp.Or(cmp.Compare(a.naptr.order, b.naptr.order), cmp.Compare(a.naptr.preference, b.naptr.preference))
	})
	for rank, r := range records[:min(len(records), maxRecords)] {
		i := slices.IndexFunc(services, func(s service) bool { return strings.EqualFold(s.naptr, r.naptr.service) })
		if i < 0 || !strings.EqualFold(r.naptr.flags, "s") || r.naptr.regexp != "" || q.Network != "" && services[i].network != q.Network {
			continue
		}
		more, err := p.bySRV(q, services[i].network, r.naptr.replacement, rank)
		if err == nil {
			found = append(found, more...)
		}
	}
	return found, nil
}

// bySRV gives the servers of one SRV name; none is no error.
func (p *plan) bySRV(q Query, network, name string, rank int) (found []candidate, err error) {
	records, err := p.ask(p.ctx, name, dnsmessage.TypeSRV)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, r := range records[:min(len(records), maxRecords)] {
		host := strings.ToLower(strings.TrimSuffix(r.srv.Target.String(), "."))
		if !nameLike(host) || r.srv.Port == 0 { // "." says that there is no such service (RFC 2782)
			continue
		}
		more, e := p.hosts(q, network, host, r.srv.Port)
		if e != nil && !errors.Is(e, ErrNotFound) {
			err = e
		}
		for _, c := range more {
			c.rank, c.prio, c.weight = rank, r.srv.Priority, r.srv.Weight
			found = append(found, c)
		}
	}
	if len(found) > 0 {
		err = nil // one dead name among several
	}
	return found[:min(len(found), maxAddresses)], err
}

// hosts gives all addresses of a host as one SRV record's.
func (p *plan) hosts(q Query, network, host string, port uint16) (found []candidate, err error) {
	p.srv++
	addrs := fromHosts(p.c.Hosts, host)
	if len(addrs) == 0 {
		addrs, err = p.addresses(host)
	}
	for _, a := range addrs[:min(len(addrs), maxAddresses)] {
		if a.Is4() || p.c.IPv6 {
			found = append(found, candidate{Server: Server{Network: network, Addr: netip.AddrPortFrom(a, port), Name: q.Host}, srv: p.srv})
		}
	}
	if len(found) == 0 && err == nil {
		err = ErrNotFound
	}
	return found, err
}

// addresses asks for A and, where wanted, AAAA; one of them is enough.
func (p *plan) addresses(host string) (addrs []netip.Addr, err error) {
	types := []dnsmessage.Type{dnsmessage.TypeA}
	if p.c.IPv6 {
		types = append(types, dnsmessage.TypeAAAA)
	}
	for _, t := range types {
		records, e := p.ask(p.ctx, host, t)
		if e != nil && (err == nil || !errors.Is(e, ErrNotFound)) {
			err = e
		}
		for _, r := range records {
			addrs = append(addrs, r.addr)
		}
	}
	if len(addrs) > 0 {
		err = nil
	}
	return addrs, err
}

// ask asks one question; ErrNotFound: there is none. Its TTL goes into the plan's.
func (p *plan) ask(ctx context.Context, name string, t dnsmessage.Type) ([]record, error) {
	a, err := p.c.exchange(ctx, name, t)
	if err != nil {
		return nil, err
	}
	if len(a.records) == 0 {
		if a.hasTTL {
			p.none = min(p.none, a.ttl)
		}
		return nil, ErrNotFound
	}
	p.ttl = min(p.ttl, a.ttl)
	return a.records, nil
}
