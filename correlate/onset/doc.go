// Package onset chooses when the trouble began: in the alerting series, else in
// traces, lines or all metrics together, else by the alert itself.
package onset
