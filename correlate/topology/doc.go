// Package topology knows who is who and who calls whom: the spellings of entities'
// names, the callee behind a client span, the tree of a trace's spans.
package topology
