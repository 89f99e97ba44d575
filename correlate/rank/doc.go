// Package rank orders the causes that the evidence speaks for: it scores what the
// rules of package signal find, takes back what another cause explains, says what
// set a cause off, and settles the verdict.
package rank
