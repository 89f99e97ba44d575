-- +goose Up
-- How often a group was resolved or fired again. A notification is a repetition
-- only of one that came in the same turn.
ALTER TABLE incident ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
ALTER TABLE incident ADD COLUMN fired INTEGER NOT NULL DEFAULT 1;  -- 0 while only its resolution has come
ALTER TABLE incident ADD COLUMN solo INTEGER NOT NULL DEFAULT 0;   -- 1: nothing joins it, as a recording
UPDATE incident SET turn = 1 WHERE resolved_at <> 0;
UPDATE incident SET solo = 1 WHERE resolved_at = 0 AND EXISTS (SELECT 1 FROM incident o
  WHERE o.receiver = incident.receiver AND o.group_key = incident.group_key AND o.resolved_at = 0
  AND (o.started_at > incident.started_at OR o.started_at = incident.started_at AND o.id < incident.id));
CREATE UNIQUE INDEX incident_one_open ON incident (receiver, group_key) WHERE resolved_at = 0 AND solo = 0 AND group_key <> '';

ALTER TABLE notification ADD COLUMN status TEXT NOT NULL DEFAULT '';
ALTER TABLE notification ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notification ADD COLUMN seq INTEGER NOT NULL DEFAULT 0; -- the order in which those of one incident came
UPDATE notification SET status = coalesce(json_extract(CAST(alert AS TEXT), '$.status'), '');
UPDATE notification SET turn = CASE status WHEN 'resolved' THEN 1 ELSE 0 END;
DROP INDEX notification_incident;
CREATE INDEX notification_incident ON notification (incident, seq DESC, received_at DESC, key);

-- Investigations that are due. A row leaves only together with its report or its
-- failure. Its alert is the newest notification's that fires.
CREATE TABLE job_new (
  incident    TEXT PRIMARY KEY REFERENCES incident (id),
  request     BLOB NOT NULL,                  -- Job as JSON, without its alert
  receiver    TEXT NOT NULL,
  level       INTEGER NOT NULL,               -- of severity, 0 is the highest
  queued_at   INTEGER NOT NULL,
  due_at      INTEGER NOT NULL DEFAULT 0,     -- not begun before
  begin_by    INTEGER NOT NULL,               -- the one with the earliest is begun first
  urgent      INTEGER NOT NULL DEFAULT 0,     -- 1: a new critical group, for which a worker is kept
  later       INTEGER NOT NULL DEFAULT 0,     -- 1: another look at what has a report, not counted as waiting
  owner       TEXT NOT NULL DEFAULT '',       -- who has claimed it, a name of this one claim
  lease_until INTEGER NOT NULL DEFAULT 0,     -- when the claim ends by itself
  again       INTEGER NOT NULL DEFAULT 0,     -- 1 when newer evidence came while it was claimed
  attempts    INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO job_new (incident, request, receiver, level, queued_at, begin_by, again, attempts)
  SELECT job.incident, job.request, incident.receiver, 2, job.queued_at, job.queued_at, job.again, job.attempts FROM job JOIN incident ON incident.id = job.incident;
DROP TABLE job;
ALTER TABLE job_new RENAME TO job;
CREATE INDEX job_order ON job (begin_by, incident);
CREATE INDEX job_urgent ON job (begin_by, incident) WHERE urgent = 1;
CREATE INDEX job_receiver ON job (receiver, level);

-- Every version of every announced change, and who announced it: only who
-- announced a change corrects it.
CREATE TABLE change_new (
  sender       TEXT NOT NULL,                 -- who announced it, '' when nobody had to say
  id           TEXT NOT NULL,
  version      INTEGER NOT NULL,              -- from 1, the highest counts
  time         INTEGER NOT NULL,
  announced_at INTEGER NOT NULL,
  body         BLOB NOT NULL,                 -- evidence.Change as JSON
  PRIMARY KEY (sender, id, version)
) STRICT;
INSERT INTO change_new SELECT '', id, 1, time, time, body FROM change;
DROP TABLE change;
ALTER TABLE change_new RENAME TO change;
CREATE INDEX change_time ON change (time, id);
