-- +goose Up
-- What a new group is folded into is looked for by its service, and in a storm
-- among those whose investigation has not begun.
DROP INDEX incident_leader;
CREATE INDEX incident_leader ON incident (receiver, service, received_at) WHERE leader = '' AND resolved_at = 0 AND solo = 0;
CREATE INDEX incident_waiting ON incident (receiver, received_at, id) WHERE leader = '' AND resolved_at = 0 AND solo = 0 AND revision = 0;
