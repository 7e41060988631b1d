-- Callbacks that customers were promised.

-- +goose Up
CREATE TABLE callbacks (
	id    TEXT PRIMARY KEY,
	open  INTEGER NOT NULL,
	asked INTEGER NOT NULL,
	body  TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX callbacks_open ON callbacks (open DESC, asked DESC);

-- +goose Down
DROP TABLE callbacks;
