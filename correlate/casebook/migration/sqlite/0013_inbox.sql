-- +goose Up
-- Alerts that were taken while many came at once and are not filed as incidents
-- yet. One row and no index, so that taking one costs little.
CREATE TABLE inbox (
  seq         INTEGER PRIMARY KEY,            -- in which order they came
  receiver    TEXT NOT NULL,                  -- of the group, as in incident
  group_key   TEXT NOT NULL,
  incident    TEXT NOT NULL,                  -- the incident that the sender was told
  fresh       INTEGER NOT NULL,               -- 1 when that incident is not there yet
  status      TEXT NOT NULL,
  received_at INTEGER NOT NULL,               -- Unix nanoseconds
  key         TEXT NOT NULL,                  -- see notification
  alert       BLOB NOT NULL,
  raw         BLOB
) STRICT;
