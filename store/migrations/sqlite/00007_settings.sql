-- +goose Up
CREATE TABLE settings (
    kind       TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    revision   INTEGER NOT NULL,
    updated    INTEGER NOT NULL,
    updated_by TEXT    NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;

CREATE TABLE setting_changes (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    body       TEXT    NOT NULL, -- empty: deleted
    revision   INTEGER NOT NULL,
    updated    INTEGER NOT NULL,
    updated_by TEXT    NOT NULL,
    UNIQUE (kind, id, revision)
);

-- +goose Down
DROP TABLE setting_changes;
DROP TABLE settings;
