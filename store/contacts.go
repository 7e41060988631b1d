package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/netip"

	"github.com/emiago/sipgo/sip"

	"hotline/sip/registrar"
	"hotline/sip/transport"
)

// KeepContacts satisfies registrar.Keeper.
func (d *DB) KeepContacts(user string, contacts []registrar.Contact) error {
	ctx, cancel := context.WithTimeout(context.Background(), busyFor)
	defer cancel()
	return d.tx(ctx, "keep a phone's contacts", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM contacts WHERE user = ?", user); err != nil {
			return err
		}
		for i, c := range contacts {
			_, err := tx.ExecContext(ctx, `INSERT INTO contacts (user, place, uri, network, addr, local, conn, expires, agent, q, call_id, cseq, since,
				instance, refreshed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				user, i, c.URI.String(), c.Peer.Network, addrText(c.Peer.Addr), addrText(c.Peer.Local),
				int64(c.Peer.Conn), //nolint:gosec // read back the same way
				micros(c.Expires), c.Agent, c.Q, c.CallID, c.CSeq, micros(c.Since), c.Instance, micros(c.Refreshed))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// KeptContacts satisfies registrar.Keeper.
func (d *DB) KeptContacts() (map[string][]registrar.Contact, error) {
	ctx, cancel := context.WithTimeout(context.Background(), busyFor)
	defer cancel()
	type row struct {
		user    string
		contact registrar.Contact
	}
	rows, err := query(ctx, d.read, "read the phones' contacts", func(s scanner) (r row, err error) {
		r.user, r.contact, err = asContact(s)
		return r, err
	}, `SELECT user, uri, network, addr, local, conn, expires, agent, q, call_id, cseq, since, instance, refreshed
		FROM contacts ORDER BY user, place`)
	if err != nil {
		return nil, err
	}
	all := map[string][]registrar.Contact{}
	for _, r := range rows {
		all[r.user] = append(all[r.user], r.contact)
	}
	return all, nil
}

func asContact(s scanner) (user string, c registrar.Contact, err error) {
	var (
		uri, network, addr, local       string
		conn, expires, since, refreshed int64
	)
	err = s.Scan(&user, &uri, &network, &addr, &local, &conn, &expires, &c.Agent, &c.Q, &c.CallID, &c.CSeq, &since, &c.Instance, &refreshed)
	if err != nil {
		return "", c, err
	}
	if err := sip.ParseUri(uri, &c.URI); err != nil {
		return "", c, fmt.Errorf("read the contact of %s: %w", user, err)
	}
	c.Peer = transport.Peer{Network: network, Addr: parseAddr(addr), Local: parseAddr(local), Conn: uint64(conn)} //nolint:gosec // see KeepContacts
	c.Expires, c.Since, c.Refreshed = fromMicros(expires), fromMicros(since), fromMicros(refreshed)
	return user, c, nil
}

// addrText is an address as text; empty for none.
func addrText(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// parseAddr reads what addrText wrote; none for anything else.
func parseAddr(s string) netip.AddrPort {
	a, err := netip.ParseAddrPort(s)
	if err != nil {
		return netip.AddrPort{}
	}
	return a
}
