-- +goose Up
-- What targets were asked to do. At most one action of a service is open; the
-- switch, when it is there, stops all.
CREATE TABLE action (
  id         TEXT PRIMARY KEY,
  incident   TEXT NOT NULL,
  service    TEXT NOT NULL,
  state      TEXT NOT NULL,
  open       INTEGER NOT NULL,
  asked_at   INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  until      INTEGER NOT NULL,
  body       BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX action_open ON action (service) WHERE open = 1;
CREATE INDEX action_service ON action (service, asked_at);
CREATE INDEX action_incident ON action (incident, asked_at, id);
CREATE INDEX action_newest ON action (asked_at, id);
CREATE TABLE action_switch (
  id   INTEGER PRIMARY KEY,
  at   INTEGER NOT NULL,
  actor TEXT NOT NULL,
  why  TEXT NOT NULL
) STRICT;
CREATE TABLE action_answer (
  action TEXT NOT NULL,
  id     TEXT NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (action, id)
) STRICT;
