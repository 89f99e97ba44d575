// Package rank orders the causes that the evidence speaks for: it scores what the
// rules of package signal find, takes back what another cause explains, and says
// what set a cause off as far as the evidence itself tells. How sure the first of
// them is says package verdict.
package rank
