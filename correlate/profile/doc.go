// Package profile compares what a process spent or held before an incident with what
// it did during it, function by function.
package profile
