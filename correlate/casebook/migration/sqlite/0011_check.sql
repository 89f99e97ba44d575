-- +goose Up
-- Results of maturity checks, one row for each run of a check.
CREATE TABLE check_result (
  id       INTEGER PRIMARY KEY,
  service  TEXT NOT NULL,
  check_id  TEXT NOT NULL,
  at       INTEGER NOT NULL,
  actor    TEXT NOT NULL,
  body     BLOB NOT NULL
) STRICT;
CREATE INDEX check_result_service ON check_result (service, check_id, id);
