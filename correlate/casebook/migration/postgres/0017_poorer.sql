-- +goose Up
-- The sources of which a report had fewer answers than the one that it would have
-- replaced, separated by commas; empty for one that replaced what was before it.
ALTER TABLE report ADD COLUMN poorer TEXT NOT NULL DEFAULT '';
