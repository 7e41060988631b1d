package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"hotline/floor"
)

// SaveOrder satisfies floor.Store.
func (d *DB) SaveOrder(ctx context.Context, kind, id string, body []byte) error {
	if body == nil {
		_, err := d.exec(ctx, "remove an order", "DELETE FROM floor_orders WHERE kind = ? AND id = ?", kind, id)
		return err
	}
	_, err := d.exec(ctx, "keep an order", "INSERT INTO floor_orders (kind, id, body) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
		kind, id, string(body))
	return err
}

// Orders satisfies floor.Store.
func (d *DB) Orders(ctx context.Context, kind string) (map[string][]byte, error) {
	type order struct{ id, body string }
	rows, err := query(ctx, d.read, "read orders", func(row scanner) (o order, err error) {
		err = row.Scan(&o.id, &o.body)
		return o, err
	}, "SELECT id, body FROM floor_orders WHERE kind = ?", kind)
	all := make(map[string][]byte, len(rows))
	for _, o := range rows {
		all[o.id] = []byte(o.body)
	}
	return all, err
}

// SaveMessages satisfies floor.MessageStore.
func (d *DB) SaveMessages(ctx context.Context, all []floor.Message) error {
	return d.tx(ctx, "keep messages", func(tx *sql.Tx) error {
		for _, m := range all {
			body, err := json.Marshal(m)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, "INSERT INTO floor_messages (id, agent, read_at, body) VALUES (?, ?, 0, ?)", m.ID, m.Agent, string(body)); err != nil {
				return err
			}
		}
		return nil
	})
}

const messageColumns = "SELECT body, read_at FROM floor_messages "

func asMessage(row scanner) (m floor.Message, err error) {
	var (
		body string
		read int64
	)
	if err := row.Scan(&body, &read); err != nil {
		return m, err
	}
	err = json.Unmarshal([]byte(body), &m)
	m.Read = fromMicros(read)
	return m, err
}

// MessagesTo satisfies floor.MessageStore.
func (d *DB) MessagesTo(ctx context.Context, agent string, unread bool, limit int) ([]floor.Message, error) {
	return query(ctx, d.read, "read an agent's messages", asMessage, messageColumns+"WHERE agent = ?1 AND (NOT ?2 OR read_at = 0) ORDER BY number DESC LIMIT ?3", agent, unread, limit)
}

// fittingMessages are the messages of a query: what is not asked for is empty and then always true.
const fittingMessages = `FROM floor_messages WHERE (?1 = '' OR agent = ?1) AND (NOT ?2 OR read_at = 0)
	AND (?3 = '' OR instr(lower(concat_ws(' ', agent, body ->> 'to', body ->> 'text', body ->> 'by')), lower(?3)) > 0)`

// messageOrders are what messages are sorted by: their numbers are in the order of their times.
var messageOrders = map[string]string{"": "number DESC", "-at": "number DESC", "at": "number", "read": "read_at, number", "-read": "read_at DESC, number DESC"}

// Messages satisfies floor.MessageStore.
func (d *DB) Messages(ctx context.Context, q floor.MessageQuery) (page []floor.Message, total int, err error) {
	args := []any{q.Agent, q.Unread, q.Search}
	if err := d.read.QueryRowContext(ctx, "SELECT count(*) "+fittingMessages, args...).Scan(&total); err != nil {
		return nil, 0, fault("count messages", err)
	}
	page, err = query(ctx, d.read, "read messages", asMessage, "SELECT body, read_at "+fittingMessages+" ORDER BY "+messageOrders[q.Sort]+" LIMIT ?4 OFFSET ?5",
		append(args, q.Limit, q.Offset)...)
	return page, total, err
}

// ReadMessages satisfies floor.MessageStore.
func (d *DB) ReadMessages(ctx context.Context, agent string, ids []string, at time.Time) error {
	return d.tx(ctx, "note that messages were read", func(tx *sql.Tx) error {
		for _, id := range ids {
			if _, err := tx.ExecContext(ctx, "UPDATE floor_messages SET read_at = ? WHERE id = ? AND agent = ? AND read_at = 0", micros(at), id, agent); err != nil {
				return err
			}
		}
		return nil
	})
}
