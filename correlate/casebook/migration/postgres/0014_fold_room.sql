-- +goose Up
-- In a storm a new group is folded into one that is not full; those that are would
-- be looked at for every group that comes.
DROP INDEX incident_waiting;
CREATE INDEX incident_waiting ON incident (receiver, received_at, id) WHERE leader = '' AND resolved_at = 0 AND solo = 0 AND revision = 0 AND members < 50;
