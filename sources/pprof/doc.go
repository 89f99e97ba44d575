// Package pprof reads profiles in the format of github.com/google/pprof, takes them
// from the endpoints of net/http/pprof, and keeps what was taken on a shelf.
package pprof
