// Package frames answers which places in code the evidence names, by stacks, by
// spans and by lines, and whose code each of them is in. It asks nobody: gather looks
// the places up at the revision that ran and tells it which of them the repository has.
package frames
