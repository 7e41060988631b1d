package resolve

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// typeNAPTR is RFC 3403's; dnsmessage has no name for it.
const typeNAPTR dnsmessage.Type = 35

// naptr is the data of a NAPTR record.
type naptr struct {
	order, preference      uint16
	flags, service, regexp string
	replacement            string
}

// record is one resource record of a type that was asked for.
type record struct {
	addr  netip.Addr
	srv   dnsmessage.SRVResource
	naptr naptr
}

// answers is what a server said to one question.
type answers struct {
	records []record
	ttl     time.Duration // the shortest, of what is there or of that nothing is (RFC 2308)
	hasTTL  bool
}

// Errors of messages.
var (
	errMessage   = errors.New("DNS message cannot be read")
	errForeign   = errors.New("DNS message answers something else")
	errTruncated = errors.New("DNS message was cut off")
	errRefused   = errors.New("DNS server refuses")
)

// question writes one.
func question(id uint16, name string, t dnsmessage.Type) ([]byte, error) {
	n, err := dnsmessage.NewName(name + ".")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: id, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: n, Type: t, Class: dnsmessage.ClassINET}},
	}
	return m.Pack()
}

// readAnswer reads what answers that question; anything else is errForeign.
func readAnswer(raw []byte, id uint16, name string, t dnsmessage.Type) (answers, error) {
	var p dnsmessage.Parser
	h, err := p.Start(raw)
	if err != nil {
		return answers{}, fmt.Errorf("%w: %w", errMessage, err)
	}
	q, err := p.Question()
	if err != nil || !h.Response || h.ID != id || q.Type != t || q.Class != dnsmessage.ClassINET || !strings.EqualFold(q.Name.String(), name+".") {
		return answers{}, errForeign
	}
	switch {
	case h.Truncated:
		return answers{}, errTruncated
	case h.RCode != dnsmessage.RCodeSuccess && h.RCode != dnsmessage.RCodeNameError:
		return answers{}, fmt.Errorf("%w: %s", errRefused, h.RCode)
	}
	if err := p.SkipAllQuestions(); err != nil {
		return answers{}, fmt.Errorf("%w: %w", errMessage, err)
	}
	return readRecords(&p, t, q.Name.String())
}

// mostRecords bounds how many of one message are looked at.
const mostRecords = 256

// readRecords takes those that the name has, by way of its aliases.
func readRecords(p *dnsmessage.Parser, t dnsmessage.Type, name string) (a answers, err error) {
	for range mostRecords {
		h, err := p.AnswerHeader()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			return a, a.denial(p)
		}
		if err != nil {
			return answers{}, fmt.Errorf("%w: %w", errMessage, err)
		}
		r, err := readRecord(p, h.Type)
		switch {
		case err != nil:
			return answers{}, fmt.Errorf("%w: %w", errMessage, err)
		case h.Class != dnsmessage.ClassINET || !strings.EqualFold(h.Name.String(), name):
			continue
		case h.Type == dnsmessage.TypeCNAME:
			name = r.alias
		case h.Type == t:
			a.records = append(a.records, r.record)
		default:
			continue
		}
		a.lasts(h.TTL)
	}
	return a, nil
}

func (a *answers) lasts(seconds uint32) {
	ttl := time.Duration(min(seconds, 1<<30)) * time.Second
	if !a.hasTTL || ttl < a.ttl {
		a.ttl, a.hasTTL = ttl, true
	}
}

// denial reads how long it may be believed that there is nothing (RFC 2308 section 5).
func (a *answers) denial(p *dnsmessage.Parser) error {
	if len(a.records) > 0 {
		return nil
	}
	for range mostRecords {
		h, err := p.AuthorityHeader()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			return nil
		}
		if err == nil && h.Type == dnsmessage.TypeSOA {
			var soa dnsmessage.SOAResource
			if soa, err = p.SOAResource(); err == nil {
				a.lasts(min(h.TTL, soa.MinTTL))
				return nil
			}
		}
		if err == nil {
			err = p.SkipAuthority()
		}
		if err != nil {
			return fmt.Errorf("%w: %w", errMessage, err)
		}
	}
	return nil
}

// read is a record, or the name that stands for another.
type read struct {
	record
	alias string
}

func readRecord(p *dnsmessage.Parser, t dnsmessage.Type) (r read, err error) {
	switch t {
	case dnsmessage.TypeA:
		var x dnsmessage.AResource
		x, err = p.AResource()
		r.addr = netip.AddrFrom4(x.A)
	case dnsmessage.TypeAAAA:
		var x dnsmessage.AAAAResource
		x, err = p.AAAAResource()
		r.addr = netip.AddrFrom16(x.AAAA).Unmap()
	case dnsmessage.TypeSRV:
		r.srv, err = p.SRVResource()
	case dnsmessage.TypeCNAME:
		var x dnsmessage.CNAMEResource
		x, err = p.CNAMEResource()
		r.alias = x.CNAME.String()
	case typeNAPTR:
		var x dnsmessage.UnknownResource
		if x, err = p.UnknownResource(); err == nil {
			r.naptr, err = readNAPTR(x.Data)
		}
	default:
		err = p.SkipAnswer()
	}
	return r, err
}

// readNAPTR reads the data of one (RFC 3403 section 4.1). Its name is never compressed.
func readNAPTR(b []byte) (n naptr, err error) {
	if len(b) < 4 {
		return n, errMessage
	}
	n.order, n.preference = uint16(b[0])<<8|uint16(b[1]), uint16(b[2])<<8|uint16(b[3])
	b = b[4:]
	for _, s := range []*string{&n.flags, &n.service, &n.regexp} {
		if len(b) == 0 || len(b) <= int(b[0]) {
			return n, errMessage
		}
		*s, b = string(b[1:1+b[0]]), b[1+b[0]:]
	}
	var labels []string
	for len(b) > 0 && b[0] != 0 {
		if b[0] > 63 || len(b) <= int(b[0]) {
			return n, errMessage
		}
		labels, b = append(labels, strings.ToLower(string(b[1:1+b[0]]))), b[1+b[0]:]
	}
	if len(b) != 1 {
		return n, errMessage
	}
	n.replacement = strings.Join(labels, ".")
	return n, nil
}
