-- +goose Up
CREATE TABLE people (
    id        TEXT PRIMARY KEY,
    login     TEXT    NOT NULL,
    login_key TEXT    NOT NULL UNIQUE, -- the login in one letter case
    name      TEXT    NOT NULL,
    role      TEXT    NOT NULL,
    agent     TEXT    NOT NULL,
    disabled  INTEGER NOT NULL,
    hash      TEXT    NOT NULL,
    created   INTEGER NOT NULL,
    updated   INTEGER NOT NULL,
    revision  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE sessions (
    hash    TEXT PRIMARY KEY,
    person  TEXT    NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    source  TEXT    NOT NULL,
    since   INTEGER NOT NULL,
    used    INTEGER NOT NULL,
    expires INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_person ON sessions (person);

CREATE TABLE tokens (
    id      TEXT PRIMARY KEY,
    name    TEXT    NOT NULL,
    role    TEXT    NOT NULL,
    hash    TEXT    NOT NULL UNIQUE,
    made_by TEXT    NOT NULL,
    created INTEGER NOT NULL,
    used    INTEGER NOT NULL,
    expires INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE links (
    hash    TEXT PRIMARY KEY,
    purpose TEXT    NOT NULL,
    person  TEXT    NOT NULL,
    expires INTEGER NOT NULL
) WITHOUT ROWID;

-- +goose Down
DROP TABLE links;
DROP TABLE tokens;
DROP TABLE sessions;
DROP TABLE people;
