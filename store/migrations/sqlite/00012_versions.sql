-- Each publishing of settings is a version: who, when, why, and the changes that belong to it. Changes from before have version 0.

-- +goose Up
CREATE TABLE setting_versions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at     INTEGER NOT NULL,
    who    TEXT    NOT NULL,
    note   TEXT    NOT NULL,
    back   INTEGER NOT NULL -- the version whose state this one brought back; 0 for none
);
ALTER TABLE setting_changes ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
CREATE INDEX setting_changes_version ON setting_changes (version);

-- +goose Down
DROP INDEX setting_changes_version;
ALTER TABLE setting_changes DROP COLUMN version;
DROP TABLE setting_versions;
