// Package correlate is the engine: it takes an alert and says which cause the
// evidence speaks for, or that it speaks for none.
//
// [Engine.Investigate] reads like this list. Each step is a room of its own, and
// every room imports only rooms that stand above it here or that it builds on:
//
//  1. gather   asks every source at once, each under its own deadline, and
//     returns the evidence joined by trace ID and entity; onset says when
//     the trouble began, ask keeps the ledger of how every question ended
//  2. view     indexes the evidence for the rules
//  3. signal   the rules: each emits bounded findings that point at evidence
//  4. rank     findings become terms, terms become causes; what one cause
//     explains counts against others
//  5. suspect  which commit or change set a cause off, or that none did
//  6. verdict  how sure the report is of the first cause, once the order is settled
//  7. promise  whether what decisions promised was kept
//  8. compose  the report: impact, timeline, code, what to do, what is missing
//
// The evidence passes each room once and never goes back: rooms_test.go walks the
// calls. Below them lie the words that several rooms share: gathered is the evidence,
// report the shape of the answer, metric the vocabulary of measures,
// topology who is who and who calls whom, wording how amounts are said,
// weights the numbers that everything is decided by, port what is asked of the world.
//
// The engine knows no HTTP, no SQL and no backend's client.
package correlate
