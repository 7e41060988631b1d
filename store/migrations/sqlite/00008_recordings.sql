-- +goose Up
CREATE TABLE recordings (
    id      TEXT PRIMARY KEY,
    call    TEXT    NOT NULL,
    segment INTEGER NOT NULL,
    state   TEXT    NOT NULL,
    started INTEGER NOT NULL,
    body    TEXT    NOT NULL
) WITHOUT ROWID;
CREATE INDEX recordings_call ON recordings (call, segment);
CREATE INDEX recordings_open ON recordings (id) WHERE state = 'open';

-- +goose Down
DROP TABLE recordings;
