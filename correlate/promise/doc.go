// Package promise looks up in the metrics whether what decisions promised was
// kept in the incident, and whether it is kept now.
package promise
