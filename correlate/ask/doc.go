// Package ask puts questions to sources: each under its own deadline, with a
// ledger of how every one ended. A source that is dead, slow or broken becomes a
// row of the coverage and never an error.
package ask
