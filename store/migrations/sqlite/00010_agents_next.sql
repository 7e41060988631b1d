-- The state that follows the present one, so that a restart brings it back: an agent whose phone was away when the node
-- stopped is not signed out.

-- +goose Up
ALTER TABLE agent_changes ADD COLUMN next_state TEXT NOT NULL DEFAULT '';
ALTER TABLE agent_changes ADD COLUMN next_reason TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE agent_changes DROP COLUMN next_reason;
ALTER TABLE agent_changes DROP COLUMN next_state;
