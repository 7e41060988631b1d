-- What a caller did before is looked up while the agent's phone rings.

-- +goose Up
CREATE INDEX records_caller ON records (caller, started);
CREATE INDEX tickets_caller ON tickets (caller, row);

-- +goose Down
DROP INDEX tickets_caller;
DROP INDEX records_caller;
