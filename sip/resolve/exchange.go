package resolve

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// rounds is how often each server is asked before a question is given up.
const rounds = 2

// exchange asks one question, of each server in turn until one answers: over UDP, and over TCP what is too long for that (RFC 7766).
func (c *Config) exchange(ctx context.Context, name string, t dnsmessage.Type) (answers, error) {
	servers := c.Servers
	if servers == nil {
		servers = fromResolvConf(resolvConf)
	}
	last := errors.New("no server is known")
	for range rounds {
		for _, server := range servers {
			a, err := c.askOne(ctx, server, name, t)
			if err == nil || errors.Is(err, ErrNotFound) {
				return a, err
			}
			if last = err; ctx.Err() != nil {
				return answers{}, fmt.Errorf("%w: %w", ErrDNS, last)
			}
		}
	}
	return answers{}, fmt.Errorf("%w: %w", ErrDNS, last)
}

func (c *Config) askOne(ctx context.Context, server netip.AddrPort, name string, t dnsmessage.Type) (answers, error) {
	id := uint16(rand.Uint32()) //nolint:gosec // rand/v2's generator is ChaCha8; the port is the kernel's, and connected
	q, err := question(id, name, t)
	if err != nil {
		return answers{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.Try)
	defer cancel()
	a, err := overUDP(ctx, server, q, func(raw []byte) (answers, error) { return readAnswer(raw, id, name, t) })
	if !errors.Is(err, errTruncated) {
		return a, err
	}
	raw, err := overTCP(ctx, server, q)
	if err != nil {
		return answers{}, err
	}
	return readAnswer(raw, id, name, t)
}

// dial connects for as long as ctx lasts. A connected UDP socket hears its server only.
func dial(ctx context.Context, network string, server netip.AddrPort) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, server.String())
	if err != nil {
		return nil, err
	}
	until, ok := ctx.Deadline()
	if !ok {
		until = time.Now().Add(time.Second)
	}
	return conn, conn.SetDeadline(until)
}

// overUDP sends a question and waits for its answer; whatever answers another is passed over.
func overUDP(ctx context.Context, server netip.AddrPort, q []byte, read func([]byte) (answers, error)) (answers, error) {
	conn, err := dial(ctx, "udp", server)
	if err != nil {
		return answers{}, err
	}
	defer conn.Close()
	if _, err := conn.Write(q); err != nil {
		return answers{}, err
	}
	buf := make([]byte, 4096)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return answers{}, err
		}
		a, err := read(buf[:n])
		if errors.Is(err, errForeign) || errors.Is(err, errMessage) {
			continue
		}
		return a, err
	}
}

// overTCP sends a question and gives the next message (RFC 1035 section 4.2.2).
func overTCP(ctx context.Context, server netip.AddrPort, q []byte) ([]byte, error) {
	conn, err := dial(ctx, "tcp", server)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(q))), q...)); err != nil { //nolint:gosec // a question is short
		return nil, err
	}
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return nil, err
	}
	raw := make([]byte, binary.BigEndian.Uint16(size[:]))
	_, err = io.ReadFull(conn, raw)
	return raw, err
}
