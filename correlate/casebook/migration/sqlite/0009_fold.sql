-- +goose Up
-- Groups that belong together are investigated once: by the leader, whose report
-- is the members' too.
ALTER TABLE incident ADD COLUMN leader TEXT NOT NULL DEFAULT '';          -- the incident that this one was folded into
ALTER TABLE incident ADD COLUMN folded_because TEXT NOT NULL DEFAULT '';  -- rule, service or onset
ALTER TABLE incident ADD COLUMN members INTEGER NOT NULL DEFAULT 0;       -- folded into this one
CREATE INDEX incident_member ON incident (leader, received_at, id) WHERE leader <> '';
CREATE INDEX incident_leader ON incident (receiver, received_at) WHERE leader = '' AND resolved_at = 0 AND solo = 0;
