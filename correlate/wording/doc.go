// Package wording says amounts, durations and lists the way people do.
package wording
