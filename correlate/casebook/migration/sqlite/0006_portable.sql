-- +goose Up
-- From here on goose keeps the versions. Programs from before read this table,
-- and refuse a casebook whose newest name is not theirs.
CREATE TABLE IF NOT EXISTS schema_migration (name TEXT PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT;
INSERT INTO schema_migration VALUES ('migration/0006_goose', unixepoch());

-- Other databases have no numbers for truth.
DROP INDEX incident_open;
CREATE INDEX incident_open ON incident (CASE state WHEN 'resolved' THEN 1 ELSE 0 END, started_at DESC, id);
