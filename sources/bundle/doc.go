// Package bundle reads and writes bundles of format version 1: one incident's
// alert, traces, logs, metrics, changes and commits in a directory or a .tgz of
// it, so that an investigation can be run again without any server.
//
// A Bundle answers every port of the engine from the files, by the same rules
// as the live adapters: same order, same limits, same errors. What the
// recording could not ask, coverage.json says, and the replay fails the same
// questions. Everything in a bundle is hostile: paths, sizes, numbers and text.
//
// The label of a bundle, its ground truth, is never opened here.
package bundle
