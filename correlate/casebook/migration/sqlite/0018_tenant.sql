-- +goose Up
-- Whose a row is, '' for all where no tenant is configured. What belongs to an
-- incident is its incident's; receivers and targets of a named tenant begin with its
-- name and the character 31, which no other's hold.
ALTER TABLE incident ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
ALTER TABLE check_result ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
ALTER TABLE token ADD COLUMN tenant TEXT NOT NULL DEFAULT '';

CREATE TABLE change_new (
  tenant       TEXT NOT NULL DEFAULT '',
  sender       TEXT NOT NULL,                 -- who announced it, '' when nobody had to say
  id           TEXT NOT NULL,
  version      INTEGER NOT NULL,              -- from 1, the highest counts
  time         INTEGER NOT NULL,
  announced_at INTEGER NOT NULL,
  body         BLOB NOT NULL,                 -- evidence.Change as JSON
  PRIMARY KEY (tenant, sender, id, version)
) STRICT;
INSERT INTO change_new SELECT '', sender, id, version, time, announced_at, body FROM change;
DROP TABLE change;
ALTER TABLE change_new RENAME TO change;
CREATE INDEX change_time ON change (tenant, time, id);

DROP INDEX job_order;
CREATE INDEX job_order ON job (tenant, begin_by, incident);
DROP INDEX job_urgent;
CREATE INDEX job_urgent ON job (tenant, begin_by, incident) WHERE urgent = 1;
DROP INDEX audit_actor;
CREATE INDEX audit_actor ON audit (tenant, actor, id);
CREATE INDEX audit_newest ON audit (tenant, id);
DROP INDEX check_result_service;
CREATE INDEX check_result_service ON check_result (tenant, service, check_id, id);

-- The list, its orders and its counts are a tenant's.
DROP INDEX incident_open;
CREATE INDEX incident_open ON incident (tenant, CASE state WHEN 'resolved' THEN 1 ELSE 0 END, started_at DESC, id);
DROP INDEX incident_started;
CREATE INDEX incident_started ON incident (tenant, started_at DESC, id);
DROP INDEX incident_service;
CREATE INDEX incident_service ON incident (tenant, service, started_at DESC, id);
DROP INDEX incident_burn;
CREATE INDEX incident_burn ON incident (tenant, burn DESC, started_at DESC, id);
DROP INDEX incident_affected;
CREATE INDEX incident_affected ON incident (tenant, affected DESC, started_at DESC, id);
DROP INDEX incident_severity;
CREATE INDEX incident_severity ON incident (tenant, CASE severity WHEN 'critical' THEN 0 WHEN 'page' THEN 0 WHEN 'error' THEN 1 WHEN 'warning' THEN 2 WHEN 'info' THEN 3 ELSE 4 END, started_at DESC, id);
DROP INDEX incident_severity_word;
CREATE INDEX incident_severity_word ON incident (tenant, severity);
DROP INDEX incident_trigger;
CREATE INDEX incident_trigger ON incident (tenant, trigger_id);
DROP INDEX incident_verdict;
CREATE INDEX incident_verdict ON incident (tenant, verdict);
DROP INDEX incident_state;
CREATE INDEX incident_state ON incident (tenant, state);
DROP INDEX incident_decision;
CREATE INDEX incident_decision ON incident (tenant, decision, started_at DESC, id);
