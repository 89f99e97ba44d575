// Package mechanism reads what a diff does, not what it is called. Each rule
// knows one way in which a change of code or configuration hurts a running
// system, fires only when the direction fits (a raised limit does not exhaust a
// pool), and names the signatures of the faults that it can produce. The same
// vocabulary of signatures is read from telemetry by Symptoms, so that a diff
// and a failure can be held against each other with Fit.
//
// Diffs are unified, in any of the languages of Kind, and may be excerpts: a
// hunk header with a path instead of line numbers, a function instead of a
// path, counts that do not add up. That is why the reader is our own; a library
// that applies patches rightly refuses such input. Diffs are hostile text:
// nothing in one is executed, and reading is linear in its size.
//
// Comments, tests, documentation, build files, formatting, moved lines and
// renames are innocent by construction: they never reach a rule.
package mechanism
