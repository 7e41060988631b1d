package configs

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"hotline/media/sdp"
	"hotline/number"
	"hotline/sip/resolve"
	"hotline/sip/trunk"
)

// trunkSet asks the trunks themselves, once each is well by itself: two may claim one address.
func (c *checker) trunkSet(trunks []Trunk) {
	if err := c.built.trunks(trunks); err != nil {
		c.doc.At("trunks", "%v", err)
		return
	}
	if _, err := trunk.NewSet(c.built.Trunks, nil); err != nil {
		c.doc.At("trunks", "%v", err)
	}
}

func (c *checker) trunk(path string, t Trunk) {
	c.id(c.trunks, path+".id", t.ID)
	c.sources(path+".sources", t.Sources)
	for i, target := range t.Targets {
		c.target(fmt.Sprintf("%s.targets[%d]", path, i), target)
	}
	if _, err := trunk.ReadKeys(t.DTMF); err != nil {
		c.doc.At(path+".dtmf", "%v", err)
	}
	c.srtp(path+".srtp", t.SRTP)
	c.codecs(path+".codecs", t.Codecs)
	clear := func(target TrunkTarget) bool { return target.Transport != "tls" }
	if t.SRTP == sdp.SecurityRequired.String() && slices.ContainsFunc(t.Targets, clear) {
		c.warn(path+".srtp", "trunk %s: the keys of SRTP would travel to a target without TLS, where others can read them: such calls fail "+
			"unless media.srtp_in_clear allows it", t.ID)
	}
	if t.Redirects != "" {
		oneOf(c.doc, path+".redirects", t.Redirects, RedirectsRefuse, RedirectsFollow)
	}
	c.places(path, t)
	c.form(path, t.TrunkForm)
	c.register(path, t)
	if t.Within < 0 || t.Within > 30*time.Second {
		c.doc.At(path+".answer_within", "a time up to 30s, not %s; below 4s is what callers bear", t.Within)
	}
	if len(t.Sources) == 0 && len(t.Targets) == 0 {
		c.doc.At(path, "give sources (for calls in), targets (for calls out), or both")
	}
}

// places checks where the numbers of calls in are read.
func (c *checker) places(path string, t Trunk) {
	for i, place := range t.CallerFrom {
		oneOf(c.doc, fmt.Sprintf("%s.caller_from[%d]", path, i), place, trunk.CallerPlaces()...)
	}
	for i, place := range t.CalledFrom {
		oneOf(c.doc, fmt.Sprintf("%s.called_from[%d]", path, i), place, trunk.CalledPlaces()...)
	}
}

// register checks how a trunk registers.
func (c *checker) register(path string, t Trunk) {
	r := t.Register
	if r == nil {
		return
	}
	if t.User == "" || t.Password == "" || len(t.Targets) == 0 {
		c.doc.At(path+".register", "to register give the trunk user, password and targets")
	}
	if strings.ContainsAny(r.Contact+r.User, "@:;<> \"") {
		c.doc.At(path+".register", "contact and user are the part before the @ alone")
	}
	if r.Expires < 0 || r.Expires > 24*time.Hour {
		c.doc.At(path+".register.expires", "a time up to 24h, not %s", r.Expires)
	}
}

// form checks how a carrier is told who calls.
func (c *checker) form(path string, f TrunkForm) {
	for i, place := range f.Show {
		oneOf(c.doc, fmt.Sprintf("%s.show[%d]", path, i), place, trunk.CallerPlaces()...)
	}
	if f.Format != "" {
		oneOf(c.doc, path+".format", f.Format, trunk.Formats()...)
	}
	if f.Forwarded != "" {
		oneOf(c.doc, path+".forwarded", f.Forwarded, trunk.ForwardedWays()...)
	}
	if strings.ContainsAny(f.FromDomain, "@:;<>/ \"") {
		c.doc.At(path+".from_domain", "a host such as ims.example.com alone, not %q", f.FromDomain)
	}
	switch {
	case f.City == "":
	case f.Format != trunk.National:
		c.doc.At(path+".city", "city decides about the 0 of format: national, which the trunk does not have")
	case !number.NewAtlas().HasCity(f.City):
		c.doc.At(path+".city", "no city of China is called %q; write it like 广州 or 广东/广州", f.City)
	}
}

func (c *checker) sources(path string, sources []string) {
	for i, s := range sources {
		if _, err := prefix(s); err != nil && !resolve.IsName(s) {
			c.doc.At(fmt.Sprintf("%s[%d]", path, i), "%q is no address or prefix such as 203.0.113.7 or 203.0.113.0/24, and no name", s)
		}
	}
}

func (c *checker) target(at string, target TrunkTarget) {
	if _, _, _, err := place(target.Address); err != nil {
		c.doc.At(at+".address", "%q is no address with a port such as 203.0.113.7:5060, and no name such as sip.carrier.example", target.Address)
	}
	if !slices.Contains([]string{"", "udp", "tcp", "tls"}, target.Transport) {
		c.doc.At(at+".transport", "udp, tcp or tls, not %q", target.Transport)
	}
	if target.Transport != "tls" && (target.ServerName != "" || target.Insecure) {
		c.doc.At(at, "server_name and insecure are for transport tls")
	}
}

// prefix reads an address or a prefix.
func prefix(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	return netip.ParsePrefix(s)
}
