-- +goose Up
-- What became of the evidence bundle of a report revision. A row comes with the
-- report, so that a crash forgets none; only the newest revision of an incident
-- has one that is due. Reports from before this table have none.
CREATE TABLE bundle (
  incident TEXT NOT NULL,
  revision INTEGER NOT NULL,
  state    TEXT NOT NULL CHECK (state IN ('recording', 'kept', 'dropped', 'failed')),
  due_at   INTEGER NOT NULL DEFAULT 0,        -- when it is to be recorded
  attempts INTEGER NOT NULL DEFAULT 0,        -- begun so far, those that a crash ended included
  sha256   TEXT NOT NULL DEFAULT '',          -- of the file as it was kept, also after it was dropped
  bytes    INTEGER NOT NULL DEFAULT 0,
  kept_at  INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (incident, revision),
  FOREIGN KEY (incident, revision) REFERENCES report (incident, revision)
) STRICT;
CREATE INDEX bundle_due  ON bundle (due_at, incident) WHERE state = 'recording';
CREATE INDEX bundle_kept ON bundle (kept_at, incident, revision) WHERE state = 'kept';
