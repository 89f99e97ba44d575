// Package view indexes evidence for the rules: entities by number, spans with
// their exclusive time, series with their deviation from normal, statements of
// the log with their counts.
package view
