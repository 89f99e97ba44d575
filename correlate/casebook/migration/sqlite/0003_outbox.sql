-- +goose Up
-- Notifications that are due. A row comes with the report that it is about and
-- leaves once its target has taken it or is given up, so that a crash loses
-- none; one that was taken just before a crash is sent again with the same id.
CREATE TABLE outbox (
  target   TEXT NOT NULL,                     -- name of the configured target
  id       TEXT NOT NULL,                     -- the same for every attempt
  incident TEXT NOT NULL REFERENCES incident (id),
  body     BLOB NOT NULL,                     -- as it is sent
  made_at  INTEGER NOT NULL,
  PRIMARY KEY (target, id)
) STRICT;
CREATE INDEX outbox_due ON outbox (target, made_at, id);
