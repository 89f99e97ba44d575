-- +goose Up
-- Who sends a message, or records a bundle, and until when nobody else does.
ALTER TABLE outbox ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN lease_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE bundle ADD COLUMN lease_until INTEGER NOT NULL DEFAULT 0;
