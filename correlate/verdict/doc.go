// Package verdict says how sure a report is of its first cause, once the order of
// the causes is settled. Settle applies the rules: a word from the kinds of
// evidence and the distance to the second (verdict.go, standout.go, kinds.go),
// never bolder than what could not be asked or seen allows (ceiling.go,
// victim.go), and what would change without a source (sensitivity.go). The rules
// and their bars were fixed before they were measured; ADR-0010 says why.
package verdict
