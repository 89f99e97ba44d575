// Package correlate is the engine: it takes an alert and says which cause the
// evidence speaks for, or that it speaks for none.
//
// The way of the data, one file a step:
//
//  1. resolve  the alert's labels name entities; its rule gives the expression
//  2. window   the onset is found in the data; incident and baseline follow
//  3. gather   every source is asked at once, each with its own deadline
//  4. join     spans, lines and samples meet by trace ID and by entity
//  5. changes  what was deployed, switched or configured around the onset
//  6. signals  each rule emits bounded terms that point at their evidence
//  7. rank     terms become causes; what one cause explains counts against others
//  8. report   verdict, coverage, impact, timeline, what to do
//
// It knows no HTTP, no SQL and no backend's client: the ports in sources.go
// are all it sees of the world.
package correlate
