// Package rollback chooses how an incident is rolled back: configuration, binary,
// database or none, with the reason and what was ruled out; resolves it from
// revision to revision; says what else goes back with it; and reads a recorded
// plan as steps. It decides from what was gathered and asks nobody.
package rollback
