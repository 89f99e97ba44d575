-- +goose Up
-- What programs show to prove who they are. Rows stay when they are revoked, so
-- that access that was configured once does not open again.
CREATE TABLE token (
  id         TEXT PRIMARY KEY,             -- the middle of wf_ID_SECRET
  name       TEXT NOT NULL,                -- stands as the author of what is written with it
  role       TEXT NOT NULL,
  code       INTEGER NOT NULL DEFAULT 0,   -- 1 when it may export source code
  hash       TEXT NOT NULL,                -- SHA-256 of the secret, in hex
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires_at INTEGER NOT NULL DEFAULT 0,   -- 0 never
  revoked_at INTEGER NOT NULL DEFAULT 0,
  used_at    INTEGER NOT NULL DEFAULT 0    -- to the minute
) STRICT;

-- Sessions of people, by the hash of what their cookie holds.
CREATE TABLE session (
  token      TEXT PRIMARY KEY,
  body       BLOB NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX session_expiry ON session (expires_at);

-- Random keys that all instances share.
CREATE TABLE random_key (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT;

CREATE INDEX audit_actor ON audit (actor, id);
CREATE INDEX audit_incident ON audit (incident, id);
