-- +goose Up
CREATE TABLE contacts (
    user      TEXT    NOT NULL,
    place     INTEGER NOT NULL, -- its place in the user's list
    uri       TEXT    NOT NULL,
    network   TEXT    NOT NULL,
    addr      TEXT    NOT NULL,
    local     TEXT    NOT NULL,
    conn      INTEGER NOT NULL,
    expires   INTEGER NOT NULL,
    agent     TEXT    NOT NULL,
    q         REAL    NOT NULL,
    call_id   TEXT    NOT NULL,
    cseq      INTEGER NOT NULL,
    since     INTEGER NOT NULL,
    instance  TEXT    NOT NULL,
    refreshed INTEGER NOT NULL,
    PRIMARY KEY (user, place)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE contacts;
