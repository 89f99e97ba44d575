// Package onset chooses when the trouble began, in onset.go: in the alerting series
// (change.go), else in traces (requests.go), lines or all metrics together
// (consensus.go), else by the alert itself.
package onset
