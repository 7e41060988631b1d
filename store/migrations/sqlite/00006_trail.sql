-- +goose Up
CREATE TABLE trail (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at     INTEGER NOT NULL,
    who    TEXT    NOT NULL,
    name   TEXT    NOT NULL,
    what   TEXT    NOT NULL,
    object TEXT    NOT NULL,
    detail TEXT    NOT NULL,
    source TEXT    NOT NULL,
    hash   TEXT    NOT NULL
);
CREATE INDEX trail_at ON trail (at);

-- +goose StatementBegin
CREATE TRIGGER trail_keeps BEFORE UPDATE ON trail BEGIN
    SELECT RAISE(ABORT, 'the trail is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER trail_stays BEFORE DELETE ON trail BEGIN
    SELECT RAISE(ABORT, 'the trail is append-only');
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE trail;
