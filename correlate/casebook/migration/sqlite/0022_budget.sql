-- +goose Up
-- What the report says of the error budget that burns fastest, which the list shows.
ALTER TABLE incident ADD COLUMN budget TEXT NOT NULL DEFAULT '';
