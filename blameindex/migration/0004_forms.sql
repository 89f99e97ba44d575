-- +goose Up
-- More forms of records are read, and a refused record is kept with the reason,
-- so that nobody is told that it does not exist. What is there is read again the
-- next time that its revision is asked for; line ownership stays.
UPDATE revision SET complete = 0;
