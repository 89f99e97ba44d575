// Package compose makes the report of an investigation: title, impact, timeline,
// code, trace, what to do, what was ruled out and what was not checked. It reads
// evidence and ranked causes and asks nobody.
package compose
