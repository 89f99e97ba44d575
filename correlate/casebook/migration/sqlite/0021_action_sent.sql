-- +goose Up
-- A target carries out one action at a time. What waits for somebody to approve it or
-- to carry it out was not sent, and keeps no target from another.
DROP INDEX action_target;
CREATE UNIQUE INDEX action_target ON action (tenant, target) WHERE state IN ('queued', 'sent', 'accepted') AND target <> '';
