package resolve

import (
	"net/netip"
	"os"
	"strings"
)

const (
	resolvConf = "/etc/resolv.conf"
	maxServers = 3 // as the C library has it
	maxFile    = 1 << 20
)

// fromResolvConf reads the servers of resolv.conf(5). Its search list is not used: SIP names are whole ones. A file that is not there
// means the server of this machine, as for everybody else.
func fromResolvConf(file string) (servers []netip.AddrPort) {
	for _, words := range lines(file) {
		if len(words) < 2 || words[0] != "nameserver" || len(servers) == maxServers {
			continue
		}
		if a, err := netip.ParseAddr(words[1]); err == nil {
			servers = append(servers, netip.AddrPortFrom(a, 53))
		}
	}
	if len(servers) == 0 {
		servers = []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:53")}
	}
	return servers
}

// fromHosts reads the addresses of a name from a file like hosts(5).
func fromHosts(file, name string) (addrs []netip.Addr) {
	for _, words := range lines(file) {
		a, err := netip.ParseAddr(words[0])
		if err != nil {
			continue
		}
		for _, w := range words[1:] {
			if strings.EqualFold(strings.TrimSuffix(w, "."), name) {
				addrs = append(addrs, a.Unmap())
				break
			}
		}
	}
	return addrs
}

// lines are the words of a file's lines, without comments and empty ones. A file that cannot be read has none.
func lines(file string) (all [][]string) {
	text, err := os.ReadFile(file)
	if err != nil || len(text) > maxFile {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		if words := strings.Fields(line); len(words) > 0 {
			all = append(all, words)
		}
	}
	return all
}
