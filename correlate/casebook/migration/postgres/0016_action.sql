-- +goose Up
-- What targets were asked to do. At most one action of a service is open; the
-- switch, when it is there, stops all.
CREATE TABLE action (
  id TEXT COLLATE "C" PRIMARY KEY,
  incident TEXT COLLATE "C" NOT NULL,
  service TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  open BIGINT NOT NULL,
  asked_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  until BIGINT NOT NULL,
  body BYTEA NOT NULL
);
CREATE UNIQUE INDEX action_open ON action (service) WHERE open = 1;
CREATE INDEX action_service ON action (service, asked_at);
CREATE INDEX action_incident ON action (incident, asked_at, id);
CREATE INDEX action_newest ON action (asked_at, id);
CREATE TABLE action_switch (
  id BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  actor TEXT COLLATE "C" NOT NULL,
  why TEXT COLLATE "C" NOT NULL
);
CREATE TABLE action_answer (
  action TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (action, id)
);
