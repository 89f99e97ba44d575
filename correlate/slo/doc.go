// Package slo says what an alert's service level objective is, how fast its
// error budget burns, and when it is used up. It asks nobody: objectives come
// from the rule's expression, from labels, and from OpenSLO files.
//
// The definitions are those of the Google SRE workbook, chapter 5, and stand in
// docs/slo.md:
//
//	burn               = share of bad events in a window / (1 - target)
//	time to exhaustion = budget left * period / burn
package slo
