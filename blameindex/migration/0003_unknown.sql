-- +goose Up
-- What nobody could know because an object was missing is tried again when the
-- revision is indexed again: somebody may have fetched it.
ALTER TABLE ownership ADD COLUMN unknown INTEGER NOT NULL DEFAULT 0; -- 1 when it has such lines
ALTER TABLE revision ADD COLUMN unknown INTEGER NOT NULL DEFAULT 0;  -- files with such lines, or none that could be read

-- The setting "objects" is how many of them a partial clone had at the last
-- indexing.

-- revision.ignored may also have "@" and a digest of what makes the repository
-- show another history than its commits say: grafts, replaced objects, the end
-- of a shallow clone.
