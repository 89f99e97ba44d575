package decision_test

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
)

func ExampleParse() {
	const text = `# Bound the pool

* Status: accepted
* Date: 2026-03-01

## Context and Problem Statement

Too many connections exhaust the database.

## Considered Options

* no bound
* 100 connections

## Decision Outcome

Chosen option: 100 connections.
`
	doc := decision.Parse("docs/adr/0007-bound-the-pool.md", []byte(text), decision.DefaultVocabulary())
	for _, r := range doc.Records {
		fmt.Println(r.ID, r.Title, r.Status, "refused:", r.Refused())
	}
	// Output:
	// ADR-0007 Bound the pool accepted refused: false
}

func ExampleParseCondition() {
	c, err := decision.ParseCondition("latency_p99 < 900ms")
	fmt.Println(c.Name, c.Op, c.Value, c.Unit, err)
	// Output:
	// latency_p99 < 900 ms <nil>
}
