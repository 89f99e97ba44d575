// Package metric is the vocabulary of measures: what a series measures by its
// name, labels and unit, whom it is about, and how its samples are read.
package metric
