// Package report is the words and the shape of a report: mechanisms, triggers,
// causes with their terms, and what stands on the page and in the API. Fields are
// added, never renamed.
package report
