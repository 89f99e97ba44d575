-- +goose Up
-- What the programs said of the incident, in a few lines, to be searched; and who
-- leads it, '' for nobody.
ALTER TABLE incident ADD COLUMN said TEXT NOT NULL DEFAULT '';
ALTER TABLE incident ADD COLUMN lead TEXT NOT NULL DEFAULT '';
