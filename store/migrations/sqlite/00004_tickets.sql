-- +goose Up
CREATE TABLE tickets (
    row      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT    NOT NULL UNIQUE,
    number   TEXT    NOT NULL UNIQUE,
    made_for TEXT    UNIQUE, -- the call the ticket was made for; NULL for none
    state    TEXT    NOT NULL,
    assignee TEXT    NOT NULL,
    team     TEXT    NOT NULL,
    topic    TEXT    NOT NULL,
    caller   TEXT    NOT NULL,
    created  INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    body     TEXT    NOT NULL
);
CREATE INDEX tickets_state ON tickets (state, row);
CREATE INDEX tickets_assignee ON tickets (assignee, row);

CREATE TABLE ticket_calls (
    call   TEXT    NOT NULL,
    ticket INTEGER NOT NULL REFERENCES tickets (row) ON DELETE CASCADE,
    PRIMARY KEY (call, ticket)
) WITHOUT ROWID;

CREATE TABLE ticket_days (
    day  TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) WITHOUT ROWID;

-- words: see ticketwords.go, which cuts Chinese into pairs
CREATE VIRTUAL TABLE ticket_words USING fts5 (words, tokenize = 'unicode61');

-- +goose Down
DROP TABLE ticket_words;
DROP TABLE ticket_days;
DROP TABLE ticket_calls;
DROP TABLE tickets;
