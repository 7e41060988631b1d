-- +goose Up
CREATE TABLE agent_changes (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    agent      TEXT    NOT NULL,
    from_state TEXT    NOT NULL,
    to_state   TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    source     TEXT    NOT NULL,
    at         INTEGER NOT NULL
);
CREATE INDEX agent_changes_at ON agent_changes (at);
CREATE INDEX agent_changes_agent ON agent_changes (agent, number);

-- +goose Down
DROP TABLE agent_changes;
