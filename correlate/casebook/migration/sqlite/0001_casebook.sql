-- +goose Up
-- One row per incident: one life of one alert group.
CREATE TABLE incident (
  id            TEXT PRIMARY KEY,             -- INC- and ten hex digits, see evidence.Alert.IncidentID
  receiver      TEXT NOT NULL,
  group_key     TEXT NOT NULL,
  state         TEXT NOT NULL CHECK (state IN ('investigating', 'reported', 'resolved')),
  verdict       TEXT NOT NULL DEFAULT '',     -- of the newest report, as are the columns below
  title         TEXT NOT NULL DEFAULT '',
  entity        TEXT NOT NULL DEFAULT '',
  mechanism     TEXT NOT NULL DEFAULT '',
  trigger_id    TEXT NOT NULL DEFAULT '',
  commit_sha    TEXT NOT NULL DEFAULT '',
  decision      TEXT NOT NULL DEFAULT '',
  impact        TEXT NOT NULL DEFAULT '',
  revision      INTEGER NOT NULL DEFAULT 0,   -- of the newest report, 0 before the first
  service       TEXT NOT NULL DEFAULT '',     -- alerting service, from the labels
  severity      TEXT NOT NULL DEFAULT '',
  alert_name    TEXT NOT NULL DEFAULT '',
  acknowledged_by TEXT NOT NULL DEFAULT '',
  started_at    INTEGER NOT NULL,             -- the group's first start, Unix nanoseconds, as all times here
  received_at   INTEGER NOT NULL,
  reported_at   INTEGER NOT NULL DEFAULT 0,   -- of revision 1
  resolved_at   INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The list shows open incidents first, newest first.
CREATE INDEX incident_list ON incident (state = 'resolved', started_at DESC, id);
CREATE INDEX incident_group ON incident (receiver, group_key, started_at);
CREATE INDEX incident_decision ON incident (decision) WHERE decision <> '';

-- Every distinct notification, kept as it came.
CREATE TABLE notification (
  key         TEXT PRIMARY KEY,               -- SHA-256 of receiver, group key and each alert's fingerprint, status and start
  incident    TEXT NOT NULL REFERENCES incident (id),
  received_at INTEGER NOT NULL,
  alert       BLOB NOT NULL,                  -- evidence.Alert as JSON
  raw         BLOB                            -- the payload as it was sent, NULL when there was none
) STRICT;
CREATE INDEX notification_incident ON notification (incident, received_at, key);

-- Investigations that are due. A row leaves only together with its report or
-- its failure, so that a crash loses none.
CREATE TABLE job (
  incident   TEXT PRIMARY KEY REFERENCES incident (id),
  request    BLOB NOT NULL,                   -- Job as JSON
  queued_at  INTEGER NOT NULL,
  claimed    INTEGER NOT NULL DEFAULT 0,      -- 1 while a worker has it
  again      INTEGER NOT NULL DEFAULT 0,      -- 1 when newer evidence came while it was claimed
  attempts   INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Report revisions, byte for byte as they were made. version and engine are
-- columns so that a report of an older engine is known as one unread.
CREATE TABLE report (
  incident TEXT NOT NULL REFERENCES incident (id),
  revision INTEGER NOT NULL,
  version  INTEGER NOT NULL,
  engine   TEXT NOT NULL,
  made_at  INTEGER NOT NULL,
  why      TEXT NOT NULL,                     -- alert, later evidence, or run again by hand
  body     BLOB NOT NULL,
  PRIMARY KEY (incident, revision)
) STRICT;

CREATE TABLE note (
  id       INTEGER PRIMARY KEY,
  incident TEXT NOT NULL REFERENCES incident (id),
  author   TEXT NOT NULL,
  text     TEXT NOT NULL,
  made_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX note_incident ON note (incident, made_at, id);

CREATE TABLE feedback (
  id       INTEGER PRIMARY KEY,
  incident TEXT NOT NULL REFERENCES incident (id),
  revision INTEGER NOT NULL,
  judgment TEXT NOT NULL CHECK (judgment IN ('confirm', 'reject', 'correct')),
  body     BLOB NOT NULL,                     -- correlate.Feedback as JSON
  made_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX feedback_incident ON feedback (incident, made_at, id);

-- Changes that were announced to us.
CREATE TABLE change (
  id      TEXT PRIMARY KEY,
  time    INTEGER NOT NULL,
  body    BLOB NOT NULL                       -- evidence.Change as JSON
) STRICT;
CREATE INDEX change_time ON change (time, id);

-- Who did what through the API or the page.
CREATE TABLE audit (
  id       INTEGER PRIMARY KEY,
  at       INTEGER NOT NULL,
  actor    TEXT NOT NULL,
  action   TEXT NOT NULL,
  incident TEXT NOT NULL DEFAULT '',
  detail   TEXT NOT NULL DEFAULT ''
) STRICT;
