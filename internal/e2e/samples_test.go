package e2e

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Each sample starts as it is, from a folder that has nothing to do with it, and answers OPTIONS and /readyz. Where another
// hotline holds a sample's addresses, a copy with addresses of this test takes its place.
func TestSamples(t *testing.T) {
	t.Parallel()
	for _, s := range []struct {
		name, addr, api string
	}{
		{name: "kit", addr: "127.0.0.20", api: "127.0.0.20:8080"},
		{name: "rig", addr: "127.0.9.1", api: "127.0.9.1:8080"},
		{name: "demo", addr: "127.0.0.1", api: "127.0.0.1:8080"},
	} {
		t.Run(s.name, func(t *testing.T) {
			n := &node{t: t, block: newBlock(), dir: t.TempDir(), out: &output{}}
			n.data = filepath.Join(n.dir, "var")
			file, err := filepath.Abs(filepath.Join("..", "..", "configs", "samples", s.name, "hotline.yml"))
			if err != nil {
				t.Fatal(err)
			}
			n.sip = netip.AddrPortFrom(netip.MustParseAddr(s.addr), 5060)
			if !free(s.name, n.sip, s.api) {
				t.Logf("%s is in use on this machine: testing a copy with other addresses", s.api)
				file = n.copySample(file, s.addr)
			}
			t.Cleanup(func() {
				n.kill()
				if t.Failed() {
					t.Logf("the node said:\n%s", tail(n.out.String(), 6000))
				}
			})
			n.launch("serve", "-c", file, "--data", n.data)
			if res, body := n.request(http.MethodGet, "/readyz", nil); res.StatusCode != http.StatusOK {
				t.Errorf("/readyz: %s %s", res.Status, body)
			}
			for _, network := range []string{"udp", "tcp"} {
				if answer := options(t, network, n.sip); !strings.HasPrefix(answer, "SIP/2.0 200 ") {
					t.Errorf("OPTIONS over %s: %q", network, answer)
				}
			}
		})
	}
}

// free is true where a sample's ports can be had. The demo's are those of all addresses.
func free(sample string, sip netip.AddrPort, api string) bool {
	at := sip.String()
	if sample == "demo" {
		at = fmt.Sprintf("0.0.0.0:%d", sip.Port())
	}
	udp, err := net.ListenPacket("udp4", at)
	if err != nil {
		return false
	}
	defer udp.Close()
	for _, a := range []string{at, api} {
		l, err := net.Listen("tcp4", a)
		if err != nil {
			return false
		}
		defer l.Close()
	}
	return true
}

// copySample writes a sample with addresses of this test's own and returns its hotline.yml.
func (n *node) copySample(file, addr string) string {
	n.t.Helper()
	from, to := filepath.Dir(file), filepath.Join(n.dir, "sample")
	own := n.block.addr(nodeHost).String()
	n.sip = netip.AddrPortFrom(n.block.addr(nodeHost), 5060)
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		n.t.Fatal(err)
	}
	copied := filepath.Join(to, filepath.Base(file))
	text, err := os.ReadFile(copied)
	if err != nil {
		n.t.Fatal(err)
	}
	yml := strings.ReplaceAll(string(text), addr, own)
	if !strings.Contains(yml, "udp:") { // the demo listens everywhere
		n.sip = netip.AddrPortFrom(n.sip.Addr(), sipPort)
		yml = strings.Replace(yml, "sip: {", fmt.Sprintf("http: {listen: \"%s:8080\"}\nsoftphone: {udp: [\"%s:8443\"]}\nsip: {udp: [\"%s\"], tcp: [\"%s\"], ", own, own, n.sip, n.sip), 1)
	}
	if err := os.WriteFile(copied, []byte(yml), 0o644); err != nil {
		n.t.Fatal(err)
	}
	return copied
}

// options asks a node whether it is there, and gives its answer.
func options(t *testing.T, network string, to netip.AddrPort) string {
	t.Helper()
	c, err := net.DialTimeout(network, to.String(), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	own := c.LocalAddr().String()
	_, err = fmt.Fprintf(c, "OPTIONS sip:%s SIP/2.0\r\nVia: SIP/2.0/%s %s;branch=z9hG4bK-options;rport\r\nMax-Forwards: 70\r\nFrom: <sip:test@%s>;tag=1\r\n"+
		"To: <sip:%s>\r\nCall-ID: options@%s\r\nCSeq: 1 OPTIONS\r\nContact: <sip:test@%s>\r\nContent-Length: 0\r\n\r\n", to, strings.ToUpper(network), own, own, to, own, own)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	answer := make([]byte, 4096)
	size, err := c.Read(answer)
	if err != nil {
		t.Fatalf("OPTIONS over %s: %v", network, err)
	}
	return string(answer[:size])
}
