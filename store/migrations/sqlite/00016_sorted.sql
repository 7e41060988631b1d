-- Lists are sorted by more than their beginning. What calls are sorted by is in the one index of their time: an index for each order is
-- written to at random places, and cost half as much again to write as all else of a short call.

-- +goose Up
ALTER TABLE records ADD COLUMN waited INTEGER NOT NULL DEFAULT 0; -- ms
ALTER TABLE records ADD COLUMN talked INTEGER NOT NULL DEFAULT 0; -- ms
UPDATE records SET waited = coalesce(body ->> 'waitMs', 0), talked = coalesce(body ->> 'talkMs', 0); -- old ones may not say
DROP INDEX records_started;
CREATE INDEX records_started ON records (started, call, waited, talked);
ALTER TABLE tickets ADD COLUMN updated INTEGER AS (CAST(round(julianday(body ->> 'updatedAt') * 86400000) AS INTEGER)) VIRTUAL;
ALTER TABLE tickets ADD COLUMN pressing INTEGER AS (CASE body ->> 'urgency' WHEN 'urgent' THEN 3 WHEN 'high' THEN 2 WHEN 'normal' THEN 1 ELSE 0 END) VIRTUAL;
CREATE INDEX tickets_updated ON tickets (updated, row);
CREATE INDEX tickets_pressing ON tickets (pressing, row);
CREATE INDEX trail_name ON trail (name, number);
CREATE INDEX trail_what ON trail (what, number);

-- +goose Down
DROP INDEX trail_what;
DROP INDEX trail_name;
DROP INDEX tickets_pressing;
DROP INDEX tickets_updated;
ALTER TABLE tickets DROP COLUMN pressing;
ALTER TABLE tickets DROP COLUMN updated;
DROP INDEX records_started;
CREATE INDEX records_started ON records (started, call);
ALTER TABLE records DROP COLUMN talked;
ALTER TABLE records DROP COLUMN waited;
