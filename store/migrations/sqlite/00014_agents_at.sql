-- The state that a time found an agent in: the latest change before it.

-- +goose Up
CREATE INDEX agent_changes_agent_at ON agent_changes (agent, at);

-- +goose Down
DROP INDEX agent_changes_agent_at;
