-- +goose Up
CREATE TABLE records (
    call      TEXT PRIMARY KEY,
    started   INTEGER NOT NULL,
    direction TEXT NOT NULL,
    caller    TEXT NOT NULL, -- every form of the caller's number
    called    TEXT NOT NULL,
    did       TEXT NOT NULL,
    trunk     TEXT NOT NULL,
    region    TEXT NOT NULL,
    topic     TEXT NOT NULL,
    result    TEXT NOT NULL,
    body      TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX records_started ON records (started, call);

CREATE TABLE record_queues (
    queue TEXT NOT NULL,
    call  TEXT NOT NULL REFERENCES records (call) ON DELETE CASCADE,
    PRIMARY KEY (call, queue)
) WITHOUT ROWID;

CREATE TABLE record_agents (
    agent TEXT NOT NULL,
    call  TEXT NOT NULL REFERENCES records (call) ON DELETE CASCADE,
    PRIMARY KEY (call, agent)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE record_agents;
DROP TABLE record_queues;
DROP TABLE records;
