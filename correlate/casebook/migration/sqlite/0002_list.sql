-- +goose Up
-- How hard an incident hits, of the newest report, so that the list can be
-- sorted by it.
ALTER TABLE incident ADD COLUMN burn REAL NOT NULL DEFAULT 0;      -- times faster than the error budget allows, 0 when unknown
ALTER TABLE incident ADD COLUMN affected REAL NOT NULL DEFAULT 0;  -- share of requests hit, 0 to 1, 0 when unknown

-- One index per order of the list; each holds the whole sort key, so that a
-- page is read off it and nothing is sorted.
DROP INDEX incident_list;
CREATE INDEX incident_open     ON incident (state = 'resolved', started_at DESC, id);
CREATE INDEX incident_started  ON incident (started_at DESC, id);
CREATE INDEX incident_service  ON incident (service, started_at DESC, id);
CREATE INDEX incident_burn     ON incident (burn DESC, started_at DESC, id);
CREATE INDEX incident_affected ON incident (affected DESC, started_at DESC, id);
CREATE INDEX incident_severity ON incident (CASE severity WHEN 'critical' THEN 0 WHEN 'page' THEN 0 WHEN 'error' THEN 1 WHEN 'warning' THEN 2 WHEN 'info' THEN 3 ELSE 4 END, started_at DESC, id);
-- One per facet, so that counting walks an index in its own order.
CREATE INDEX incident_severity_word ON incident (severity);
CREATE INDEX incident_trigger  ON incident (trigger_id);
CREATE INDEX incident_verdict  ON incident (verdict);
CREATE INDEX incident_state    ON incident (state);
DROP INDEX incident_decision;
CREATE INDEX incident_decision ON incident (decision, started_at DESC, id);
CREATE INDEX incident_alike    ON incident (entity, mechanism) WHERE entity <> '';
CREATE INDEX incident_commit   ON incident (commit_sha) WHERE commit_sha <> '';

-- The lines of code that the newest report of an incident suspects.
CREATE TABLE suspect_line (
  incident   TEXT NOT NULL REFERENCES incident (id),
  repository TEXT NOT NULL,
  path       TEXT NOT NULL,
  line       INTEGER NOT NULL,
  revision   TEXT NOT NULL,
  decisions  TEXT NOT NULL,                   -- IDs of the decisions behind the line, a JSON array
  PRIMARY KEY (incident, repository, path, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX suspect_line_place ON suspect_line (repository, path, line);

-- What the judged report had said of itself, so that judgments can be held
-- against verdicts whatever later revisions say.
ALTER TABLE feedback ADD COLUMN verdict TEXT NOT NULL DEFAULT '';
UPDATE feedback SET verdict = coalesce((SELECT json_extract(CAST(body AS TEXT), '$.verdict.word') FROM report
  WHERE report.incident = feedback.incident AND report.revision = feedback.revision), '');
