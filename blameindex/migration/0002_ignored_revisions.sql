-- +goose Up
-- Digest of the .git-blame-ignore-revs that the revision was blamed with, empty
-- for plain blame: ownership may only be carried over under the same list. "+M"
-- or "+C" at its end says that lines were followed as by git blame -M or -C.
ALTER TABLE revision ADD COLUMN ignored TEXT NOT NULL DEFAULT '';
