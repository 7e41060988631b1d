-- What supervisors order while calls go on, and their messages to agents.

-- +goose Up
CREATE TABLE floor_orders (
    kind TEXT NOT NULL,
    id   TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
);
CREATE TABLE floor_messages (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    id      TEXT    NOT NULL UNIQUE,
    agent   TEXT    NOT NULL,
    read_at INTEGER NOT NULL,
    body    TEXT    NOT NULL
);
CREATE INDEX floor_messages_agent ON floor_messages (agent, number);

-- +goose Down
DROP TABLE floor_messages;
DROP TABLE floor_orders;
