-- +goose Up
-- An action is a tenant's. At most one of a service is open, and one of a target:
-- what carries one out is given no second before it has answered. Those that are
-- open now were asked before that held, and their targets stay unnamed.
ALTER TABLE action ADD COLUMN tenant TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE action ADD COLUMN target TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE action SET tenant = coalesce((SELECT incident.tenant FROM incident WHERE incident.id = action.incident), '');
DROP INDEX action_open;
CREATE UNIQUE INDEX action_open ON action (tenant, service) WHERE open = 1;
CREATE UNIQUE INDEX action_target ON action (tenant, target) WHERE open = 1 AND target <> '';
DROP INDEX action_service;
CREATE INDEX action_service ON action (tenant, service, asked_at);
DROP INDEX action_newest;
CREATE INDEX action_newest ON action (tenant, asked_at, id);
