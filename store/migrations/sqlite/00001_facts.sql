-- +goose Up
CREATE TABLE facts (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    call   TEXT    NOT NULL,
    seq    INTEGER NOT NULL,
    at     INTEGER NOT NULL, -- Unix microseconds, as everywhere here; 0 is none
    kind   TEXT    NOT NULL,
    body   TEXT    NOT NULL,
    UNIQUE (call, seq)
);

-- calls with facts that are newer than their record
CREATE TABLE open_calls (
    call TEXT PRIMARY KEY
) WITHOUT ROWID;

CREATE TABLE cursors (
    name   TEXT PRIMARY KEY,
    number INTEGER NOT NULL
) WITHOUT ROWID;

-- +goose Down
DROP TABLE cursors;
DROP TABLE open_calls;
DROP TABLE facts;
