-- +goose Up
-- The log statement that the first cause rests on, for finding incidents alike;
-- empty where it rests on none, and for reports from before this column.
ALTER TABLE incident ADD COLUMN template TEXT NOT NULL DEFAULT '';
